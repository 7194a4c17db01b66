/**
 * A preview of a room: a person sees it live before joining, joins by writing or by the button, and can undo leaving.
 */
import { type Person, UNREACHABLE, expect, test } from './fixtures';

const bar = (person: Person) => person.page.locator('form.preview');
const join = (person: Person, room: string) => person.page.getByRole('button', { name: `Join ${room}` });

test('a room is looked at by its address, the list, the switcher and the back button, and nobody sees it', async ({ natter, person }) => {
  const bo = await person('Bo');
  await bo.say('/join workshop');
  await bo.toBeIn('workshop');
  await bo.say('before');
  const ada = await person('Ada');
  for (const go of [
    () => ada.enter('workshop'),
    () => ada.go('workshop'),
    async () => {
      await ada.page.keyboard.press('Control+k');
      await ada.page.keyboard.type('work');
      await ada.page.keyboard.press('Enter');
    },
    () => ada.page.goBack(),
  ]) {
    await go();
    await ada.toBeIn('workshop');
    await ada.toBeLive();
    await expect(bar(ada)).toContainText("You haven't joined #workshop yet.");
    await expect(ada.entry('before')).toBeVisible();
    await expect(ada.members).toHaveText(['Bo']);
    await ada.go('general');
  }
  await ada.go('workshop');
  await bo.say('said while she looks');
  await expect(ada.entry('said while she looks')).toBeVisible();
  await bo.composer.pressSequentially('hm');
  await expect(ada.page.getByText('Bo is typing…')).toBeVisible();
  await expect(bo.members, 'she is not there').toHaveText(['Bo']);
  await expect(ada.place('workshop').locator('.people')).toHaveText('1');
  await ada.go('general');
  await bo.say('said while she does not');
  await expect(ada.badge('workshop'), 'and nothing of it waits for her').toBeHidden();
  await ada.page.goto(`${natter.url}/`);
  await expect(ada.place('workshop')).toHaveAttribute('href', '/room/workshop');
});

test('a text joins the room that was looked at, and so does the button', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await bo.say('/join workshop');
  await bo.toBeIn('workshop');
  await ada.go('workshop');
  await ada.say('may I?');
  await expect(bo.entry('may I?')).toBeVisible();
  await expect(bar(ada)).toBeHidden();
  await expect(ada.outgoing).toHaveCount(0);
  await expect(bo.members).toHaveText(['Ada', 'Bo']);
  await expect(ada.toasts.getByRole('listitem')).toHaveCount(0);

  await ada.go('random');
  await join(ada, 'random').click();
  await expect(bar(ada)).toBeHidden();
  await expect(ada.page.getByRole('button', { name: 'Leave random' })).toBeVisible();
  await expect(ada.composer, 'one goes on writing').toBeFocused();
  await ada.page.reload();
  await ada.toBeLive();
  await expect(bar(ada)).toBeHidden();
});

test('what is looked at without a connection says so, and catches up with the room when it is back', async ({ natter, person, expectError }) => {
  expectError(UNREACHABLE);
  const bo = await natter.voice('Bo');
  await bo.join('workshop');
  await bo.say('workshop', 'before');
  const ada = await person('Ada');
  await ada.go('workshop');
  await expect(ada.entry('before')).toBeVisible();
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('.status')).toHaveAttribute('data-state', 'offline');
  await bo.say('workshop', ...Array.from({ length: 60 }, (_, n) => `line ${n}`));
  await ada.page.context().setOffline(false);
  await ada.toBeLive();
  await expect.poll(() => ada.entries()).toEqual(await natter.stored('workshop'));
});

test('a room that is not there yet appears with the first message', async ({ natter, person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  // A link in a text leads there in the same way.
  await ada.page.evaluate(() => history.pushState(null, '', '/room/attic'));
  await ada.page.evaluate(() => dispatchEvent(new PopStateEvent('popstate')));
  await ada.toBeIn('attic');
  await expect(bar(ada)).toContainText('There is no room #attic yet.');
  await expect(bo.place('attic')).toHaveCount(0);
  await ada.say('first');
  await expect(bo.place('attic')).toBeVisible();
  // The room is there before its first message.
  await expect.poll(async () => (await natter.stored('attic')).map((entry) => entry.text)).toEqual(['first']);
});

test('leaving a room can be undone', async ({ person }) => {
  const ada = await person('Ada');
  await ada.join('attic');
  await ada.toBeIn('attic');
  await ada.say('kept');
  await expect(ada.entry('kept')).toBeVisible();
  await ada.page.getByRole('button', { name: 'Leave attic' }).click();
  await ada.toBeIn('general');
  const left = ada.toasts.getByRole('listitem');
  await expect(left).toContainText('You left #attic.');
  await left.getByRole('button', { name: 'Undo' }).click();
  await ada.toBeIn('attic');
  await expect(ada.entry('kept')).toBeVisible();
  await expect(bar(ada)).toBeHidden();
  await expect(ada.page.getByRole('button', { name: 'Leave attic' })).toBeVisible();
  await expect(left).toHaveCount(0);
});
