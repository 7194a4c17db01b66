/** The pictures in the README, taken from the real page by `make screenshots`. */
import { fileURLToPath } from 'node:url';
import { expect, test } from './fixtures';

test('the room @screenshots', async ({ person }) => {
  const viewport = { width: 1100, height: 620 };
  const [ada, bo] = [await person('Ada', { viewport }), await person('Bo')];
  await ada.say('Good morning! Is the kettle on?');
  await expect(bo.entry('Good morning! Is the kettle on?')).toBeVisible();
  await bo.say('It is. ☕ I pulled the plug of the server on purpose, by the way.');
  await expect(ada.page.locator('#entries > li')).toHaveCount(2);
  await ada.say('I saw. The page said it was offline,\nand then everything was back.');
  await expect(ada.page.locator('#entries > li')).toHaveCount(3);
  await ada.page.screenshot({ path: fileURLToPath(new URL('../../docs/room.png', import.meta.url)) });
});
