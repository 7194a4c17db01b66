/** A person catches up after a very long absence. */
import { UNREACHABLE, expect, test } from './fixtures';

// A trace would take a snapshot of all rows at each query.
test.use({ trace: 'off' });

const MISSED = 10_000;

// The times are judged on a quiet machine alone, by `make web-vitals`.
for (const isTimed of [false, true]) {
  const title = 'ten thousand missed messages: the newest at once, the others as one scrolls, no wrong neighbours';
  const tag = isTimed ? ['@vitals'] : [];
  test(title + (isTimed ? ', in time' : ''), { tag }, async ({ natter, person, visitor, expectError }) => {
    expectError(UNREACHABLE);
    test.setTimeout(120_000);
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
      }).observe(document.querySelector('#entries')!, { childList: true, subtree: true });
    });
    await ada.page.context().setOffline(false);
    await expect(ada.entry(`missed ${MISSED - 1}`)).toBeInViewport();
    const shownAfter = await ada.page.evaluate(() => Math.round((window as any).shownAt - (window as any).onlineAt));
    console.log(`${MISSED} missed: the newest shown ${shownAfter} ms after the network was back`);
    if (isTimed) expect(shownAfter).toBeLessThanOrEqual(1_000);

    // Ada scrolls up until there is no gap left.
    const before = Date.now();
    await expect
      .poll(
        async () => {
          await ada.page.locator('.scroll').evaluate((view) => (view.scrollTop = -view.scrollHeight));
          return ada.page.locator('#entries li.entry').count();
        },
        { timeout: 80_000, intervals: [20] },
      )
      .toBe(MISSED + 1);
    console.log(`read back to the first in ${Date.now() - before} ms`);
    expect(await ada.entries()).toEqual(await natter.stored('general'));

    // With all of it loaded the page is still quick: the wheel turns for three seconds.
    if (!isTimed) return;
    const frames = ada.page.evaluate(
      () =>
        new Promise<number[]>((done) => {
          const took: number[] = [];
          let before = performance.now();
          const end = before + 3_000;
          const look = (now: number) => {
            took.push(now - before);
            before = now;
            if (now < end) requestAnimationFrame(look);
            else done(took.slice(1));
          };
          requestAnimationFrame(look);
        }),
    );
    await ada.page.locator('.scroll').hover();
    let isOver = false;
    void frames.then(() => (isOver = true));
    while (!isOver) await ada.page.mouse.wheel(0, 400);
    const took = (await frames).sort((a, b) => a - b);
    const part = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))]!;
    const [median, slow, slowest] = [part(0.5), part(0.95), took.at(-1)!].map((frame) => frame.toFixed(1));
    console.log(`scrolling through ${MISSED} entries: a frame takes ${median} ms (median), ${slow} ms (p95), ${slowest} ms (longest)`);
    expect(part(0.5), 'median frame').toBeLessThanOrEqual(20);
    expect(part(0.95), 'p95 frame').toBeLessThanOrEqual(50);
  });
}
