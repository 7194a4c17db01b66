/** One day in the chat, with and without a script: both lead to the same screens and to the same store. */
import { type Person, expect, test } from './fixtures';

const ROOM = 'garden';

/** Earlier texts by others: more than two pages of them. */
const EARLIER = Array.from({ length: 120 }, (_, n) => `letter ${n}`);

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with a script' : 'without a script';

  test(`${how}: come in, make a room, talk, act, write to one alone, read back, take a name, leave, choose a theme`, async ({
    natter,
    visitor,
  }) => {
    test.setTimeout(60_000);
    const bo = await natter.voice('Bo');
    await bo.join('letters');
    await bo.say('letters', ...EARLIER);

    const ada = await visitor({ javaScriptEnabled, colorScheme: 'light' });
    await ada.signIn('Ada');
    const settled = () => (javaScriptEnabled ? ada.toBeLive() : Promise.resolve());
    const send = async (text: string) => {
      await ada.composer.fill(text);
      await ada.page.getByRole('button', { name: 'Send' }).click();
      await expect(ada.composer).toHaveValue('');
    };
    await settled();

    // Ada creates a room by the form of the list.
    await ada.join(ROOM);
    await ada.toBeIn(ROOM);
    await expect(ada.page).toHaveURL(new RegExp(`/room/${ROOM}$`));
    await expect(ada.place(ROOM)).toHaveAttribute('aria-current', 'page');
    await expect(ada.page.locator('.empty')).toHaveText(`No messages in #${ROOM} yet. Write the first one.`);

    await send('The **tomatoes** are in.');
    await expect(ada.page.locator('#entries strong')).toContainText('tomatoes');
    await send('/me waters them');
    await expect(ada.entry('* Ada waters them')).toBeVisible();
    expect(await ada.entries()).toEqual(await natter.stored(ROOM));
    expect(await ada.texts()).toEqual(['The **tomatoes** are in.', '* Ada waters them']);

    // Ada writes to Bo alone, on the page of the conversation.
    await ada.page.goto(`${natter.url}/pm/Bo`);
    await settled();
    await ada.toBeIn('Bo');
    await expect(ada.page.locator('.empty')).toHaveText('Only you and Bo can see this.');
    await send('Can you bring string?');
    await expect(ada.entry('Can you bring string?')).toBeVisible();
    await expect(ada.place('Bo')).toHaveAttribute('aria-current', 'page');
    await bo.tell('Ada', 'I have some.');
    if (!javaScriptEnabled) await ada.page.reload();
    await expect(ada.entry('I have some.')).toBeVisible();
    expect(await ada.texts()).toEqual(['Can you bring string?', 'I have some.']);

    // Ada reads back to the first of many entries.
    await join(ada, 'letters');
    await settled();
    await expect(ada.entry('letter 119')).toBeInViewport();
    const read = await readBack(ada, javaScriptEnabled);
    expect(read).toEqual(EARLIER);
    // Without a script the page opens at its end.
    await ada.entry('letter 0').scrollIntoViewIfNeeded();
    await expect(ada.entry('letter 0')).toBeInViewport();
    await expect(ada.page.getByRole('link', { name: 'Older messages' })).toHaveCount(0);

    // Ada takes another name.
    await ada.openSettings();
    await ada.settings.getByLabel('Your name').fill('Zoë');
    await ada.settings.getByRole('button', { name: 'Change' }).click();
    if (javaScriptEnabled) await ada.closeSettings();
    await expect(ada.page.getByText('You are Zoë')).toBeVisible();
    await expect(ada.entry('Ada is now known as Zoë')).toBeAttached();

    // Ada leaves the room.
    await ada.page.getByRole('button', { name: 'Leave letters' }).click();
    await ada.toBeIn('general');
    await expect(ada.page).toHaveURL(/\/room\/general$/);
    await expect(ada.page.getByRole('button', { name: /^Leave/ })).toHaveCount(0);
    await expect(ada.places.getByRole('region', { name: 'Browse rooms' }).getByRole('link', { name: 'letters' })).toBeVisible();

    await ada.wear('Dark');
    await expect(ada.page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await ada.page.reload();
    await expect(ada.page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await settled();

    // The store and the screen agree at the end, with and without a script.
    const stored = async (room: string) => (await natter.stored(room)).map((entry) => entry.text);
    expect(await stored(ROOM)).toEqual(['The **tomatoes** are in.', '* Ada waters them', 'Ada is now known as Zoë']);
    expect(await stored('letters')).toEqual([...EARLIER, 'Ada is now known as Zoë']);
    expect(await stored('general')).toEqual(['Ada is now known as Zoë']);
    expect(await ada.entries()).toEqual(await natter.stored('general'));
    await expect(ada.places.getByRole('region', { name: 'Rooms', exact: true }).locator('.name')).toHaveText(['garden', 'general']);
    await expect(ada.places.getByRole('region', { name: 'Direct messages' }).locator('.name')).toHaveText(['Bo']);
    await ada.go('Bo');
    await settled();
    await expect.poll(() => ada.texts()).toEqual(['Can you bring string?', 'I have some.']);
    await ada.go(ROOM);
    await settled();
    await expect.poll(() => ada.texts()).toEqual(await stored(ROOM));
  });
}

async function join(person: Person, room: string): Promise<void> {
  await person.composer.fill(`/join ${room}`);
  await person.page.getByRole('button', { name: 'Send' }).click();
  await person.toBeIn(room);
}

/** Reads a room upwards to its first entry, and returns the texts, oldest first. */
async function readBack(person: Person, javaScriptEnabled: boolean): Promise<string[]> {
  if (javaScriptEnabled) {
    await person.page.locator('.scroll').hover();
    await expect(async () => {
      await person.page.mouse.wheel(0, -2_000);
      await expect(person.entry(EARLIER[0]!)).toBeInViewport({ timeout: 100 });
    }).toPass({ intervals: [50] });
    return person.texts();
  }
  const read = await person.texts();
  const older = person.page.getByRole('link', { name: 'Older messages' });
  while ((await older.count()) > 0) {
    const before = person.page.url();
    await older.click();
    await expect(person.page).not.toHaveURL(before);
    read.unshift(...(await person.texts()));
  }
  return read;
}
