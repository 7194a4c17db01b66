/** The decoder of JSON that only the browser build has: the native tests use another one. */
import type { WebSocketRoute } from '@playwright/test';
import { type Person, expect, test } from './fixtures';

const line = {
  type: 'message', room: 'general', from: 'Bo', user_id: '7', text: 'x', ts: 1732312345.678, id: 1, prev: 0,
};
const exact = 2 ** 53 - 1;

/** Returns Ada with a live page, and her connection, on which a test can send the server's frames. */
async function intercepted(visitor: () => Promise<Person>) {
  const ada = await visitor();
  let page: WebSocketRoute;
  await ada.page.routeWebSocket(/ws\/chat/, (socket) => {
    page = socket;
    socket.connectToServer();
  });
  await ada.signIn('Ada');
  await ada.toBeLive();
  return { ada, page: page! };
}

test('what a server writes is read by the browser as it is', async ({ visitor }) => {
  const { ada, page } = await intercepted(visitor);
  const frames = [
    { ...line, text: 'a "b" \\ \u2028 🧑 \u0001 é' },
    { ...line, id: 2, prev: 1, text: 'with what a newer server says', client_id: null, newer: [{ a: [null, true] }] },
    { ...line, id: 3, prev: 2, type: 'system', from: undefined, user_id: undefined, text: 'of nobody' },
    { ...line, id: 4, prev: 3, type: 'poll', text: 'of another kind' },
    { ...line, id: exact, prev: 4, text: 'the greatest number' },
  ];
  for (const frame of frames) page.send(JSON.stringify(frame));
  page.send(JSON.stringify({ ...line, id: 77, prev: 4, text: 'never' }).replace('"prev":4', '"prev":4.5'));
  const entries = ada.page.locator('#entries li.entry');
  await expect(entries).toHaveCount(frames.length);
  for (const [at, { id, text, type }] of frames.entries()) {
    await expect(entries.nth(at)).toHaveAttribute('data-id', String(id));
    await expect(entries.nth(at)).toHaveAttribute('data-kind', type === 'poll' ? 'unknown' : type);
    expect(await entries.nth(at).locator('.text').evaluate((element) => element.textContent)).toBe(text);
  }
  await expect(entries.first().locator('time')).toHaveAttribute('datetime', '2024-11-22T21:52:25.678Z');
});

test('of a frame that cannot be read nothing is shown, and the next one is read', async ({ visitor }) => {
  const { ada, page } = await intercepted(visitor);
  const fields = [
    { text: 1 }, { text: null }, { text: undefined }, { text: {} }, { id: -1 }, { id: 1.5 }, { id: '1' }, { id: true },
    { ts: 'now' }, { ts: true }, { user_id: 7 }, { user_id: 'x' }, { room: {} }, { room: undefined }, { prev: [] },
  ];
  const wrong = fields.map((field) => JSON.stringify({ ...line, ...field }));
  for (const frame of ['', '{', '[]', '{}', 'null', '1', '"x"', '{} {}', ...wrong]) page.send(frame);
  page.send(JSON.stringify({ ...line, text: 'and on' }));
  const entries = ada.page.locator('#entries li.entry');
  await expect(entries.last().locator('.text')).toHaveText('and on');
  await expect(entries).toHaveCount(1);
});
