import { defineConfig, devices } from '@playwright/test';
import { args, environment, executable } from './browser.mjs';

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
    launchOptions: { executablePath: executable(), args, env: environment() },
  },
});
