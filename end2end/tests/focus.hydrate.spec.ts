/**
 * A person at the keyboard keeps the focus on the page when the focused element is moved, replaced, hidden or removed.
 */
import { type Person, REFUSED, UNREACHABLE, expect, test } from './fixtures';

/** Expects the focus to match, and never to be lost for longer than its restoration takes. */
async function toBeKept(person: Person, where: RegExp): Promise<void> {
  await expect.poll(() => person.focused()).toMatch(where);
  await person.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(await person.focused()).toMatch(where);
}

test('the focus stays on a message while older ones come, and Tab does not run up the history', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  // All lines have one author, so that a message may lose its head by a change above it.
  await bo.say('general', ...Array.from({ length: 120 }, (_, n) => `line ${n}`));
  const ada = await person('Ada');
  await ada.page.locator('.scroll').focus();
  await ada.page.keyboard.press('Tab');
  await toBeKept(ada, /^textarea#text$/);
  await expect(ada.entry('line 119')).toBeInViewport();

  const first = ada.page.locator('#entries li.entry').first();
  const id = (await first.getAttribute('id'))!;
  await first.focus();
  await expect(ada.entry('line 0')).toBeAttached();
  await toBeKept(ada, new RegExp(`^li#${id}$`));
});

test('the focus stays on a conversation that jumps to the top of the list', async ({ natter, person }) => {
  const [bo, cy] = [await natter.voice('Bo'), await natter.voice('Cy')];
  const ada = await person('Ada');
  await bo.tell('Ada', 'from Bo');
  await cy.tell('Ada', 'from Cy');
  await expect(ada.place('Cy')).toBeVisible();
  await ada.place('Bo').focus();
  await bo.tell('Ada', 'once more');
  await expect(ada.badge('Bo')).toHaveText('2');
  await expect.poll(() => ada.page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent)).toBe('Bo');
});

test('who leaves a room, or puts away a refused text, can go on with the keyboard', async ({ person, expectError }) => {
  expectError(UNREACHABLE);
  expectError(REFUSED);
  expectError(UNREACHABLE);
  const ada = await person('Ada');
  await ada.say('/join attic');
  await ada.toBeIn('attic');
  await toBeKept(ada, /^textarea#text$/);
  await ada.page.getByRole('button', { name: 'Leave attic' }).focus();
  await ada.page.keyboard.press('Enter');
  await ada.toBeIn('general');
  await toBeKept(ada, /^textarea#text$/);

  // A text that is refused while another room is shown waits in its own room.
  await ada.page.context().setOffline(true);
  await expect(ada.page.getByRole('status')).toHaveAttribute('data-state', 'offline');
  await ada.say('/pm Nobody hello');
  await ada.go('random');
  await ada.page.context().setOffline(false);
  await ada.toBeLive();
  await ada.go('general');
  const discard = ada.outgoing.getByRole('button', { name: 'Discard' });
  await discard.focus();
  await ada.page.keyboard.press('Enter');
  await expect(ada.outgoing).toHaveCount(0);
  await toBeKept(ada, /^(textarea#text|div)$/);
});
