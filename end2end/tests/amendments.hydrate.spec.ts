/** Edits and deletions of one's own messages. */
import { type Person, expect, test } from './fixtures';
import { full } from './house';

const row = (ada: Person, text: string) => ada.page.locator('#entries li.entry', { has: ada.page.getByText(text, { exact: true }) });
const dialog = (ada: Person) => ada.page.getByRole('dialog', { name: 'Delete this message?' });

full('a message is edited with its button, and everybody sees the new words', async ({ person }) => {
  const ada = await person('Ada');
  const bo = await person('Bo');
  await ada.say('Ahoy everybody');
  await expect(bo.entry('Ahoy everybody')).toBeVisible();
  await ada.composer.fill('a draft');
  await row(ada, 'Ahoy everybody').hover();
  await row(ada, 'Ahoy everybody').getByRole('link', { name: 'Edit' }).click();
  await expect(ada.page.getByLabel('Edit your message')).toHaveValue('Ahoy everybody');
  await expect(ada.page.getByLabel('Edit your message')).toBeFocused();
  await ada.page.getByLabel('Edit your message').fill('Hello everybody');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.composer, 'the draft comes back').toHaveValue('a draft');
  for (const each of [ada, bo]) {
    await expect(each.entry('Hello everybody')).toBeVisible();
    await expect(each.entry('Ahoy everybody')).toHaveCount(0);
    await expect(each.page.locator('#entries [data-edited]')).toHaveCount(1);
    await expect(row(each, 'Hello everybody').locator('time')).toHaveAttribute('title', /, edited /);
  }
  await expect(row(bo, 'Hello everybody').getByRole('link', { name: 'Edit' })).toHaveCount(0);
  await bo.page.reload();
  await bo.toBeLive();
  await expect(bo.entry('Hello everybody')).toBeVisible();
});

full('a deletion is asked for, and leaves no word', async ({ person }) => {
  const ada = await person('Ada');
  const bo = await person('Bo');
  await ada.say('said too soon');
  await expect(bo.entry('said too soon')).toBeVisible();
  await row(ada, 'said too soon').hover();
  await row(ada, 'said too soon').getByRole('link', { name: 'Delete' }).click();
  await expect(dialog(ada)).toContainText('said too soon');
  await dialog(ada).getByRole('button', { name: 'Keep it' }).click();
  await expect(dialog(ada)).toBeHidden();
  await expect(ada.entry('said too soon')).toBeVisible();
  await row(ada, 'said too soon').hover();
  await row(ada, 'said too soon').getByRole('link', { name: 'Delete' }).click();
  await dialog(ada).getByRole('button', { name: 'Delete', exact: true }).click();
  for (const each of [ada, bo]) {
    await expect(each.page.locator('#entries [data-deleted]')).toHaveText(/Message deleted/);
    await expect(each.entry('said too soon')).toHaveCount(0);
    expect(await each.page.content(), 'neither for screen readers nor in a dialog').not.toContain('said too soon');
  }
  await expect(ada.page.locator('#entries [data-deleted] [data-act]')).toHaveCount(0);
});

test('all of it by the keyboard alone', async ({ person }) => {
  const ada = await person('Ada');
  for (const text of ['first', 'second']) {
    await ada.say(text);
    await expect(ada.entry(text)).toBeVisible();
  }
  const keys = ada.page.keyboard;
  await ada.composer.press('ArrowUp');
  await expect(ada.composer).toHaveValue('second');
  await ada.composer.press('Escape');
  await expect(ada.composer).toHaveValue('');
  await expect(ada.composer).toBeFocused();
  await ada.composer.press('ArrowUp');
  await ada.composer.press('End');
  await ada.composer.pressSequentially(' thoughts');
  await ada.composer.press('Enter');
  await expect(ada.entry('second thoughts')).toBeVisible();
  await expect(ada.composer).toHaveValue('');
  await ada.composer.pressSequentially('being written');
  await ada.composer.press('ArrowUp');
  await expect(ada.composer, 'a text that is being written is left alone').toHaveValue('being written');
  await ada.composer.fill('');

  await row(ada, 'first').focus();
  await keys.press('e');
  await expect(ada.composer).toHaveValue('first');
  await expect(ada.composer).toBeFocused();
  await ada.composer.fill('primo');
  await ada.composer.press('Enter');
  await expect(ada.entry('primo')).toBeVisible();

  await row(ada, 'primo').focus();
  await keys.press('Delete');
  await expect(dialog(ada)).toBeVisible();
  await keys.press('Escape');
  await expect(row(ada, 'primo')).toBeFocused();
  await keys.press('Delete');
  await keys.press('Tab');
  await keys.press('Enter');
  await expect(ada.page.locator('#entries [data-deleted]')).toHaveCount(1);
  await expect(ada.entry('primo')).toHaveCount(0);

  // Nothing would be left of the entry, so that is a deletion.
  await ada.composer.focus();
  await ada.composer.press('ArrowUp');
  await expect(ada.composer).toHaveValue('second thoughts');
  await ada.composer.fill('');
  await ada.composer.press('Enter');
  await expect(dialog(ada)).toBeVisible();
  await keys.press('Tab');
  await keys.press('Enter');
  await expect(ada.page.locator('#entries [data-deleted]')).toHaveCount(2);
});

