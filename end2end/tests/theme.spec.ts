/** The theme, light or dark, is the system's or the person's choice from the first byte on. */
import { expect, test } from './fixtures';

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with a script' : 'without a script';

  test(`${how}: the system decides until the person does, and again after`, async ({ natter, person, request }) => {
    const ada = await person('Ada', { javaScriptEnabled, colorScheme: 'dark' });
    const root = ada.page.locator('html');
    const ground = () => root.evaluate(() => getComputedStyle(document.body).backgroundColor);
    // The theme of the first byte: without a later change the page cannot flash.
    const first = async () => {
      const cookies = await ada.page.context().cookies();
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
      const html = await (await request.get(`${natter.url}/room/general`, { headers: { cookie } })).text();
      return /<html[^>]*>/.exec(html)?.[0];
    };

    await expect(root).not.toHaveAttribute('data-theme');
    const dark = await ground();
    await ada.page.emulateMedia({ colorScheme: 'light' });
    const light = await ground();
    expect(light).not.toBe(dark);
    expect(await first()).not.toContain('data-theme');

    // The colours of the browser's own frame, for a light and for a dark system.
    const frames = () => ada.page.locator('meta[name=theme-color]').evaluateAll((all) => all.map((it) => it.getAttribute('content')));
    const bySystem = await frames();
    expect(new Set(bySystem).size).toBe(2);

    await ada.wear('Dark');
    await expect(root).toHaveAttribute('data-theme', 'dark');
    expect(await frames()).toEqual([bySystem[1], bySystem[1]]);
    expect(await ground()).toBe(dark);
    expect(await first()).toContain('data-theme="dark"');
    await ada.page.reload();
    await expect(root).toHaveAttribute('data-theme', 'dark');
    expect(await ground()).toBe(dark);

    await ada.page.emulateMedia({ colorScheme: 'dark' });
    await ada.wear('Light');
    expect(await ground()).toBe(light);
    expect(await first()).toContain('data-theme="light"');
    for (const path of ['/mentions', '/room/nowhere-at-all']) {
      const cookies = await ada.page.context().cookies();
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
      const html = await (await request.get(natter.url + path, { headers: { cookie } })).text();
      expect(html, path).toContain('data-theme="light"');
    }

    await ada.wear('System');
    await expect(root).not.toHaveAttribute('data-theme');
    expect(await frames()).toEqual(bySystem);
    expect(await ground()).toBe(dark);
    expect(await first()).not.toContain('data-theme');
    await ada.page.reload();
    await expect(root).not.toHaveAttribute('data-theme');
  });
}

test('the frame of the browser has the colour of the page', async ({ natter, request }) => {
  const cookie = (await natter.cookies('/theme', { theme: 'dark' })).join('; ');
  const html = await (await request.get(natter.url, { headers: { cookie } })).text();
  const colours = [...html.matchAll(/<meta name="theme-color"[^>]*content="([^"]+)"/g)].map((match) => match[1]);
  expect(new Set(colours)).toEqual(new Set(['#1c1b1a']));
});

test('a choice in one window is there in the next, and nobody else can make it', async ({ natter, person, request }) => {
  const ada = await person('Ada', { colorScheme: 'light' });
  await ada.wear('Dark');
  const second = await ada.secondWindow();
  await expect(second.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  const foreign = await request.post(`${natter.url}/theme`, { form: { theme: 'light' }, headers: { origin: 'https://elsewhere.example' } });
  expect(foreign.status()).toBe(403);
});
