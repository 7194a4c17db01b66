/** A draft stays in the place where it was written. */
import { expect, test } from './fixtures';

test('each room and conversation has its own draft, over switches, reloads and the back button', async ({ natter, person }) => {
  await (await natter.voice('Bo')).say('general', 'Hello');
  const ada = await person('Ada');
  const write = (text: string) => ada.composer.pressSequentially(text);
  await write('for general');
  await ada.go('random');
  await expect(ada.composer).toHaveValue('');
  await ada.toBeLive();
  await write('for random');
  await ada.go('general');
  await expect(ada.composer).toHaveValue('for general');
  await ada.talk('Bo');
  await expect(ada.composer).toHaveValue('');
  await write('for Bo alone');

  await ada.page.goBack();
  await ada.toBeIn('general');
  await expect(ada.composer).toHaveValue('for general');
  await ada.page.goBack();
  await ada.toBeIn('random');
  await expect(ada.composer).toHaveValue('for random');
  await ada.page.goForward();
  await ada.page.goForward();
  await ada.toBeIn('Bo');
  await expect(ada.composer).toHaveValue('for Bo alone');

  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.composer).toHaveValue('for Bo alone');
  await ada.go('random');
  await expect(ada.composer).toHaveValue('for random');
  await ada.composer.press('Enter');
  await expect(ada.entry('for random')).toBeVisible();
  await ada.go('general');
  await ada.go('random');
  await expect(ada.composer, 'what was sent is no draft').toHaveValue('');
});

test('a text typed before the script arrives stays, beside the draft that was there', async ({ person }) => {
  const ada = await person('Ada');
  await ada.composer.pressSequentially('begun earlier, ');
  await ada.enter('random');
  await ada.toBeLive();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await ada.page.goto(new URL('/room/general', ada.page.url()).href, { waitUntil: 'commit' });
  await ada.composer.pressSequentially('typed early');
  release();
  await ada.toBeLive();
  await expect(ada.composer).toHaveValue('begun earlier, typed early');
});

test('the back button leads through the rooms that were looked at, and each has an address of its own', async ({ natter, person }) => {
  await (await natter.voice('Bo')).say('general', 'Hello');
  const ada = await person('Ada');
  await ada.page.evaluate(() => ((window as any).isTheSamePage = true));
  await ada.go('random');
  await expect(ada.page).toHaveURL(/\/room\/random$/);
  await ada.go('general');
  await ada.talk('Bo');
  await expect(ada.page).toHaveURL(/\/pm\/\d+-Bo$/);
  for (const name of ['general', 'random', 'general']) {
    await ada.page.goBack();
    await ada.toBeIn(name);
    await expect(ada.page).toHaveURL(new RegExp(`/room/${name}$`));
    await expect(ada.page).toHaveTitle(`${name} · Natter`);
  }
  expect(await ada.page.evaluate(() => (window as any).isTheSamePage), 'nothing was loaded').toBe(true);
});

test('an edit ends with its place, and leaves all drafts alone', async ({ person }) => {
  const ada = await person('Ada');
  await ada.say('/join attic');
  await ada.toBeIn('attic');
  await ada.composer.fill('a draft for the attic');
  await ada.go('general');
  await ada.say('said in general');
  await expect(ada.entry('said in general')).toBeVisible();
  await ada.composer.press('ArrowUp');
  await expect(ada.composer).toHaveValue('said in general');
  await ada.composer.pressSequentially(' and not saved');
  await ada.go('attic');
  await expect(ada.composer).toHaveValue('a draft for the attic');
  await expect(ada.page.getByRole('button', { name: 'Send' })).toBeVisible();
  await ada.go('general');
  await expect(ada.composer).toHaveValue('');
  await expect(ada.entry('said in general')).toBeVisible();
  await ada.go('attic');
  await ada.page.reload();
  await expect(ada.composer).toHaveValue('a draft for the attic');
});

test('what somebody began to write is gone from the browser with their session', async ({ person }) => {
  const ada = await person('Ada');
  await ada.composer.pressSequentially('nobody is to find this');
  const kept = () => ada.page.evaluate(() => Object.keys(localStorage).filter((name) => name.includes('/draft/')));
  await expect.poll(kept).toHaveLength(1);
  await ada.page.context().clearCookies();
  await ada.signIn('Bo');
  await ada.toBeLive();
  expect(await kept()).toEqual([]);
  await expect(ada.composer).toHaveValue('');
});

test('what is sent in one tab takes nothing away that is being written in another', async ({ person }) => {
  const ada = await person('Ada');
  const second = await ada.secondWindow();
  await ada.composer.pressSequentially('a long draft');
  await second.say('ok');
  await expect(ada.entry('ok')).toBeVisible();
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.composer).toHaveValue('a long draft');

  // A third window starts with the existing draft, and its person writes another text.
  const third = await ada.secondWindow();
  await expect(third.composer).toHaveValue('a long draft');
  await third.say('ok again');
  await expect(ada.entry('ok again')).toBeVisible();
  await expect(ada.composer).toHaveValue('a long draft');
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.composer).toHaveValue('a long draft');
});

test('a draft that is sent is gone from every tab where it was not changed, and stays where it was', async ({ person }) => {
  const ada = await person('Ada');
  await ada.composer.pressSequentially('good mor');
  const [second, third] = [await ada.secondWindow(), await ada.secondWindow()];
  await expect(second.composer).toHaveValue('good mor');
  await third.composer.press('End');
  await third.composer.pressSequentially('tals');
  await ada.composer.pressSequentially('ning');
  await expect(second.composer, 'a copy follows').toHaveValue('good morning');
  await second.composer.press('Enter');
  for (const window of [ada, second, third]) await expect(window.entry('good morning')).toBeVisible();
  await expect(ada.composer).toHaveValue('');
  await expect(second.composer).toHaveValue('');
  await expect(third.composer).toHaveValue('good mortals');
  for (const window of [ada, second]) await window.page.reload();
  await third.page.reload();
  await third.toBeLive();
  await expect(third.composer).toHaveValue('good mortals');
});

test('what a crashed tab has left is found by the next one, once', async ({ person, expectError }) => {
  expectError(/crash/i);
  const ada = await person('Ada');
  const second = await ada.secondWindow('random');
  await second.composer.pressSequentially('nearly lost');
  await second.page.goto('chrome://crash').catch(() => {});
  const third = await ada.secondWindow('random');
  await expect(third.composer).toHaveValue('nearly lost');
  await third.composer.press('End');
  await third.composer.pressSequentially('!');
  await third.composer.press('Enter');
  await expect(third.entry('nearly lost!')).toBeVisible();
  await third.page.reload();
  await third.toBeLive();
  await expect(third.composer).toHaveValue('');
});

test('a draft for somebody stays when they take another name', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await ada.talk('Bo');
  await ada.composer.pressSequentially('for you');
  await bo.say('/nick Zoe');
  await expect(ada.page.locator('h1 .name')).toHaveText('Zoe');
  await expect(ada.composer).toHaveValue('for you');
  await ada.go('general');
  await expect(ada.composer).toHaveValue('');
  await ada.go('Zoe');
  await expect(ada.composer).toHaveValue('for you');
});
