import { defineConfig, devices } from '@playwright/test';
import { args, environment, executable } from './browser.mjs';

// There is no `webServer`: the tests start `target/release/natter` themselves, as some of them kill it and start it
// again.
export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  workers: 2,
  retries: 0, // a test that passes at the second attempt has found a fault
  // Pictures and clocks have targets of their own.
  grepInvert: [...(process.env.SCREENSHOTS ? [] : [/@screenshots/]), ...(process.env.VITALS ? [] : [/@vitals/])],
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  // Some notices stay for five seconds, and the machine has other work too.
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: executable(), args, env: environment() },
  },
});
