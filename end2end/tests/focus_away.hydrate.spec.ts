/** A window can be visible while its person works in another one: its new messages stay unread. */
import { type Person, expect, test } from './fixtures';

/** Takes the focus from the window, which stays visible, as when a window beside it is used. */
async function turnAway(person: Person): Promise<void> {
  await person.page.evaluate(() => {
    Object.defineProperty(document, 'hasFocus', { value: () => false, configurable: true });
    window.dispatchEvent(new Event('blur'));
  });
}

async function turnBack(person: Person): Promise<void> {
  await person.page.evaluate(() => {
    delete (document as any).hasFocus;
    window.dispatchEvent(new Event('focus'));
  });
}

test('what is said while another window has the focus calls, and is unread until this one has it', async ({ natter, visitor }) => {
  const bo = await natter.voice('Bo');
  const ada = await visitor();
  await ada.page.addInitScript(() => {
    const shown: string[] = ((window as any).shown = []);
    class Recorded {
      static permission = 'granted';
      onclick = null;
      constructor(title: string, options: NotificationOptions) {
        shown.push(`${title}: ${options.body}`);
      }
      close(): void {}
    }
    (window as any).Notification = Recorded;
    localStorage.setItem('natter/prefers/notify', 'on');
  });
  const shown = () => ada.page.evaluate(() => (window as any).shown as string[]);
  await ada.signIn('Ada');
  await ada.toBeLive();
  await bo.say('general', '@Ada seen');
  await expect(ada.entry('@Ada seen')).toBeVisible();
  await expect(ada.page).toHaveTitle('general · Natter');

  await turnAway(ada);
  await bo.say('general', '@Ada look');
  await expect(ada.entry('@Ada look')).toBeVisible();
  await expect(ada.page).toHaveTitle('(1) general · Natter');
  await expect.poll(shown).toEqual(['Bo: @Ada look']);
  await expect(ada.badge('general')).toHaveText('@1');
  await expect(ada.newLine).toHaveCount(1);

  await turnBack(ada);
  await expect(ada.page).toHaveTitle('general · Natter');
  await expect(ada.badge('general')).toBeHidden();

  // A person who turns the wheel over the page reads it, wherever the focus is.
  await turnAway(ada);
  await bo.say('general', '@Ada and again');
  await expect(ada.page).toHaveTitle('(1) general · Natter');
  await ada.page.locator('.scroll').hover();
  await ada.page.mouse.wheel(0, 10);
  await expect(ada.page).toHaveTitle('general · Natter');
});

test('of two windows beside each other only the one that is used reads', async ({ natter, personWithTabs }) => {
  const bo = await natter.voice('Bo');
  const ada = await personWithTabs('Ada');
  await expect(ada.page).toHaveTitle('general · Natter');
  await ada.lookAway();
  await bo.say('general', '@Ada look');
  await expect(ada.page).toHaveTitle('(1) general · Natter');
  await ada.comeBack();
  await expect(ada.page).toHaveTitle('general · Natter');
});
