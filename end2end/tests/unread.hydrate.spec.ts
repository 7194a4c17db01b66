/** Unread entries: badges, the window's title and icon, in all of a person's windows, until they are read in one. */
import { type Person, expect, test } from './fixtures';

/** Takes Ada to the room `random`. */
async function elsewhere(person: Person): Promise<void> {
  await person.go('random');
  await person.toBeLive();
}

const icon = (person: Person) =>
  person.page.locator('link[rel=icon]').evaluate((link) => (link as HTMLLinkElement).href.split('/').at(-1));

test('what is said in a room that one does not look at is counted, and a mention is told apart', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada');
  await elsewhere(ada);
  await expect(ada.page).toHaveTitle('random · Natter');
  expect(await icon(ada)).toBe('favicon.svg');

  await bo.say('general', 'one', 'two');
  await expect(ada.badge('general')).toHaveText('2');
  await expect(ada.place('general')).toHaveAccessibleName('general 2 unread');
  await expect(ada.page).toHaveTitle('• random · Natter');
  await expect.poll(() => icon(ada)).toBe('favicon-unread.svg');

  await bo.say('general', 'where is @ada?');
  await expect(ada.badge('general')).toHaveText('@1');
  await expect(ada.place('general')).toHaveAccessibleName('general 3 unread, 1 of them for you');
  await expect(ada.page).toHaveTitle('(1) random · Natter');
  await expect.poll(() => icon(ada)).toBe('favicon-mention.svg');

  await ada.go('general');
  await expect(ada.badge('general')).toBeHidden();
  await expect(ada.page).toHaveTitle('general · Natter');
  await expect.poll(() => icon(ada)).toBe('favicon.svg');
  await expect(ada.page.locator('li.entry[data-mention] .text')).toHaveText(['where is @ada?']);
  await expect(ada.page.locator('.at[data-me]')).toHaveText('@ada');
});

test('what is read in one window is read in the other', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada');
  const second = await ada.secondWindow('general');
  await elsewhere(second);
  await elsewhere(ada);
  await bo.say('general', 'hello @Ada');
  await bo.tell('Ada', 'are you there?');
  for (const window of [ada, second]) {
    await expect(window.badge('general')).toHaveText('@1');
    await expect(window.badge('Bo')).toHaveText('1');
    await expect(window.page).toHaveTitle('(2) random · Natter');
  }
  await second.page.bringToFront();
  await second.go('general');
  for (const window of [ada, second]) await expect(window.badge('general')).toBeHidden({ timeout: 10_000 });
  await expect(ada.page).toHaveTitle('(1) random · Natter');
  await second.go('Bo');
  await expect(second.entry('are you there?')).toBeVisible();
  for (const window of [ada, second]) await expect(window.badge('Bo')).toBeHidden({ timeout: 10_000 });
  await expect(ada.page).toHaveTitle('random · Natter');
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.badge('general'), 'the server knows it too').toBeHidden();
  await expect(ada.badge('Bo')).toBeHidden();
});

test('one private message brings its conversation into the list, counts, and is read by looking at it', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada');
  await expect(ada.places.getByRole('region', { name: 'Direct messages' })).toBeHidden();
  await bo.tell('Ada', 'psst');
  await expect(ada.badge('Bo')).toHaveText('1');
  await expect(ada.page).toHaveTitle('(1) general · Natter');
  await expect.poll(() => icon(ada)).toBe('favicon-mention.svg');
  await ada.go('Bo');
  await expect(ada.page).toHaveTitle('Bo · Natter');
  await expect(ada.badge('Bo')).toBeHidden();
  await bo.tell('Ada', 'still there?');
  await expect(ada.entry('still there?')).toBeVisible();
  await expect(ada.badge('Bo')).toBeHidden();
});

test('what was said while there was no page waits for the next one', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada');
  await bo.say('general', 'before');
  await expect(ada.entry('before')).toBeVisible();
  await elsewhere(ada);
  const context = ada.page.context();
  await ada.page.goto('about:blank');
  await bo.say('general', 'one', 'two', '@Ada three');
  const next = await context.newPage();
  await next.goto(`${natter.url}/room/random`);
  await expect(next.locator('a.place[href="/room/general"] .badge')).toHaveText('@1');
  await expect(next).toHaveTitle('(1) random · Natter');
});

