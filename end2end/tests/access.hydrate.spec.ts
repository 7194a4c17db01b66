/** What everybody can use: no accessibility violation on any screen, in both themes, at both sizes. */
import AxeBuilder from '@axe-core/playwright';
import { REFUSED, UNREACHABLE, expect, test } from './fixtures';

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries(sizes)) {
    test(`every screen is accessible, ${colorScheme} on a ${size}`, async ({ visitor, natter, expectError }) => {
      for (const pattern of [REFUSED, UNREACHABLE]) expectError(pattern);
      const ada = await visitor({ colorScheme, viewport });
      const check = async () => {
        const found = await new AxeBuilder({ page: ada.page }).analyze();
        expect(found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html)}`)).toEqual([]);
        const overflow = await ada.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow, 'nothing sticks out sideways').toBeLessThanOrEqual(0);
      };
      await ada.page.goto(natter.url);
      await check();
      await ada.signIn('Ada');
      await ada.toBeLive();
      await check();
      await ada.say('A line with a very long word: ' + 'w'.repeat(300));
      await expect(ada.page.locator('#entries > li.entry')).toHaveCount(1);
      await check();
      for (let n = 0; n < 12; n++) await ada.say(`/pm Ada note ${n}, long enough to need more than one line of the side`);
      await ada.say('/help');
      await expect(ada.page.locator('.private li')).toHaveCount(12);
      await expect(ada.page.locator('.private li').last()).toBeInViewport();
      await check();
      await ada.page.context().setOffline(true);
      await ada.say('waiting');
      await expect(ada.outgoing).toHaveCount(1);
      await check();
      await ada.page.context().setOffline(false);
      await expect(ada.outgoing).toHaveCount(0);
      await ada.enter('nowhere');
      await check();
    });
  }
}
