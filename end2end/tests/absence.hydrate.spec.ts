/** Who was away for very long catches up. */
import { UNREACHABLE, expect, test } from './fixtures';

// A trace would take a snapshot of all rows at each look.
test.use({ trace: 'off' });

test('ten thousand missed messages: the newest at once, the others as one scrolls, no wrong neighbours', async ({
  natter,
  person,
  visitor,
  expectError,
}) => {
  expectError(UNREACHABLE);
  test.setTimeout(120_000);
  const MISSED = 10_000;
  const ada = await person('Ada');
  await ada.say('before');
  await expect(ada.entry('before')).toBeVisible();
  await ada.page.context().setOffline(true);
  await expect(ada.page.getByRole('status')).toHaveAttribute('data-state', 'offline');

  const flood = await visitor();
  await flood.page.goto(natter.url);
  await flood.page.evaluate(async (count) => {
    const socket = new WebSocket(`ws://${location.host}/ws/chat?name=Flood`);
    await new Promise((resolve) => (socket.onopen = resolve));
    let echoed = 0;
    await new Promise<void>((resolve) => {
      let sent = 0;
      const send = () => socket.send(JSON.stringify({ type: 'message', text: `missed ${sent++}` }));
      socket.onmessage = ({ data }) => {
        if (JSON.parse(data).type !== 'message') return;
        if (++echoed === count) resolve();
        else if (sent < count) send();
      };
      for (let n = 0; n < 100; n++) send();
    });
  }, MISSED);

  await ada.page.evaluate(() => {
    addEventListener('online', () => ((window as any).onlineAt = performance.now()));
    new MutationObserver(() => {
      const last = [...document.querySelectorAll('#entries .text')].at(-1)?.textContent;
      if (last === 'missed 9999') (window as any).shownAt ??= performance.now();
    }).observe(document.querySelector('#entries')!, { childList: true });
  });
  await ada.page.context().setOffline(false);
  await expect(ada.entry(`missed ${MISSED - 1}`)).toBeInViewport();
  const took = await ada.page.evaluate(() => Math.round((window as any).shownAt - (window as any).onlineAt));
  console.log(`${MISSED} missed: the newest shown ${took} ms after the network was back`);
  expect(took).toBeLessThanOrEqual(1_000);

  // One reads on upwards until there is nothing left.
  const before = Date.now();
  await expect
    .poll(
      async () => {
        await ada.page.locator('.scroll').evaluate((view) => (view.scrollTop = -view.scrollHeight));
        return ada.page.locator('#entries > li').count();
      },
      { timeout: 80_000, intervals: [20] },
    )
    .toBe(MISSED + 1);
  console.log(`read back to the first in ${Date.now() - before} ms`);
  expect(await ada.entries()).toEqual(await natter.stored('general'));
});