test('mentions are listed among the places, live, in the person\'s own time, each with a way to where it was said', async ({ natter, visitor }) => {
  const bo = await natter.voice('Bo');
  await bo.join('random');
  const ada = await visitor({ timezoneId: 'Asia/Tokyo' });
  await ada.signIn('Ada');
  await ada.toBeLive();
  await ada.go('random');
  await ada.page.getByRole('button', { name: 'Join random' }).click();
  await expect(ada.page.getByRole('button', { name: 'Leave random' })).toBeVisible();
  await bo.say('general', 'good morning, @Ada!', ...Array.from({ length: 80 }, (_, n) => `line ${n}`));
  await bo.say('random', 'nothing for anybody', '@ada: **look**');
  await expect(ada.entry('@ada: **look**')).toBeVisible();
  await ada.places.getByRole('link', { name: 'Mentions' }).click();
  await ada.toBeAtMentions();
  await expect(ada.page).toHaveURL(/\/mentions$/);
  await expect.poll(() => ada.texts()).toEqual(['good morning, @Ada!', '@ada: **look**']);
  await bo.say('general', 'and again, @Ada', 'not you');
  await expect.poll(() => ada.texts()).toEqual(['good morning, @Ada!', '@ada: **look**', 'and again, @Ada']);
  await expect(ada.badge('general'), 'it is listed, and not read by that').toHaveText('@2');

  await ada.page.reload();
  await ada.toBeLive();
  await ada.toBeAtMentions();
  await expect(ada.page).toHaveTitle('(2) Mentions · Natter');
  await expect.poll(() => ada.texts()).toEqual(['good morning, @Ada!', '@ada: **look**', 'and again, @Ada']);
  const shown = await ada.page.locator('#entries time').last().evaluate((time) => {
    const own = new Date((time as HTMLTimeElement).dateTime);
    return [time.textContent, own.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })];
  });
  expect(shown[0]).toBe(shown[1]);
  await bo.say('random', 'after the reload, @Ada');
  await expect(ada.entry('after the reload, @Ada')).toBeVisible();

  await ada.go('random');
  await ada.page.goBack();
  await ada.toBeAtMentions();
  await ada.page.getByRole('link', { name: '#general' }).first().click();
  await ada.toBeLive();
  await ada.toBeIn('general');
  await expect(ada.entry('good morning, @Ada!')).toBeInViewport();
});

test('mentions are listed without a script, too', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada', { javaScriptEnabled: false });
  await bo.say('general', '@Ada hello', 'nothing');
  await ada.page.getByRole('link', { name: 'Mentions' }).click();
  await ada.toBeAtMentions();
  expect(await ada.texts()).toEqual(['@Ada hello']);
  await ada.page.getByRole('link', { name: '#general' }).last().click();
  await ada.toBeIn('general');
  await expect(ada.entry('@Ada hello')).toBeInViewport();
});

test('a room that is left does not wait for anybody', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  await bo.join('random');
  const ada = await person('Ada');
  await elsewhere(ada);
  await ada.page.getByRole('button', { name: 'Join random' }).click();
  await expect(ada.page.getByRole('button', { name: 'Leave random' })).toBeVisible();
  await ada.go('general');
  await bo.say('random', 'hello');
  await expect(ada.badge('random')).toHaveText('1');
  await ada.go('random');
  await ada.page.getByRole('button', { name: 'Leave random' }).click();
  await ada.toBeIn('general');
  await bo.say('random', 'hello again');
  await bo.say('general', 'said after it');
  await expect(ada.entry('said after it')).toBeVisible();
  await expect(ada.badge('random')).toBeHidden();
  await expect(ada.page).toHaveTitle('general · Natter');
});

test('what was just read stays read, however soon the page is left', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada');
  for (const text of ['one', 'two', '@Ada three']) {
    await bo.say('general', text);
    await expect(ada.entry(text)).toBeInViewport();
  }
  await ada.enter('random');
  await ada.toBeLive();
  await expect(ada.badge('general')).toBeHidden();
  await expect(ada.page).toHaveTitle('random · Natter');
});
