/** The page's files, as the release binary carries them. */
import { expect, test } from './fixtures';

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

test('what a browser downloads to come alive stays small', async ({ natter, request }) => {
  const page = await (await request.get(natter.url)).text();
  const wasm = /href="([^"]+)\.css"/.exec(page)![1] + '.wasm';
  const answer = await request.get(`${natter.url}${wasm}`, { headers: { 'accept-encoding': 'br' } });
  const size = Number(answer.headers()['content-length']);
  console.log(`the WebAssembly takes ${size} bytes on the way`);
  expect(size).toBeLessThan(150_000);
});
