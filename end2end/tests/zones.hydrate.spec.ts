/** The server renders days and times in UTC; after hydration the page shows those of the person's clock. */
import { expect, test } from './fixtures';

// At any moment one of the two has another day than UTC.
for (const timezoneId of ['Pacific/Kiritimati', 'Etc/GMT+12']) {
  test(`days and times are those of ${timezoneId}, and the page lives`, async ({ natter, person }) => {
    const bo = await natter.voice('Bo');
    await bo.say('general', 'said before the page was rendered');
    const ada = await person('Ada', { timezoneId });
    await ada.toBeLive();
    await ada.say('said by the living page');
    await expect(ada.entry('said by the living page')).toBeVisible();
    const local = await ada.page.evaluate(() => {
      const when = new Date(document.querySelector<HTMLTimeElement>('#entries time')!.dateTime);
      const part = (options: Intl.DateTimeFormatOptions) => when.toLocaleString('en-GB', options);
      const date = part({ day: 'numeric', month: 'long', year: 'numeric' });
      return { day: `${part({ weekday: 'long' })}, ${date}`, time: part({ hour: '2-digit', minute: '2-digit' }) };
    });
    // A minute or a day may begin between the two texts; the test looks at the first one.
    const date = ada.page.locator('#entries .day h2').first();
    await expect(date).toHaveText(/^(Today|Yesterday)$/);
    await ada.page.clock.setSystemTime(Date.now() + 3 * 24 * 60 * 60 * 1_000);
    await expect(date, 'some days later').toHaveText(local.day);
    await expect(ada.page.locator('#entries time').first()).toHaveText(local.time);
  });
}

test('a day is called today until midnight, in the page that stays open', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', 'said today');
  const ada = await person('Ada');
  const day = ada.page.locator('#entries .day h2').first();
  await expect(day).toHaveText('Today');
  const midnight = new Date();
  midnight.setUTCHours(24, 0, 0, 0);
  await ada.page.clock.setSystemTime(midnight);
  await expect(day).toHaveText('Yesterday');
});

for (const [locale, pattern, short] of [
  ['en-US', /^\d{1,2}:\d\d [AP]M$/, /^\d{1,2}:\d\d$/],
  ['en-GB', /^\d\d:\d\d$/, /^\d\d:\d\d$/],
] as const) {
  test(`the hours are counted as in ${locale}, and each message has its time`, async ({ natter, person }) => {
    const bo = await natter.voice('Bo');
    await bo.say('general', 'rendered by the server', 'and one more');
    const ada = await person('Ada', { locale });
    await bo.say('general', 'said to the living page');
    const times = ada.page.locator('#entries time');
    await expect(times).toHaveCount(3);
    await expect(times.first()).toHaveText(pattern);
    await expect(times.last()).toHaveText(short);
    await expect(times.last()).toHaveAttribute('title', locale === 'en-US' ? / at \d{1,2}:\d\d:\d\d [AP]M$/ : / at \d\d:\d\d:\d\d$/);
    await expect(times.last()).toHaveCSS('opacity', '0');
    await ada.entry('said to the living page').hover();
    await expect(times.last()).toHaveCSS('opacity', '1');
    const inside = await times.last().evaluate((time) => {
      const [box, row] = [time.getBoundingClientRect(), time.closest('li')!.getBoundingClientRect()];
      const text = time.closest('li')!.querySelector('.text')!.getBoundingClientRect();
      return box.left >= row.left && box.right <= text.left + 1;
    });
    expect(inside, 'beside its text').toBe(true);
  });
}

test('on a phone a tap on a message shows its time', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', 'first', 'second');
  const ada = await person('Ada', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'en-US' });
  const time = ada.page.locator('#entries time').last();
  await expect(time).toHaveCSS('opacity', '0');
  await ada.entry('second').tap();
  await expect(time).toHaveCSS('opacity', '1');
});
