/** The longest names and words, in the narrowest window and a wide font, break or end with an ellipsis. */
import { REFUSED, expect, test } from './fixtures';
import { tooWide } from './overflow';

const [ME, OTHER, ROOM] = ['W'.repeat(20), 'M'.repeat(20), 'w'.repeat(30)];

test.use({ fonts: 'wide' });

test('the longest names and words fit everywhere', async ({ natter, visitor, expectError }) => {
  test.setTimeout(60_000);
  expectError(REFUSED);
  const bo = await natter.voice(OTHER);
  await bo.join(ROOM);
  const ada = await visitor({ viewport: { width: 320, height: 400 } });
  const page = ada.page;
  const all: string[] = [];
  const look = async (screen: string) => all.push(...(await tooWide(ada)).map((one) => `${screen}: ${one}`));

  await ada.signIn(ME);
  await ada.toBeLive();
  await ada.say(`/join ${ROOM}`);
  await ada.toBeIn(ROOM);
  const word = 'x'.repeat(300);
  await bo.say(ROOM, `@${ME} ${word}`, `/me ${word}`, `https://example.org/${word}`, `\`${word}\``, `\`\`\`\n${word}\n\`\`\``, 'the last');
  await bo.tell(ME, word);
  await expect(ada.entry('the last')).toBeInViewport();
  await look('room');
  await ada.composer.pressSequentially('@M');
  await expect(page.getByRole('option', { name: OTHER })).toBeVisible();
  await look('suggestions');
  await ada.composer.fill(word);
  await look('composer');
  await ada.say('/users');
  await expect(ada.toasts.getByRole('listitem')).toHaveCount(1);
  await look('answer to a command');

  await page.getByRole('button', { name: /^Members/ }).click();
  await expect(page.getByRole('complementary', { name: 'Members' })).toBeVisible();
  await look('members');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Rooms and/ }).click();
  await expect(ada.place(OTHER)).toBeVisible();
  await look('rooms');
  await ada.openSettings();
  await look('settings');
  await ada.closeSettings();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('m');
  await expect(page.getByRole('option', { name: OTHER })).toBeVisible();
  await look('switcher');
  await page.keyboard.press('Enter');
  await ada.toBeIn(OTHER);
  await look('conversation');

  await page.goto(`${natter.url}/mentions`);
  await expect(page.getByText(`@${ME}`)).toBeVisible();
  await look('mentions');
  await page.goto(`${natter.url}/room/${'n'.repeat(30)}`);
  await look('not found');
  expect(all).toEqual([]);
});
