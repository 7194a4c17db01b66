/** The presence of a conversation's peer, and the messages that do not reach them. */
import { UNREACHABLE, expect, test } from './fixtures';

test('in a conversation one sees that the other one is writing, and that they are away', async ({ natter, person }) => {
  await natter.end('SIGTERM');
  natter.settings = { ...natter.settings, NATTER_GRACE: '0' };
  await natter.start();
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await ada.say('/pm Bo hello');
  await bo.go('Ada');
  await ada.go('Bo');
  const line = ada.page.locator('.writing');
  await expect(line).toHaveText('');
  await bo.composer.pressSequentially('hm');
  await expect(line).toHaveText('Bo is typing…');
  await ada.go('general');
  await expect(line, 'that is said nowhere else').toHaveText('');
  await ada.go('Bo');
  await expect(line).toHaveText('Bo is typing…');
  await bo.composer.fill('');
  await expect(line).toHaveText('');
  const url = bo.page.url();
  await bo.page.goto('about:blank');
  const away = 'Bo is away. They will see this when they are back.';
  await expect(line).toHaveText(away);
  await expect(ada.composer).toHaveAccessibleDescription(away);
  await ada.page.reload();
  await ada.toBeLive();
  await expect(line).toHaveText(away);
  await bo.page.goto(url);
  await expect(line).toHaveText('');
});

test('a conversation that is first opened offline says so, and is loaded when the network is back', async ({ natter, person, expectError }) => {
  expectError(UNREACHABLE);
  const bo = await natter.voice('Bo');
  const ada = await person('Ada');
  await bo.tell('Ada', 'one', 'two');
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.badge('Bo')).toHaveText('2');
  await ada.page.context().setOffline(true);
  await ada.go('Bo');
  const log = ada.page.getByRole('log', { name: 'New messages' });
  await expect(log).toContainText("You're offline. Messages will load when you're back.");
  await expect(log).not.toContainText('Loading');
  await ada.page.context().setOffline(false);
  await expect.poll(() => ada.texts()).toEqual(['one', 'two']);
});

test('a refused text is shown where it was written and nowhere else, and the list says where that is', async ({ natter, person, expectError }) => {
  expectError(UNREACHABLE);
  await natter.end('SIGTERM');
  natter.settings = { ...natter.settings, NATTER_ROOMS_PER_USER: '2' };
  await natter.start();
  const ada = await person('Ada');
  await ada.say('/join den');
  await ada.toBeIn('den');
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('.status')).toHaveAttribute('data-state', 'offline');
  await ada.say('too late');
  await expect(ada.outgoing).toHaveCount(1);
  await ada.go('general');
  await expect(ada.outgoing).toHaveCount(0);
  await natter.kill();
  await natter.start();
  const cookies = (await ada.page.context().cookies()).map((cookie) => `${cookie.name}=${cookie.value}`).join('; ');
  const headers = { cookie: cookies, origin: natter.url };
  const post = (room: string, fields: Record<string, string>) =>
    fetch(`${natter.url}/room/${room}`, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' });
  // On another device Ada leaves for another room; the limit allows her only these two.
  await post('den', { text: '/leave' });
  await post('general', { join: 'attic' });
  await ada.page.context().setOffline(false);
  await expect(ada.toasts).toContainText('Your message to #den was not sent.', { timeout: 25_000 });
  await expect(ada.outgoing).toHaveCount(0);
  const unsent = ada.place('den').locator('.unsent');
  await expect(unsent).toBeVisible();
  await ada.jump('/room/den');
  await ada.toBeIn('den');
  await expect(ada.outgoing).toContainText('Not sent.');
  await ada.outgoing.getByRole('button', { name: 'Discard' }).click();
  await expect(ada.outgoing).toHaveCount(0);
  await expect(unsent).toBeHidden();
});
