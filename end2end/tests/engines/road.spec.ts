/**
 * The same road in every engine, in a full house: sign in, talk, switch rooms, complete a name, lose the server, and
 * all of it on a phone.
 */
import type { Fonts } from '../../browser.mjs';
import { type Natter, type Voice, expect } from '../fixtures';
import { full } from '../house';
import { KINDS } from '../screens';
import { ENGINES, type Engine } from './engines';
import type { Window } from './window';

/** The errors of an engine while the server is down. */
const AWAY = /WebSocket|can’t establish a connection|was interrupted|ERR_CONNECTION|Failed to load resource|NetworkError|access control checks/;

/** A person who uses the page in one engine. */
class Traveller {
  constructor(readonly window: Window) {}

  /** Waits until an element has this text. */
  async see(selector: string, text: string | RegExp): Promise<void> {
    const shown = () => this.window.ask((of) => document.querySelector(of)?.textContent?.trim() ?? '', selector);
    const seen = expect.poll(shown, `the text of ${selector}`);
    await (typeof text === 'string' ? seen.toBe(text) : seen.toMatch(text));
  }

  /** Waits until an attribute of an element has this value. */
  async find(selector: string, attribute: string, value: string | null): Promise<void> {
    const found = () => this.window.ask((of, name) => document.querySelector(of)?.getAttribute(name) ?? null, selector, attribute);
    await expect.poll(found, `${attribute} of ${selector}`).toBe(value);
  }

  async toBeLive(): Promise<void> {
    const state = () => this.window.ask(() => document.querySelector('.status')?.getAttribute('data-state'));
    await expect.poll(state, { message: 'the connection', timeout: 15_000 }).toBe('live');
  }

  /** Waits until all of an element is in the window. */
  async toBeInSight(selector: string): Promise<void> {
    const isSeen = () =>
      this.window.ask((of) => {
        const box = document.querySelector(of)?.getBoundingClientRect();
        if (box === undefined || box.width === 0) return false;
        return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
      }, selector);
    await expect.poll(isSeen, `${selector} is in sight`).toBe(true);
  }

  /** Returns the texts of the newest entries, oldest first. */
  async newest(count: number): Promise<string[]> {
    return this.window.ask((last) => [...document.querySelectorAll('#entries li.entry .text')].slice(-last).map((text) => text.textContent ?? ''), count);
  }

  async say(text: string): Promise<void> {
    await this.window.click('#text');
    await this.window.type(text);
    await this.window.press('Enter');
  }
}

/** Signs in as a new person. */
async function comeIn(vera: Traveller, url: string): Promise<void> {
  const { window } = vera;
  await window.open(url);
  await window.resize(1280, 800);
  await window.click('#name');
  await window.type('Vera');
  await window.press('Enter');
  await vera.see('h1 .name', 'general');
  await vera.toBeLive();
  await vera.toBeInSight('#entries li.entry:last-of-type');
  await expect.poll(() => window.ask(() => document.activeElement?.id), 'the composer has the focus').toBe('text');
  await expect.poll(() => window.ask(() => [...document.querySelectorAll('#members .name')].map((name) => name.textContent))).toContain('Vera');
}

async function talk(vera: Traveller, bo: Voice): Promise<void> {
  await vera.say('Hello from 26 November');
  await expect.poll(() => vera.newest(1)).toEqual(['Hello from 26 November']);
  await bo.say('general', 'Welcome, @Vera ☕');
  await expect.poll(() => vera.newest(2)).toEqual(['Hello from 26 November', 'Welcome, @Vera ☕']);
  await vera.toBeInSight('#entries li.entry:last-of-type');
  await expect.poll(() => vera.window.ask(() => document.querySelector<HTMLTextAreaElement>('#text')?.value)).toBe('');
}

async function switchRooms(vera: Traveller): Promise<void> {
  const { window } = vera;
  await window.click('#places a.place[href="/room/random"]');
  await vera.see('h1 .name', 'random');
  await window.press('Control', 'k');
  await vera.toBeInSight('#switcher input');
  const height = await window.ask(() => document.querySelector('#switcher input')!.getBoundingClientRect().height);
  expect(height, 'the field of the switcher is one line high').toBeLessThan(60);
  await window.type('gener');
  await window.press('Enter');
  await vera.see('h1 .name', 'general');
  await window.ask(() => history.back());
  await vera.see('h1 .name', 'random');
  await window.ask(() => history.forward());
  await vera.see('h1 .name', 'general');
  expect(await vera.newest(2)).toEqual(['Hello from 26 November', 'Welcome, @Vera ☕']);
}

async function completeAName(vera: Traveller): Promise<void> {
  const { window } = vera;
  await window.click('#text');
  await window.type('@Kons');
  await vera.toBeInSight('#completions [aria-selected="true"]');
  await window.press('Tab');
  await expect.poll(() => window.ask(() => document.querySelector<HTMLTextAreaElement>('#text')?.value)).toBe('@Konstantin_Alexander ');
  await window.type('are you there?');
  await window.press('Enter');
  await expect.poll(() => vera.newest(1)).toEqual(['@Konstantin_Alexander are you there?']);
}

