import { expect } from './fixtures';
import { full as test } from './house';

for (const colorScheme of ['light', 'dark'] as const)
  for (const [size, viewport] of [['desktop', { width: 1280, height: 800 }], ['phone', { width: 390, height: 844 }]] as const)
    test(`walk ${colorScheme} ${size}`, async ({ house, visitor }) => {
      const ada = await visitor({ colorScheme, viewport, ...(size === 'phone' ? { hasTouch: true, isMobile: true } : {}) });
      await house.know(ada, 'Ada');
      await ada.enter('general');
      await ada.toBeLive();
      const shot = (name: string) => ada.page.screenshot({ path: `/tmp/shots/${name}-${colorScheme}-${size}.png` });
      const row = (text: string) => ada.page.locator('#entries li.entry', { has: ada.page.getByText(text, { exact: true }) });
      for (const text of ['A message with a tpyo in it, and some more words to fill the line so that it wraps on a phone', 'Said too soon', '/me waves too erly', 'The last one of these']) await ada.say(text);
      await expect(ada.entry('The last one of these')).toBeVisible();
      const first = row('A message with a tpyo in it, and some more words to fill the line so that it wraps on a phone');
      if (size === 'phone') await first.tap(); else await first.hover();
      await ada.page.waitForTimeout(300);
      await shot('1-hover');
      await first.getByRole('link', { name: 'Edit' }).click();
      await ada.page.waitForTimeout(300);
      await shot('2-editing');
      await ada.composer.fill('A message without a typo in it, and some more words to fill the line so that it wraps on a phone');
      await ada.page.getByRole('button', { name: 'Save' }).click();
      const soon = row('Said too soon');
      if (size === 'phone') await soon.tap(); else await soon.hover();
      await soon.getByRole('link', { name: 'Delete' }).click();
      await ada.page.waitForTimeout(300);
      await shot('3-dialog');
      await ada.page.getByRole('dialog', { name: 'Delete this message?' }).getByRole('button', { name: 'Delete', exact: true }).click();
      await expect(ada.page.locator('#entries [data-deleted]')).toHaveCount(1);
      await ada.page.waitForTimeout(300);
      await shot('4-after');
      await row('The last one of these').focus();
      await ada.page.keyboard.press('ArrowUp');
      await ada.page.waitForTimeout(300);
      await shot('5-focus');
    });

test('walk without a script', async ({ house, visitor }) => {
  const ada = await visitor({ javaScriptEnabled: false });
  await house.know(ada, 'Ada');
  await ada.enter('general');
  await ada.composer.fill('A message with a tpyo in it');
  await ada.page.getByRole('button', { name: 'Send' }).click();
  const row = ada.page.locator('#entries li.entry', { has: ada.page.getByText('A message with a tpyo in it', { exact: true }) });
  await row.hover();
  await ada.page.screenshot({ path: '/tmp/shots/6-plain-hover.png' });
  await row.getByRole('link', { name: 'Edit' }).click();
  await ada.page.screenshot({ path: '/tmp/shots/7-plain-edit.png' });
});
