/** The pictures in the README, taken from the real page by `make screenshots`. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REFUSED, UNREACHABLE, type Natter, expect, test } from './fixtures';
import { full, quiet } from './house';
import { everyScreen } from './screens';

const desktop = { viewport: { width: 1280, height: 800 } };
const wide = { viewport: { width: 1920, height: 1080 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const small = { ...phone, viewport: { width: 320, height: 568 } };

/** A morning in a small workshop. */
async function morning(natter: Natter): Promise<Record<'bo' | 'mina' | 'theo', Awaited<ReturnType<Natter['voice']>>>> {
  const [mina, bo, theo] = [await natter.voice('Mina'), await natter.voice('Bo'), await natter.voice('Theo')];
  for (const one of [mina, bo, theo]) {
    for (const room of ['workshop', 'lunch', 'birdwatching']) await one.join(room);
  }
  await mina.say('workshop', 'Good morning! The kettle is on. ☕');
  await bo.say('workshop', 'Morning, Mina. I moved the weather station onto the roof yesterday, and it is **still there**.');
  await theo.say('workshop', '/me looks out of the window');
  await theo.say('workshop', 'Confirmed: one weather station, two pigeons.');
  await bo.say(
    'workshop',
    'It sends a reading every minute. This is all it takes:',
    '```rust\nlet reading = station.read()?;\nlog.append(&reading)?; // durable before anybody sees it\nroom.tell(reading);\n```',
  );
  await mina.say('workshop', 'Lovely. I will draw the curve for the wall.');
  return { bo, mina, theo };
}

for (const [file, options] of [
  ['room-light.png', { ...desktop, colorScheme: 'light' }],
  ['room-dark.png', { ...desktop, colorScheme: 'dark' }],
  ['room-phone.png', { ...phone, colorScheme: 'light' }],
] as const) {
  test(`the room, ${file} @screenshots`, async ({ natter, person }) => {
    const { bo, mina, theo } = await morning(natter);
    const others = [await person('Yuki'), await person('Rosa')] as const;
    for (const other of others) {
      await other.enter('workshop');
      await other.toBeLive();
    }
    const ada = await person('Ada', options);
    for (const room of ['lunch', 'birdwatching', 'workshop']) {
      await ada.say(`/join ${room}`);
      await ada.toBeIn(room);
    }
    const isPhone = file === 'room-phone.png';
    const go = async (room: string) => {
      if (isPhone) await ada.page.getByRole('button', { name: /^Rooms and direct messages/ }).tap();
      await (isPhone ? ada.place(room).tap() : ada.place(room).click());
      await ada.toBeIn(room);
    };
    await expect(ada.entry('Lovely. I will draw the curve for the wall.')).toBeInViewport();
    // Ada is in another room for a moment, and reads on where the news begin.
    await go('general');
    await theo.say('workshop', 'The pigeons have moved in. 🐦');
    await mina.say('workshop', '@Ada, would you write the sign? “Please do not feed the thermometer.”');
    await theo.say('lunch', 'Soup today, and there is bread.', 'Who is in?');
    await bo.say('birdwatching', '@Ada the heron is back at the pond!');
    await bo.tell('Ada', 'Thank you for yesterday.');
    const waits = ada.page.locator('#places .badge:not([hidden])');
    await expect(waits).toHaveCount(4);
    await go('workshop');
    await expect(ada.newLine).toBeInViewport();
    await others[0].composer.pressSequentially('I can bring pa');
    await expect(ada.page.getByText('Yuki is typing…')).toBeVisible();
    await ada.page.screenshot({ path: fileURLToPath(new URL(`../../docs/${file}`, import.meta.url)) });
  });
}

// For looking at all of the page after a change: SHOTS=folder npx playwright test --grep @shots.
for (const [where, stage] of Object.entries({ quiet, full })) {
  for (const [size, options] of Object.entries({ desktop, phone, small, wide })) {
    for (const colorScheme of ['light', 'dark'] as const) {
      stage(`every screen, ${where}, ${colorScheme} on a ${size} @screenshots @shots`, async ({ stage, visitor, expectError }) => {
        test.skip(!process.env.SHOTS, 'no folder is named for them');
        test.setTimeout(90_000);
        for (const pattern of [REFUSED, UNREACHABLE]) expectError(pattern);
        const folder = `${process.env.SHOTS}/${where}-${size}-${colorScheme}`;
        mkdirSync(folder, { recursive: true });
        let number = 10;
        const ada = await visitor({ ...options, deviceScaleFactor: 1, colorScheme });
        await everyScreen(stage, ada, options.viewport.width < 768, async (screen) => {
          await ada.page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity).map((one) => one.finished)));
          await ada.page.screenshot({ path: `${folder}/${number++}-${screen.replaceAll(/[^a-z]+/g, '-')}.png` });
        });
      });
    }
  }
}
