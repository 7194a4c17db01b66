/** The server renders days and times as UTC has them, for it knows no better; alive, the page has the person's own. */
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
    // A minute or a day may begin between the two texts; what is asked for is the first one's.
    await expect(ada.page.locator('#entries .day h2').first()).toHaveText(local.day);
    await expect(ada.page.locator('#entries time').first()).toHaveText(local.time);
  });
}
