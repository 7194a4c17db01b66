/** The browser classifies letters, marks, numbers and pictures by its own tables, the server by others. */
import { expect, test } from './fixtures';

/** Largest length of a message, in characters. */
const TEXT_MAX = 4_000;

/**
 * Returns a few characters of each assigned block of all planes. A character that Node does not know may be newer than
 * a browser.
 */
function samples(): string[] {
  const found: string[] = [];
  for (let code = 0xa1; code < 0x32000; code += code < 0x3000 ? 11 : 173) {
    const c = String.fromCodePoint(code);
    if (/^[^\p{Cn}\p{Co}\p{Cs}\p{Cc}\p{Z}]$/u.test(c)) found.push(c);
  }
  return found;
}

test('a text is the same when it comes live and after a reload, whatever characters are beside its marks', async ({ natter, person, expectError }) => {
  // Without WebAssembly the page is the server's HTML.
  expectError(/Failed to (fetch|load)/);
  const ada = await person('Ada');
  const texts: string[] = [];
  let text = '';
  for (const c of samples()) {
    const piece = `*a*${c}*b* ${c}@Ada${c} www.a${c}.de #tea${c} `;
    if ([...text, ...piece].length > TEXT_MAX) {
      texts.push(text);
      text = '';
    }
    text += piece;
  }
  texts.push(text, '😀', '❤️', '☕', '👩‍💻', '🇩🇪', '1️⃣', '©', '日');
  const bo = await natter.voice('Bo');
  await bo.say('general', ...texts, 'the end');
  await expect(ada.entry('the end')).toBeVisible();
  // Leptos' placeholders are no part of the text.
  const shown = () => ada.page.locator('.log .text').evaluateAll((all) => all.map((one) => one.innerHTML.replaceAll('<!---->', '')));
  const live = await shown();
  expect(live.length).toBeGreaterThan(texts.length);
  await ada.page.route('**/*.wasm', (route) => route.abort());
  await ada.page.reload();
  await expect(ada.entry('the end')).toBeVisible();
  const rendered = await shown();
  for (const [at, html] of live.entries()) expect(rendered[at], texts[at]).toBe(html);
});
