/** The browser engines on this machine; scripts/setup installs the programs that are searched here. */
import { type Fonts, executable, installed } from '../../browser.mjs';
import * as puppeteer from './puppeteer';
import * as webdriver from './webdriver';
import type { Window } from './window';

export interface Engine {
  name: string;
  /** Starts the browser and opens a window; `undefined` if it is not installed. */
  launch: ((fonts?: Fonts) => Promise<Window>) | undefined;
}

const chromium = executable();
const firefox = installed('firefox-esr', 'firefox');
const [driver, xvfb] = [installed('WebKitWebDriver'), installed('Xvfb')];

export const ENGINES: Engine[] = [
  { name: 'Chromium', launch: chromium === undefined ? undefined : (fonts) => puppeteer.launch('chrome', chromium, fonts) },
  { name: 'Firefox', launch: firefox === undefined ? undefined : (fonts) => puppeteer.launch('firefox', firefox, fonts) },
  { name: 'WebKit', launch: driver === undefined || xvfb === undefined ? undefined : (fonts) => webdriver.launch(driver, xvfb, fonts) },
];
