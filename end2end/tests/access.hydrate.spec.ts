/** Accessibility for everybody: there is no violation on any screen, in both themes, at every size, in any font. */
import AxeBuilder from '@axe-core/playwright';
import { type Person, REFUSED, UNREACHABLE, expect, test } from './fixtures';
import { full, quiet } from './house';
import { tooWide } from './overflow';
import { everyScreen } from './screens';

/** Returns the screen's violations as sentences. */
async function faults(person: Person, screen: string): Promise<string[]> {
  // The check waits for the ends of animations.
  await person.page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity).map((one) => one.finished)));
  const found = await new AxeBuilder({ page: person.page }).options({ resultTypes: ['violations'] }).analyze();
  const violations = found.violations.map((one) => `${screen}: ${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  const mains = await person.page.getByRole('main').count();
  return [
    ...violations,
    ...(await tooWide(person)).map((one) => `${screen}: ${one}`),
    // A dialog hides the main landmark behind it.
    ...(mains === 1 || (await person.page.locator('dialog[open]').count()) > 0 ? [] : [`${screen}: ${mains} main landmarks`]),
  ];
}

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const looks = {
  'light on a desktop': { ...desktop, colorScheme: 'light' },
  'dark on a desktop': { ...desktop, colorScheme: 'dark' },
  'light on a phone': { ...phone, colorScheme: 'light' },
  'dark on a phone': { ...phone, colorScheme: 'dark' },
  'in the colours of the system': { ...desktop, forcedColors: 'active' },
  'with more contrast': { ...desktop, contrast: 'more' },
  'without motion': { ...desktop, reducedMotion: 'reduce' },
  // A window of 1280 px is enlarged to 400 %.
  'enlarged four times': { viewport: { width: 320, height: 256 } },
} as const;

/** The setups in which a full house may differ: its content at each size, in the colours of each theme. */
const crowded = ['light on a desktop', 'dark on a desktop', 'light on a phone', 'dark on a phone'] as const;

for (const [where, test, names] of [
  ['in a quiet room', quiet, Object.keys(looks) as (keyof typeof looks)[]],
  ['in a full house', full, crowded],
] as const) {
  for (const name of names) {
    test(`every screen is accessible ${where}, ${name}`, async ({ stage, visitor, expectError }) => {
      test.setTimeout(120_000);
      for (const pattern of [REFUSED, UNREACHABLE]) expectError(pattern);
      const ada = await visitor(looks[name]);
      const all: string[] = [];
      await everyScreen(stage, ada, looks[name].viewport.width < 768, async (screen) => {
        all.push(...(await faults(ada, screen)));
        if (name === 'without motion') {
          const moving = await ada.page.evaluate(() => document.getAnimations().length);
          if (moving > 0) all.push(`${screen}: ${moving} things move`);
        }
      });
      expect(all).toEqual([]);
    });
  }
}

for (const fonts of ['wide', 'narrow'] as const) {
  full.describe(`with a ${fonts} font`, () => {
    full.use({ fonts });
    for (const name of ['light on a desktop', 'light on a phone', 'enlarged four times'] as const) {
      full(`nothing sticks out or is cut off in a full house, ${name}`, async ({ stage, visitor, expectError }) => {
        full.setTimeout(120_000);
        for (const pattern of [REFUSED, UNREACHABLE]) expectError(pattern);
        const ada = await visitor(looks[name]);
        const all: string[] = [];
        await everyScreen(stage, ada, looks[name].viewport.width < 768, async (screen) => {
          all.push(...(await tooWide(ada)).map((one) => `${screen}: ${one}`));
        });
        expect(all).toEqual([]);
      });
    }
  });
}

test('the zoom is the person\'s own', async ({ natter, request }) => {
  const html = await (await request.get(natter.url)).text();
  const viewport = /<meta[^>]*name="viewport"[^>]*>/.exec(html)?.[0];
  expect(viewport).toContain('initial-scale=1');
  expect(viewport).not.toMatch(/user-scalable|maximum-scale/);
});