/** Writes without a server: the text waits, and is sent once. */
async function loseTheServer(vera: Traveller, natter: Natter): Promise<void> {
  await natter.kill();
  await expect.poll(() => vera.window.ask(() => document.querySelector('.status')?.getAttribute('data-state'))).not.toBe('live');
  await vera.say('Is anybody there?');
  await vera.see('#outgoing .text', 'Is anybody there?');
  await natter.start();
  await vera.window.ask(() => window.dispatchEvent(new Event('online')));
  await vera.toBeLive();
  await expect.poll(() => vera.newest(2)).toEqual(['@Konstantin_Alexander are you there?', 'Is anybody there?']);
  expect(await vera.window.ask(() => document.querySelectorAll('#outgoing > li').length)).toBe(0);
  const stored = await natter.stored('general');
  expect(stored.filter(({ text }) => text === 'Is anybody there?')).toHaveLength(1);
}

async function shrinkToAPhone(vera: Traveller): Promise<void> {
  const { window } = vera;
  await window.resize(390, 844);
  await expect.poll(() => window.ask(() => [innerWidth, innerHeight])).toEqual([390, 844]);
  await vera.toBeInSight('.send');
  await vera.toBeInSight('#entries li.entry:last-of-type');
  await window.click('.open-places');
  await vera.toBeInSight('#places .brand');
  await window.click('#places a.place[href="/room/random"]');
  await vera.see('h1 .name', 'random');
  // The drawer is in the document until it has slid away.
  await expect.poll(() => window.ask(() => getComputedStyle(document.querySelector('#places')!).display), 'the drawer is put away').toBe('none');
  await vera.say('From a phone');
  await expect.poll(() => vera.newest(1)).toEqual(['From a phone']);
  expect(await window.ask(() => document.documentElement.scrollWidth), 'nothing is wider than the window').toBe(390);
}

/** Takes pictures of a room and of the dialogs over it. */
async function photograph(ada: Traveller, size: 'desktop' | 'phone', file: string): Promise<void> {
  const { window } = ada;
  await window.picture(`${file}-room.png`);
  await window.click('#text');
  await window.press('Control', 'a');
  await window.type('@Ko');
  await ada.toBeInSight('#completions [aria-selected="true"]');
  await window.picture(`${file}-suggestions.png`);
  await window.press('Escape');
  await window.press('Control', 'k');
  await ada.toBeInSight('#switcher input');
  await window.type('wo');
  await window.picture(`${file}-switcher.png`);
  await window.press('Escape');
  if (size === 'phone') await window.click('.open-places');
  await ada.toBeInSight('#places .brand');
  await window.picture(`${file}-places.png`);
  await window.click('[popovertarget="settings"]');
  await ada.toBeInSight('#settings h2');
  await window.picture(`${file}-settings.png`);
}

/** Starts the engine's browser for the duration of `use`. */
async function inWindow(engine: Engine, use: (window: Window) => Promise<void>, fonts?: Fonts): Promise<void> {
  if (engine.launch === undefined) throw new Error(`${engine.name} is not installed`);
  const window = await engine.launch(fonts);
  try {
    await use(window);
  } finally {
    await window.close();
  }
}

for (const engine of ENGINES) {
  full.describe(engine.name, () => {
    full.describe.configure({ timeout: 120_000 });
    full.skip(engine.launch === undefined && !process.env.CI, `${engine.name} is not installed`);

    full('the road from the front door to a phone', async ({ house, natter }) => {
      await inWindow(engine, async (window) => {
        const vera = new Traveller(window);
        await full.step('come in', () => comeIn(vera, natter.url));
        await full.step('talk', () => talk(vera, house.voice('Bo')));
        await full.step('switch rooms', () => switchRooms(vera));
        await full.step('complete a name', () => completeAName(vera));
        await full.step('lose the server and come back', () => loseTheServer(vera, natter));
        await full.step('on a phone', () => shrinkToAPhone(vera));
        expect((await window.errors()).filter((error) => !AWAY.test(error))).toEqual([]);
      });
    });

    full('digits and spaces are not taken from the font of emoji, which has them too', async ({ natter }) => {
      const look = async (window: Window) => {
        await window.open(natter.url);
        return window.ask(() => {
          const families = getComputedStyle(document.body).fontFamily;
          const line = document.body.appendChild(document.createElement('span'));
          line.textContent = '26 November 2026, 10:45';
          return [families, families.replace(/,? *"[^"]*Emoji"/g, '')].map((family) => {
            line.style.fontFamily = family;
            return line.getBoundingClientRect().width;
          });
        });
      };
      await inWindow(
        engine,
        async (window) => {
          const [page, withoutEmoji] = await look(window);
          expect(page).toBe(withoutEmoji);
        },
        'bare',
      );
    });

    // This test takes pictures of the page in each engine after a change: SHOTS=folder npx playwright test engines
    // --grep @shots.
    full('pictures', { tag: ['@screenshots', '@shots'] }, async ({ house, natter }) => {
      full.skip(!process.env.SHOTS, 'no folder is named for them');
      await inWindow(engine, async (window) => {
        const ada = new Traveller(window);
        await house.voice('Bo').say('general', ...KINDS);
        await window.open(natter.url);
        await window.keep(house.session('Ada'));
        for (const theme of ['light', 'dark']) {
          const [cookie] = await natter.cookies('/theme', { theme });
          const [name, value] = cookie!.split('=') as [string, string];
          await window.keep({ name, value });
          for (const [size, width, height] of [['desktop', 1280, 800], ['phone', 390, 844]] as const) {
            await window.open(`${natter.url}/room/general`);
            await window.resize(width, height);
            await ada.toBeLive();
            await photograph(ada, size, `${process.env.SHOTS}/${engine.name}-${size}-${theme}`);
          }
        }
      });
    });
  });
}
