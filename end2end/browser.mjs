// @ts-check
/** The browsers of the tests, the pictures and Lighthouse, and the way to start them. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Returns the path of the first of these programs that is on the machine.
 * @param {string[]} names
 * @returns {string | undefined}
 */
export function installed(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

/**
 * Returns the path of the Chromium on the machine, so that none is downloaded; scripts/setup searches for the same names.
 * @returns {string | undefined}
 */
export function executable() {
  return process.env.NATTER_CHROMIUM || installed('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
}

export const args = [
  // The page under test should be the only user of the network.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  // Chromium's sandbox does not start for root, as in most containers.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** @typedef {'usual' | 'wide' | 'narrow' | 'bare'} Fonts */

/**
 * Returns the environment of a browser that has these fonts alone: a file in `fonts` names them.
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