test('what is amended without a connection waits in sight, in order, and is stored once', async ({ person, natter, expectError }) => {
  expectError(/ERR_CONNECTION_REFUSED/);
  const ada = await person('Ada');
  const bo = await person('Bo');
  for (const text of ['one', 'two']) {
    await ada.say(text);
    await expect(bo.entry(text)).toBeVisible();
  }
  await natter.kill();
  await expect(ada.page.locator('.status')).toContainText(/offline|reconnect|connection/i);
  await ada.composer.press('ArrowUp');
  await ada.composer.fill('two and a half');
  await ada.composer.press('Enter');
  await expect(ada.page.locator('#entries [data-pending]')).toContainText('two and a half');
  await row(ada, 'one').focus();
  await ada.page.keyboard.press('Delete');
  await dialog(ada).getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(ada.page.locator('#entries [data-pending]')).toHaveCount(2);
  await natter.start();
  for (const each of [ada, bo]) {
    if (each === ada) await ada.page.goto(`${natter.url}/room/general`);
    await each.toBeLive();
    await expect(each.entry('two and a half')).toBeVisible();
    await expect(each.page.locator('#entries [data-deleted]')).toHaveCount(1);
    await expect(each.page.locator('#entries [data-pending]')).toHaveCount(0);
  }
  const history = (await (await fetch(`${natter.url}/api/room/general/history`)).json()) as { text: string }[];
  expect(history.map(({ text }) => text)).toEqual(['', 'two and a half']);
});

test('without a script a message is edited and deleted on a page of its own', async ({ visitor }) => {
  const ada = await visitor({ javaScriptEnabled: false });
  await ada.signIn('Ada');
  await ada.composer.fill('Ahoy');
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await ada.page.keyboard.press('Tab');
  await row(ada, 'Ahoy').getByRole('link', { name: 'Edit' }).focus();
  await expect(row(ada, 'Ahoy').locator('.acts'), 'the links are there for the keyboard').toHaveCSS('opacity', '1');
  await ada.page.keyboard.press('Enter');
  await expect(ada.composer).toHaveValue('Ahoy');
  await ada.composer.fill('Hello');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.entry('Hello')).toBeVisible();
  await expect(ada.page.locator('#entries li.entry:target')).toContainText('Hello');
  await row(ada, 'Hello').getByRole('link', { name: 'Versions' }).click();
  await expect(ada.page.getByRole('listitem')).toContainText(['Hello', 'Ahoy']);
  await ada.page.getByRole('link', { name: 'Go to the message' }).click();
  await row(ada, 'Hello').getByRole('link', { name: 'Delete' }).click();
  await ada.page.getByRole('link', { name: 'Cancel' }).click();
  await expect(ada.entry('Hello')).toBeVisible();
  await row(ada, 'Hello').hover();
  await row(ada, 'Hello').getByRole('link', { name: 'Delete' }).click();
  await ada.page.getByRole('button', { name: 'Delete' }).click();
  await expect(ada.page.locator('#entries [data-deleted]')).toContainText('Message deleted');
  await expect(ada.entry('Hello')).toHaveCount(0);
});

test('at the size of a phone a touch shows what can be done', async ({ visitor }) => {
  const ada = await visitor({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await ada.signIn('Ada');
  await ada.toBeLive();
  await ada.composer.fill('Ahoy');
  await ada.page.getByRole('button', { name: 'Send' }).tap();
  await expect(ada.entry('Ahoy')).toBeVisible();
  await row(ada, 'Ahoy').tap();
  await row(ada, 'Ahoy').getByRole('link', { name: 'Edit' }).tap();
  await expect(ada.composer).toBeFocused();
  await ada.composer.fill('Hello');
  await ada.page.getByRole('button', { name: 'Save' }).tap();
  await expect(ada.entry('Hello')).toBeVisible();
  await row(ada, 'Hello').tap();
  await row(ada, 'Hello').getByRole('link', { name: 'Delete' }).tap();
  await dialog(ada).getByRole('button', { name: 'Delete', exact: true }).tap();
  await expect(ada.page.locator('#entries [data-deleted]')).toHaveCount(1);
  expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
