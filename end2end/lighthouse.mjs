/**
 * Runs Lighthouse on the sign-in page and on a full room, as a slow phone sees them. `make lighthouse` builds first.
 * The exit code is 1 if a score is below this project's promise.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium as driver } from '@playwright/test';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';
import { args, environment, executable } from './browser.mjs';

const binary = fileURLToPath(new URL('../target/release/natter', import.meta.url));
const LEAST = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };

const SAID = [
  'Good morning! Is the kettle on?',
  'It is. ☕ I moved the weather station onto the roof, and it is **still there**.',
  'One weather station, two pigeons. See https://example.org/notes/2026-11-23',
  '```rust\nlet reading = station.read()?;\nlog.append(&reading)?;\n```',
  '@Ada, would you write the sign? “Please do not feed the thermometer.”',
  '/me looks out of the window',
];

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Signs in, fills the room, and returns the cookies. */
async function signIn(url) {
  const post = (path, fields, cookie = '') =>
    fetch(url + path, { method: 'POST', body: new URLSearchParams(fields), headers: { origin: url, cookie }, redirect: 'manual' });
  const kept = (answer) =>
    answer.headers
      .getSetCookie()
      .filter((cookie) => !/;\s*max-age=0/i.test(cookie))
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  // The front door makes a user only for a browser that keeps its cookie.
  const comeIn = async (name) => kept(await post('/', { name }, kept(await fetch(url))));
  const [ada, bo] = [await comeIn('Ada'), await comeIn('Bo')];
  for (let n = 0; n < 50; n++) {
    const answer = await post('/room/general', { text: SAID[n % SAID.length] }, bo);
    if (answer.status >= 400) throw new Error(`a message was answered with ${answer.status}`);
  }
  return ada.split('; ').map((cookie) => ({ name: cookie.split('=')[0], value: cookie.split('=')[1], url }));
}

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const data = mkdtempSync(join(tmpdir(), 'natter-'));
const env = { ...process.env, NATTER_MESSAGE_RATE: '0', NATTER_JOIN_RATE: '0', NATTER_QUERY_RATE: '0' };
const server = spawn(binary, ['--listen', `127.0.0.1:${port}`, '--data', data], { env, stdio: ['ignore', 'pipe', 'inherit'] });
let isGood = true;
let chrome;
try {
  await new Promise((resolve, reject) => {
    server.stdout.once('data', resolve);
    server.once('exit', (code) => reject(new Error(`natter ended with ${code}`)));
  });
  const cookies = await signIn(url);
  chrome = await launch({
    chromePath: executable(),
    envVars: environment(),
    chromeFlags: ['--headless', ...args],
  });
  for (const [name, path] of [
    ['front door', '/'],
    ['full room', '/room/general'],
  ]) {
    if (name === 'full room') {
      // The cookies go into the browser's own store: a header would be sent with the page and not with its WebSocket,
      // which would have no session.
      const browser = await driver.connectOverCDP(`http://127.0.0.1:${chrome.port}`);
      await browser.contexts()[0].addCookies(cookies);
      await browser.close();
    }
    const { lhr } = await lighthouse(url + path, { port: chrome.port, logLevel: 'error', output: 'json' });
    if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
    const scores = Object.entries(LEAST).map(([category, least]) => {
      const score = Math.round((lhr.categories[category].score ?? 0) * 100);
      isGood &&= score >= least;
      return `${category} ${score}${score < least ? ` (at least ${least})` : ''}`;
    });
    const value = (audit) => lhr.audits[audit]?.displayValue ?? '?';
    const metrics = `LCP ${value('largest-contentful-paint')}, CLS ${value('cumulative-layout-shift')}, TBT ${value('total-blocking-time')}`;
    console.log(`${name}: ${scores.join(', ')}; ${metrics}`);
    for (const category of Object.keys(LEAST)) {
      for (const { id, weight } of lhr.categories[category].auditRefs) {
        const audit = lhr.audits[id];
        if (weight > 0 && audit.score !== null && audit.score < 0.9) console.log(`  ${category}: ${audit.title} (${id}) ${audit.displayValue ?? ''}`);
      }
    }
    for (const { node, score } of lhr.audits['layout-shifts']?.details?.items ?? []) console.log(`  moved by ${score?.toFixed(3)}: ${node?.snippet ?? node?.selector}`);
  }
} finally {
  await chrome?.kill();
  server.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
}
process.exit(isGood ? 0 : 1);
