/**
 * The surroundings of the messages: the list of rooms, the members, the status of the connection, news from other
 * places.
 */
import { UNREACHABLE, expect, test } from './fixtures';

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

for (const [how, options] of [['with', {}], ['without', { javaScriptEnabled: false }]] as const) {
  test(`a room is made behind the plus, ${how} a script`, async ({ person }) => {
    const ada = await person('Ada', options);
    const sheet = ada.page.getByRole('dialog', { name: 'Join or create a room' });
    await expect(sheet).toBeHidden();
    await ada.join('Tea House');
    await ada.toBeIn('tea_house');
    await expect(sheet).toBeHidden();
    await ada.places.getByRole('button', { name: 'Join or create a room' }).click();
    await expect(sheet.getByLabel('Room name')).toHaveValue('');
    await ada.page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
  });
}

test('a conversation is of two, who need no list of members', async ({ natter, person }) => {
  await (await natter.voice('Bo')).say('general', 'Hello');
  const ada = await person('Ada');
  const members = ada.page.getByRole('complementary', { name: 'Members' });
  const width = async () => (await ada.page.locator('main').boundingBox())!.width;
  const inRoom = await width();
  await expect(members).toBeVisible();
  await ada.talk('Bo');
  await expect(members).toBeHidden();
  expect(await width(), 'the text has its place').toBeGreaterThan(inRoom + 200);
  await ada.page.reload();
  await ada.toBeLive();
  await expect(members).toBeHidden();
  await ada.go('general');
  await expect(members).toBeVisible();

  const cy = await person('Cy', phone);
  await expect(cy.page.getByRole('button', { name: 'Members' })).toBeVisible();
  await cy.jump('/room/random');
  await cy.toBeIn('random');
  await cy.page.goto(`${natter.url}/pm/Bo`);
  await cy.toBeLive();
  await expect(cy.page.getByRole('button', { name: 'Members' })).toBeHidden();
});

test('the connection is named only while something is wrong with it', async ({ person, expectError }) => {
  expectError(UNREACHABLE);
  const ada = await person('Ada');
  const status = ada.page.locator('.status');
  const dot = () => status.evaluate((line) => getComputedStyle(line, '::before').display);
  await expect(status.locator('span')).toHaveText('');
  expect(await dot()).toBe('none');
  await ada.page.context().setOffline(true);
  await expect(status).toContainText('Messages will send');
  expect(await dot()).not.toBe('none');
  await ada.page.context().setOffline(false);
  await expect(status).toContainText('Back online');
  // It is shown for some seconds.
  await expect(status.locator('span')).toHaveText('');
  await expect.poll(dot).toBe('none');
});

test('the number beside a room of others has a sign, for a bare one is what is unread', async ({ person }) => {
  const bo = await person('Bo');
  await bo.join('den');
  await bo.toBeIn('den');
  const ada = await person('Ada');
  await expect(ada.place('den').locator('.people')).toHaveText('1');
  await expect(ada.place('den').locator('.people svg')).toBeVisible();
  await expect(ada.place('general').locator('.people')).toBeHidden();
});

test('what is said to somebody elsewhere is announced to a screen reader', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada');
  await ada.go('random');
  const announcer = ada.page.locator('#announcer');
  await bo.tell('Ada', 'are you there?');
  await expect(announcer).toHaveText('Message from Bo: are you there?');
  await bo.say('general', 'and @Ada, one more thing');
  await expect(announcer).toHaveText('Bo mentioned you in general: and @Ada, one more thing');
  await bo.say('general', 'nothing for anybody');
  await ada.go('general');
  await bo.say('general', 'here you are');
  await expect(announcer).toHaveText('Bo: here you are');
});
