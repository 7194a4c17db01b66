/** The outcome of a command is shown where it was typed. */
import { type Person, expect, test } from './fixtures';

const problem = (person: Person) => person.page.locator('#composer-problem');

test('a command that cannot be done stays in the composer with the reason', async ({ person }) => {
  const [ada] = [await person('Ada'), await person('Bo')];
  for (const [text, reason] of [
    ['/dance', /^Unknown command: \/dance/],
    ['/leave random', /\/leave/],
    ['/join ?', /\S/],
    ['/nick Bo', /taken|Bo/],
    ['/nick !', /\S/],
    ['/leave', /\S/],
    ['/pm Nobody are you there?', /^Nobody is called Nobody\./],
  ] as const) {
    await ada.say(text);
    await expect(problem(ada), text).toHaveText(reason);
    await expect(ada.composer).toHaveValue(text);
    await expect(ada.outgoing).toHaveCount(0);
    await expect(ada.toasts.getByRole('listitem')).toHaveCount(0);
  }
  await ada.composer.fill('hello');
  await expect(problem(ada)).toBeHidden();
  await ada.composer.press('Enter');
  await expect(ada.entry('hello')).toBeVisible();
});

test('who mistypes a name takes the right one by a press', async ({ person }) => {
  const [ada, clara] = [await person('Ada'), await person('Clara')];
  await ada.say('/pm Calra are you there?');
  await expect(problem(ada)).toHaveText('Nobody is called Calra. Did you mean Clara?');
  await ada.page.getByRole('button', { name: 'Use Clara' }).click();
  await expect(ada.composer).toHaveValue('/pm Clara are you there?');
  await expect(ada.composer).toBeFocused();
  await expect(problem(ada)).toBeHidden();
  await ada.composer.press('Enter');
  await expect(ada.composer).toHaveValue('');
  await clara.go('Ada');
  await expect(clara.entry('are you there?')).toBeVisible();
});

test('a refused command comes back before what was begun meanwhile', async ({ natter, person }) => {
  const ada = await person('Ada');
  natter.freeze();
  await ada.say('/join ?');
  await expect(ada.composer).toHaveValue('');
  await ada.composer.pressSequentially('meanwhile');
  natter.thaw();
  await expect(problem(ada)).toBeVisible();
  await expect(ada.composer).toHaveValue('/join ?\nmeanwhile');
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.composer).toHaveValue('/join ?\nmeanwhile');
});

test('a command whose place is left before it is refused waits there as a draft', async ({ natter, person }) => {
  const ada = await person('Ada');
  await ada.go('random');
  await ada.toBeLive();
  natter.freeze();
  await ada.say('/nick !');
  await ada.go('general');
  natter.thaw();
  await expect(ada.toasts.getByRole('listitem')).toHaveCount(1);
  await expect(ada.composer).toHaveValue('');
  await ada.go('random');
  await expect(ada.composer).toHaveValue('/nick !');
});

test('a command that gets no answer comes back', async ({ person, expectError }) => {
  expectError(/WebSocket|net::ERR/);
  const ada = await person('Ada');
  await ada.page.context().setOffline(true);
  await ada.page.evaluate(() => window.dispatchEvent(new Event('offline')));
  await ada.say('/nick Zoe');
  await expect(problem(ada)).toContainText('offline');
  await expect(ada.composer).toHaveValue('/nick Zoe');
});

test('a new name is said to be taken, or taken on, beside its field', async ({ person }) => {
  const [ada] = [await person('Ada'), await person('Bo')];
  await ada.openSettings();
  const field = ada.settings.getByLabel('Your name');
  await field.fill('Bo');
  await field.press('Enter');
  await expect(ada.settings.locator('#nick-problem')).toHaveText(/\S/);
  await expect(field).toHaveValue('Bo');
  await expect(ada.toasts.getByRole('listitem')).toHaveCount(0);
  await field.fill('Zoe');
  await expect(ada.settings.locator('#nick-problem')).toBeHidden();
  await field.press('Enter');
  await expect(ada.settings.locator('.done')).toHaveText('Your name is now Zoe.');
  await expect(ada.places.locator('.me-name strong')).toHaveText('Zoe');
});

test('a room that cannot be made is refused beside its field, and what was typed stays', async ({ person }) => {
  const ada = await person('Ada');
  await ada.places.getByRole('button', { name: 'Join or create a room' }).click();
  const field = ada.page.locator('#join');
  await field.fill('?');
  await field.press('Enter');
  await expect(ada.page.locator('#join-problem')).toHaveText(/\S/);
  await expect(field).toHaveValue('?');
  await field.fill('attic');
  await field.press('Enter');
  await ada.toBeIn('attic');
  await expect(field).toHaveValue('');
});
