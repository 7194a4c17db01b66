// @ts-check
/** Which browser the tests, the pictures and Lighthouse use, and how it is started. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The browser on the machine, so that none is downloaded; scripts/setup looks in the same places.
 * @returns {string | undefined}
 */
export function executable() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return process.env.NATTER_CHROMIUM || names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

export const args = [
  // Nothing but the page under test should use the network.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  // Chromium's sandbox does not start for root, as in most containers.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** @typedef {'usual' | 'wide' | 'narrow'} Fonts */

/**
 * The environment of a browser that has these fonts alone: a file in `fonts` names them.
 * @param {Fonts} fonts
 * @returns {Record<string, string>}
 */
export function environment(fonts = 'usual') {
  const set = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return {
    ...Object.fromEntries(set),
    FONTCONFIG_PATH: fileURLToPath(new URL('fonts', import.meta.url)),
    FONTCONFIG_FILE: `${fonts}.conf`,
  };
}
