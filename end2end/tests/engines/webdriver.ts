/** Windows of WebKitGTK's own small browser, driven by plain WebDriver over HTTP, on a virtual screen. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from '@playwright/test';
import { type Fonts, environment } from '../../browser.mjs';
import { freePort } from '../natter';
import type { Cookie, Key, Window } from './window';

/** WebDriver's codes of keys that type no character. */
const KEYS: Record<string, string> = { Control: '\uE009', Enter: '\uE007', Escape: '\uE00C', Tab: '\uE004' };

/** The property under which WebDriver sends the id of an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Starts the browser of this driver on its own virtual screen. */
export async function launch(driver: string, xvfb: string, fonts?: Fonts): Promise<Window> {
  const processes: ChildProcess[] = [];
  try {
    const screen = spawn(xvfb, ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '1400x1000x24'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    processes.unshift(screen);
    const display = await firstWords(screen, screen.stdio[3] as Readable);
    const port = await freePort();
    const server = spawn(driver, [`--port=${port}`], {
      stdio: 'ignore',
      // The folder of this file has the style of the browser's own bar.
      env: { ...environment(fonts), DISPLAY: `:${display}`, XDG_CONFIG_HOME: fileURLToPath(new URL('.', import.meta.url)) },
    });
    processes.unshift(server);
    const address = `http://127.0.0.1:${port}`;
    // The driver does not report when it listens.
    const isListening = () => fetch(`${address}/status`).then(({ ok }) => ok, () => false);
    await expect.poll(isListening, 'the driver listens').toBe(true);
    const { sessionId } = (await send('POST', `${address}/session`, { capabilities: {} })) as { sessionId: string };
    return new WebDriverWindow(`${address}/session/${sessionId}`, processes);
  } catch (error) {
    await end(processes);
    throw error;
  }
}

class WebDriverWindow implements Window {
  constructor(
    private readonly session: string,
    private readonly processes: ChildProcess[],
  ) {}

  async open(url: string): Promise<void> {
    await this.post('url', { url });
  }

  async resize(width: number, height: number): Promise<void> {
    const bar = await this.ask(() => outerHeight - innerHeight);
    await this.post('window/rect', { x: 0, y: 0, width, height: height + bar });
  }

  async keep({ name, value }: Cookie): Promise<void> {
    await this.post('cookie', { cookie: { name, value, path: '/', httpOnly: true } });
  }

  async ask<Arguments extends unknown[], Result>(look: (...args: Arguments) => Result, ...args: Arguments): Promise<Result> {
    const script = `(${listen})(); return (${look}).apply(null, arguments)`;
    const run = async () => (await this.post('execute/sync', { script, args })) as Result;
    return run().catch((error: Error) => {
      // The page was left meanwhile, which WebKit reports as an unknown error, so its successor answers.
      if (error.message.includes('"unknown error"')) return run();
      throw error;
    });
  }

  async click(selector: string): Promise<void> {
    const found = (await this.post('element', { using: 'css selector', value: selector })) as Record<string, string>;
    await this.post(`element/${found[ELEMENT]}/click`, {});
  }

  async type(text: string): Promise<void> {
    await this.act([...text].flatMap((value) => [down(value), up(value)]));
  }

  async press(...keys: Key[]): Promise<void> {
    const values = keys.map((key) => KEYS[key] ?? key);
    await this.act([...values.map(down), ...values.reverse().map(up)]);
  }

  async picture(file: string): Promise<void> {
    writeFileSync(file, Buffer.from((await send('GET', `${this.session}/screenshot`)) as string, 'base64'));
  }

  async errors(): Promise<string[]> {
    return this.ask(() => (window as any).heard);
  }

  async close(): Promise<void> {
    try {
      await send('DELETE', this.session);
    } finally {
      await end(this.processes);
    }
  }

  private act(actions: object[]): Promise<unknown> {
    return this.post('actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  private post(command: string, body: object): Promise<unknown> {
    return send('POST', `${this.session}/${command}`, body);
  }
}

/**
 * Runs in the page: WebDriver has no access to the console, so the page collects its errors from the first query on.
 */
function listen(): void {
  if ((window as any).heard) return;
  const heard = ((window as any).heard = [] as string[]);
  addEventListener('error', (event) => heard.push(event.message));
  addEventListener('unhandledrejection', (event) => heard.push(String(event.reason)));
  addEventListener('securitypolicyviolation', (event) => heard.push(`policy violation: ${event.violatedDirective}`));
  console.error = (...what) => heard.push(what.join(' '));
}

const down = (value: string) => ({ type: 'keyDown', value });
const up = (value: string) => ({ type: 'keyUp', value });

async function send(method: string, url: string, body?: object): Promise<unknown> {
  const answer = await fetch(url, { method, ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
  const { value } = (await answer.json()) as { value: unknown };
  if (!answer.ok) throw new Error(`WebDriver refused ${method} ${new URL(url).pathname}: ${JSON.stringify(value)}`);
  return value;
}

async function end(processes: ChildProcess[]): Promise<void> {
  for (const process of processes) {
    if (process.exitCode !== null || process.signalCode !== null) continue;
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill();
    await ended;
  }
}

/** Returns the first output of a process on a stream. */
function firstWords(process: ChildProcess, stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    stream.once('data', (chunk) => resolve(String(chunk).trim()));
    process.once('error', reject);
    process.once('exit', (code) => reject(new Error(`${process.spawnfile} ended with ${code}`)));
  });
}
