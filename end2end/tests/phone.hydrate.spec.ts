/** The page on a phone: one column, two drawers, a finger. */
import { type Person, expect, test } from './fixtures';
import { stages } from './house';

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

/** Moves a finger from one point to another by the browser's own input events. */
async function swipe(person: Person, from: [number, number], to: [number, number]): Promise<void> {
  const session = await person.page.context().newCDPSession(person.page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: [number, number]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [{ x: at[0], y: at[1] }] : [] });
  await touch('touchStart', from);
  for (let step = 1; step <= 8; step++) {
    const part = (axis: 0 | 1) => from[axis] + ((to[axis] - from[axis]) * step) / 8;
    await touch('touchMove', [part(0), part(1)]);
  }
  await touch('touchEnd');
  await session.detach();
}

const sticksOut = (person: Person) =>
  person.page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth);

function lists(person: Person) {
  return {
    places: person.places,
    members: person.page.getByRole('complementary', { name: 'Members' }),
    openPlaces: person.page.getByRole('button', { name: /^Rooms and direct messages/ }),
    openMembers: person.page.getByRole('button', { name: /^Members/ }),
  };
}

for (const [where, test] of Object.entries(stages)) {
  test(`the room has the whole screen, and nothing sticks out sideways ${where}`, async ({ stage, person }) => {
    const { bo } = stage;
    const ada = await person('Ada', phone);
    await bo.say(
      'general',
      `a long word: ${'w'.repeat(400)}`,
      `https://example.org/${'path/'.repeat(60)}`,
      `\`\`\`\n${'a line of code that goes on and on; '.repeat(20)}\n\`\`\``,
    );
    await expect(ada.page.locator('code.block').last()).toBeInViewport();
    const { places, members } = lists(ada);
    await expect(places).toBeHidden();
    await expect(members).toBeHidden();
    expect(await sticksOut(ada)).toBeLessThanOrEqual(0);
    const block = ada.page.locator('code.block').last();
    expect(await block.evaluate((code) => code.scrollWidth > code.clientWidth), 'code scrolls within itself').toBe(true);
    const box = (await ada.page.locator('form.composer').boundingBox())!;
    expect(box.x + box.width).toBeLessThanOrEqual(390);
    expect(box.y + box.height).toBeLessThanOrEqual(844);
    const small = await ada.page.evaluate(() => {
      const pressed = [...document.querySelectorAll('button, .place, .person a, textarea')];
      const boxes = pressed.filter((one) => one.checkVisibility()).map((one) => [one, one.getBoundingClientRect()] as const);
      return boxes.filter(([, box]) => box.width < 24 || box.height < 24).map(([one]) => one.outerHTML.slice(0, 80));
    });
    expect(small, 'too small for a finger').toEqual([]);
  });

  test(`the composer stays above an on-screen keyboard that covers the page, and goes down with it ${where}`, async ({ person }) => {
    const ada = await person('Ada', phone);
    // There is no on-screen keyboard here, so the test sets the viewport as a browser with one would.
    const keyboard = (height?: number, offsetTop = 0) =>
      ada.page.evaluate((said) => {
        for (const [name, value] of Object.entries(said)) {
          if (said.height === undefined) delete (visualViewport as any)[name];
          else Object.defineProperty(visualViewport, name, { configurable: true, get: () => value });
        }
        visualViewport!.dispatchEvent(new Event('resize'));
      }, { height, offsetTop });
    const end = async () => {
      const box = (await ada.page.locator('form.composer').boundingBox())!;
      return box.y + box.height;
    };
    await keyboard(480);
    expect(await end()).toBeLessThanOrEqual(480);
    await expect(ada.page.getByRole('heading', { level: 1 })).toBeInViewport();
    // Some browsers scroll the page to the field, and the visible part begins further down.
    await keyboard(480, 300);
    expect(await end()).toBeGreaterThan(700);
    expect(await end()).toBeLessThanOrEqual(780);
    await keyboard();
    expect(await end()).toBeGreaterThan(800);
  });

  test(`drawers open by their buttons, and close beside them, by their cross, and by choosing ${where}`, async ({ stage, person }) => {
    await stage.bo.say('general', 'Good morning!');
    const ada = await person('Ada', phone);
    const { places, members, openPlaces, openMembers } = lists(ada);
    await openPlaces.tap();
    await expect(places).toBeVisible();
    expect(await sticksOut(ada)).toBeLessThanOrEqual(0);
    await ada.page.touchscreen.tap(380, 400);
    await expect(places).toBeHidden();
    await openPlaces.tap();
    await places.getByRole('button', { name: 'Close the list' }).tap();
    await expect(places).toBeHidden();
    await openPlaces.tap();
    await ada.place('random').tap();
    await expect(places).toBeHidden();
    await ada.toBeIn('random');
    await ada.toBeLive();

    await openMembers.tap();
    await expect(members).toBeVisible();
    expect(await sticksOut(ada)).toBeLessThanOrEqual(0);
    await ada.page.touchscreen.tap(10, 400);
    await expect(members).toBeHidden();
    await openPlaces.tap();
    await ada.place('general').tap();
    await ada.toBeIn('general');
    await openMembers.tap();
    await members.getByRole('link', { name: /Bo/ }).tap();
    await expect(members).toBeHidden();
    await ada.toBeIn('Bo');
    await expect(ada.page, 'no keyboard covers what was just opened').not.toHaveURL(/#/);
    expect(await ada.focused()).toBe('h1');
  });

  test(`above an on-screen keyboard that takes half of the window, the composer stays in sight ${where}`, async ({ stage, person }) => {
    const { bo } = stage;
    await bo.say('general', ...Array.from({ length: 60 }, (_, n) => `line ${n}`));
    const ada = await person('Ada', phone);
    await ada.composer.tap();
    // Android resizes the page for its keyboard (`interactive-widget=resizes-content`); the page sees only the new
    // size.
    await ada.page.setViewportSize({ width: 390, height: 440 });
    await expect(ada.composer).toBeInViewport({ ratio: 1 });
    await expect(ada.entry('line 59')).toBeInViewport();
    await ada.composer.fill('typed above the keyboard');
    await ada.page.getByRole('button', { name: 'Send' }).tap();
    await expect(ada.entry('typed above the keyboard')).toBeInViewport();
    await expect(ada.composer, 'the keyboard stays').toBeFocused();
  });
}

test('drawers follow the finger: a swipe opens the one at that edge, and one back closes it', async ({ person }) => {
  const ada = await person('Ada', phone);
  const { places, members } = lists(ada);
  await swipe(ada, [100, 400], [300, 410]);
  await expect(places).toBeVisible();
  await swipe(ada, [300, 400], [100, 410]);
  await expect(places).toBeHidden();
  await expect(members, 'the swipe that closes one drawer does not open the other').toBeHidden();
  await swipe(ada, [300, 400], [100, 410]);
  await expect(members).toBeVisible();
  await swipe(ada, [100, 400], [300, 410]);
  await expect(members).toBeHidden();
  await expect(places).toBeHidden();
});

test('a swipe from the very edge of the screen is the system\'s', async ({ person }) => {
  const ada = await person('Ada', phone);
  const { places, members } = lists(ada);
  await swipe(ada, [4, 400], [300, 400]);
  await swipe(ada, [386, 400], [100, 400]);
  // At the edge of the window a swipe belongs to the system; a swipe that begins further in still opens a drawer.
  await swipe(ada, [40, 400], [300, 400]);
  await expect(places).toBeVisible();
  await expect(members).toBeHidden();
});

test('a finger scrolls up and down, and two enlarge the page', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', ...Array.from({ length: 60 }, (_, n) => `line ${n}`));
  const ada = await person('Ada', phone);
  await expect(ada.entry('line 59')).toBeInViewport();
  await swipe(ada, [200, 250], [210, 650]);
  await expect(ada.entry('line 59')).not.toBeInViewport();
  const session = await ada.page.context().newCDPSession(ada.page);
  await session.send('Input.synthesizePinchGesture', { x: 195, y: 400, scaleFactor: 2 });
  await expect.poll(() => ada.page.evaluate(() => visualViewport!.scale)).toBeGreaterThan(1.5);
  const { places, members } = lists(ada);
  await expect(places).toBeHidden();
  await expect(members).toBeHidden();
});

