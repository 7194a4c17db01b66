/** The whole chat works with the keyboard alone: at each step an element has the focus and shows it. */
import { type Person, expect, test } from './fixtures';
import { full, stages } from './house';

/** Expects the focused element to be in the window, with a ring wherever the browser says that one is due. */
async function toBeSomewhere(person: Person, where: RegExp): Promise<void> {
  await expect.poll(() => person.focused()).toMatch(where);
  const fault = () => person.page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return 'nothing has the focus';
    const box = element.getBoundingClientRect();
    const isInWindow = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || !isInWindow) return 'it cannot be seen';
    // The ring of the composer's field is around the whole composer.
    const framed = [element, ...(element.matches('.composer textarea') ? [element.closest('.composer')!] : [])];
    const isRinged = framed.some((one) => getComputedStyle(one).outlineStyle !== 'none');
    return element.matches(':focus-visible') && !isRinged ? 'it has no ring' : '';
  });
  // A sheet that was just opened fades in.
  await expect.poll(fault, await person.focused()).toBe('');
}

/** Presses Tab until the matching element has the focus, and checks each step. */
async function tabTo(person: Person, where: RegExp, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await person.page.keyboard.press(key);
    await toBeSomewhere(person, /./);
    if (where.test(await person.focused())) return;
  }
  throw new Error(`${where} is not reached by ${key}`);
}

