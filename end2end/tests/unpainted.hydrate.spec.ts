/** A page that is not painted, hidden or behind other windows, still reports news and sends its outbox. */
import { type Natter, type Person, UNREACHABLE, expect, test } from './fixtures';

/** Returns the file of the window's icon. */
const icon = (person: Person) => person.page.locator('link[rel=icon]').evaluate((link) => (link as HTMLLinkElement).href.split('/').pop());

/**
 * Expects news and the outbox to be handled while the page is not painted: Bo mentions Ada, and a text waits for the
 * server.
 */
async function keepsUp(natter: Natter, ada: Person, meanwhile: () => Promise<void>): Promise<void> {
  const bo = await natter.voice('Bo');
  await natter.kill();
  await expect(ada.page.getByRole('status')).not.toHaveAttribute('data-state', 'live');
  await ada.say('written while nobody heard it');
  await expect(ada.outgoing).toHaveCount(1);
  await meanwhile();

  await natter.start();
  await ada.page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(ada.outgoing).toHaveCount(0);
  await expect.poll(() => natter.stored('general').then((entries) => entries.map(({ text }) => text))).toEqual(['written while nobody heard it']);
  await bo.say('general', 'Good morning.');
  await expect(ada.entry('Good morning.')).toBeAttached();
  await bo.tell('Ada', 'psst');
  await expect(ada.page).toHaveTitle('(1) general · Natter');
  await expect.poll(() => icon(ada)).toBe('favicon-mention.svg');
}

test('in a hidden tab', async ({ natter, personWithTabs, expectError }) => {
  expectError(UNREACHABLE);
  const ada = await personWithTabs('Ada');
  await keepsUp(natter, ada, () => ada.lookAway());
});

test('in a window that the browser takes for shown and never paints', async ({ natter, visitor, expectError }) => {
  expectError(UNREACHABLE);
  const ada = await visitor();
  await ada.page.addInitScript(() => (window.requestAnimationFrame = () => 1));
  await ada.signIn('Ada');
  await ada.toBeLive();
  await keepsUp(natter, ada, async () => {});
});
