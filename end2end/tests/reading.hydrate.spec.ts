/** The line that is read stays in place, whatever is inserted above or below it. */
import { type Person, expect, test } from './fixtures';

test.use({ trace: 'off' }); // it would take a snapshot of all rows at each look

/** Returns texts of many heights. */
function text(n: number): string {
  switch (n % 5) {
    case 0:
      return `${n}: short`;
    case 1:
      return `${n}: ${'a longer thought that takes several lines of the room, as people have them now and then. '.repeat(1 + (n % 7))}`;
    case 2:
      return `${n}:\n\`\`\`rust\n${'let answer = 42;\n'.repeat(1 + (n % 9))}\`\`\``;
    case 3:
      return `${n}: see https://example.org/${'path/'.repeat(n % 30)} for **more** of _it_`;
    default:
      return `${n}: ☕\n\nin\nlines`;
  }
}

/**
 * Measures how far the line in the middle of the view moves without scrolling: at each change of the list against its
 * position in the same frame, and from frame to frame while the wheel rests.
 */
async function watch(person: Person): Promise<void> {
  await person.page.evaluate(() => {
    const view = document.querySelector('.scroll')!;
    const seen = ((window as any).seen = { moved: 0, changes: 0, how: '' });
    type Place = { id: string; top: number } | undefined;
    // The positions of the line at the last frame, and now: a person who scrolls moves it too.
    let painted: Place;
    let read: Place;
    let turnedAt = -Infinity;
    const place = () => {
      const frame = view.getBoundingClientRect();
      const row = document.elementFromPoint(frame.left + frame.width / 2, frame.top + frame.height / 2)?.closest('li.entry');
      return row?.id ? { id: row.id, top: row.getBoundingClientRect().top } : undefined;
    };
    const compare = (before: Place, how: string) => {
      const row = before && document.getElementById(before.id);
      const moved = before ? (row ? Math.abs(row.getBoundingClientRect().top - before.top) : Infinity) : 0;
      if (moved > seen.moved) Object.assign(seen, { moved, how: `${before!.id} ${how}, ${view.scrollTop} from the end` });
      read = place();
    };
    view.addEventListener('scroll', () => (read = place()), { passive: true });
    // The browser continues to scroll for a while after the wheel has stopped.
    view.addEventListener('wheel', () => (turnedAt = performance.now()), { passive: true });
    new MutationObserver((records) => {
      const added = records.flatMap((record) => [...record.addedNodes]) as HTMLElement[];
      if (added.length === 0) return;
      seen.changes++;
      compare(read, `as ${added.length} were added: ${added[0]!.id} to ${added.at(-1)!.id}`);
    }).observe(document.querySelector('#entries')!, { childList: true, subtree: true });
    const look = (now: number) => {
      if (now - turnedAt > 600) compare(painted, 'at rest');
      painted = read = place();
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

test('nothing moves under the eyes of who reads back through four hundred messages while others talk', async ({ natter, person }) => {
  test.setTimeout(90_000);
  const bo = await natter.voice('Bo');
  await bo.say('general', ...Array.from({ length: 400 }, (_, n) => text(n)));
  const ada = await person('Ada');
  await ada.page.locator('.scroll').hover();
  await watch(ada);
  const rest = () => ada.page.evaluate(() => new Promise((done) => setTimeout(done, 700)));
  const oldest = (await natter.stored('general'))[0]!.id;
  const first = ada.page.locator(`#entries li.entry[data-id="${oldest}"]`);
  for (let n = 0; (await first.count()) === 0 || (await ada.page.locator('li.gap').count()) > 0; n++) {
    expect(n, 'wheel turns until the first is there').toBeLessThan(300);
    await ada.page.mouse.wheel(0, -900);
    if (n % 3 !== 0) continue;
    await rest();
    await bo.say('general', text(1_000 + n));
    await expect(ada.page.locator('#entries li.entry').last()).toContainText(`${1_000 + n}:`);
    await rest();
  }
  const seen = await ada.page.evaluate(() => (window as any).seen as { moved: number; changes: number; how: string });
  console.log(`read back through 400: ${seen.changes} changes, the line read moved ${seen.moved.toFixed(2)} px at most (${seen.how})`);
  expect(seen.changes).toBeGreaterThan(5);
  expect(seen.moved).toBeLessThanOrEqual(1);
  expect(await ada.entries()).toEqual(await natter.stored('general'));

  // A dialog covers the list while others write.
  await ada.page.locator('.scroll').evaluate((view) => (view.scrollTop = -900));
  await rest();
  const read = await ada.page.locator('.scroll').evaluate((view) => {
    const frame = view.getBoundingClientRect();
    return document.elementFromPoint(frame.left + frame.width / 2, frame.top + frame.height / 2)!.closest('li.entry')!.id;
  });
  const row = ada.page.locator(`#${read}`);
  const before = (await row.boundingBox())!.y;
  await ada.page.keyboard.press('Control+k');
  for (let n = 0; n < 4; n++) {
    await bo.say('general', text(2_000 + n));
    await expect(ada.page.locator('#entries li.entry').last()).toContainText(`${2_000 + n}:`);
  }
  await ada.page.keyboard.press('Escape');
  expect(Math.abs((await row.boundingBox())!.y - before)).toBeLessThanOrEqual(1);

  // Ada goes to another room and back: the line is where it was, and all entries are still loaded.
  await ada.go('random');
  await ada.go('general');
  await expect.poll(async () => Math.abs((await row.boundingBox())!.y - before)).toBeLessThanOrEqual(1);
  expect(await ada.entries()).toEqual(await natter.stored('general'));
});

test('a room is read on where it was left, and from what is new where it was read to its end', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  await bo.join('random');
  await bo.say('general', ...Array.from({ length: 120 }, (_, n) => text(n)));
  await bo.say('random', ...Array.from({ length: 60 }, (_, n) => `random ${n}`));
  const ada = await person('Ada');
  await ada.join('random');
  await ada.toBeIn('random');
  await ada.go('general');
  const top = (id: string) => ada.page.locator(`[id="${id}"]`).evaluate((row) => Math.round(row.getBoundingClientRect().top));
  const first = () =>
    ada.page.evaluate(() => {
      const frame = document.querySelector('.scroll')!.getBoundingClientRect();
      for (let y = frame.top + 40; ; y += 10) {
        const row = document.elementFromPoint(frame.left + 200, y)?.closest('#entries li.entry');
        if (row) return row.id;
      }
    });
  await ada.page.locator('.scroll').hover();
  for (let n = 0; n < 3; n++) {
    await ada.page.mouse.wheel(0, -700);
    await ada.page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
  }
  const read = await first();
  const before = await top(read);
  const isThere = async () => Math.abs((await top(read)) - before);

  await ada.go('random');
  await expect(ada.entry('random 59')).toBeInViewport();
  await bo.say('general', 'said meanwhile');
  await expect(ada.badge('general')).toHaveText('1');
  await ada.go('general');
  await expect.poll(isThere, 'by its link').toBeLessThanOrEqual(1);
  await ada.page.goBack();
  await ada.toBeIn('random');
  await expect(ada.entry('random 59')).toBeInViewport();
  await ada.page.goForward();
  await ada.toBeIn('general');
  await expect.poll(isThere, 'by the browser').toBeLessThanOrEqual(1);

  // The room `random` was read to its end: with many new entries the first is shown, with few the end.
  await bo.say('random', 'a little');
  await expect(ada.badge('random')).toHaveText('1');
  await ada.go('random');
  await expect(ada.entry('a little')).toBeInViewport();
  await ada.go('general');
  await bo.say('random', ...Array.from({ length: 60 }, (_, n) => `news ${n}`));
  await expect(ada.badge('random')).toHaveText('60');
  await ada.go('random');
  await expect(ada.newLine).toBeInViewport();
  await expect(ada.entry('news 0')).toBeInViewport();
  await expect(ada.entry('news 59')).not.toBeInViewport();
  await expect(ada.badge('random')).toHaveText('60');
});
