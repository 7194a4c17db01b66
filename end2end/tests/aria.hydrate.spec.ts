/** The accessibility tree of each screen: roles, names, states, in reading order. */
import { REFUSED, UNREACHABLE, expect } from './fixtures';
import { full, quiet } from './house';
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
      // An announcement is transient, so it is no part of a screen.
      await ada.page.evaluate(() => document.querySelector('#announcer')?.setAttribute('hidden', ''));
      // A dialog over the page is all that can be reached.
      const isOver = ['settings', 'keys', 'switcher'].includes(screen);
      const seen = isOver ? ada.page.getByRole('dialog') : ada.page.locator('body');
      await expect.soft(seen, screen).toMatchAriaSnapshot({ name });
    });
  });
}

full('the lists of a full house read as they should', async ({ person }) => {
  const ada = await person('Ada', desktop);
  for (const [group, count] of [['Rooms', 39], ['Direct messages', 20], ['Browse rooms', 21]] as const) {
    await expect(ada.places.getByRole('region', { name: group, exact: true }).getByRole('link'), group).toHaveCount(count);
  }
  // The list has names of any length and script, with their unread entries and presence.
  await expect(ada.places).toMatchAriaSnapshot(`
    - navigation:
      - region "Rooms":
        - heading "Rooms" [level=2]
        - list:
          - listitem:
            - link "books 13 unread, 1 of them for you"
          - listitem:
            - link "general"
          - listitem:
            - link "the-long-table-on-the-terrace"
          - listitem:
            - link "한국어 67 unread, 1 of them for you"
      - region "Direct messages":
        - heading "Direct messages" [level=2]
        - list:
          - listitem:
            - link "Bo here 1 unread"
          - listitem:
            - link "Mina here"
          - listitem:
            - link "WWWWWWWWWWWWWWWWWWWW away"
      - region "Browse rooms":
        - heading "Browse rooms" [level=2]
  `);
  const members = ada.page.getByRole('complementary', { name: 'Members' });
  for (const list of ['Online', 'Away']) {
    await expect(members.getByRole('list', { name: list }).getByRole('listitem'), list).toHaveCount(30);
  }
  await expect(members).toMatchAriaSnapshot(`
    - complementary "Members":
      - heading "Online 30" [level=2]
      - list "Online":
        - listitem:
          - link "Ada you"
        - listitem:
          - link "Konstantin_Alexander here"
        - listitem:
          - link "דוד_כהן here"
      - heading "Away 30" [level=2]
      - list "Away":
        - listitem:
          - link "WWWWWWWWWWWWWWWWWWWW away"
        - listitem:
          - link "佐藤_健 away"
  `);
});
