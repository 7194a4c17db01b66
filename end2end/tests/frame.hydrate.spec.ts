/** The chat page is a frame: its lists scroll within it, and no action of a person scrolls the document. */
import { type Page } from '@playwright/test';
import { type Person, REFUSED, UNREACHABLE, expect } from './fixtures';
import { full, stages } from './house';
import { everyScreen } from './screens';

const sizes = [
  { width: 320, height: 568 },
  { width: 390, height: 844 },
  { width: 844, height: 390 },
  { width: 700, height: 700 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
  // A window of 1280x800 is enlarged to 200 % and to 400 %.
  { width: 640, height: 400 },
  { width: 320, height: 200 },
];

// A trace would take a snapshot of all rows at each query.
for (const stage of Object.values(stages)) stage.use({ trace: 'off' });

/** Returns the frame's faults, in a few words each. */
async function faults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const root = document.documentElement;
    const chat = document.querySelector('.chat');
    const name = (element: Element) => `${element.localName}.${element.className}`;
    scrollTo(100_000, 100_000);
    if (scrollX !== 0 || scrollY !== 0) faults.push(`the document scrolls by ${scrollX}, ${scrollY}`);
    if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) faults.push(`the document is ${root.scrollWidth}x${root.scrollHeight}`);
    scrollTo(0, 0);
    for (const element of document.querySelectorAll('body, body *')) {
      const style = getComputedStyle(element);
      const isBox = /auto|scroll|hidden/.test(style.overflowX + style.overflowY) && style.display !== 'inline';
      if (/auto|scroll/.test(style.overflowY) && style.position === 'static' && !element.matches('textarea, [hidden], :not(:has(*))')) {
        faults.push(`${name(element)} does not hold what is in it`);
      }
      // A box that clips its content and is no list: a script could scroll it, and no person could scroll it back.
      if (chat?.contains(element) && isBox && style.overflowY === 'hidden' && element.scrollTop !== 0) faults.push(`${name(element)} is scrolled`);
    }
    if (!chat) return faults;
    if (document.body.scrollHeight > document.body.clientHeight) faults.push(`the body is ${document.body.scrollHeight} high`);
    for (const selector of ['h1', 'form.composer', '.composer textarea', '.send']) {
      const box = document.querySelector(selector)!.getBoundingClientRect();
      const isInside = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight + 0.5 && box.right <= innerWidth + 0.5;
      if (!isInside) faults.push(`${selector} is at ${[box.left, box.top, box.right, box.bottom].map(Math.round)}`);
    }
    return faults;
  });
}

for (const [where, test] of Object.entries(stages)) {
  for (const isPhone of [false, true]) {
    test(`the document never scrolls: every screen ${where}, at every size, ${isPhone ? 'with drawers' : 'as on a desktop'}`, async ({ stage, visitor, expectError }) => {
      test.setTimeout(90_000);
      for (const pattern of [REFUSED, UNREACHABLE]) expectError(pattern);
      const own = isPhone ? { width: 390, height: 844 } : { width: 1280, height: 800 };
      const ada = await visitor({ viewport: own });
      const all: string[] = [];
      await everyScreen(stage, ada, isPhone, async (screen) => {
        // A wide window closes the drawers, so the screens of a phone are checked at narrow sizes only.
        for (const size of sizes.filter(({ width }) => !isPhone || width < 768)) {
          await ada.page.setViewportSize(size);
          all.push(...(await faults(ada.page)).map((fault) => `${screen}, ${size.width}x${size.height}: ${fault}`));
        }
        await ada.page.setViewportSize(own);
      });
      expect(all).toEqual([]);
    });
  }
}

