/** The states of the page beside a room with messages and a connection. */
import { REFUSED, UNREACHABLE, expect, test } from './fixtures';

for (const javaScriptEnabled of [true, false]) {
  test(`a room that is not there can be made there and then, ${javaScriptEnabled ? 'with' : 'without'} a script`, async ({
    natter,
    person,
    expectError,
  }) => {
    expectError(REFUSED);
    const ada = await person('Ada', { javaScriptEnabled });
    const answer = await ada.page.goto(`${natter.url}/room/${encodeURIComponent('Café club')}`);
    expect(answer?.status()).toBe(404);
    await expect(ada.page.getByText('No room is called “Café club”.')).toBeVisible();
    await ada.page.getByRole('button', { name: 'Create the room café_club' }).click();
    await ada.toBeIn('café_club');
    await expect(ada.page.locator('.empty')).toHaveText('No messages in #café_club yet. Write the first one.');
    await ada.composer.fill('first');
    await ada.page.getByRole('button', { name: 'Send' }).click();
    await expect(ada.entry('first')).toBeVisible();
    await expect(ada.page.locator('.empty')).toBeHidden();
  });
}

test('to who is not signed in no room is offered, and nobody is said to be there or not', async ({ natter, visitor, expectError }) => {
  expectError(REFUSED);
  await natter.voice('Bo');
  const stranger = await visitor();
  await stranger.page.goto(`${natter.url}/room/nowhere`);
  await expect(stranger.page.getByRole('button', { name: /^Create/ })).toHaveCount(0);
  for (const path of ['/pm/Bo', '/pm/Nobody', '/mentions']) {
    await stranger.page.goto(natter.url + path);
    await expect(stranger.page.getByLabel('Your name')).toBeVisible();
  }
  await stranger.page.goto(`${natter.url}/room/random`);
  await stranger.page.getByLabel('Your name').fill('Ada');
  await stranger.page.getByRole('button', { name: 'Join the chat' }).click();
  await stranger.toBeIn('random');
});

test('a conversation with nobody is said to be with nobody', async ({ natter, person, expectError }) => {
  expectError(REFUSED);
  const ada = await person('Ada');
  const answer = await ada.page.goto(`${natter.url}/pm/Nobody`);
  expect(answer?.status()).toBe(404);
  await expect(ada.page.getByText('Nobody is called “Nobody”.')).toBeVisible();
});

test('a full server says so, and who waits comes in when there is room', async ({ natter, person, visitor, expectError }) => {
  expectError(UNREACHABLE);
  await natter.end('SIGTERM');
  natter.settings = { ...natter.settings, NATTER_MAX_CONNECTIONS: '1' };
  await natter.start();
  const ada = await person('Ada');
  const bo = await visitor();
  await bo.signIn('Bo');
  const status = bo.page.getByRole('status');
  await expect(status).toHaveAttribute('data-state', 'full');
  await expect(status).toHaveText(/^The server is full\. Messages will send when there\'s room\.\s*Retrying in \d+ s/);
  await bo.say('when there is room');
  await expect(bo.outgoing).toContainText('Waiting for the connection');
  await ada.page.goto('about:blank');
  await bo.toBeLive(25_000);
  await expect(bo.entry('when there is room')).toBeVisible();
});

test('a server that is started anew is said to be that', async ({ natter, person, expectError }) => {
  expectError(UNREACHABLE);
  const ada = await person('Ada');
  const status = ada.page.getByRole('status');
  await status.evaluate((line) => {
    const said = ((window as any).said = [] as string[]);
    new MutationObserver(() => said.push(`${line.dataset.state}: ${line.textContent}`)).observe(line, {
      attributes: true,
      characterData: true,
      subtree: true,
    });
  });
  await natter.end('SIGTERM');
  const said = expect.poll(() => ada.page.evaluate(() => (window as any).said.join('\n')));
  await said.toMatch(/^restarting: Server restarting\. Messages will send when it's back\..*Retrying in/m);
  await natter.start();
  // It is said for some seconds, which a slow machine may spend elsewhere.
  await said.toMatch(/^live: Back online/m);
  await expect(status.locator('span'), 'for a while').toBeEmpty();
});

test('a text that waits because of the pace says why', async ({ natter, person }) => {
  await natter.end('SIGTERM');
  natter.settings = { NATTER_MESSAGE_RATE: '1', NATTER_JOIN_RATE: '0', NATTER_TYPING_RATE: '0', NATTER_QUERY_RATE: '0', NATTER_ROOMS_PER_DAY: '0' };
  await natter.start();
  const ada = await person('Ada');
  const texts = Array.from({ length: 8 }, (_, n) => `line ${n}`);
  // All at once: a slow machine types no faster than the pace.
  await ada.composer.evaluate((field: HTMLTextAreaElement, texts) => {
    for (const text of texts) {
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    }
  }, texts);
  await expect(ada.outgoing.first().locator('.fate > span')).toHaveText('Sending slowly');
  await expect(ada.page.getByRole('status')).toHaveAttribute('data-state', 'live');
  await expect.poll(() => ada.texts(), { timeout: 20_000 }).toEqual(texts);
  await expect(ada.outgoing).toHaveCount(0);
});

test('older messages that are slow to come are said to be on their way, and asked for once', async ({ natter, visitor }) => {
  const bo = await natter.voice('Bo');
  await bo.say('general', ...Array.from({ length: 120 }, (_, n) => `line ${n}`));
  const ada = await visitor();
  let release = () => {};
  let asked = 0;
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.routeWebSocket(/ws\/chat/, (page) => {
    const server = page.connectToServer();
    page.onMessage((message) => {
      if (String(message).includes('get_history')) asked++;
      server.send(message);
    });
    server.onMessage((message) => {
      if (String(message).includes('"history"') && String(message).startsWith('{"type":"history"')) void held.then(() => page.send(message));
      else page.send(message);
    });
  });
  await ada.signIn('Ada');
  await ada.toBeLive();
  await expect(ada.entry('line 119')).toBeInViewport();
  await ada.page.locator('.scroll').hover();
  await ada.page.mouse.wheel(0, -10_000);
  const gap = ada.page.locator('li.gap[data-asked]');
  await expect(gap).toHaveText('Loading messages…');
  for (let n = 0; n < 5; n++) await ada.page.mouse.wheel(0, n % 2 ? -300 : 300);
  await expect(gap).toHaveCount(1);
  expect(asked).toBe(1);
  release();
  await expect(ada.page.locator('li.gap[data-asked]')).toHaveCount(0);
  await ada.page.mouse.wheel(0, -50_000);
  await expect(ada.entry('line 0')).toBeAttached();
});

test('a room that was joined by writing waits for the person as any other', async ({ natter, person }) => {
  const bo = await natter.voice('Bo');
  await bo.join('workshop');
  await bo.say('workshop', 'one', 'two');
  const ada = await person('Ada');
  await ada.enter('workshop');
  await ada.toBeLive();
  await ada.say('and a third');
  await expect(ada.entry('and a third')).toBeVisible();
  await ada.go('general');
  await bo.say('workshop', 'three');
  await expect(ada.badge('workshop')).toHaveText('1');
  await ada.go('workshop');
  await expect(ada.entry('three')).toBeVisible();
  await expect(ada.newLine).toHaveCount(1);
  await expect(ada.toasts.getByRole('listitem')).toHaveCount(0);
});
