/** People's other actions: commands, names, private messages, typing. */
import { REFUSED, expect, test } from './fixtures';

test('who is writing is seen by the other, until the message comes', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await ada.composer.pressSequentially('I am wri');
  await expect(bo.page.getByText('Ada is typing…')).toBeVisible();
  await expect(ada.page.getByText('is typing…')).toHaveCount(0);
  await ada.composer.press('Enter');
  await expect(bo.entry('I am wri')).toBeVisible();
  await expect(bo.page.getByText('is typing…')).toHaveCount(0);
});

test('a command of ones own is answered to oneself, and can be put away', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await ada.say('/help');
  const help = ada.page.getByRole('log', { name: 'Only visible to you' });
  await expect(help).toContainText('/join <room> - Join or create a room');
  await ada.page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(help.getByRole('listitem')).toHaveCount(0);
  await ada.say('/rooms');
  await expect(help).toContainText('Rooms: general (2), help (0), random (0)');
  await ada.say('/me waves');
  await expect(bo.entry('* Ada waves')).toBeVisible();
  expect(await bo.texts()).toEqual(['* Ada waves']);
  await expect(ada.outgoing).toHaveCount(0);
});

test('a command that is wrong stays where it was typed, with the reason', async ({ person }) => {
  const ada = await person('Ada');
  await ada.say('/dance all night');
  await expect(ada.page.getByRole('alert')).toHaveText(
    'Unknown command: /dance. Type /help for available commands. To send it as a message, start with //dance.',
  );
  await expect(ada.composer).toHaveValue('/dance all night');
  await ada.say('/nick x');
  await expect(ada.page.getByRole('alert')).toContainText('A name has 2 to 20 letters');
  await expect(ada.composer).toHaveValue('/nick x');
});

test('a room that somebody makes is in the list of the others at once, until it is gone', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await bo.say('/join attic');
  await bo.toBeIn('attic');
  await expect(ada.place('attic')).toBeVisible();
  await bo.say('/leave');
  await bo.toBeIn('general');
  await expect(ada.place('attic')).toHaveCount(0);
  await expect(bo.place('attic')).toHaveCount(0);
});

test('a new name is everywhere at once, in every window of its person', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  const window = await ada.page.context().newPage();
  await window.goto(ada.page.url());
  await expect(window.getByRole('status')).toHaveAttribute('data-state', 'live');
  await ada.say('/nick Zoë');
  for (const page of [ada.page, window]) {
    await expect(page.getByText('You are Zoë')).toBeVisible();
    await expect(page.locator('#members .name')).toHaveText(['Bo', 'Zoë']);
  }
  await expect(bo.members).toHaveText(['Bo', 'Zoë']);
  await expect(bo.entry('Ada is now known as Zoë')).toBeVisible();
  await ada.toAgreeWith(bo);
});

test('joining leads to the room, and leaving it back to general', async ({ person }) => {
  const ada = await person('Ada');
  await ada.say('/join Café 日本');
  await expect(ada.page.getByRole('heading', { level: 1, name: 'café_日本' })).toBeVisible();
  await ada.toBeLive();
  await ada.say('alone here');
  await expect(ada.entry('alone here')).toBeVisible();
  await ada.say('/leave');
  await expect(ada.page.getByRole('heading', { level: 1, name: 'general' })).toBeVisible();
  await ada.toBeLive();
});

test('what is said to one alone is seen by the two alone, also after a reload and without a script', async ({ person, visitor }) => {
  const [ada, bo, cy] = [await person('Ada'), await person('Bo'), await person('Cy')];
  await ada.say('/pm Bo between us <b>two</b>');
  await expect(ada.outgoing).toHaveCount(0);
  await expect(bo.badge('Ada')).toHaveText('1');
  await bo.go('Ada');
  await expect(bo.page).toHaveURL(/\/pm\/\d+-Ada$/);
  await expect(bo.entry('between us <b>two</b>')).toBeVisible();
  expect(await ada.texts(), 'it is not in the room').toEqual([]);
  await ada.go('Bo');
  await bo.say('nobody hears');
  await expect(ada.entry('nobody hears')).toBeVisible();
  await expect(cy.places.getByRole('region', { name: 'Direct messages' })).toHaveCount(0);
  await cy.page.goto(new URL('/pm/Bo', cy.page.url()).href);
  await cy.toBeLive();
  expect(await cy.texts()).toEqual([]);
  await bo.page.reload();
  await bo.toBeLive();
  expect(await bo.texts()).toEqual(['between us <b>two</b>', 'nobody hears']);
  const state = await bo.page.context().storageState();
  const withoutScript = await visitor({ javaScriptEnabled: false, storageState: state });
  await withoutScript.enter('general');
  await withoutScript.go('Ada');
  expect(await withoutScript.texts()).toEqual(['between us <b>two</b>', 'nobody hears']);
});

test('who types faster than may be sent gets everything sent, once and in order', async ({ natter, person }) => {
  test.slow();
  await natter.end('SIGTERM');
  natter.settings = {};
  await natter.start();
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  const texts = Array.from({ length: 45 }, (_, n) => `line ${n}`);
  for (const text of texts) await ada.say(text);
  await expect.poll(() => bo.texts(), { timeout: 20_000 }).toEqual(texts);
  await expect(ada.outgoing).toHaveCount(0);
  await ada.toAgreeWith(bo);
});

test('a name that the plain form refused is still in its field, beside the reason', async ({ person, expectError }) => {
  expectError(REFUSED);
  const ada = await person('Ada');
  await ada.openSettings();
  const field = ada.settings.getByLabel('Your name');
  await field.fill('a b');
  // The form is submitted as it is before hydration.
  await Promise.all([ada.page.waitForNavigation(), field.evaluate((it) => (it as HTMLInputElement).form?.submit())]);
  await ada.toBeLive();
  await ada.openSettings();
  await expect(ada.settings.getByRole('alert')).not.toBeEmpty();
  await expect(field).toHaveValue('a b');
});

test('a room that is not listed, of very many, is gone to by its name', async ({ natter, person }) => {
  // With `random` and `help`, which always exist, there are a hundred rooms; then one more is created, the last by
  // name.
  for (const [name, rooms] of Object.entries({ Bo: 49, Cy: 49 })) {
    const voice = await natter.voice(name);
    for (let n = 0; n < rooms; n++) await voice.join(`room-of-${name}-${n}`);
  }
  await (await natter.voice('Di')).join('zoo');
  const ada = await person('Ada');
  const more = ada.places.getByText('There is 1 more room.');
  await expect(more).toBeVisible();
  await expect(ada.place('zoo')).toHaveCount(0);
  await ada.page.keyboard.press('Control+k');
  await ada.page.keyboard.type('zoo');
  await expect(ada.page.getByRole('option')).toHaveText(/Join or create “zoo”/);
  await ada.page.keyboard.press('Enter');
  await ada.toBeIn('zoo');
  await expect(ada.place('zoo')).toBeVisible();
  await expect(more).toBeHidden();
});
