/** What the tests share: a real server, and people in real browsers who notice every error on their page. */
import { test as base, chromium, expect, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Fonts, environment } from '../browser.mjs';

/** The program under test. */
export const binary = fileURLToPath(new URL('../../target/release/natter', import.meta.url));

/** The release binary on a data folder of its own. */
export class Natter {
  /** Further settings, by their variables. By default nobody is limited: tests are faster than people. */
  settings: Record<string, string> = { NATTER_MESSAGE_RATE: '0', NATTER_JOIN_RATE: '0', NATTER_TYPING_RATE: '0' };
  private process?: ChildProcess;
  private errors = '';

  private constructor(
    readonly port: number,
    readonly data: string,
  ) {}

  /** Starts it with nothing in its folder, or with a copy of another. */
  static async start(from?: string): Promise<Natter> {
    const natter = new Natter(await freePort(), mkdtempSync(join(tmpdir(), 'natter-')));
    if (from) cpSync(from, natter.data, { recursive: true });
    await natter.start();
    return natter;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The cookie that keeps a session. */
  readonly cookie = 'natter_session';

  /** Starts it on the same address and folder as before. Returns when it listens. */
  async start(): Promise<void> {
    const environment = { ...process.env, ...this.settings };
    const server = spawn(binary, ['--listen', `127.0.0.1:${this.port}`, '--data', this.data], { env: environment });
    this.process = server;
    server.stderr.on('data', (chunk) => (this.errors += chunk));
    await new Promise<void>((resolve, reject) => {
      server.stdout.once('data', () => resolve());
      server.once('error', reject);
      server.once('exit', (code) => reject(new Error(`natter ended with ${code}: ${this.errors}`)));
    });
  }

  /** Somebody who speaks without a browser. */
  async voice(name: string): Promise<Voice> {
    const door = await this.cookies('/');
    return new Voice(this.url, (await this.cookies('/', { name }, door)).join('; '));
  }

  /** The cookies with which a page, or a form, is answered. */
  async cookies(path: string, form?: Record<string, string>, sent: string[] = []): Promise<string[]> {
    const headers = { origin: this.url, cookie: sent.join('; ') };
    const post = form && { method: 'POST', body: new URLSearchParams(form) };
    const answer = await fetch(this.url + path, { ...post, headers, redirect: 'manual' });
    return answer.headers.getSetCookie().flatMap((cookie) => cookie.split(';')[0] ?? []);
  }

  /** What is stored in a room, oldest first. */
  async stored(room: string): Promise<{ id: number; text: string }[]> {
    const entries: { id: number; text: string }[] = [];
    for (;;) {
      const before = entries[0] ? `&before=${entries[0].id}` : '';
      const page = await fetch(`${this.url}/api/room/${encodeURIComponent(room)}/history?limit=200${before}`);
      const older = ((await page.json()) as { id: number; text: string }[]).map(({ id, text }) => ({ id, text }));
      if (older.length === 0) return entries;
      entries.unshift(...older);
    }
  }

  /** The process stands still, or goes on: its connections stay open and nothing is heard on them meanwhile. */
  freeze(): void {
    this.process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.process?.kill('SIGCONT');
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const process = this.process;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** Says things through the plain forms: for rooms that have to be full, and for people who are somewhere else. */
export class Voice {
  constructor(
    private readonly url: string,
    private readonly cookie: string,
  ) {}

  async join(room: string): Promise<void> {
    await this.post('/room/general', { join: room });
  }

  /** One after the other, so that they are stored in this order. */
  async say(room: string, ...texts: string[]): Promise<void> {
    for (const text of texts) await this.post(`/room/${encodeURIComponent(room)}`, { text });
  }

  async tell(name: string, ...texts: string[]): Promise<void> {
    for (const text of texts) await this.post(`/pm/${encodeURIComponent(name)}`, { text });
  }

  private async post(path: string, fields: Record<string, string>): Promise<void> {
    const headers = { cookie: this.cookie, origin: this.url };
    const body = new URLSearchParams(fields);
    const answer = await fetch(this.url + path, { method: 'POST', body, headers, redirect: 'manual' });
    if (answer.status >= 400) throw new Error(`${path} was answered with ${answer.status}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

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
    await this.composer.press('Enter');
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
