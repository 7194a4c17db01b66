import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { defineConfig, devices } from '@playwright/test';

/** The browser on the machine, so that Playwright need not download one; scripts/setup looks in the same places. */
function chromium(): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return (
    process.env.NATTER_CHROMIUM ||
    ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
      .flatMap((name) => directories.map((directory) => join(directory, name)))
      .find(existsSync)
  );
}

// There is no `webServer`: the tests start `target/release/natter` themselves, as some kill it and start it again.
export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  workers: 2,
  retries: 0, // a test that passes at the second try has found something
  grepInvert: process.env.SCREENSHOTS ? undefined : /@screenshots/,
  forbidOnly: Boolean(process.env.CI),
  timeout: 30_000,
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium(),
      args: [
        // Nothing but the page under test should use the network.
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--disable-quic',
        // Chromium's sandbox does not start for root, as in most containers.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    },
  },
});
