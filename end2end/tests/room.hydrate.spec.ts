/** The additions of the live page to the plain one. */
import { UNREACHABLE, expect, test } from './fixtures';

test('text typed before the script arrives is still there after, and is sent', async ({ person }) => {
  const ada = await person('Ada');
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await ada.page.reload({ waitUntil: 'commit' });
  await ada.composer.pressSequentially('typed early');
  await expect(ada.page.getByRole('status')).toHaveAttribute('data-state', 'connecting');
  release();
  await ada.toBeLive();
  await expect(ada.composer).toHaveValue('typed early');
  await expect(ada.composer).toBeFocused();
  await ada.composer.press('Enter');
  await expect(ada.entry('typed early')).toBeVisible();
  await expect(ada.composer).toHaveValue('');
});

test('the server\'s own elements stay when the page comes alive', async ({ person }) => {
  const ada = await person('Ada');
  await ada.say('kept');
  await expect(ada.entry('kept')).toBeVisible();
  await ada.page.addInitScript(() => {
    document.addEventListener('readystatechange', () => {
      const row = document.querySelector('#entries li');
      if (row) (row as any).isTheServers = true;
    });
  });
  await ada.page.reload();
  await ada.toBeLive();
  expect(await ada.page.evaluate(() => (document.querySelector('#entries li') as any).isTheServers)).toBe(true);
});

test('Enter sends and Shift+Enter starts a new line, with the keyboard alone', async ({ visitor, natter }) => {
  const ada = await visitor();
  await ada.page.goto(natter.url);
  await ada.page.keyboard.type('Ada');
  await ada.page.keyboard.press('Enter');
  await ada.toBeLive();
  for (let presses = 0; presses < 20; presses++) {
    if (await ada.composer.evaluate((element) => element === document.activeElement)) break;
    await ada.page.keyboard.press('Tab');
  }
  await expect(ada.composer).toBeFocused();
  await ada.page.keyboard.type('one');
  await ada.page.keyboard.press('Shift+Enter');
  await ada.page.keyboard.type('two');
  await ada.page.keyboard.press('Enter');
  await expect.poll(() => ada.texts()).toEqual(['one\ntwo']);
  await expect(ada.composer).toBeFocused();
});

test('a text that is too long stays where it is, with the reason', async ({ person }) => {
  const ada = await person('Ada');
  const long = 'x'.repeat(4_001);
  await ada.say(long);
  await expect(ada.page.getByRole('alert')).toContainText('Too long: 1 character over');
  await expect(ada.composer).toHaveValue(long);
  await ada.say('y'.repeat(4_000));
  await expect(ada.entry('y'.repeat(4_000))).toBeVisible();
  await expect(ada.page.getByRole('alert')).toHaveCount(0);
});

test('another room is another list, and everybody there is seen', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await ada.say('in general');
  await ada.page.getByRole('link', { name: 'random' }).click();
  await ada.toBeLive();
  await ada.say('in random');
  await expect(ada.entry('in random')).toBeVisible();
  expect(await ada.texts()).toEqual(['in random']);
  await bo.enter('random');
  await bo.toBeLive();
  await expect(bo.page.getByRole('complementary')).toContainText('Ada');
  expect(await bo.texts()).toEqual(['in random']);
  await bo.page.goto(new URL('/', bo.page.url()).href);
  await expect(bo.page).toHaveURL(/\/room\/random$/);
});

test('a reload shows nobody a flicker', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  const members = ada.page.getByRole('complementary');
  await expect(ada.members).toHaveText(['Ada', 'Bo']);
  await members.evaluate((element) => {
    (window as any).changes = 0;
    // Bo's typing is news; Bo's absence during a reload is none.
    const isNews = ({ target }: MutationRecord) => target.parentElement?.closest('.presence') || (target as Element).closest?.('.presence');
    new MutationObserver((records) => ((window as any).changes += records.filter((record) => !isNews(record)).length)).observe(element, {
      childList: true,
      subtree: true,
      characterData: true,
    });
  });
  await bo.page.reload();
  await bo.toBeLive();
  await bo.say('back');
  await expect(ada.entry('back')).toBeVisible();
  expect(await ada.page.evaluate(() => (window as any).changes)).toBe(0);
});

test('two windows of one person show the same', async ({ person }) => {
  const ada = await person('Ada');
  const second = await ada.page.context().newPage();
  await second.goto(ada.page.url());
  await expect(second.getByRole('status')).toHaveAttribute('data-state', 'live');
  await ada.say('seen twice');
  await expect(second.locator('#entries .text')).toHaveText(['seen twice']);
  await expect(ada.members).toHaveText(['Ada']);
});

test('a full room opens at the newest entry, and the line that is read stays where it is', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await ada.page.evaluate(async () => {
    for (let n = 0; n < 120; n++) {
      await fetch(location.pathname, { method: 'POST', body: new URLSearchParams({ text: `line ${n}` }), redirect: 'manual' });
    }
  });
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.entry('line 119')).toBeInViewport();
  expect((await ada.texts()).length).toBe(50);

  const read = ada.entry('line 80');
  await read.evaluate((line) => line.scrollIntoView());
  const top = async () => (await read.boundingBox())!.y;
  const before = await top();
  await bo.say('new below');
  await expect(ada.entry('new below')).toBeAttached();
  expect(Math.abs((await top()) - before), 'something new below').toBeLessThanOrEqual(1);
  await expect.poll(async () => (await ada.texts()).length, { message: 'older ones come as one scrolls' }).toBe(121);
  expect(Math.abs((await top()) - before), 'older ones above').toBeLessThanOrEqual(1);

  await ada.page.locator('.scroll').evaluate((view) => (view.scrollTop = 0));
  await bo.say('followed');
  await expect(ada.entry('followed')).toBeInViewport();
});

test('a session that the server does not know any more sends nothing and says so', async ({ natter, person, expectError }) => {
  expectError(UNREACHABLE);
  const ada = await person('Ada');
  const context = ada.page.context();
  const cookies = await context.cookies();
  await context.addCookies(cookies.map((cookie) => ({ ...cookie, value: cookie.name.startsWith('natter_session') ? 'forged' : cookie.value })));
  await natter.end('SIGTERM');
  await natter.start();
  await expect(ada.page.getByRole('status')).toHaveAttribute('data-state', 'signed-out', { timeout: 10_000 });
  await ada.say('do not send this');
  await expect(ada.outgoing).toContainText('do not send this');
  await ada.page.getByRole('status').getByRole('link', { name: 'Sign in' }).click();
  await expect(ada.page.getByLabel('Your name')).toBeVisible();
});
