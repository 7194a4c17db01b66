/** Every screen and state of the page, one after the other. */
import { type Person, expect } from './fixtures';
import { type Stage } from './house';

/** Texts of all kinds. */
export const KINDS = [
  'Good morning, everybody! ☕',
  'The **plan** for _today_: see https://example.org/plan and `make test`.',
  '```rust\nfn main() {\n    println!("a line of code that is longer than a phone is wide, so that it has to scroll");\n}\n```',
  '@Ada could you look at it?',
  `a very long word: ${'w'.repeat(200)}`,
  'שלום, مرحبا',
  '/me puts the kettle on',
];

/** Shows each screen and calls `look` on it. The browser is signed out at the end. */
export async function everyScreen(stage: Stage, ada: Person, isPhone: boolean, look: (name: string) => Promise<void>): Promise<void> {
  const { natter, bo } = stage;
  const page = ada.page;
  await page.goto(natter.url);
  await look('front door');
  await page.getByLabel('Your name').fill('  ');
  await page.getByRole('button', { name: 'Join the chat' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await look('front door, refused');

  await stage.admit(ada);
  await ada.toBeLive();
  if (stage.isFull) {
    await look('full room');
    await ada.say('/join attic');
    await ada.toBeIn('attic');
  }
  await look('empty room');
  if (stage.isFull) await ada.jump('/room/general');
  await ada.toBeIn('general');

  await bo.say('general', ...KINDS);
  await expect(ada.entry('* Bo puts the kettle on')).toBeInViewport();
  await ada.say('Of course, @Bo.');
  await expect(ada.entry('Of course, @Bo.')).toBeInViewport();
  await look('room with all kinds of entries');

  await ada.say('/help');
  await expect(ada.toasts.getByRole('listitem')).toHaveCount(1);
  await look('answer to a command');
  await ada.toasts.getByRole('button', { name: 'Dismiss' }).click();

  await ada.composer.pressSequentially('/');
  await expect(page.getByRole('listbox', { name: 'Suggestions' })).toBeVisible();
  await look('suggestions');
  await ada.say('x'.repeat(4_001));
  await expect(page.getByRole('alert')).toBeVisible();
  await look('text too long');
  await ada.composer.fill('');

  await bo.join('random');
  await bo.say('random', 'anybody here?');
  await bo.tell('Ada', 'Between us: **thank you**!');
  if (isPhone) await expect(page.getByRole('button', { name: /^Rooms and direct messages, \d+ unread/ })).toBeVisible();
  if (isPhone) {
    await page.getByRole('button', { name: /^Rooms and direct messages/ }).click();
    await expect(ada.place('Bo')).toBeVisible();
    await look('list of rooms in its drawer');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Members/ }).click();
    await expect(page.getByRole('complementary', { name: 'Members' })).toBeVisible();
    await look('members in their drawer');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('complementary', { name: 'Members' })).toBeHidden();
  }

  await ada.jump('-Bo');
  await ada.toBeIn('Bo');
  await expect(ada.entry('Between us: **thank you**!')).toBeVisible();
  await look('conversation');

  if (isPhone) await page.getByRole('button', { name: /^Rooms and direct messages/ }).click();
  await ada.openSettings();
  await expect(ada.settings.getByText('Up for')).toBeVisible();
  await look('settings');
  await ada.settings.getByLabel('Your name').fill('');
  await ada.settings.getByRole('button', { name: 'Change' }).click();
  await expect(ada.settings.getByRole('alert')).toBeVisible();
  await look('settings, name refused');
  await ada.settings.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await look('keys');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeHidden();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Room or person' })).toBeFocused();
  await page.keyboard.type('n');
  await look('switcher');
  await page.keyboard.press('Escape');

  await page.goto(`${natter.url}/mentions`);
  await look('mentions');
  await page.goto(`${natter.url}/room/nowhere`);
  await look('not found');

  await ada.enter('general');
  await ada.toBeLive();
  await ada.say('/pm Nobody are you there?');
  await expect(page.locator('#composer-problem')).toHaveText('Nobody is called Nobody.');
  await look('text refused');
  await page.context().setOffline(true);
  await ada.say('waits');
  await expect(ada.outgoing).toHaveCount(1);
  await expect(page.getByRole('status')).toHaveAttribute('data-state', 'offline');
  await look('offline, with texts waiting');
  await page.context().setOffline(false);
  await ada.toBeLive();
  await page.context().clearCookies({ name: /^natter_session/ });
  await natter.end('SIGTERM');
  await natter.start();
  // The event makes the page retry without a delay.
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(page.getByRole('status')).toHaveAttribute('data-state', 'signed-out', { timeout: 15_000 });
  await look('signed out');
}
