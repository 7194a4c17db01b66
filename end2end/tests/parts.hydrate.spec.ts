/** The parts of the page, each of which is a file that may fail to load. */
import { REFUSED, UNREACHABLE, expect, test } from './fixtures';

/** The errors of a browser about a part that failed to load, and of the page's script after it. */
const NOT_LOADED = /Failed to load resource|TypeError: Failed to fetch|preloaded using link preload|HTTP status code is not ok/;

test('what the page loads by itself is fetched beside its first file, and nothing else is', async ({ person }) => {
  const ada = await person('Ada');
  const files: string[] = [];
  ada.page.on('request', (request) => files.push(new URL(request.url()).pathname));
  await ada.enter('general');
  await ada.toBeLive();
  const loaded = files.filter((path) => /(split|shared)_.*\.wasm$/.test(path));
  const links = await ada.page.locator('link[rel=preload][href$=".wasm"]').evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
  expect(new Set(loaded)).toEqual(new Set(links.filter((path) => !path.endsWith('/natter.wasm'))));
  expect(loaded.length, 'and each once').toBe(new Set(loaded).size);
  expect(loaded.some((path) => path.endsWith('/split_composer.wasm'))).toBe(true);
  expect(loaded.some((path) => path.endsWith('/split_switcher.wasm'))).toBe(false);
});

test('a part that cannot be loaded is told of, nothing typed is lost, and the same button works at the next try', async ({ person, expectError }) => {
  expectError(NOT_LOADED);
  const ada = await person('Ada');
  await ada.page.route('**/split_switcher.wasm', (route) => route.abort());
  await ada.composer.fill('half a text');
  const problem = ada.page.getByRole('alert').filter({ hasText: 'A part of this page could not be loaded.' });
  await expect(problem).toBeHidden();
  await ada.page.getByRole('button', { name: 'Go to a room or person' }).click();
  await expect(problem.getByRole('link', { name: 'Reload the page' })).toBeVisible();
  await expect(ada.page.getByRole('dialog', { name: 'Go to a room or person' })).toBeHidden();

  await ada.page.unroute('**/split_switcher.wasm');
  await ada.page.keyboard.press('Control+k');
  await expect(ada.page.getByRole('dialog', { name: 'Go to a room or person' })).toBeVisible();
  await expect(problem).toBeHidden();
  await ada.page.keyboard.press('Escape');
  await expect(ada.composer).toHaveValue('half a text');
});

test('without a part that brings it to life the page is the one of the server, and what is typed survives its reload', async ({ natter, person, expectError }) => {
  expectError(NOT_LOADED);
  const bo = await natter.voice('Bo');
  await bo.say('general', 'hello');
  const ada = await person('Ada');
  await ada.page.route('**/split_composer.wasm', (route) => route.abort());
  await ada.enter('general');
  const problem = ada.page.getByRole('alert').filter({ hasText: 'A part of this page could not be loaded.' });
  await expect(problem).toBeVisible();
  await expect(ada.entry('hello')).toBeVisible();
  // The form is a plain one, and the page is loaded again.
  await ada.composer.fill('by the form');
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.entry('by the form')).toBeVisible();
  await expect(problem).toBeVisible();

  await ada.composer.fill('not yet sent');
  await ada.page.unroute('**/split_composer.wasm');
  await problem.getByRole('link', { name: 'Reload the page' }).click();
  await ada.toBeLive();
  await expect(problem).toBeHidden();
  await expect(ada.composer).toHaveValue('not yet sent');
});

test('what is typed into the quick switcher before its part is there is used, and so is Enter', async ({ person }) => {
  const ada = await person('Ada');
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route('**/split_switcher*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  // A key that was pressed in the dialog has no effect after the dialog is closed.
  await ada.page.keyboard.press('Control+k');
  await ada.page.keyboard.type('nowhere');
  await ada.page.keyboard.press('Enter');
  await ada.page.keyboard.press('Escape');
  await ada.page.keyboard.press('Control+k');
  await ada.page.keyboard.type('rand');
  await ada.page.keyboard.press('Enter');
  release();
  await ada.toBeIn('random');
  await ada.page.keyboard.press('Control+k');
  await expect(ada.page.getByRole('combobox', { name: 'Room or person' })).toHaveValue('');
});

test('a part that was missing is loaded when the network is back, and the page comes alive', async ({ person, expectError }) => {
  expectError(NOT_LOADED);
  expectError(UNREACHABLE);
  const ada = await person('Ada');
  await ada.page.route('**/split_timeline.wasm', (route) => route.abort());
  await ada.enter('general');
  const problem = ada.page.getByRole('alert').filter({ hasText: 'A part of this page could not be loaded.' });
  await expect(problem).toBeVisible();
  await ada.page.unroute('**/split_timeline.wasm');
  await ada.page.evaluate(() => dispatchEvent(new Event('online')));
  await ada.toBeLive();
  await expect(problem).toBeHidden();
  await ada.say('alive');
  await expect(ada.entry('alive')).toBeVisible();
});

test('a page whose server has become a newer version says so when the connection is back', async ({ natter, person, expectError }) => {
  expectError(UNREACHABLE);
  expectError(REFUSED);
  const ada = await person('Ada');
  const problem = ada.page.getByRole('alert').filter({ hasText: 'There is a new version of this page.' });
  await natter.kill();
  await natter.start();
  await ada.toBeLive(15_000);
  await expect(problem, 'it is the same version').toBeHidden();
  await ada.page.route('**/natter.js', (route) => route.fulfill({ status: 404 }));
  await natter.kill();
  await natter.start();
  await ada.toBeLive(15_000);
  await expect(problem.getByRole('link', { name: 'Reload the page' })).toBeVisible();
});
