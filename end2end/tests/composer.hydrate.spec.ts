/** The composer's help: suggestions, the limit, the Enter key. */
import { expect, test } from './fixtures';

test('commands, rooms and people are suggested, and taken by key or mouse', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  await bo.join('random');
  await bo.say('random', 'Hello');
  const ada = await person('Ada');
  const list = ada.page.getByRole('listbox', { name: 'Suggestions' });
  const chosen = list.getByRole('option', { selected: true });
  await ada.composer.pressSequentially('/');
  await expect(list.getByRole('option')).toHaveCount(8);
  await expect(chosen).toContainText('/help');
  await ada.composer.press('ArrowDown');
  await expect(chosen).toContainText('/rooms');
  await ada.composer.press('ArrowUp');
  await ada.composer.press('ArrowUp');
  await expect(chosen, 'around at the end').toContainText('/me <action>');
  const active = await ada.composer.getAttribute('aria-activedescendant');
  await expect(chosen).toHaveAttribute('id', active!);
  await ada.composer.press('Escape');
  await expect(list).toBeHidden();
  await expect(ada.composer).toHaveValue('/');
  await expect(ada.composer).toBeFocused();

  await ada.composer.pressSequentially('jo');
  await list.getByRole('option', { name: '/join' }).click();
  await expect(ada.composer).toHaveValue('/join ');
  await expect(ada.composer).toBeFocused();
  await ada.composer.pressSequentially('ra');
  await expect(chosen).toContainText('random');
  await ada.composer.press('Enter');
  await expect(ada.composer, 'Enter takes the suggestion and sends nothing').toHaveValue(/^\/join random ?$/);
  await ada.composer.press('Enter');
  await ada.toBeIn('random');

  await ada.composer.pressSequentially('thank you @b');
  await expect(chosen).toContainText('Bo');
  await ada.composer.press('Tab');
  await expect(ada.composer).toHaveValue(/^thank you @Bo[, ]*$/);
  await ada.composer.pressSequentially('!');
  await expect(list).toBeHidden();
  await ada.composer.fill('');
  await ada.composer.pressSequentially('just words');
  await expect(list).toBeHidden();
});

test('the list goes when the field is left', async ({ person }) => {
  const ada = await person('Ada');
  await ada.composer.pressSequentially('/');
  const list = ada.page.getByRole('listbox', { name: 'Suggestions' });
  await expect(list).toBeVisible();
  await ada.page.getByRole('region', { name: 'Messages' }).focus();
  await expect(list).toBeHidden();
});

test('near the limit what is left is counted, and beyond it nothing is sent', async ({ person }) => {
  const ada = await person('Ada');
  const counter = ada.page.locator('.counter');
  await ada.composer.fill('x'.repeat(3_599));
  await expect(counter).toBeHidden();
  await ada.composer.fill('x'.repeat(3_600));
  await expect(counter).toHaveText('400 characters left');
  await ada.composer.fill('😀'.repeat(3_999));
  await expect(counter, 'characters, not bytes').toHaveText('1 character left');
  await ada.composer.fill('x'.repeat(4_001));
  await expect(counter).toHaveText('Too long: 1 character over');
  await ada.composer.press('Enter');
  await expect(ada.page.getByRole('alert')).toContainText('Too long: ');
  await ada.composer.press('Backspace');
  await expect(counter).toHaveText('0 characters left');
  await ada.composer.press('Enter');
  await expect(ada.entry('x'.repeat(4_000))).toBeAttached();
  await expect(counter).toBeHidden();
});

test('who wants Enter to break the line sends by Ctrl+Enter, also after a reload', async ({ person }) => {
  const ada = await person('Ada');
  await ada.openSettings();
  await ada.settings.getByRole('checkbox', { name: 'Enter sends' }).uncheck();
  await ada.closeSettings();
  await ada.page.reload();
  await ada.toBeLive();
  await ada.composer.pressSequentially('one');
  await ada.composer.press('Enter');
  await ada.composer.pressSequentially('two');
  await expect(ada.composer).toHaveValue('one\ntwo');
  await ada.composer.press('Control+Enter');
  await expect.poll(() => ada.texts()).toEqual(['one\ntwo']);
  await ada.openSettings();
  await expect(ada.settings.getByRole('checkbox', { name: 'Enter sends' })).not.toBeChecked();
});

test('what is for one alone stays until it is put away or what one does next has worked', async ({ person }) => {
  const ada = await person('Ada');
  const lines = ada.toasts.getByRole('listitem');
  await ada.say('/rooms');
  await expect(lines).toHaveText([/^Rooms: general \(1\)/]);
  await ada.toasts.getByRole('button', { name: 'Dismiss' }).click();
  await expect(lines).toHaveCount(0);
  await expect(ada.composer).toBeFocused();
  await ada.say('/help');
  await expect(lines).toHaveText([/^Available commands/]);
  await ada.say('/users');
  await expect(lines).toHaveText(['Online: Ada']);
  await ada.say('on with it');
  await expect(lines).toHaveCount(0);
});

test('a long answer begins in view, and on a phone most of the log stays so', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada', { viewport: { width: 390, height: 844 } });
  await bo.say('general', 'the newest message');
  await ada.say('/help');
  await expect(ada.toasts.getByRole('listitem')).toHaveCount(1);
  await expect(ada.entry('the newest message')).toBeInViewport({ ratio: 1 });
  const [log, notices] = await Promise.all([ada.page.locator('.scroll').boundingBox(), ada.toasts.boundingBox()]);
  expect(log!.height, 'the log has more room').toBeGreaterThan(notices!.height);
  expect(notices!.y, 'and nothing lies over it').toBeGreaterThanOrEqual(log!.y + log!.height - 1);
  const help = ada.toasts.getByText('Available commands');
  expect(await help.evaluate((text) => [text.scrollTop, getComputedStyle(text).overflowY])).toEqual([0, 'auto']);
});
