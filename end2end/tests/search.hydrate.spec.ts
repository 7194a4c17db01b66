/** The search of messages. */
import { expect } from './fixtures';
import { full as test } from './house';

for (const [how, options] of [['with', {}], ['without', { javaScriptEnabled: false }]] as const) {
  test(`what was said long ago is found, and shown where it was said, ${how} a script`, async ({ house, visitor }) => {
    await house.flood('Bo', 'general', ['Crème Straßenfest beginnt', ...Array.from({ length: 120 }, (_, n) => `after it ${n}`)]);
    const ada = await visitor(options);
    await house.know(ada, 'Ada');
    await ada.page.goto(`${house.natter.url}/room/general`);
    await ada.page.getByRole('link', { name: 'Search the messages' }).click();
    const field = ada.page.getByLabel('Find messages');
    await expect(field).toBeFocused();
    await field.fill('strassenfest creme');
    await field.press('Enter');
    const hit = ada.page.getByRole('listitem').filter({ hasText: 'Straßenfest beginnt' });
    await expect(hit.locator('mark')).toHaveText(['Crème', 'Straßenfest']);
    await hit.getByRole('link').click();
    await expect(ada.entry('Crème Straßenfest beginnt')).toBeInViewport();
    await expect(ada.entry('after it 3')).toBeInViewport();
  });
}

test('the search is reached by the keyboard and from the switcher, and says what is wrong', async ({ house, person, expectError }) => {
  // The server answers a query that it refuses with 400.
  expectError(/status of 400/);
  await house.flood('Bo', 'general', ['a needle in the hay']);
  const ada = await person('Ada');
  await ada.enter('general');
  await ada.toBeLive();
  await ada.page.keyboard.press('Control+Shift+F');
  await ada.page.waitForURL('**/search');
  await expect(ada.page.getByLabel('Find messages')).toBeFocused();
  await ada.page.keyboard.type('x');
  await ada.page.keyboard.press('Enter');
  await expect(ada.page.getByRole('status')).toHaveText('Type at least two characters.');
  await expect(ada.page.getByLabel('Find messages'), 'what was typed stays').toHaveValue('x');
  await ada.page.goBack();
  await ada.page.goBack();
  await ada.toBeLive();
  await ada.page.keyboard.press('Control+K');
  await ada.page.getByRole('combobox', { name: 'Room or person' }).fill('needle in');
  await ada.page.getByRole('button', { name: 'Search the messages' }).click();
  await expect(ada.page.getByRole('listitem').filter({ hasText: 'a needle in the hay' })).toBeVisible();
});
