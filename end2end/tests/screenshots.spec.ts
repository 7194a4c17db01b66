/** The pictures in the README, taken from the real page by `make screenshots`. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REFUSED, UNREACHABLE, expect, test } from './fixtures';
import { type House, full, quiet } from './house';
import { everyScreen } from './screens';

const desktop = { viewport: { width: 1280, height: 800 } };
const wide = { viewport: { width: 1920, height: 1080 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const small = { ...phone, viewport: { width: 320, height: 568 } };

/** Plays a morning in a workshop, in a full house. */
async function morning(house: House): Promise<void> {
  const said: [string, ...string[]][] = [
    ['Mina', 'Good morning! The kettle is on. ☕'],
    ['Bo', 'Morning, Mina. I moved the weather station onto the roof yesterday, and it is **still there**.'],
    ['田中さくら', 'おはようございます。屋根の上からの眺めはどうですか？'],
    ['Theo', '/me looks out of the window', 'Confirmed: one weather station, two pigeons.'],
    ['Bo', 'It sends a reading every minute. This is all it takes:', '```rust\nlet reading = station.read()?;\nlog.append(&reading)?; // durable before anybody sees it\nroom.tell(reading);\n```'],
    ['Priya', 'Lovely. I will draw the curve for the wall.'],
  ];
  for (const [name, ...texts] of said) await house.voice(name).say('workshop', ...texts);
}

for (const [file, options] of [
  ['room-light.png', { ...desktop, colorScheme: 'light' }],
  ['room-dark.png', { ...desktop, colorScheme: 'dark' }],
  ['room-phone.png', { ...phone, colorScheme: 'light' }],
] as const) {
  full(`the room, ${file} @screenshots`, async ({ house, person }) => {
    const yuki = await person('Yuki');
    await yuki.enter('workshop');
    await yuki.toBeLive();
    const ada = await person('Ada', options);
    await ada.enter('workshop');
    await ada.toBeLive();
    await morning(house);
    await expect(ada.entry('Lovely. I will draw the curve for the wall.')).toBeInViewport();
    // Ada visits another room, and then reads on at the divider.
    await ada.jump('/room/general');
    await ada.toBeIn('general');
    await house.voice('Theo').say('workshop', 'The pigeons have moved in. 🐦');
    await house.voice('Mina').say('workshop', '@Ada, would you write the sign? “Please do not feed the thermometer.”');
    await house.voice('Priya').say('birdwatching', '@Ada the heron is back at the pond!');
    // On a phone the list is in a drawer.
    for (const room of ['workshop', 'birdwatching']) {
      await expect(ada.page.locator(`#places a.place[href="/room/${room}"] .badge`)).toHaveText('@1');
    }
    await ada.jump('/room/workshop');
    await ada.toBeIn('workshop');
    await expect(ada.newLine).toBeInViewport();
    await yuki.composer.pressSequentially('I can bring pa');
    await expect(ada.page.getByText('Yuki is typing…')).toBeVisible();
    await ada.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await ada.page.screenshot({ path: fileURLToPath(new URL(`../../docs/${file}`, import.meta.url)) });
  });
}

// These tests take pictures of the whole page after a change: SHOTS=folder npx playwright test --grep @shots.
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