test('a swipe opens a drawer wherever it begins on the page', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', ...Array.from({ length: 60 }, (_, n) => `line ${n}`));
  const ada = await person('Ada', phone);
  await expect(ada.entry('line 59')).toBeInViewport();
  const { places } = lists(ada);
  const text = (await ada.entry('line 59').boundingBox())!;
  const head = (await ada.page.getByRole('heading', { level: 1 }).boundingBox())!;
  for (const y of [text.y + text.height / 2, head.y + head.height / 2]) {
    await swipe(ada, [90, y], [300, y + 5]);
    await expect(places).toBeVisible();
    const place = (await ada.place('general').boundingBox())!;
    await swipe(ada, [place.x + place.width - 20, place.y + 10], [60, place.y + 15]);
    await expect(places).toBeHidden();
  }
});

test('reading, writing and short moves of a finger open nothing', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada', phone);
  await bo.say('general', ...Array.from({ length: 40 }, (_, n) => `line ${n}`), `\`\`\`\n${'wide '.repeat(100)}\n\`\`\``);
  await expect(ada.page.locator('code.block')).toBeInViewport();
  const { places, members } = lists(ada);
  const field = (await ada.composer.boundingBox())!;
  await swipe(ada, [100, 300], [180, 600]); // a vertical swipe
  await swipe(ada, [100, 300], [140, 300]); // a swipe that is too short
  await swipe(ada, [60, field.y + 10], [300, field.y + 10]); // a swipe along the text field
  await ada.page.locator('.scroll').evaluate((view) => (view.scrollTop = 0));
  await expect(ada.page.locator('code.block')).toBeInViewport({ ratio: 1 });
  const code = (await ada.page.locator('code.block').boundingBox())!;
  await swipe(ada, [300, code.y + code.height / 2], [80, code.y + code.height / 2]); // a swipe along the code
  await expect(places).toBeHidden();
  await expect(members).toBeHidden();
  const moved = () => ada.page.locator('code.block').evaluate((block) => block.scrollLeft);
  await expect.poll(moved, 'the code moved').toBeGreaterThan(0);
});

test('a finger closes the switcher by its button, or beside it', async ({ person }) => {
  const ada = await person('Ada', phone);
  const switcher = ada.page.getByRole('dialog', { name: 'Go to a room or person' });
  const open = () => ada.page.getByRole('button', { name: 'Go to a room or person' }).tap();
  await open();
  await switcher.getByRole('button', { name: 'Close' }).tap();
  await expect(switcher).toBeHidden();
  await open();
  await expect(switcher).toBeVisible();
  await ada.page.touchscreen.tap(195, 830);
  await expect(switcher).toBeHidden();
  await ada.toBeIn('general');
});
