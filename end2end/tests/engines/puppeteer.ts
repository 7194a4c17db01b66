/** Windows of Chromium and Firefox, driven by Puppeteer: Chromium by its own protocol, Firefox by WebDriver BiDi. */
import puppeteer, { type Browser, type KeyInput, type Page } from 'puppeteer-core';
import { type Fonts, args, environment } from '../../browser.mjs';
import type { Cookie, Key, Window } from './window';

/** Starts the browser at this path. */
export async function launch(browser: 'chrome' | 'firefox', path: string, fonts?: Fonts): Promise<Window> {
  const started = await puppeteer.launch({
    browser,
    executablePath: path,
    args: browser === 'chrome' ? args : [],
    env: environment(fonts),
    defaultViewport: null,
  });
  const [page] = await started.pages();
  const front = page ?? (await started.newPage());
  // Firefox paints only the window in front.
  await front.bringToFront();
  return new PuppeteerWindow(started, front);
}

class PuppeteerWindow implements Window {
  private readonly reported: string[] = [];

  constructor(
    private readonly browser: Browser,
    private readonly page: Page,
  ) {
    page.on('pageerror', (error) => this.reported.push(`page error: ${error instanceof Error ? error.message : String(error)}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.reported.push(`console: ${message.text()}`);
    });
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.page.setViewport({ width, height });
  }

  async keep({ name, value }: Cookie): Promise<void> {
    const { hostname } = new URL(this.page.url());
    await this.browser.setCookie({ name, value, domain: hostname, path: '/', httpOnly: true });
  }

  async ask<Arguments extends unknown[], Result>(look: (...args: Arguments) => Result, ...args: Arguments): Promise<Result> {
    const run = async () => (await this.page.evaluate(look as (...args: unknown[]) => Result, ...args)) as Result;
    return run().catch((error: Error) => {
      // The page was left meanwhile, so its successor answers.
      if (/context was destroyed|navigat/i.test(error.message)) return run();
      throw error;
    });
  }

  async click(selector: string): Promise<void> {
    await this.page.click(selector);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  async press(...keys: Key[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.down(key as KeyInput);
    for (const key of keys.reverse()) await this.page.keyboard.up(key as KeyInput);
  }

  async picture(file: string): Promise<void> {
    await this.page.screenshot({ path: file as `${string}.png` });
  }

  async errors(): Promise<string[]> {
    return this.reported;
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
