/** The tests' fixtures: people in real browsers, who report every error on their page, at a real server. */
import { test as base, chromium, expect, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from '@playwright/test';
import { type Fonts, environment } from '../browser.mjs';
import { Natter, freePort } from './natter';

/** A person with a browser window. */
export class Person {
  constructor(
    readonly page: Page,
    private readonly natter: Natter,
  ) {}

  /** Signs in by the sign-in page. */
  async signIn(name: string): Promise<void> {
    await this.page.goto(this.natter.url);
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByRole('button', { name: 'Join the chat' }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: 'general' })).toBeVisible();
  }

  async enter(room: string): Promise<void> {
    await this.page.goto(`${this.natter.url}/room/${encodeURIComponent(room)}`);
  }

  /** Follows the link with this end of its address within the page, wherever the list is at this size. */
  async jump(path: string): Promise<void> {
    await this.page.locator(`#places a.place[href$="${path}"]`).dispatchEvent('click');
  }

  /** Opens another window of the same person in the same browser. */
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

  /** The badge of a room or conversation in the list. */
  badge(name: string) {
    return this.place(name).locator('.badge');
  }

  /** Goes to a room or conversation by the list, within the page. */
  async go(name: string): Promise<void> {
    await this.place(name).click();
    await this.toBeIn(name);
  }

  /** Joins or creates a room by its name. */
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

  /** Expects the header and the composer to be those of this room or conversation. */
  async toBeIn(name: string): Promise<void> {
    await expect(this.page.locator('h1 .name')).toHaveText(name);
    await expect(this.composer).toHaveAccessibleName(new RegExp(`^Message ${name}$`));
  }

  /** Expects the page of mentions, which accepts no texts. */
  async toBeAtMentions(): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name: 'Mentions' })).toBeVisible();
    await expect(this.composer).toBeHidden();
  }

  /** Switches to another tab of the same browser. The person has to be one of `personWithTabs`. */
  async lookAway(): Promise<void> {
    await (await this.page.context().newPage()).bringToFront();
    await expect.poll(() => this.page.evaluate(() => document.hidden), 'the browser hides the page').toBe(true);
  }

  async comeBack(): Promise<void> {
    await this.page.bringToFront();
    await expect.poll(() => this.page.evaluate(() => document.hidden)).toBe(false);
  }

  /** The listed members, present and absent. */
  get members() {
    return this.page.locator('#members .name');
  }

  /** The notices for this person. */
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

  /** Chooses a theme and closes the settings. */
  async wear(theme: 'System' | 'Light' | 'Dark'): Promise<void> {
    await this.openSettings();
    const choice = this.settings.getByRole('button', { name: theme });
    await choice.click();
    // Without a script the page is loaded again, with the settings closed.
    if (await this.settings.isVisible()) {
      await expect(choice).toHaveAttribute('aria-pressed', 'true');
      await this.closeSettings();
    }
  }

  /** Returns a description of the focused element that no other element has. */
  async focused(): Promise<string> {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      return element ? `${element.localName}${element.id && `#${element.id}`}` : 'nothing';
    });
  }

  /** The divider, labelled `New`. */
  get newLine() {
    return this.page.locator('#entries li.new');
  }

  async toBeLive(timeout = 15_000): Promise<void> {
    await expect(this.page.locator('.status')).toHaveAttribute('data-state', 'live', { timeout });
  }

  get composer() {
    return this.page.getByRole('textbox', { name: /^(Message |Edit your message$)/ });
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    // Ctrl+Enter sends by any preference, with or without suggestions.
    await this.composer.press('Control+Enter');
  }

  /** Returns the stored entries on the screen: the id and the exact text of each. */
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

  /** Expects both screens to come to show the same entries: neither has to be the first to show a new one. */
  async toAgreeWith(other: Person): Promise<void> {
    await expect(async () => expect(await this.entries()).toEqual(await other.entries())).toPass({ timeout: 15_000 });
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
  /** Opens a separate browser for a person. */
  person: (name: string, options?: BrowserContextOptions) => Promise<Person>;
  /** Opens a person's browser without signing in. */
  visitor: (options?: BrowserContextOptions) => Promise<Person>;
  /**
   * A person in a separate browser whose tabs hide each other, as everywhere but in tests: by default Playwright keeps
   * each page active as if it was in front.
   */
  personWithTabs: (name: string) => Promise<Person>;
  /** Declares that errors of this kind on a console are part of the test. */
  expectError: (pattern: RegExp) => void;
  expected: RegExp[];
}

/** The errors of a browser while the server or the network is down. */
export const UNREACHABLE = /WebSocket connection to .* failed|WebSocket is already in CLOSING|Failed to load resource: net::ERR/;

/** The error of a browser about a response with a client error's status. */
export const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/;

/** Chromium reports that it does not use the preloaded files when scripts are off. */
const NO_SCRIPT = /Loading the script .* violates .* 'script-src'|modulepreload|preloaded using link preload but not used/;

async function open(browser: Browser, natter: Natter, options: BrowserContextOptions, errors: string[]): Promise<Person> {
  return openIn(await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options }), natter, errors);
}

/** Opens a page whose errors are collected. */
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
    // A browser reads its fonts from its environment, so other fonts need another browser.
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
