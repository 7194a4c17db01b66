/** A person who returns to the page finds the entry where they stopped reading. */
import { expect, test } from './fixtures';

const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `line ${from + n}`);

test('a line stands before the first message that is new, and two buttons lead there and back', async ({ natter, personWithTabs }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', ...lines(0, 30));
  const ada = await personWithTabs('Ada');
  await expect(ada.entry('line 29')).toBeInViewport();
  await expect(ada.newLine).toHaveCount(0);

  await ada.lookAway();
  await bo.say('general', ...lines(30, 70));
  await expect(ada.page).toHaveTitle('• general · Natter');
  await ada.comeBack();

  await expect(ada.newLine).toHaveText('New');
  const after = await ada.newLine.evaluate((line) => line.nextElementSibling?.querySelector('.text')?.textContent);
  expect(after).toBe('line 30');
  const toNew = ada.page.getByRole('link', { name: 'New' });
  const toLatest = ada.page.getByRole('button', { name: /^Jump to the latest$|new messages?$/ });
  await expect(ada.entry('line 69')).toBeInViewport();
  await expect(toNew).toBeVisible();
  await expect(toLatest).toBeHidden();

  await toNew.click();
  await expect(ada.newLine).toBeInViewport();
  await expect(ada.entry('line 30')).toBeInViewport();
  await expect(toNew).toBeHidden();
  await expect(toLatest).toBeVisible();

  await toLatest.click();
  await expect(ada.entry('line 69')).toBeInViewport();
  await expect(toLatest).toBeHidden();

  await ada.say('I have read it all');
  await expect(ada.entry('I have read it all')).toBeVisible();
  await expect(ada.newLine, 'who answers is not away').toHaveCount(0);
  await expect(toNew).toBeHidden();
});

test('of what was read to the end there is no line the next time', async ({ natter, personWithTabs }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', 'known');
  const ada = await personWithTabs('Ada');
  await expect(ada.entry('known')).toBeVisible();
  await ada.lookAway();
  await bo.say('general', 'first news');
  await expect(ada.page).toHaveTitle('• general · Natter');
  await ada.comeBack();
  await expect(ada.newLine).toHaveCount(1);
  await expect(ada.page, 'what is in view is read').toHaveTitle('general · Natter');
  await ada.lookAway();
  await bo.say('general', 'second news');
  await expect(ada.page).toHaveTitle('• general · Natter');
  await ada.comeBack();
  await expect(ada.newLine).toHaveCount(1);
  expect(await ada.newLine.evaluate((line) => line.nextElementSibling?.querySelector('.text')?.textContent)).toBe('second news');
});

test('the line before what is new goes once it was seen, without anything that moves, and is not there after a reload', async ({ natter, personWithTabs }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', 'known');
  const ada = await personWithTabs('Ada');
  await expect(ada.entry('known')).toBeVisible();
  await ada.lookAway();
  await bo.say('general', 'news');
  await expect(ada.page).toHaveTitle('• general · Natter');
  await ada.comeBack();
  await expect(ada.newLine).toBeVisible();
  const places = () => ada.page.locator('#entries li.entry').evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().top));
  const before = await places();
  await expect(ada.newLine).toBeHidden({ timeout: 10_000 });
  expect(await places()).toEqual(before);
  await bo.say('general', 'said while one looks');
  await expect(ada.entry('said while one looks')).toBeVisible();
  await expect(ada.newLine).toHaveCount(0);
  await ada.page.reload();
  await ada.toBeLive();
  await expect(ada.entry('said while one looks')).toBeVisible();
  await expect(ada.newLine).toHaveCount(0);
});

test('who reads further up is told how much is new below, and goes there by one press', async ({ natter, personWithTabs }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', ...lines(0, 60));
  const ada = await personWithTabs('Ada');
  await expect(ada.entry('line 59')).toBeInViewport();
  await ada.page.locator('.scroll').hover();
  await ada.page.mouse.wheel(0, -600);
  const latest = ada.page.getByRole('button', { name: 'Jump to the latest' });
  await expect(latest).toBeVisible();
  await bo.say('general', 'one below');
  await expect(ada.page.getByRole('button', { name: '1 new message', exact: true })).toBeVisible();
  await bo.say('general', 'two below');
  const fresh = ada.page.getByRole('button', { name: '2 new messages' });
  await expect(fresh).toBeVisible();
  await expect(ada.entry('two below')).not.toBeInViewport();
  await fresh.click();
  await expect(ada.entry('two below')).toBeInViewport();
  await expect(fresh).toBeHidden();
  await expect(ada.page.getByRole('region', { name: 'Messages' })).toBeFocused();
  await expect(ada.page).toHaveTitle('general · Natter');
});
