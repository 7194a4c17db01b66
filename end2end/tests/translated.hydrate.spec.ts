/** Translators and extensions move the page's text nodes, and the page still updates its texts. */
import { type Person, expect, test } from './fixtures';

/**
 * Imitates a translator: each text node is replaced by a wrapper, with the node in it or with another one. Elements
 * with `translate="no"` are left alone. An extension that is no translator does the same and ignores that of the page.
 */
function translate(): void {
  let count = 0;
  const skip = 'script, style, textarea, input, font, [translate=no]';
  const wrap = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: Text[] = [];
    while (walker.nextNode()) found.push(walker.currentNode as Text);
    for (const node of found) {
      const skipped = node.parentElement?.closest(skip);
      if (!node.data.trim() || (skipped && skipped !== document.documentElement)) continue;
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      outer.append(inner);
      node.replaceWith(outer);
      inner.append(count++ % 2 ? node : node.data);
    }
  };
  wrap();
  new MutationObserver(wrap).observe(document.body, { subtree: true, childList: true, characterData: true });
}

/** Changes every reactive part of the page. */
async function drive(ada: Person, bo: Person): Promise<void> {
  await bo.say('hello from **Bo**');
  await expect(ada.entry('hello from **Bo**')).toBeVisible();
  await ada.say('hello back');
  await expect(ada.entry('hello back')).toBeVisible();
  await ada.say('/join random');
  await ada.toBeIn('random');
  await expect(ada.page.getByRole('button', { name: 'Leave random' })).toBeVisible();
  await bo.say('one for general');
  await expect(ada.badge('general')).toHaveText('1');
  await bo.say('another one');
  await expect(ada.badge('general')).toHaveText('2');
  await ada.go('general');
  await expect(ada.badge('general')).toBeHidden();
  await bo.composer.pressSequentially('thinking');
  await expect(ada.page.locator('.writing')).toHaveText('Bo is typing…');
  await bo.composer.fill('');
  await expect(ada.page.locator('.writing')).toHaveText('');
  await bo.say('/nick Zoe');
  await expect(ada.members).toHaveText(['Ada', 'Zoe']);
  await expect(ada.entry('Bo is now known as Zoe')).toBeVisible();
  await ada.talk('Zoe');
  await bo.say('/nick Bo');
  await ada.toBeIn('Bo');
  await ada.say('/nick Eve');
  await expect(ada.places.locator('.me-name strong')).toHaveText('Eve');
  await ada.say('/nick Ada');
  await ada.composer.fill('x'.repeat(3_990));
  await expect(ada.page.locator('.counter')).toHaveText(/10/);
  await ada.composer.fill('x'.repeat(3_999));
  await expect(ada.page.locator('.counter')).not.toHaveText(/10/);
  await ada.composer.fill('/dance');
  await ada.composer.press('Enter');
  await expect(ada.page.locator('#composer-problem')).toContainText('/dance');
  await ada.composer.fill('');
  await ada.page.context().setOffline(true);
  await ada.page.evaluate(() => window.dispatchEvent(new Event('offline')));
  await expect(ada.page.locator('.status')).toHaveAttribute('data-state', 'offline');
  await expect(ada.page.locator('.status span')).not.toHaveText('Live');
  await ada.page.context().setOffline(false);
  await ada.toBeLive();
}

test('a page that is translated goes on living', async ({ person, expectError }) => {
  expectError(/WebSocket|net::ERR/);
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await ada.page.evaluate(translate);
  await drive(ada, bo);
});

test('a page that is translated before its script arrives comes alive', async ({ person, expectError }) => {
  expectError(/WebSocket|net::ERR/);
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await ada.page.goto(ada.page.url(), { waitUntil: 'commit' });
  await expect(ada.composer).toBeVisible();
  await ada.page.evaluate(translate);
  await ada.page.evaluate(() => {
    // One extension adds an element to the composer, and another one splits texts.
    document.querySelector('.composer')!.append(document.createElement('some-extension'));
    for (const font of document.querySelectorAll('font font')) (font.firstChild as Text).splitText(1);
  });
  release();
  await ada.toBeLive();
  await drive(ada, bo);
});

test('a page that an extension changes while its parts arrive comes alive, and so does a dialog later', async ({ person, expectError }) => {
  expectError(/WebSocket|net::ERR/);
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route('**/split_*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  const first = ada.page.waitForResponse(/natter[^/]*\.wasm/);
  await ada.page.goto(ada.page.url(), { waitUntil: 'commit' });
  await (await first).finished();
  // The first file has run when the page does not want to be translated any more.
  await expect(ada.page.locator('html')).toHaveAttribute('translate', 'no');
  await ada.page.evaluate(translate);
  await expect(ada.page.locator('[data-live] font').first()).toBeAttached();
  release();
  await ada.toBeLive();
  await ada.page.keyboard.press('Control+k');
  await ada.page.getByRole('dialog').getByRole('combobox').fill('Bo');
  await ada.page.keyboard.press('Enter');
  await ada.toBeIn('Bo');
  await ada.go('general');
  await drive(ada, bo);
});

test('names and what people say are not for a translator, and the chat\'s own words are', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await bo.say('guten Morgen');
  await bo.say('/me winkt');
  await bo.say('/nick Zoe');
  await expect(ada.entry('Bo is now known as Zoe')).toBeVisible();
  const kept = (selector: string) =>
    ada.page.locator(selector).evaluateAll((elements) => elements.map((element) => !!element.closest('[translate=no]')));
  for (const names of ['h1 .name', '.place .name', '.person .name', '.author', '.me-name strong', '[data-kind=message] .text', '[data-kind=action] .text', '[data-kind=system] bdi']) {
    expect(new Set(await kept(names)), names).toEqual(new Set([true]));
  }
  expect(await kept('[data-kind=system] .text')).toEqual([false]);
});
