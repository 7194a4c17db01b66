/** The links to single messages. */
import { type Person, expect } from './fixtures';
import { full as test } from './house';

const AFTER = Array.from({ length: 120 }, (_, n) => `after it ${n}`);

/** Returns the colour behind an entry. */
const behind = (ada: Person, text: string) =>
  ada.page.locator('li.entry', { has: ada.page.getByText(text, { exact: true }) }).evaluate((row) => getComputedStyle(row).backgroundColor);

for (const [how, options] of [['with', {}], ['without', { javaScriptEnabled: false }]] as const) {
  test(`the address of an old message shows it, marked, among its neighbours, ${how} a script`, async ({ house, visitor }) => {
    await house.flood('Bo', 'general', ['before it', 'the one to find', ...AFTER]);
    const ada = await visitor(options);
    await house.know(ada, 'Ada');
    const api = await fetch(`${house.natter.url}/api/room/general/history?limit=121`);
    const entries = (await api.json()) as { id: number; text: string }[];
    const { id } = entries.find(({ text }) => text === 'the one to find')!;
    await ada.page.goto(`${house.natter.url}/room/general/${id}`);
    if (how === 'with') await ada.toBeLive();
    for (const text of ['before it', 'the one to find', 'after it 3']) await expect(ada.entry(text)).toBeInViewport();
    expect(await behind(ada, 'the one to find'), 'it is marked').not.toBe(await behind(ada, 'after it 3'));
    const link = ada.page.locator('li.entry', { has: ada.page.getByText('the one to find', { exact: true }) }).locator('a.when');
    // The list is walked by the arrow keys where there is a script.
    expect(await link.evaluate((link: HTMLElement) => link.tabIndex)).toBe(how === 'with' ? -1 : 0);
    if (how === 'with') await ada.page.getByRole('button', { name: /new messages/ }).click();
    else await ada.page.getByRole('link', { name: 'Back to the newest' }).click();
    await expect(ada.entry('after it 119')).toBeInViewport();
  });
}

test('the time of a message is the link to it, by the mouse and by Enter', async ({ house, visitor }) => {
  await house.flood('Bo', 'general', ['the one to link', ...AFTER.slice(0, 5)]);
  const ada = await visitor();
  await house.know(ada, 'Ada');
  await ada.enter('general');
  const row = ada.page.locator('li.entry', { has: ada.page.getByText('the one to link', { exact: true }) });
  const id = await row.getAttribute('data-id');
  await row.hover();
  await row.locator('time').click();
  await ada.page.waitForURL(`**/room/general?around=${id}#e${id}`);
  await ada.toBeLive();
  await expect(ada.entry('the one to link')).toBeInViewport();
  await expect(ada.entry('after it 4')).toBeInViewport();

  await ada.page.goto(`${house.natter.url}/room/general`);
  await ada.toBeLive();
  await ada.page.keyboard.press('Tab');
  await row.focus();
  await ada.page.keyboard.press('Enter');
  await ada.page.waitForURL(`**/room/general?around=${id}#e${id}`);
});

test('a mention leads to its message', async ({ house, visitor }) => {
  await house.flood('Bo', 'general', ['@Ada, look here', '@Ada, an elephant', ...AFTER]);
  const ada = await visitor();
  await house.know(ada, 'Ada');
  await ada.page.goto(`${house.natter.url}/mentions`);
  await ada.toBeLive();
  const row = ada.page.locator('li.entry', { hasText: 'look here' }).last();
  await row.getByRole('link', { name: '#general' }).click();
  await ada.toBeIn('general');
  await expect(ada.page.locator('#entries li.entry:target')).toBeInViewport();
  await expect(ada.page.locator('#entries li.entry:target')).toContainText('look here');
  await expect(ada.page.locator('#entries li.entry:target'), 'it is marked among other mentions').toHaveCSS('outline-style', 'solid');
  await expect(ada.page.locator('#entries li.entry', { hasText: 'an elephant' })).toHaveCSS('outline-style', 'none');
});
