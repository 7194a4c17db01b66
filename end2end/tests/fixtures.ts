/** What the tests share: people in real browsers, who notice every error on their page, at a real server. */
import { test as base, chromium, expect, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from '@playwright/test';
import { type Fonts, environment } from '../browser.mjs';
import { Natter, freePort } from './natter';

/** Somebody with a browser window. */
export class Person {
  constructor(
    readonly page: Page,
    private readonly natter: Natter,
  ) {}

  /** Comes in through the front door. */
  async signIn(name: string): Promise<void> {
    await this.page.goto(this.natter.url);
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByRole('button', { name: 'Join the chat' }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: 'general' })).toBeVisible();
  }

  async enter(room: string): Promise<void> {
    await this.page.goto(`${this.natter.url}/room/${encodeURIComponent(room)}`);
  }

  /** Goes there within the page by its link, whose address ends so, wherever the list of them is at this size. */
  async jump(path: string): Promise<void> {
    await this.page.locator(`#places a.place[href$="${path}"]`).dispatchEvent('click');
  }

  /** The same person in another window of the same browser. */
  async secondWindow(room = 'general'): Promise<Person> {
    const second = new Person(await this.page.context().newPage(), this.natter);
    await second.enter(room);
    await second.toBeLive();
    return second;
  }

  /** The list of rooms and conversations. */
  get places() {
    return this.page.getByRole('navigation', { name: 'Rooms and direct messages' });
  }

  /** A room or conversation in the list. */
  place(name: string) {
    return this.places.locator('a.place').filter({ has: this.page.locator('.name').getByText(name, { exact: true }) });
  }

  /** What waits in a room or conversation, as its place in the list shows it. */
  badge(name: string) {
    return this.place(name).locator('.badge');
  }

  /** Goes to a room or conversation by the list, within the page. */
  async go(name: string): Promise<void> {
    await this.place(name).click();
    await this.toBeIn(name);
  }

  /** Joins or makes a room by its name. */
  async join(room: string): Promise<void> {
    await this.places.getByRole('button', { name: 'Join or create a room' }).click();
    const sheet = this.page.getByRole('dialog', { name: 'Join or create a room' });
    await expect(sheet.getByLabel('Room name')).toBeFocused();
    await sheet.getByLabel('Room name').fill(room);
    await sheet.getByRole('button', { name: 'Join' }).click();
  }

  /** Goes to the conversation with a member of the room. */
  async talk(name: string): Promise<void> {
    await this.page.locator('#members a').filter({ has: this.page.locator('.name').getByText(name, { exact: true }) }).click();
    await this.toBeIn(name);
  }

  /** The head and the composer are those of this room or conversation. */
  async toBeIn(name: string): Promise<void> {
    await expect(this.page.locator('h1 .name')).toHaveText(name);
    await expect(this.composer).toHaveAccessibleName(new RegExp(`^Message ${name}$`));
  }

  /** What names the person is shown, and nothing can be written there. */
  async toBeAtMentions(): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name: 'Mentions' })).toBeVisible();
    await expect(this.composer).toBeHidden();
  }

  /** Looks at another tab of the same browser. Only of `personWithTabs`. */
  async lookAway(): Promise<void> {
    await (await this.page.context().newPage()).bringToFront();
    await expect.poll(() => this.page.evaluate(() => document.hidden), 'the browser hides the page').toBe(true);
  }

  async comeBack(): Promise<void> {
    await this.page.bringToFront();
    await expect.poll(() => this.page.evaluate(() => document.hidden)).toBe(false);
  }

  /** Those who are listed as members, here and away. */
  get members() {
    return this.page.locator('#members .name');
  }

  /** What was answered to this person alone. */
  get toasts() {
    return this.page.getByRole('log', { name: 'Only visible to you' });
  }

  get settings() {
    return this.page.getByRole('dialog', { name: 'Settings' });
  }

  async openSettings(): Promise<void> {
    await this.page.getByRole('button', { name: 'Settings', exact: true }).click();
    await expect(this.settings).toBeVisible();
  }

  async closeSettings(): Promise<void> {
    await this.page.getByRole('button', { name: 'Close the settings' }).click();
    await expect(this.settings).toBeHidden();
  }

  /** Chooses a theme and puts the settings away. */
  async wear(theme: 'System' | 'Light' | 'Dark'): Promise<void> {
    await this.openSettings();
    const choice = this.settings.getByRole('button', { name: theme });
    await choice.click();
    // Without a script the page comes anew, with the settings put away.
    if (await this.settings.isVisible()) {
      await expect(choice).toHaveAttribute('aria-pressed', 'true');
      await this.closeSettings();
    }
  }

  /** What has the focus, told apart from everything else on the page. */
  async focused(): Promise<string> {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      return element ? `${element.localName}${element.id && `#${element.id}`}` : 'nothing';
    });
  }

  /** The line `New`. */
  get newLine() {
    return this.page.locator('#entries li.new');
  }

  async toBeLive(timeout = 10_000): Promise<void> {
    await expect(this.page.locator('.status')).toHaveAttribute('data-state', 'live', { timeout });
  }

  get composer() {
    return this.page.getByRole('textbox', { name: /^Message / });
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    // Whatever Enter does here, and whether or not suggestions are open.
    await this.composer.press('Control+Enter');
  }

  /** The stored entries on the screen: the number and the exact text of each. */
  async entries(): Promise<{ id: number; text: string }[]> {
    return this.page.locator('#entries li.entry').evaluateAll((rows) =>
      rows.map((row) => ({
        id: Number((row as HTMLElement).dataset.id),
        text: row.querySelector('.text')?.textContent ?? '',
      })),
    );
  }

  async texts(): Promise<string[]> {
    return (await this.entries()).map((entry) => entry.text);
  }

  entry(text: string) {
    return this.page.locator('#entries li.entry .text').getByText(text, { exact: true });
  }

  get outgoing() {
    return this.page.locator('#outgoing > li');
  }
}

