/** The page's files, as the release binary serves them. */
import { statSync } from 'node:fs';
import { get } from 'node:http';
import { binary, expect, test } from './fixtures';

test('the one file that is copied to another machine stays small', () => {
  const { size } = statSync(binary);
  console.log(`target/release/natter has ${size} bytes`);
  expect(size).toBeLessThanOrEqual(25_000_000);
});

test('each file is compressed, kept for ever, and not sent again to who has it', async ({ natter, request }) => {
  const page = await (await request.get(natter.url)).text();
  const style = /href="([^"]+\.css)"/.exec(page)?.[1];
  const script = style?.replace('.css', '.js');
  const wasm = style?.replace('.css', '.wasm');
  for (const [path, type] of [[style, 'text/css'], [script, 'text/javascript'], [wasm, 'application/wasm']]) {
    const answer = await request.get(`${natter.url}${path}`, { headers: { 'accept-encoding': 'br' } });
    expect(answer.status(), path).toBe(200);
    expect(answer.headers()['content-type'], path).toContain(type);
    expect(answer.headers()['content-encoding'], path).toBe('br');
    expect(answer.headers()['cache-control'], path).toContain('immutable');
    const etag = answer.headers()['etag']!;
    const again = await request.get(`${natter.url}${path}`, { headers: { 'if-none-match': etag } });
    expect(again.status(), path).toBe(304);
    const other = await request.get(`${natter.url}${path}`, { headers: { 'if-none-match': '"other"' } });
    expect(other.status(), path).toBe(200);
    const head = await request.head(`${natter.url}${path}`);
    expect(head.status(), path).toBe(200);
  }
  expect((await request.get(`${natter.url}/static/none/pkg/natter.css`)).status()).toBe(404);
});

/** Largest sizes in bytes (brotli): of the first files, without which no part is loaded, and of each part. */
const FIRST_MAX = 125_000;
const PART_MAX = 12_000;

test('what a browser downloads first stays small, and so does each part that it loads later', async ({ natter, request }) => {
  const page = await (await request.get(natter.url)).text();
  const folder = natter.url + /href="([^"]+)natter\.css"/.exec(page)![1]!;
  const sizes = async (files: string[]) => Promise.all(files.map(async (file) => [file, await onTheWay(folder + file)] as const));
  const sum = (files: readonly (readonly [string, number])[]) => files.reduce((sum, [, size]) => sum + size, 0);
  const first = await sizes(['natter.wasm', 'natter.js', '__wasm_split.______________________.js']);
  const manifest = (await (await request.get(`${folder}__wasm_split_manifest.json`)).json()) as Record<string, string[]>;
  const parts = await sizes([...new Set(Object.values(manifest).flat())].map((part) => `${part}.wasm`));
  console.log(`first: ${sum(first)} bytes (${first.map(([file, size]) => `${file} ${size}`).join(', ')})`);
  console.log(`parts: ${sum(parts)} bytes (${parts.map(([file, size]) => `${file} ${size}`).join(', ')})`);
  expect(sum(first)).toBeLessThanOrEqual(FIRST_MAX);
  for (const [file, size] of parts) expect(size, file).toBeLessThanOrEqual(PART_MAX);
});

/** Returns the transferred size of a response for a browser that accepts brotli. */
async function onTheWay(url: string, cookie = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'br', cookie } }, (answer) => {
      let size = 0;
      expect(answer.statusCode, url).toBe(200);
      expect(answer.headers['content-encoding'], url).toBe('br');
      answer.on('data', (chunk: Buffer) => (size += chunk.length));
      answer.on('end', () => resolve(size));
    }).on('error', reject);
  });
}

test('a full room is read before much has come: the page with its style, and the script, are small', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const said = [
    'Good morning! Is the kettle on?',
    'It is. ☕ I pulled the plug of the server on purpose, by the way.',
    'I saw. The page said that it was offline, and then everything was back.',
    'The notes of yesterday are at https://example.org/notes/2026-11-23',
    'Could you have a look at `make test`, @Ada? It takes **three** minutes here.',
    '/me looks',
  ];
  await bo.say('general', ...Array.from({ length: 50 }, (_, n) => said[n % said.length]!));
  const ada = await person('Ada', { javaScriptEnabled: false });
  await expect(ada.page.locator('#entries li.entry')).toHaveCount(50);
  const cookies = await ada.page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const style = await ada.page.locator('link[rel=stylesheet]').evaluate((link) => (link as HTMLLinkElement).href);
  const [html, css] = [await onTheWay(`${natter.url}/room/general`, cookie), await onTheWay(style)];
  const js = await onTheWay(style.replace(/css$/, 'js'));
  console.log(`on the way: a full room's HTML ${html} bytes, its style ${css}, the script ${js}`);
  expect(html + css).toBeLessThanOrEqual(30_000);
  expect(js).toBeLessThanOrEqual(12_000);
});

test('the page can be installed, and its icons are there', async ({ natter, request }) => {
  const page = await (await request.get(natter.url)).text();
  expect(page).toContain('<link rel="manifest" href="/manifest.webmanifest"');
  const answer = await request.get(`${natter.url}/manifest.webmanifest`);
  expect(answer.headers()['content-type']).toContain('application/manifest+json');
  const manifest = await answer.json();
  expect(manifest).toMatchObject({ name: 'Natter', start_url: '/', display: 'standalone' });
  const pictures = [
    ...(manifest.icons as { src: string; type: string }[]).map(({ src, type }) => [src, type]),
    ...[...page.matchAll(/<link rel="(?:icon|apple-touch-icon)"[^>]*href="([^"]+)"/g)].map((match) => [match[1]!, 'image/']),
  ];
  expect(pictures).toHaveLength(5);
  for (const [path, type] of pictures) {
    const picture = await request.get(natter.url + path);
    expect(picture.status(), path).toBe(200);
    expect(picture.headers()['content-type'], path).toContain(type);
  }
  const icon = pictures.find(([path]) => path!.endsWith('favicon.svg'))![0]!;
  for (const file of ['favicon-unread.svg', 'favicon-mention.svg', 'ping.wav']) {
    const other = await request.get(natter.url + icon.replace('favicon.svg', file));
    expect(other.status(), file).toBe(200);
  }
  expect(await (await request.get(`${natter.url}/robots.txt`)).text()).toBe('User-agent: *\nAllow: /\n');
  const sizes = (manifest.icons as { sizes: string; purpose: string }[]).map(({ sizes, purpose }) => `${sizes} ${purpose}`);
  expect(sizes).toEqual(['192x192 any', '512x512 any', '512x512 maskable']);
});
