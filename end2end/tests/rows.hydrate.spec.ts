/** The rows of lists: a changed row is updated in place. */
import { expect, test } from './fixtures';

test('a row that changes is the same row: it keeps the focus, and what is selected in it', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  const row = ada.page.locator('#members li').filter({ hasText: 'Bo' });
  const before = await row.elementHandle();
  await row.locator('a').focus();
  await row.locator('.name').evaluate((name) => getSelection()!.selectAllChildren(name));
  await bo.composer.pressSequentially('thinking');
  await expect(row.locator('.presence')).toHaveText('typing');
  await expect(row).toHaveAttribute('data-presence', 'typing');
  expect(await before!.evaluate((element) => element.isConnected)).toBe(true);
  expect(await ada.page.evaluate(() => getSelection()!.toString())).toBe('Bo');
  expect(await before!.evaluate((element) => element.contains(document.activeElement))).toBe(true);

  const place = await ada.place('general').elementHandle();
  await ada.say('/join attic');
  await ada.toBeIn('attic');
  await bo.say('one for general');
  await expect(ada.badge('general')).toHaveText('1');
  await bo.say('two');
  await expect(ada.badge('general')).toHaveText('2');
  expect(await place!.evaluate((element) => element.isConnected)).toBe(true);
});

test('a message loses its head in place when the one before it comes, and hostile names are text in every row', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', ...Array.from({ length: 60 }, (_, n) => `<b>line</b> ${n} & "more"`));
  const ada = await person('Ada');
  // The first row of the page has a head until the page learns that Bo wrote the one before it, too.
  const first = ada.page.locator('#entries li.entry').first();
  const row = await first.elementHandle();
  await expect(first).not.toHaveAttribute('data-continues');
  await ada.page.locator('.scroll').evaluate((view) => view.scrollTo(0, -view.scrollHeight));
  await expect(ada.entry('<b>line</b> 0 & "more"')).toBeAttached();
  expect(await row!.evaluate((element) => element.isConnected && element.hasAttribute('data-continues'))).toBe(true);
  expect(await ada.page.locator('#entries b').count()).toBe(0);
});

test('a mention names its room, and the same message there does not', async ({ natter, person }) => {
  await (await natter.voice('Bo')).say('general', '@Ada, hello');
  const ada = await person('Ada');
  const where = ada.page.locator('#entries .where');
  for (let round = 0; round < 2; round++) {
    await expect(ada.page.locator('#entries li.entry')).toContainText('hello');
    await expect(where).toBeHidden();
    await ada.places.getByRole('link', { name: 'Mentions' }).click();
    await expect(where).toHaveText('#general');
    await ada.go('general');
  }
});