interface Fixtures {
  natter: Natter;
  /** The fonts of the browser: `test.use({ fonts: 'wide' })`. */
  fonts: Fonts;
  /** Opens a browser of its own for somebody. */
  person: (name: string, options?: BrowserContextOptions) => Promise<Person>;
  /** Somebody's browser before they have come in. */
  visitor: (options?: BrowserContextOptions) => Promise<Person>;
  /**
   * Somebody in a browser of their own whose tabs hide each other, as everywhere but in tests: by default Playwright
   * keeps each page awake as if it was in front.
   */
  personWithTabs: (name: string) => Promise<Person>;
  /** Says that errors of this kind on a console are part of the test. */
  expectError: (pattern: RegExp) => void;
  expected: RegExp[];
}

/** What a browser says when the server or the network is not there. */
export const UNREACHABLE = /WebSocket connection to .* failed|WebSocket is already in CLOSING|Failed to load resource: net::ERR/;

/** What a browser says about a page that came with an error's status. */
export const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/;

/** Chromium reports that it does not use what it preloads when scripts are off. */
const NO_SCRIPT = /Loading the script .* violates .* 'script-src'|modulepreload|preloaded using link preload but not used/;

async function open(browser: Browser, natter: Natter, options: BrowserContextOptions, errors: string[]): Promise<Person> {
  return openIn(await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options }), natter, errors);
}

/** Opens a page that reports every error on it. */
async function openIn(context: BrowserContext, natter: Natter, errors: string[]): Promise<Person> {
  const page = await context.newPage();
  const report = (what: string) => errors.push(what);
  page.on('pageerror', (error) => report(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') report(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return new Person(page, natter);
}

export const test = base.extend<Fixtures>({
  fonts: ['usual', { option: true }],

  natter: async ({}, use) => {
    const natter = await Natter.start();
    await use(natter);
    await natter.remove();
  },

  expectError: async ({ expected }, use) => {
    await use((pattern) => expected.push(pattern));
  },

  expected: async ({}, use) => {
    await use([NO_SCRIPT]);
  },

  visitor: async ({ browser: shared, launchOptions, natter, fonts, expected }, use) => {
    const errors: string[] = [];
    const people: Person[] = [];
    // A browser takes its fonts from its environment, so other ones need another browser.
    const own = fonts === 'usual' ? undefined : await chromium.launch({ ...launchOptions, env: environment(fonts) });
    await use(async (options = {}) => {
      const person = await open(own ?? shared, natter, options, errors);
      people.push(person);
      return person;
    });
    for (const person of people) await person.page.context().close();
    await own?.close();
    expect(errors.filter((error) => !expected.some((pattern) => pattern.test(error)))).toEqual([]);
  },

  personWithTabs: async ({ natter, launchOptions, expected }, use) => {
    const port = await freePort();
    const args = [...(launchOptions.args ?? []), `--remote-debugging-port=${port}`];
    const launched = await chromium.launch({ ...launchOptions, args });
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
    const errors: string[] = [];
    await use(async (name) => {
      const person = await openIn(browser.contexts()[0]!, natter, errors);
      await person.signIn(name);
      await person.toBeLive();
      return person;
    });
    await browser.close();
    await launched.close();
    expect(errors.filter((error) => !expected.some((pattern) => pattern.test(error)))).toEqual([]);
  },

  person: async ({ visitor }, use) => {
    await use(async (name, options = {}) => {
      const person = await visitor(options);
      await person.signIn(name);
      if (options.javaScriptEnabled !== false) await person.toBeLive();
      return person;
    });
  },
});

export { expect };
export { Natter, Voice, binary } from './natter';
