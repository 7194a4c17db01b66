/** The receivers of keys: the input method, the composer wherever the focus is, a shortcut on any keyboard. */
import { type Person, expect, test } from './fixtures';

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

/**
 * Returns a key as the browser reports it while an input method has it. Safari reports the Enter that ends a
 * composition so.
 */
const taken = (key: string) => ({ key, keyCode: 229, isComposing: false });

const switcher = (person: Person) => person.page.getByRole('dialog', { name: 'Go to a room or person' });

/** Drops the focus, as a click on no control does. */
async function blur(person: Person): Promise<void> {
  await person.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  expect(await person.focused()).toBe('body');
}

test('a key that an input method takes does nothing else, in any field', async ({ person }) => {
  const ada = await person('Ada');
  await ada.say('sent before');
  await ada.composer.fill('日本');
  await ada.composer.dispatchEvent('keydown', taken('Enter'));
  await expect(ada.composer).toHaveValue('日本');
  await ada.composer.fill('');
  await ada.composer.dispatchEvent('keydown', taken('ArrowUp'));
  await expect(ada.composer, 'nothing is edited').toHaveValue('');

  const list = ada.page.getByRole('listbox', { name: 'Suggestions' });
  await ada.composer.pressSequentially('/');
  const chosen = list.getByRole('option', { selected: true });
  for (const key of ['ArrowDown', 'Enter', 'Tab', 'Escape']) {
    await ada.composer.dispatchEvent('keydown', taken(key));
    await expect(chosen, key).toContainText('/help');
    await expect(ada.composer).toHaveValue('/');
  }
  await ada.composer.fill('');

  await ada.page.keyboard.press('Control+k');
  const field = ada.page.getByRole('combobox', { name: 'Room or person' });
  for (const key of ['ArrowDown', 'Enter', 'Escape']) {
    await field.dispatchEvent('keydown', taken(key));
    await expect(switcher(ada), key).toBeVisible();
    await expect(ada.page.locator('#goal-0')).toHaveAttribute('aria-selected', 'true');
  }
  await field.press('Escape');
  await ada.page.locator('body').dispatchEvent('keydown', { ...taken('k'), ctrlKey: true });
  await expect(switcher(ada)).toBeHidden();
  await expect.poll(() => ada.texts()).toEqual(['sent before']);
});

test('the switcher opens by Ctrl and the K key of any keyboard', async ({ person }) => {
  const ada = await person('Ada');
  for (const [key, code] of [['л', 'KeyK'], ['κ', 'KeyK'], ['ל', 'KeyK'], ['ن', 'KeyK'], ['k', 'KeyV']] as const) {
    await ada.composer.dispatchEvent('keydown', { key, code, ctrlKey: true });
    await expect(switcher(ada), key).toBeVisible();
    await ada.page.keyboard.press('Escape');
    await expect(switcher(ada)).toBeHidden();
  }
  await ada.composer.dispatchEvent('keydown', { key: 't', code: 'KeyK', ctrlKey: true });
  await ada.composer.dispatchEvent('keydown', { key: 'k', code: 'KeyK', ctrlKey: true, altKey: true });
  await expect(switcher(ada), 'another letter, and AltGr').toBeHidden();
});

test('the switcher that is opened again at once stays open, and is empty', async ({ person }) => {
  const ada = await person('Ada');
  const field = ada.page.getByRole('combobox', { name: 'Room or person' });
  await ada.page.keyboard.press('Control+k');
  await field.fill('rand');
  await expect(ada.page.locator('#goals').getByRole('option')).toContainText(['random']);
  // The browser reports the closing at its next frame, so all keys come before that.
  await ada.page.evaluate(() => {
    const press = (init: KeyboardEventInit) =>
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
    press({ key: 'Escape' });
    press({ key: 'k', code: 'KeyK', ctrlKey: true });
  });
  await ada.page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted))));
  await expect(switcher(ada)).toBeVisible();
  await expect(field).toHaveValue('');
  await expect(ada.page.locator('#goals').getByRole('option'), 'all places are offered again').toContainText(['general', 'help', 'random']);
  await ada.page.keyboard.press('Escape');
  await expect(switcher(ada)).toBeHidden();
});

test('who comes in can type at once, and what is typed or pasted anywhere goes into the composer', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada');
  const keys = ada.page.keyboard;
  await expect(ada.composer).toBeFocused();
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.composer).toBeFocused();

  for (const leave of [
    () => blur(ada),
    () => ada.page.getByRole('region', { name: 'Messages' }).focus(),
    () => ada.page.getByRole('button', { name: 'Settings', exact: true }).focus(),
  ]) {
    await ada.composer.fill('');
    await leave();
    await keys.type('Hello');
    await expect(ada.composer).toHaveValue('Hello');
    await expect(ada.composer).toBeFocused();
  }

  await blur(ada);
  await ada.page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', ' from the\nclipboard');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await expect(ada.composer).toHaveValue('Hello from the\nclipboard');
  await expect(ada.composer).toBeFocused();
  await keys.type('!');
  await expect(ada.composer).toHaveValue('Hello from the\nclipboard!');
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.composer, 'it is a draft like any other').toHaveValue('Hello from the\nclipboard!');

  await test.step('keys that do something else do that', async () => {
    await ada.composer.fill('');
    await bo.say('general', ...Array.from({ length: 40 }, (_, n) => `line ${n}`));
    const view = ada.page.getByRole('region', { name: 'Messages' });
    await view.focus();
    for (const key of ['Space', 'PageUp', 'Control+c', 'Shift']) await keys.press(key);
    await expect(view).toBeFocused();
    await ada.page.getByRole('button', { name: 'Settings', exact: true }).focus();
    await keys.press('Space');
    await expect(ada.settings).toBeVisible();
    await keys.type('a');
    await expect(ada.composer, 'a sheet lies over it').toHaveValue('');
    await keys.press('Escape');
    await ada.page.getByRole('searchbox', { name: 'Filter rooms and people' }).focus();
    await keys.type('ran');
    await expect(ada.composer).toHaveValue('');
  });
});

test('a page that was opened at a message leaves the focus where the message is', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', 'look here');
  const ada = await person('Ada');
  const id = await ada.page.locator('#entries li.entry').getAttribute('id');
  await ada.page.goto(`${natter.url}/room/general?x#${id}`);
  await ada.toBeLive();
  await expect(ada.composer).not.toBeFocused();
});

test('on a phone Enter breaks the line and the button sends, unless the person wants it otherwise', async ({ person }) => {
  const ada = await person('Ada', phone);
  await expect(ada.composer, 'no keyboard covers the room').not.toBeFocused();
  await expect(ada.composer).toHaveAttribute('enterkeyhint', 'enter');
  await ada.composer.pressSequentially('one');
  await ada.composer.press('Enter');
  await ada.composer.pressSequentially('two');
  await expect(ada.composer).toHaveValue('one\ntwo');
  await ada.page.getByRole('button', { name: 'Send' }).tap();
  await expect.poll(() => ada.texts()).toEqual(['one\ntwo']);

  await ada.page.getByRole('button', { name: /^Rooms and direct messages/ }).tap();
  await ada.openSettings();
  await ada.settings.getByRole('checkbox', { name: 'Enter sends' }).check();
  await expect(ada.composer).toHaveAttribute('enterkeyhint', 'send');
  await ada.closeSettings();
  await ada.page.reload();
  await ada.toBeLive();
  await ada.composer.pressSequentially('three');
  await ada.composer.press('Enter');
  await expect.poll(() => ada.texts()).toEqual(['one\ntwo', 'three']);
});
