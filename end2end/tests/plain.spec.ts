/** The page without any script: everything essential works by forms and links. */
import { REFUSED, expect, test } from './fixtures';

const withoutScript = { javaScriptEnabled: false };

test('somebody comes in, reads, and posts by the plain form, and a live page shows it', async ({ person }) => {
  const [ada, bo] = [await person('Ada', withoutScript), await person('Bo')];
  await bo.say('hello there');
  await expect(bo.entry('hello there')).toBeVisible();
  await ada.page.reload();
  await expect(ada.entry('hello there')).toBeVisible();
  await ada.composer.fill('first line\nsecond line');
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.entry('first line\nsecond line')).toBeVisible();
  await expect(ada.composer).toHaveValue('');
  await expect.poll(() => bo.texts()).toEqual(['hello there', 'first line\nsecond line']);
});

test('what a page has shown is read, and a room that is only looked at can be joined', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada', withoutScript);
  await bo.say('general', 'hello there');
  await ada.page.reload();
  await expect(ada.badge('general')).toHaveText('1');
  await expect(async () => {
    await ada.page.reload();
    await expect(ada.badge('general')).toBeHidden({ timeout: 100 });
  }).toPass();
  await ada.page.goto(`${natter.url}/room/random`);
  await expect(ada.page.getByRole('button', { name: 'Leave random' })).toHaveCount(0);
  await ada.page.getByRole('button', { name: 'Join random' }).click();
  await ada.page.getByRole('button', { name: 'Leave random' }).click();
  await ada.toBeIn('general');
});

test('a text that is refused is still in the form, with the reason', async ({ person, expectError }) => {
  expectError(REFUSED);
  const ada = await person('Ada', withoutScript);
  const long = `</textarea><script>alert(1)</script>\n${'x'.repeat(4_000)}`;
  await ada.composer.fill(long);
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.page.getByRole('alert')).toContainText('Too long: ');
  await expect(ada.composer).toHaveValue(long);
  expect(await ada.page.locator('#entries li.entry').count()).toBe(0);
});

test('a full room opens at the newest entry, and a link leads back', async ({ person }) => {
  const [bo, ada] = [await person('Bo'), await person('Ada', withoutScript)];
  await bo.page.evaluate(async () => {
    for (let n = 0; n < 60; n++) {
      await fetch(location.pathname, { method: 'POST', body: new URLSearchParams({ text: `line ${n}` }), redirect: 'manual' });
    }
  });
  await ada.page.reload();
  await expect(ada.entry('line 59')).toBeInViewport();
  await expect(ada.entry('line 9')).toHaveCount(0);
  await ada.page.getByRole('link', { name: 'Older messages' }).click();
  await expect(ada.entry('line 9')).toBeVisible();
  await expect(ada.entry('line 0')).toBeVisible();
});

test('a name of spaces is asked for again', async ({ visitor, natter, expectError }) => {
  expectError(REFUSED);
  const ada = await visitor(withoutScript);
  await ada.page.goto(natter.url);
  await ada.page.getByLabel('Your name').fill('   ');
  await ada.page.getByRole('button', { name: 'Join the chat' }).click();
  await expect(ada.page.getByRole('alert')).toHaveText('Enter a name.');
});

test('a room that is not there is said to be not there', async ({ person, natter, expectError }) => {
  expectError(REFUSED);
  const ada = await person('Ada', withoutScript);
  const response = await ada.page.goto(`${natter.url}/room/%3Cscript%3E`);
  expect(response?.status()).toBe(404);
  await expect(ada.page.getByText('No room is called “<script>”.')).toBeVisible();
  await ada.page.getByRole('link', { name: 'Go to general' }).click();
  await expect(ada.page).toHaveURL(/\/room\/general$/);
});
