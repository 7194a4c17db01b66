/** What the tests share: a real server, and people in real browsers who notice every error on their page. */
import { test as base, expect, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../target/release/natter', import.meta.url));

/** The release binary on a data folder of its own. */
export class Natter {
  /** Further settings, by their variables. By default nobody is limited: tests are faster than people. */
  settings: Record<string, string> = { NATTER_MESSAGE_RATE: '0', NATTER_JOIN_RATE: '0', NATTER_TYPING_RATE: '0' };
  private process?: ChildProcess;
  private errors = '';

  private constructor(
    readonly port: number,
    private readonly data: string,
  ) {}

  static async start(): Promise<Natter> {
    const natter = new Natter(await freePort(), mkdtempSync(join(tmpdir(), 'natter-')));
    await natter.start();
    return natter;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

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
    await this.page.getByLabel('What shall we call you?').fill(name);
    await this.page.getByRole('button', { name: 'Come in' }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: 'general' })).toBeVisible();
  }

  async enter(room: string): Promise<void> {
    await this.page.goto(`${this.natter.url}/room/${encodeURIComponent(room)}`);
  }

  /** The same person in another window of the same browser. */
  async secondWindow(room = 'general'): Promise<Person> {
    const second = new Person(await this.page.context().newPage(), this.natter);
    await second.enter(room);
    await second.toBeLive();
    return second;
  }

  async toBeLive(timeout = 10_000): Promise<void> {
    await expect(this.page.getByRole('status')).toHaveAttribute('data-state', 'live', { timeout });
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
    return this.page.locator('#entries > li.entry').evaluateAll((rows) =>
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
    return this.page.locator('#entries > li.entry .text').getByText(text, { exact: true });
  }

  get outgoing() {
    return this.page.locator('#outgoing > li');
  }
}

interface Fixtures {
  natter: Natter;
  /** Opens a browser of its own for somebody. */
  person: (name: string, options?: BrowserContextOptions) => Promise<Person>;
  /** Somebody's browser before they have come in. */
  visitor: (options?: BrowserContextOptions) => Promise<Person>;
  /** Says that errors of this kind on a console are part of the test. */
  expectError: (pattern: RegExp) => void;
  expected: RegExp[];
}

/** What a browser says when the server or the network is not there. */
export const UNREACHABLE = /WebSocket connection to .* failed|Failed to load resource: net::ERR/;

/** What a browser says about a page that came with an error's status. */
export const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/;

/** Chromium reports that it does not use what it preloads when scripts are off. */
const NO_SCRIPT = /Loading the script .* violates .* 'script-src'|modulepreload|preloaded using link preload but not used/;

async function open(browser: Browser, natter: Natter, options: BrowserContextOptions, errors: string[]): Promise<Person> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options });
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

  visitor: async ({ browser, natter, expected }, use) => {
    const errors: string[] = [];
    const people: Person[] = [];
    await use(async (options = {}) => {
      const person = await open(browser, natter, options, errors);
      people.push(person);
      return person;
    });
    for (const person of people) await person.page.context().close();
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