test('from the front door to another room, writing, reading, and back, without a mouse', async ({ natter, visitor }) => {
  test.setTimeout(60_000);
  const bo = await natter.voice('Bo');
  await bo.join('random');
  await bo.say('random', ...Array.from({ length: 30 }, (_, n) => `line ${n}`));
  const ada = await visitor();
  const keys = ada.page.keyboard;
  await ada.page.goto(natter.url);
  await toBeSomewhere(ada, /^input#name$/);
  await keys.type('Ada');
  await keys.press('Enter');
  await ada.toBeLive();

  await test.step('the message box has the focus, and from the start of the page the first stop leads there', async () => {
    await toBeSomewhere(ada, /^textarea#text$/);
    await ada.page.getByRole('link', { name: 'Skip to the message box' }).focus();
    await toBeSomewhere(ada, /^a$/);
    await expect(ada.page.getByRole('link', { name: 'Skip to the message box' })).toBeFocused();
    await keys.press('Enter');
    await keys.press('Tab');
    await keys.press('Shift+Tab');
    await toBeSomewhere(ada, /^textarea#text$/);
  });

  await test.step('Ctrl+K and a few letters lead to another room', async () => {
    await keys.press('Control+k');
    await toBeSomewhere(ada, /^input$/);
    await expect(ada.page.getByRole('combobox', { name: 'Room or person' })).toBeFocused();
    await keys.type('ran');
    await expect(ada.page.getByRole('option', { selected: true })).toContainText('random');
    await keys.press('Enter');
    await ada.toBeIn('random');
    await toBeSomewhere(ada, /^textarea#text$/);
    for (const typed of ['', 'gen']) {
      await keys.press('Control+k');
      await toBeSomewhere(ada, /^input$/);
      await keys.type(typed);
      await keys.press('Escape');
      await toBeSomewhere(ada, /^textarea#text$/);
      await ada.toBeIn('random');
    }
  });

  await test.step('Tab completes a command, Enter sends', async () => {
    await expect(ada.entry('line 29')).toBeVisible();
    await keys.type('/m');
    await expect(ada.page.getByRole('option', { name: /^\/me/ })).toHaveAttribute('aria-selected', 'true');
    await keys.press('Tab');
    await expect(ada.composer).toHaveValue('/me ');
    await toBeSomewhere(ada, /^textarea#text$/);
    await keys.type('nods');
    await keys.press('Enter');
    await expect(ada.entry('* Ada nods')).toBeVisible();
    await toBeSomewhere(ada, /^textarea#text$/);
  });

  await test.step('arrows walk the messages, Escape leads back to writing', async () => {
    await tabTo(ada, /^div$/, 'Shift+Tab');
    await expect(ada.page.getByRole('region', { name: 'Messages' })).toBeFocused();
    const focusedText = () => ada.page.evaluate(() => document.activeElement?.querySelector('.text')?.textContent);
    for (const text of ['* Ada nods', 'line 29', 'line 28', 'line 27']) {
      await keys.press('ArrowUp');
      await toBeSomewhere(ada, /^li#e\d+$/);
      expect(await focusedText()).toBe(text);
    }
    await keys.press('ArrowDown');
    await toBeSomewhere(ada, /^li#e\d+$/);
    expect(await focusedText()).toBe('line 28');
    for (let n = 27; n >= 0; n--) await keys.press('ArrowUp');
    expect(await focusedText()).toBe('line 0');
    await toBeSomewhere(ada, /^li#e\d+$/);
    await keys.press('ArrowUp');
    expect(await focusedText(), 'there is nothing above').toBe('line 0');
    await keys.press('End');
    await toBeSomewhere(ada, /^li#e\d+$/);
    expect(await focusedText()).toBe('* Ada nods');
    await keys.press('Escape');
    await toBeSomewhere(ada, /^textarea#text$/);
  });

  await test.step('a question mark is a question mark in the field, and opens the keys elsewhere', async () => {
    const list = ada.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await keys.type('what?');
    await expect(ada.composer).toHaveValue('what?');
    await expect(list).toBeHidden();
    await ada.composer.fill('');
    await tabTo(ada, /^div$/, 'Shift+Tab');
    await keys.press('?');
    await expect(list).toBeVisible();
    await toBeSomewhere(ada, /^button$/);
    await keys.press('Escape');
    await expect(list).toBeHidden();
    await toBeSomewhere(ada, /^div$/);
    await keys.press('?');
    await keys.press('Enter');
    await expect(list).toBeHidden();
    await toBeSomewhere(ada, /^div$/);
    await keys.press('Escape');
    await toBeSomewhere(ada, /^textarea#text$/);
  });

  await test.step('Alt and the arrows go through the rooms, around at the ends', async () => {
    await keys.press('Alt+ArrowUp');
    await ada.toBeIn('general');
    await toBeSomewhere(ada, /^textarea#text$/);
    await keys.press('Alt+ArrowDown');
    await ada.toBeIn('random');
    await toBeSomewhere(ada, /^textarea#text$/);
    await keys.press('Alt+ArrowDown');
    await ada.toBeIn('general');
    await toBeSomewhere(ada, /^textarea#text$/);
  });

  await test.step('the settings open and close, and the focus comes back', async () => {
    const button = ada.page.getByRole('button', { name: 'Settings', exact: true });
    for (let presses = 0; !(await button.evaluate((one) => one === document.activeElement)); presses++) {
      expect(presses).toBeLessThan(40);
      await keys.press('Shift+Tab');
      await toBeSomewhere(ada, /./);
    }
    await keys.press('Enter');
    await expect(ada.settings).toBeVisible();
    await keys.press('Tab');
    await toBeSomewhere(ada, /./);
    await expect(ada.settings.locator(':focus'), 'the next stop is within').toHaveCount(1);
    await keys.press('Escape');
    await expect(ada.settings).toBeHidden();
    await expect(button).toBeFocused();
    await toBeSomewhere(ada, /^button$/);
  });
});

for (const [where, test] of Object.entries(stages)) {
  test(`on a window without room for them ${where}, the lists are drawers that the keyboard opens and closes`, async ({ person }) => {
    const ada = await person('Ada', { viewport: { width: 700, height: 700 } });
    const keys = ada.page.keyboard;
    for (const [name, list] of [
      [/^Rooms and direct messages/, ada.places],
      [/^Members/, ada.page.getByRole('complementary', { name: 'Members' })],
    ] as const) {
      const button = ada.page.getByRole('button', { name });
      await expect(list).toBeHidden();
      await button.focus();
      await keys.press('Enter');
      await expect(list).toBeVisible();
      await keys.press('Tab');
      await toBeSomewhere(ada, /./);
      await expect(list.locator(':focus'), 'the next stop is within').toHaveCount(1);
      await keys.press('Escape');
      await expect(list).toBeHidden();
      await expect(button).toBeFocused();
      await toBeSomewhere(ada, /^button$/);
    }
  });
}

full('Tab goes through all of a full house and comes round, and each stop is in sight', async ({ person }) => {
  full.setTimeout(90_000);
  const ada = await person('Ada');
  const look = () => ada.page.evaluate(() => {
    const element = document.activeElement!;
    if (element === document.body) return { kind: 'nothing', fault: '' };
    // A link may take several lines.
    const { left, right, top, bottom } = element.getClientRects()[0]!;
    const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const isInSight = left >= -1 && top >= -1 && right <= innerWidth + 1 && bottom <= innerHeight + 1 && element.contains(above);
    const isRinged = [element, element.closest('.composer')].some((one) => one && getComputedStyle(one).outlineStyle !== 'none');
    const faults = [isInSight ? '' : 'is out of sight', isRinged ? '' : 'has no ring', scrollY === 0 ? '' : 'scrolls the document'];
    const kind = element.closest('.person, .place')?.className ?? element.localName;
    return { kind, fault: faults.filter(Boolean).join(', ') };
  });
  const stops: Record<string, number> = {};
  // The focus is in the composer after signing in; the walk begins at the top.
  await ada.page.locator('.skip').focus();
  for (;;) {
    await ada.page.keyboard.press('Tab');
    const { kind, fault } = await look();
    // After the last stop the focus is in the browser's own frame.
    if (kind === 'nothing') break;
    stops[kind] = (stops[kind] ?? 0) + 1;
    // Older messages may be inserted above the first link, and the focused element is scrolled back to its position.
    if (fault) await expect.poll(async () => (await look()).fault, `${kind} number ${stops[kind]}`).toBe('');
  }
  expect(stops).toMatchObject({ place: 80, person: 61, textarea: 1 });
});

full('a page up or down from the composer turns the page of the log, unless the text itself is longer than the composer', async ({ person }) => {
  const ada = await person('Ada');
  const [view, field, keys] = [ada.page.locator('.scroll'), ada.page.locator('#text'), ada.page.keyboard];
  const top = () => view.evaluate((element) => element.scrollTop);
  const height = await view.evaluate((element) => element.clientHeight);
  const before = await top();
  await field.focus();
  await keys.press('PageUp');
  await expect.poll(async () => before - (await top())).toBeGreaterThan(height / 2);
  await expect(field).toBeFocused();
  await keys.press('PageDown');
  await expect.poll(async () => before - (await top())).toBeLessThan(2);
  await field.fill('line\n'.repeat(60));
  await keys.press('PageUp');
  await expect.poll(() => field.evaluate((element: HTMLTextAreaElement) => element.selectionStart)).toBeLessThan(299);
  expect(before - (await top())).toBeLessThan(2);
});
