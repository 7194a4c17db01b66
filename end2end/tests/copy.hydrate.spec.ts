import { expect, test } from './fixtures';

const WRITTEN = [
  'a **b** _c_ ~~d~~ `e` [f](https://example.org/g)',
  'a\n```rust\nlet *x* = 1;\n\n  y\n```\nb',
  '```\nx```\nb',
  'a\n> b **c**\n> d\ne',
  '> ```\n> x\n> ```',
  'a\n- b\n  - *c*\n- d\ne',
  '1. a\n2. b',
];

test('what is copied is what was written, marks included', async ({ natter, visitor }) => {
  const ada = await visitor();
  await ada.signIn('Ada');
  await ada.toBeLive();
  for (const text of WRITTEN) await ada.say(text);
  await expect.poll(() => ada.texts()).toEqual(WRITTEN);
  const texts = ada.page.locator('#entries .text');
  await expect(texts).toHaveCount(WRITTEN.length);
  for (const [at, text] of WRITTEN.entries()) {
    const selected = await texts.nth(at).evaluate((element) => {
      getSelection()?.selectAllChildren(element);
      return getSelection()?.toString();
    });
    expect(selected).toBe(text);
    await ada.page.keyboard.press('Control+c');
    await ada.composer.fill('');
    await ada.composer.press('Control+v');
    await expect(ada.composer).toHaveValue(text);
    await ada.composer.fill('');
  }
  expect(await natter.stored('general')).toHaveLength(WRITTEN.length);
});

test('a link to a room leads there without loading the page', async ({ visitor }) => {
  const ada = await visitor();
  await ada.signIn('Ada');
  await ada.toBeLive();
  await ada.say('see #random, not #1 or #fff');
  await ada.page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
  await expect(ada.page.locator('#entries a.room')).toHaveCount(1);
  await ada.page.locator('#entries').getByRole('link', { name: '#random' }).click();
  await ada.toBeIn('random');
  expect(await ada.page.evaluate(() => 'isSamePage' in globalThis)).toBe(true);
});
