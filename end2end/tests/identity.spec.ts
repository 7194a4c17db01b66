/** Identity: signing in, on a host with other servers, behind a proxy, and when a person takes another name. */
import { createServer, request as ask, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Natter, Person, REFUSED, expect, test } from './fixtures';

interface Proxy {
  server: Server;
  url: string;
  /** The requests without the required authentication. */
  refused: string[];
}

/** Starts a proxy that may require HTTP Basic authentication of every request, and may remove the server's cookies. */
async function proxy(natter: Natter, { word, cookies = true }: { word?: string; cookies?: boolean }): Promise<Proxy> {
  const refused: string[] = [];
  const expected = word && `Basic ${Buffer.from(word).toString('base64')}`;
  const server = createServer((incoming, answer) => {
    if (expected && incoming.headers.authorization !== expected) {
      refused.push(incoming.url ?? '');
      answer.writeHead(401, { 'www-authenticate': 'Basic realm="chat"' }).end();
      return;
    }
    const { method, headers, url } = incoming;
    const onward = ask({ port: natter.port, host: '127.0.0.1', method, path: url, headers }, (theirs) => {
      if (!cookies) delete theirs.headers['set-cookie'];
      answer.writeHead(theirs.statusCode ?? 502, theirs.headers);
      theirs.pipe(answer);
    });
    incoming.pipe(onward);
    onward.on('error', () => answer.destroy());
  });
  server.on('upgrade', (incoming, socket, head) => {
    if (expected && incoming.headers.authorization !== expected) {
      refused.push(incoming.url ?? '');
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return;
    }
    const onward = connect(natter.port, '127.0.0.1', () => {
      const lines = [`GET ${incoming.url} HTTP/1.1`];
      for (let n = 0; n < incoming.rawHeaders.length; n += 2) lines.push(`${incoming.rawHeaders[n]}: ${incoming.rawHeaders[n + 1]}`);
      onward.write(`${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, refused };
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with a script' : 'without a script';

  test(`${how}: a name that is taken is asked for again, and the one that is suggested taken by one press`, async ({ natter, visitor, expectError }) => {
    expectError(REFUSED);
    await natter.voice('Clara');
    const clara = await visitor({ javaScriptEnabled });
    const { page } = clara;
    await page.goto(`${natter.url}/room/random`);
    const field = page.getByLabel('Your name');
    await field.fill('clara');
    await field.press('Enter');
    await expect(page.getByRole('alert')).toHaveText(/^"clara" is taken\. How about clara_2\?$/);
    await expect(field).toHaveValue('clara');
    await expect(field).toBeFocused();
    // Enter sends the text in the field, not the suggestion.
    await field.press('Enter');
    await expect(page.getByRole('alert')).toContainText('How about clara_2?');
    await page.getByRole('button', { name: 'clara_2' }).click();
    await clara.toBeIn('random');
    await expect(page.getByText('You are clara_2')).toBeVisible();
  });
}

test('a browser that keeps no cookies is told so instead of being asked again and again', async ({ natter, visitor, expectError }) => {
  expectError(REFUSED);
  // To the server this is the same: the browser never returns a cookie.
  const without = await proxy(natter, { cookies: false });
  try {
    const { page } = await visitor();
    await page.goto(without.url);
    await page.getByLabel('Your name').fill('Ada');
    await page.getByRole('button', { name: 'Join the chat' }).click();
    await expect(page.getByRole('alert')).toContainText('Allow cookies for this site');
    await expect(page.getByLabel('Your name')).toHaveValue('Ada');
    const users = (await (await fetch(`${natter.url}/api/stats`)).json()) as { users_online: number };
    expect(users.users_online).toBe(0);
  } finally {
    without.server.closeAllConnections();
    without.server.close();
  }
});

test('two servers on one host and one browser: each person goes on, and comes back', async ({ natter, person }) => {
  const other = await Natter.start();
  try {
    const ada = await person('Ada');
    const zoe = new Person(await ada.page.context().newPage(), other);
    await zoe.signIn('Zoe');
    await zoe.toBeLive();
    await zoe.wear('Dark');
    for (const [who, name] of [[ada, 'Ada'], [zoe, 'Zoe']] as const) {
      await who.page.reload();
      await who.toBeLive();
      await expect(who.page.getByText(`You are ${name}`)).toBeVisible();
      await who.say(`${name} is still here`);
      await expect(who.entry(`${name} is still here`)).toBeVisible();
    }
    await expect(ada.page.locator('html')).not.toHaveAttribute('data-theme');
    await expect(zoe.page.locator('html')).toHaveAttribute('data-theme', 'dark');
    expect((await natter.stored('general')).map((entry) => entry.text)).toEqual(['Ada is still here']);
    await zoe.page.close();
  } finally {
    await other.remove();
  }
});

test('behind a proxy with HTTP authentication everything that the page asks for is let through', async ({ natter, visitor, expectError }) => {
  expectError(/401/);
  const guarded = await proxy(natter, { word: 'ada:secret' });
  try {
    const ada = await visitor({ httpCredentials: { username: 'ada', password: 'secret' } });
    await ada.page.goto(guarded.url);
    await ada.page.getByLabel('Your name').fill('Ada');
    await ada.page.getByRole('button', { name: 'Join the chat' }).click();
    await ada.toBeIn('general');
    await ada.toBeLive();
    await ada.say('through the proxy');
    await expect(ada.entry('through the proxy')).toBeVisible();
    // The browser asked once, and has the password from then on.
    guarded.refused.length = 0;
    await ada.page.reload();
    await ada.toBeLive();
    const session = await ada.page.context().newCDPSession(ada.page);
    const manifest = (await session.send('Page.getAppManifest')) as { data?: string; errors: unknown[] };
    expect(manifest.errors).toEqual([]);
    expect(manifest.data).toContain('"start_url":"/"');
    expect(guarded.refused).toEqual([]);
  } finally {
    guarded.server.closeAllConnections();
    guarded.server.close();
  }
});

test('a conversation is with a person: after a new name a reload shows it, and an old link never opens a stranger', async ({ natter, person }) => {
  const [ada, bo, cy] = [await person('Ada'), await person('Bo'), await person('Cy')];
  await bo.say('/pm Ada a secret');
  await ada.go('Bo');
  const old = ada.page.url();
  expect(old).toMatch(/\/pm\/2-Bo$/);
  await bo.say('/nick Bo2');
  await ada.toBeIn('Bo2');
  await expect(ada.page).toHaveURL(/\/pm\/2-Bo2$/);
  await ada.page.reload();
  await ada.toBeLive();
  await ada.toBeIn('Bo2');
  await expect(ada.page).toHaveURL(/\/pm\/2-Bo2$/);
  await cy.say('/nick Bo');
  await expect(cy.page.getByText('You are Bo', { exact: true })).toBeVisible();
  for (const address of [old, `${natter.url}/pm/2-anything`]) {
    await ada.page.goto(address);
    await ada.toBeLive();
    await ada.toBeIn('Bo2');
    await expect(ada.entry('a secret')).toBeVisible();
  }
  await ada.say('an answer');
  await expect(ada.outgoing).toHaveCount(0);
  await bo.go('Ada');
  await expect(bo.entry('an answer')).toBeVisible();
  await expect(cy.places.getByRole('region', { name: 'Direct messages' })).toHaveCount(0);
});

test('the own avatar is the colour of the person and the letter of the name, in every window at once', async ({ person }) => {
  const [ada, bo] = [await person('Ada'), await person('Bo')];
  await ada.say('hello');
  const window = await ada.secondWindow();
  const own = (who: Person) => who.page.locator('.me .avatar');
  const colour = await own(ada).getAttribute('data-hue');
  expect(await own(bo).getAttribute('data-hue')).not.toBe(colour);
  await expect(own(ada)).toHaveText('A');
  await ada.say('/nick _zoë');
  for (const who of [ada, window]) {
    await expect(own(who)).toHaveText('z');
    await expect(own(who)).toHaveAttribute('data-hue', colour!);
  }
  const row = (who: Person) => who.page.locator('#members .person').filter({ hasText: '_zoë' }).locator('.avatar');
  for (const who of [ada, bo]) {
    await expect(row(who)).toHaveText('z');
    await expect(row(who)).toHaveAttribute('data-hue', colour!);
    await expect(who.page.locator('#entries li.entry').filter({ hasText: 'hello' }).locator('.avatar')).toHaveAttribute('data-hue', colour!);
  }
});

test('without a script: a page that stays when its form is sent to another tab sends the next text too', async ({ person }) => {
  const ada = await person('Ada', { javaScriptEnabled: false });
  for (const text of ['one', 'two']) {
    await ada.composer.fill(text);
    const opened = ada.page.context().waitForEvent('page');
    await ada.page.getByRole('button', { name: 'Send' }).click({ modifiers: ['ControlOrMeta'] });
    const tab = await opened;
    await expect(tab.locator('#entries li.entry .text').last()).toHaveText(text);
    await tab.close();
  }
  await ada.page.reload();
  expect(await ada.texts()).toEqual(['one', 'two']);
});

test('without a script one is among those present while one reads', async ({ person }) => {
  const bo = await person('Bo');
  const ada = await person('Ada', { javaScriptEnabled: false });
  await expect(bo.members).toHaveText(['Ada', 'Bo']);
  await expect(ada.members).toHaveText(['Ada', 'Bo']);
});
