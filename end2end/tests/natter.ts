/** A real server, and people who use it without a browser. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of the program under test. */
export const binary = fileURLToPath(new URL('../../target/release/natter', import.meta.url));

/** The release binary with its own data folder. */
export class Natter {
  /** Further settings, as environment variables. By default there are no rate limits: tests are faster than people. */
  settings: Record<string, string> = { NATTER_MESSAGE_RATE: '0', NATTER_JOIN_RATE: '0', NATTER_TYPING_RATE: '0', NATTER_QUERY_RATE: '0', NATTER_ROOMS_PER_DAY: '0' };
  private process?: ChildProcess;
  private errors = '';

  private constructor(
    readonly port: number,
    readonly data: string,
  ) {}

  /** Starts the server with an empty folder, or with a copy of another one. */
  static async start(from?: string): Promise<Natter> {
    const natter = new Natter(await freePort(), mkdtempSync(join(tmpdir(), 'natter-')));
    if (from) cpSync(from, natter.data, { recursive: true });
    await natter.start();
    return natter;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the server on the same address and folder as before. Returns once it listens. */
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

  /** Signs a person in who posts without a browser. */
  async voice(name: string): Promise<Voice> {
    const door = await this.cookies('/');
    return new Voice(this.url, (await this.cookies('/', { name }, door)).join('; '));
  }

  /** Returns the cookies of the response to a page or a form. */
  async cookies(path: string, form?: Record<string, string>, sent: string[] = []): Promise<string[]> {
    const headers = { origin: this.url, cookie: sent.join('; ') };
    const post = form && { method: 'POST', body: new URLSearchParams(form) };
    const answer = await fetch(this.url + path, { ...post, headers, redirect: 'manual' });
    // A cookie with `Max-Age=0` is one that the browser has to delete.
    const kept = answer.headers.getSetCookie().filter((cookie) => !/;\s*max-age=0/i.test(cookie));
    return kept.flatMap((cookie) => cookie.split(';')[0] ?? []);
  }

  /** Returns the entries of a room, oldest first. */
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

  /** Suspends the process: its connections stay open, and it answers nothing until it is resumed. */
  freeze(): void {
    this.process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.process?.kill('SIGCONT');
  }

  /** Ends the process by `kill -9`. */
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

/** A person who posts by the plain forms: for rooms that have to be full, and for people in other places. */
export class Voice {
  constructor(
    private readonly url: string,
    private readonly cookie: string,
  ) {}

  async join(room: string): Promise<void> {
    await this.post('/room/general', { join: room });
  }

  /** Posts texts one after the other, so that they are stored in this order. */
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

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
