/** Every number on the page equals the server's without a reload, after everything that can change one. */
import { type Natter, type Person, UNREACHABLE, expect, test } from './fixtures';

/** The numbers on a page: of rooms, people, unread messages. */
interface Numbers {
  places: string[][];
  people: string[];
  counts: string[];
  more: string;
}

/** Returns the numbers of the page, and those of the same page as the server renders it at this moment. */
async function numbers(person: Person): Promise<[Numbers, Numbers]> {
  return person.page.evaluate(async () => {
    const read = (page: Document): Numbers => {
      const text = (element: Element | null) => element?.textContent?.trim() ?? '';
      const all = (selector: string) => [...page.querySelectorAll(selector)];
      const place = (link: Element) => ['.name', '.badge', '.people'].map((part) => text(link.querySelector(part)));
      const groups = all('#places section').map((group) => [...group.querySelectorAll('a.place')].map(place));
      return {
        places: groups.flatMap((group, at) => group.map((line) => [String(at), ...line])),
        people: all('#members li.person').map((row) => `${text(row.querySelector('.name'))} ${row.getAttribute('data-presence')}`),
        counts: all('.count').map(text),
        more: text(page.querySelector('.more-rooms')),
      };
    };
    const answer = await fetch(location.href);
    const rendered = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return [read(document), read(rendered)];
  });
}

/** Expects the page to show the same as a reload, and as the API. */
async function agree(natter: Natter, person: Person, when: string): Promise<void> {
  const difference = async () => {
    const [shown, stored] = await numbers(person);
    return JSON.stringify(shown) === JSON.stringify(stored) ? 'none' : { shown, stored };
  };
  await expect.poll(difference, { message: when, timeout: 10_000 }).toBe('none');
  const room = /\/room\/(.+)$/.exec(person.page.url())?.[1];
  if (room === undefined) return;
  const users = (await (await fetch(`${natter.url}/api/room/${room}/users`)).json()) as { name: string }[];
  await expect(person.page.locator('#members .members-head .count'), when).toHaveText(String(users.length));
  const here = person.page.getByRole('list', { name: 'Online' }).locator('.name');
  await expect(here, when).toHaveText(users.map((user) => user.name));
}

test('every count is the server’s, after everything that people do', async ({ natter, person, expectError }) => {
  expectError(UNREACHABLE);
  test.slow();
  await natter.end('SIGTERM');
  natter.settings = { ...natter.settings, NATTER_GRACE: '0' };
  await natter.start();
  const ada = await person('Ada');
  const bo = await person('Bo');
  const cy = await natter.voice('Cy');
  const same = (when: string) => agree(natter, ada, when);
  await same('two have come in');
  const den = async () => {
    const rooms = (await (await fetch(`${natter.url}/api/rooms`)).json()) as { name: string; users: number }[];
    return rooms.find((room) => room.name === 'den')?.users;
  };

  await bo.say('/join den');
  await bo.toBeIn('den');
  await same('a room was made');
  await bo.say('hello');
  await expect(bo.entry('hello')).toBeVisible();
  await ada.say('/join den');
  await ada.toBeIn('den');
  await same('a room with a history was joined');
  await bo.say('still here');
  await expect(ada.entry('still here')).toBeVisible();
  await ada.say('/leave');
  await ada.toBeIn('general');
  await same('a room with a history was left');
  expect(await den()).toBe(1);
  await bo.say('/leave');
  await bo.toBeIn('general');
  await same('another one left it too');
  expect(await den()).toBe(0);
  await bo.say('/join attic');
  await bo.toBeIn('attic');
  await same('an empty room was made');
  await bo.say('/leave');
  await bo.toBeIn('general');
  await same('it is gone with the one who left it');
  await expect(ada.place('attic')).toHaveCount(0);

  await ada.say('/join random');
  await ada.toBeIn('random');
  await same('the person is in another room');
  await bo.say('one');
  await bo.say('for you, @Ada');
  await expect(ada.badge('general')).toHaveText('@1');
  await same('a message and a mention wait');
  await bo.say('/pm Ada psst');
  await cy.tell('Ada', 'hello', 'are you there?');
  await expect(ada.badge('Cy')).toHaveText('2');
  await same('private messages wait');
  await ada.go('Cy');
  await expect(ada.badge('Cy')).toBeHidden();
  await same('one conversation was read');
  await ada.go('general');
  await expect(ada.badge('general')).toBeHidden();
  await same('the room was read');

  await bo.say('/nick Zoe');
  await expect(ada.place('Zoe')).toBeVisible();
  await same('somebody has another name');
  const url = bo.page.url();
  await bo.page.goto('about:blank');
  await expect(ada.page.getByRole('list', { name: 'Away' }).locator('.name').getByText('Zoe')).toBeVisible();
  await same('somebody is away');
  await bo.page.goto(url);
  await bo.toBeLive();
  await same('they are back');

  await natter.kill();
  await natter.start();
  await Promise.all([ada.toBeLive(25_000), bo.toBeLive(25_000)]);
  await same('the server was killed and started again');
});

test('the statistics are the server’s while one looks at them', async ({ natter, person }) => {
  const ada = await person('Ada');
  await ada.openSettings();
  const agrees = async (when: string) => {
    const difference = async () => {
      const stats = (await (await fetch(`${natter.url}/api/stats`)).json()) as Record<string, number>;
      const shown = async (name: string) => Number(await ada.page.locator(`[data-number=${name}]`).textContent());
      const names = ['users_online', 'rooms_count', 'messages_total'];
      const pairs = await Promise.all(names.map(async (name) => [name, await shown(name), stats[name]] as const));
      return pairs.filter(([, page, api]) => page !== api);
    };
    await expect.poll(difference, when).toEqual([]);
  };
  await agrees('at first');
  const bo = await person('Bo');
  await agrees('another one came');
  await bo.say('hello');
  await agrees('something was said');
  await bo.say('/join den');
  await bo.toBeIn('den');
  await agrees('a room was made');
  await bo.say('/pm Ada psst');
  await agrees('something was said privately');
  await bo.say('/leave');
  await bo.toBeIn('general');
  await agrees('a room is gone');
});
