/** Notifications: the page shows none without a request. */
import { type Person, expect, test } from './fixtures';

/** Records the page's notifications. Headless Chromium shows none that a test could find. */
function record(): void {
  const seen = ((window as any).notified = { asked: 0, shown: [] as string[] });
  class Recorded extends EventTarget {
    static permission: NotificationPermission = 'default';
    static async requestPermission(): Promise<NotificationPermission> {
      seen.asked++;
      return (Recorded.permission = 'granted');
    }
    onclick: (() => void) | null = null;
    constructor(title: string, options: NotificationOptions = {}) {
      super();
      seen.shown.push(`${title}: ${options.body}`);
      (window as any).lastNotification = this;
    }
    close(): void {}
  }
  (window as any).Notification = Recorded;
}

const notified = (person: Person) => person.page.evaluate(() => (window as any).notified as { asked: number; shown: string[] });

test('nobody is asked and nothing is shown until the person wants it', async ({ natter, visitor }) => {
  const bo = await natter.voice('Bo');
  const ada = await visitor({ permissions: ['notifications'] });
  await ada.page.addInitScript(record);
  await ada.signIn('Ada');
  await ada.toBeLive();
  await ada.go('random');
  await bo.say('general', '@Ada are you there?');
  await expect(ada.badge('general')).toHaveText('@1');
  expect(await notified(ada)).toEqual({ asked: 0, shown: [] });

  await ada.openSettings();
  const wish = ada.settings.getByRole('checkbox', { name: 'Notify me' });
  await expect(wish).not.toBeChecked();
  await wish.check();
  await expect.poll(async () => (await notified(ada)).asked).toBe(1);
  await expect(wish).toBeChecked();
  await ada.closeSettings();

  await bo.say('general', 'nothing for anybody', '@Ada hello');
  await bo.tell('Ada', 'psst');
  await expect.poll(async () => (await notified(ada)).shown).toEqual(['Bo: @Ada hello', 'Bo: psst']);

  await ada.page.evaluate(() => (window as any).lastNotification.onclick());
  await ada.toBeIn('Bo');
  await bo.tell('Ada', 'this is looked at');
  await expect(ada.entry('this is looked at')).toBeVisible();
  expect((await notified(ada)).shown).toHaveLength(2);

  await ada.page.reload();
  await ada.toBeLive();
  expect((await notified(ada)).asked, 'nobody is asked again').toBe(0);
  await ada.openSettings();
  await wish.uncheck();
  await expect(wish).not.toBeChecked();
});

test('who is refused by the browser sees that nothing is switched on', async ({ visitor }) => {
  const ada = await visitor();
  await ada.page.addInitScript(record);
  await ada.page.addInitScript(() => ((window as any).Notification.requestPermission = async () => 'denied'));
  await ada.signIn('Ada');
  await ada.toBeLive();
  await ada.openSettings();
  const wish = ada.settings.getByRole('checkbox', { name: 'Notify me' });
  await wish.click();
  await expect(wish).not.toBeChecked();
});

test('who has a browser that shows none after all finds them off, with the reason', async ({ natter, visitor }) => {
  const bo = await natter.voice('Bo');
  const ada = await visitor();
  await ada.page.addInitScript(record);
  await ada.page.addInitScript(() => {
    (window as any).Notification = new Proxy((window as any).Notification, {
      construct() {
        throw new TypeError('Illegal constructor. Use ServiceWorkerRegistration.showNotification() instead.');
      },
    });
  });
  await ada.signIn('Ada');
  await ada.toBeLive();
  await ada.openSettings();
  const wish = ada.settings.getByRole('checkbox', { name: 'Notify me' });
  const reason = ada.settings.getByText('This browser could not show a notification, so they are off.');
  await wish.check();
  await expect(wish).toBeChecked();
  await bo.tell('Ada', 'psst');
  await expect(wish).not.toBeChecked();
  await expect(reason).toBeVisible();
  await wish.check();
  await expect(reason, 'it is tried again').toBeHidden();
  await bo.tell('Ada', 'psst again');
  await expect(wish).not.toBeChecked();
  await ada.page.reload();
  await ada.toBeLive();
  await ada.openSettings();
  await expect(wish).not.toBeChecked();
});

test('a screen reader is told what others say: one sentence, however much it is', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  const ada = await person('Ada');
  const told = ada.page.locator('#announcer');
  await expect(told).toBeEmpty();
  await bo.say('general', 'good morning');
  await expect(told).toHaveText('Bo: good morning');
  await bo.say('general', ...Array.from({ length: 12 }, (_, n) => `line ${n}`));
  await expect(told).toHaveText(/^\d+ new messages, the last by Bo$/);
  await ada.say('my own');
  await expect(ada.entry('my own')).toBeVisible();
  await expect(told).toHaveText(/by Bo$/);
});