/** The ways in which a person or a page can scroll a document. */
const ways: Record<string, (ada: Person) => Promise<void>> = {
  'the wheel over every part': async ({ page }) => {
    const parts = ['.head', '.scroll', '.writing', '.composer', '.places-head', '.places-list', '.join-form', '.me', '.members'];
    for (const part of parts) {
      const box = await page.locator(part).first().boundingBox();
      if (!box) continue;
      await page.mouse.move(box.x + box.width / 2, box.y + Math.min(box.height / 2, 300));
      for (const turn of [3_000, -3_000, 6_000]) await page.mouse.wheel(0, turn);
    }
  },
  'keys in every part': async ({ page }) => {
    for (const part of ['body', 'h1', '.scroll', '.place', '.person a', '.send', '#text', '.places-list']) {
      await page.evaluate((selector) => {
        (document.activeElement as HTMLElement | null)?.blur();
        document.querySelector<HTMLElement>(selector)?.focus();
      }, part);
      const keys = part === '.send' ? ['PageDown', 'PageUp', 'End', 'Home'] : ['PageDown', 'End', 'Space', 'PageDown', 'ArrowDown', 'PageUp', 'Home'];
      for (const key of keys) await page.keyboard.press(key);
    }
  },
  'everything brought into view': async ({ page }) => {
    await page.evaluate(() => {
      for (const element of document.querySelectorAll('body *')) {
        for (const block of ['start', 'end', 'nearest'] as const) element.scrollIntoView({ block, inline: block });
      }
    });
  },
  'everything focused, seen or not': async ({ page }) => {
    await page.evaluate(() => {
      for (const element of document.querySelectorAll<HTMLElement>('body *')) {
        const before = element.getAttribute('tabindex');
        element.tabIndex = -1;
        element.focus();
        if (before === null) element.removeAttribute('tabindex');
        else element.setAttribute('tabindex', before);
      }
    });
  },
  'an address within the page': async ({ page }) => {
    const ids = await page.evaluate(() => {
      const entries = [...document.querySelectorAll('#entries [id]')];
      const others = [...document.querySelectorAll('[id]')].filter((one) => !entries.includes(one));
      return [...others, entries[0]!, entries.at(entries.length / 2)!, entries.at(-1)!].map(({ id }) => id);
    });
    for (const id of ids) await page.evaluate((id) => location.replace(`#${id}`), id);
  },
};

for (const size of sizes) {
  full(`nothing scrolls a full house away, ${size.width}x${size.height}`, async ({ person }) => {
    const ada = await person('Ada', { viewport: size });
    const all: string[] = [];
    for (const [way, go] of Object.entries(ways)) {
      await go(ada);
      all.push(...(await faults(ada.page)).map((fault) => `${way}: ${fault}`));
    }
    expect(all).toEqual([]);
    // The page is still live: a new message appears.
    await ada.say('still here');
    await expect(ada.entry('still here')).toBeVisible();
  });
}

for (const [times, viewport] of [
  [2, { width: 390, height: 844 }],
  [4, { width: 1280, height: 800 }],
] as const) {
  full(`with letters ${times} times as large, everything is in reach on ${viewport.width}x${viewport.height}`, async ({ person }) => {
    const ada = await person('Ada', { viewport });
    const session = await ada.page.context().newCDPSession(ada.page);
    await session.send('Page.enable');
    await session.send('Page.setFontSizes', { fontSizes: { standard: 16 * times, fixed: 13 * times } });
    expect(await ada.page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe(`${16 * times}px`);
    expect(await faults(ada.page)).toEqual([]);
  });
}

full('the shown room is in sight in the list of all rooms, and the list stays where it is scrolled', async ({ house, person }) => {
  const ada = await person('Ada');
  await ada.enter('workshop');
  await ada.toBeLive();
  await expect(ada.place('workshop')).toBeInViewport();
  await expect(ada.place('accessibility')).not.toBeInViewport();
  await ada.page.locator('.places-list').evaluate((list) => (list.scrollTop = 0));
  await house.voice('Bo').say('lunch', 'Soup today, and there is bread.');
  await expect(ada.badge('lunch')).toHaveText('4');
  await expect(ada.place('accessibility')).toBeInViewport();
  await ada.page.keyboard.press('Alt+ArrowUp');
  await ada.toBeIn('weather-station');
  await expect(ada.place('weather-station')).toBeInViewport();
});

full('the shown room is in sight in the drawer of all rooms', async ({ person }) => {
  const ada = await person('Ada', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await ada.enter('workshop');
  await ada.toBeLive();
  await ada.page.getByRole('button', { name: /^Rooms and direct messages/ }).tap();
  await expect(ada.place('workshop')).toBeInViewport();
});
