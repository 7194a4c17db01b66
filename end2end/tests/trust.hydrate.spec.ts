/**
 * Whatever happens to the connection, the server or the tab, the screens equal the store, and no typed text is lost.
 */
import { UNREACHABLE, type Natter, type Person, expect, test } from './fixtures';

test.beforeEach(({ expectError }) => expectError(UNREACHABLE));

/** Expects every screen to show the content of the store, and that content to be these texts. */
async function toAgree(natter: Natter, people: Person[], texts: string[]): Promise<void> {
  for (const person of people) {
    await expect.poll(() => person.texts()).toEqual(texts);
    await expect(person.outgoing).toHaveCount(0);
    expect(await person.entries()).toEqual(await natter.stored('general'));
  }
}

test('a text that was sent and not yet read by the server when it was killed is stored once', async ({ natter, person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  natter.freeze();
  await ada.say('on its way');
  await expect(ada.outgoing).toContainText('Sending…');
  await natter.kill();
  await natter.start();
  await Promise.all([ada.toBeLive(), bo.toBeLive()]);
  await toAgree(natter, [ada, bo], ['on its way']);
});

test('a text whose echo was lost with the server is not stored again', async ({ natter, person, visitor }) => {
  const bo = await person('Bo');
  const ada = await visitor();
  let isDeaf = false;
  await ada.page.routeWebSocket(/ws\/chat/, (page) => {
    const server = page.connectToServer();
    server.onMessage((message) => {
      if (!isDeaf) page.send(message);
    });
  });
  await ada.signIn('Ada');
  await ada.toBeLive();
  isDeaf = true;
  await ada.say('stored');
  await expect(bo.entry('stored')).toBeVisible();
  await expect(ada.outgoing).toHaveCount(1);
  await natter.kill();
  isDeaf = false;
  await natter.start();
  await Promise.all([ada.toBeLive(), bo.toBeLive()]);
  await ada.say('and on');
  await toAgree(natter, [ada, bo], ['stored', 'and on']);
});

test('a tab that is closed with texts on their way leaves them to the next one', async ({ natter, person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await natter.kill();
  await expect(ada.page.getByRole('status')).not.toHaveAttribute('data-state', 'live');
  for (const text of ['one', 'two', 'three']) await ada.say(text);
  await expect(ada.outgoing).toHaveCount(3);
  const context = ada.page.context();
  await ada.page.close();
  await natter.start();
  await bo.toBeLive();
  expect(await natter.stored('general'), 'nobody has sent them').toEqual([]);
  const next = await context.newPage();
  await next.goto(`${natter.url}/room/general`);
  await expect(next.locator('#entries .text')).toHaveText(['one', 'two', 'three']);
  await expect(next.locator('#outgoing > li')).toHaveCount(0);
  await toAgree(natter, [bo], ['one', 'two', 'three']);
});

test('a reload with texts on their way sends them once', async ({ natter, person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  natter.freeze();
  await ada.say('one');
  await ada.say('two');
  await expect(ada.outgoing).toHaveCount(2);
  const reloading = ada.page.reload();
  natter.thaw();
  await reloading;
  await ada.toBeLive();
  await toAgree(natter, [ada, bo], ['one', 'two']);
});

test('a tab that crashes leaves its texts to the other one', async ({ natter, person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  const second = await ada.secondWindow();
  natter.freeze();
  await second.say('from the one that crashes');
  await expect(ada.outgoing, 'each window shows what is on its way').toHaveCount(1);
  const crashed = second.page.waitForEvent('crash');
  const session = await second.page.context().newCDPSession(second.page);
  session.send('Page.crash').catch(() => {});
  await crashed;
  natter.thaw();
  await toAgree(natter, [ada, bo], ['from the one that crashes']);
});

test('what is typed in two windows while there is no network goes out once, in the order of typing', async ({ natter, person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  const second = await ada.secondWindow();
  await ada.page.context().setOffline(true);
  for (const window of [ada, second]) {
    await expect(window.page.getByRole('status')).toHaveAttribute('data-state', 'offline');
  }
  const texts = ['1 here', '2 there', '3 here', '4 there', '5 there', '6 here'];
  for (const text of texts) await (text.endsWith('here') ? ada : second).say(text);
  for (const window of [ada, second]) await expect(window.outgoing).toHaveCount(texts.length);
  await ada.page.context().setOffline(false);
  await Promise.all([ada.toBeLive(), second.toBeLive()]);
  await toAgree(natter, [ada, second, bo], texts);
});

test('a connection on which nothing is heard any more is not called live for long', async ({ natter, person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  natter.freeze();
  await ada.say('into the void?');
  const since = Date.now();
  await expect(ada.page.getByRole('status')).not.toHaveAttribute('data-state', 'live', { timeout: 15_000 });
  const took = Date.now() - since;
  console.log(`a text into a half-open connection: not called live any more after ${took} ms`);
  expect(took).toBeLessThanOrEqual(10_000);
  natter.thaw();
  await ada.toBeLive(15_000);
  await toAgree(natter, [ada, bo], ['into the void?']);
});

test('a text that is refused while another room is shown stays with its reason, survives a reload, and can be changed or given up', async ({ person, expectError }) => {
  expectError(UNREACHABLE);
  const ada = await person('Ada');
  const offline = async () => {
    await ada.page.context().setOffline(true);
    await expect(ada.page.getByRole('status')).toHaveAttribute('data-state', 'offline');
  };
  const refused = async () => {
    await offline();
    await ada.say('/pm Nobody are you there?');
    await ada.go('random');
    await ada.page.context().setOffline(false);
    await ada.toBeLive();
    await ada.go('general');
    await expect(ada.outgoing).toContainText('Not sent. Nobody is called Nobody.');
  };
  await refused();
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.outgoing).toContainText('/pm Nobody are you there?');
  await expect(ada.outgoing).toContainText('Not sent. Nobody is called Nobody.');
  await ada.page.getByRole('button', { name: 'Edit' }).click();
  await expect(ada.composer).toHaveValue('/pm Nobody are you there?');
  await expect(ada.composer).toBeFocused();
  await expect(ada.outgoing).toHaveCount(0);
  await ada.composer.fill('');
  await refused();
  await ada.page.getByRole('button', { name: 'Discard' }).click();
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.outgoing).toHaveCount(0);
});

test('a draft survives a reload, in its room', async ({ person }) => {
  const ada = await person('Ada');
  await ada.composer.pressSequentially('half a thought');
  await ada.enter('random');
  await ada.toBeLive();
  await expect(ada.composer).toHaveValue('');
  await ada.composer.pressSequentially('another');
  await ada.enter('general');
  await ada.toBeLive();
  await expect(ada.composer).toHaveValue('half a thought');
  await ada.composer.press('Enter');
  await expect(ada.entry('half a thought')).toBeVisible();
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.composer).toHaveValue('');
});

test('a command without a connection stays in the composer', async ({ natter, person }) => {
  const ada = await person('Ada');
  await natter.kill();
  await expect(ada.page.getByRole('status')).not.toHaveAttribute('data-state', 'live');
  await ada.say('/join den');
  await expect(ada.page.getByRole('alert')).toContainText("You're offline");
  await expect(ada.composer).toHaveValue('/join den');
  await natter.start();
});
