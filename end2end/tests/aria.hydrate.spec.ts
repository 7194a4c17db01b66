/** What a screen reader finds on each screen: roles, names, states, in the order in which they are read. */
import { REFUSED, UNREACHABLE, expect } from './fixtures';
import { quiet } from './house';
import { everyScreen } from './screens';

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

for (const [size, options, screens] of [
  [
    'desktop',
    desktop,
    [
      'front door',
      'front door, refused',
      'empty room',
      'room with all kinds of entries',
      'suggestions',
      'conversation',
      'settings',
      'keys',
      'switcher',
      'mentions',
      'not found',
      'text refused',
    ],
  ],
  ['phone', phone, ['empty room', 'list of rooms in its drawer', 'members in their drawer']],
] as const) {
  quiet(`every screen reads as it should, on a ${size}`, async ({ stage, visitor, expectError }) => {
    quiet.setTimeout(60_000);
    for (const pattern of [REFUSED, UNREACHABLE]) expectError(pattern);
    const ada = await visitor(options);
    await everyScreen(stage, ada, size === 'phone', async (screen) => {
      if (!(screens as readonly string[]).includes(screen)) return;
      const name = `${screen.replaceAll(/[^a-z]+/g, '-')}-${size}.aria.yml`;
      // What is said in passing is no part of a screen, and is there or not as it happens.
      await ada.page.evaluate(() => document.querySelector('#announcer')?.setAttribute('hidden', ''));
      // What lies over the page is all that can be reached then.
      const isOver = ['settings', 'keys', 'switcher'].includes(screen);
      const seen = isOver ? ada.page.getByRole('dialog') : ada.page.locator('body');
      await expect.soft(seen, screen).toMatchAriaSnapshot({ name });
    });
  });
}
