/**
 * A full house: thirty people here and thirty away, sixty rooms, twenty conversations, five hundred entries of all kinds. It
 * is filled once for all tests of a worker, by people over WebSockets; each test then has a copy of its folder.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { AWAY, CORRESPONDENTS, JOINED, PRESENT, ROOMS, talk } from './crowd';
import { Natter, Person, Voice, test as base } from './fixtures';

/** How many entries `general` has. */
export const ENTRIES = 500;
/** So many of the last turns in it are new to Ada. */
const UNREAD_RUNS = 6;

interface Frame {
  type: string;
  [field: string]: unknown;
}

/** Somebody in the house, over a WebSocket. */
class Guest {
  session = '';
  name = '';
  epoch = '';
  private waiting: { is: (frame: Frame) => boolean; resolve: (frame: Frame) => void }[] = [];
  private marks = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Frame;
      const heard = this.waiting.find(({ is }) => is(frame));
      if (!heard) return;
      this.waiting.splice(this.waiting.indexOf(heard), 1);
      heard.resolve(frame);
    });
  }

  /** Comes in, or back: with a cursor, so that nothing of what was said is sent again. */
  static async arrive(natter: Natter, who: Record<string, string>): Promise<Guest> {
    const socket = new WebSocket(`${natter.url.replace('http', 'ws')}/ws/chat?${new URLSearchParams(who)}`);
    const guest = new Guest(socket);
    const first = await new Promise<Frame>((resolve, reject) => {
      socket.once('error', reject);
      guest.waiting.push({ is: (frame) => frame.type === 'connected' || frame.type === 'resumed', resolve });
    });
    [guest.session, guest.name, guest.epoch] = [String(first.session_id), String(first.name), String(first.epoch)];
    return guest;
  }

  /** Sends frames, and returns when the server has answered the last with a frame like this. */
  async ask(frames: object[], is: (frame: Frame) => boolean): Promise<Frame> {
    const answer = new Promise<Frame>((resolve) => this.waiting.push({ is, resolve }));
    for (const frame of frames) this.socket.send(JSON.stringify(frame));
    return answer;
  }

  /** Joins rooms, and returns their names as the server has them. */
  async join(...rooms: string[]): Promise<string[]> {
    const joined: string[] = [];
    for (const room of rooms) {
      const frame = await this.ask([{ type: 'join', room }], (frame) => frame.type === 'joined');
      joined.push(String(frame.room));
    }
    return joined;
  }

  /** Returns when the last is stored, with its number. */
  async say(room: string, ...texts: string[]): Promise<number> {
    const marked = texts.map((text) => ({ type: 'message', room, text, client_id: `m${this.marks++}` }));
    const frame = await this.ask(marked, (frame) => frame.client_id === marked.at(-1)?.client_id);
    return Number(frame.id);
  }

  /** Returns when it is stored, with its number. */
  async tell(to: string, text: string): Promise<number> {
    const client_id = `m${this.marks++}`;
    const frame = await this.ask([{ type: 'pm', to, text, client_id }], (frame) => frame.client_id === client_id);
    return Number(frame.id);
  }

  /** Has read so far in a room, or with somebody. */
  async read(room: string, id: number): Promise<void> {
    await this.ask([{ type: 'read', room, id }, { type: 'get_rooms' }], (frame) => frame.type === 'room_list');
  }

  leave(): void {
    this.socket.terminate();
  }
}

/** A house that was filled and left: what is stored, and how its people come back. */
interface Filled {
  data: string;
  sessions: Map<string, string>;
  /** What a browser calls the cookie of a session here. */
  cookie: string;
  cursor: Record<string, string>;
}

/** Fills a house, and leaves it. */
async function fill(): Promise<Filled> {
  const natter = await Natter.start();
  try {
    const filled = await furnish(natter);
    await natter.end('SIGTERM');
    cpSync(natter.data, filled.data, { recursive: true });
    return filled;
  } finally {
    await natter.remove();
  }
}

/** Brings everybody in, and has them say what they say. */
async function furnish(natter: Natter): Promise<Filled> {
  const people = new Map<string, Guest>();
  for (const name of [...PRESENT, ...AWAY]) people.set(name, await Guest.arrive(natter, { name }));
  const all = [...people.values()];
  const guest = (name: string) => people.get(name)!;
  const ada = guest('Ada');
  let [read, last] = [0, 0];

  // Each room is made by somebody else, and some are fuller than others.
  const makers = ROOMS.map((_, n) => all[1 + (n % (all.length - 1))]!);
  const rooms = (await Promise.all(ROOMS.map((room, n) => makers[n]!.join(room)))).flat();
  await Promise.all(all.slice(1).map((one, n) => one.join(...rooms.slice(0, n % 9).filter((_, room) => makers[room] !== one), rooms[JOINED + (n % 13)]!, 'random')));
  for (const [n, room] of rooms.entries()) await makers[n]!.say(room, 'Anybody here?');
  await ada.join(...rooms.slice(0, JOINED), 'random');

  const runs = talk(ENTRIES - 2);
  for (const { author, texts } of runs.slice(0, -UNREAD_RUNS)) read = await guest(author).say('general', ...texts);
  // The chat's own lines.
  for (const name of ['Nikolaos', 'Nikos']) await guest('Nikos').ask([{ type: 'set_nick', name }], (frame) => frame.type === 'nick_changed' && !frame.room);
  await ada.read('general', read);
  for (const { author, texts } of runs.slice(-UNREAD_RUNS)) last = await guest(author).say('general', ...texts);
  // Something waits in every third room, in some of them for Ada, and in some conversations.
  for (const [n, room] of rooms.entries()) {
    const thoughts = Array.from({ length: n * 3 }, (_, thought) => `Thought number ${thought} about ${room}.`);
    if (n % 3 === 1) await makers[n]!.say(room, ...(n % 6 === 4 ? ['@Ada, what do you think?'] : []), ...thoughts);
  }
  for (const [n, name] of CORRESPONDENTS.entries()) {
    await guest(name).tell('Ada', 'Do you have a moment?');
    const answered = await ada.tell(guest(name).name, 'In an hour, gladly.');
    await ada.read(`@${guest(name).name}`, answered);
    if (n % 3 === 1) await guest(name).tell('Ada', 'Thank you! Then I will come by with the **drawings**, and a cake.');
  }

  return {
    data: mkdtempSync(join(tmpdir(), 'natter-house-')),
    sessions: new Map([...people].map(([name, { session }]) => [name, session])),
    cookie: `natter_session_${ada.epoch}`,
    cursor: { lastMsgId: String(last), epoch: ada.epoch },
  };
}

/** A copy of the house, with its people in it. */
export class House {
  private constructor(
    readonly natter: Natter,
    private readonly filled: Filled,
    private readonly guests: Guest[],
  ) {}

  static async open(filled: Filled): Promise<House> {
    const natter = await Natter.start(filled.data);
    const here = PRESENT.filter((name) => name !== 'Ada');
    const guests = here.map((name) => Guest.arrive(natter, { session: filled.sessions.get(name)!, ...filled.cursor }));
    return new House(natter, filled, await Promise.all(guests));
  }

  /** Somebody of the house who speaks without a browser. */
  voice(name: string): Voice {
    return new Voice(this.natter.url, `${this.filled.cookie}=${this.filled.sessions.get(name)}`);
  }

  /** Makes a browser one in which somebody of the house has been here before. */
  async know(person: Person, name: string): Promise<void> {
    const cookie = { name: this.filled.cookie, value: this.filled.sessions.get(name)!, url: this.natter.url, httpOnly: true };
    await person.page.context().addCookies([cookie]);
  }

  async close(): Promise<void> {
    for (const guest of this.guests) guest.leave();
    await this.natter.remove();
  }
}

/** Where something is looked at: Ada's browser comes there, and Bo writes. */
export interface Stage {
  isFull: boolean;
  natter: Natter;
  bo: Voice;
  /** Brings Ada into `general`. */
  admit: (ada: Person) => Promise<void>;
}

/** A chat that nobody but Bo has seen. */
export const quiet = base.extend<{ stage: Stage }>({
  stage: async ({ natter }, use) => {
    await use({ isFull: false, natter, bo: await natter.voice('Bo'), admit: (ada) => ada.signIn('Ada') });
  },
});

/** The full house. Who comes by a name of the house is that person. */
export const full = quiet.extend<{ house: House }, { filled: Filled }>({
  filled: [
    async ({}, use) => {
      const filled = await fill();
      await use(filled);
      rmSync(filled.data, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 20_000 },
  ],

  house: async ({ filled }, use) => {
    const house = await House.open(filled);
    await use(house);
    await house.close();
  },

  natter: async ({ house }, use) => {
    await use(house.natter);
  },

  stage: async ({ natter, house }, use) => {
    const admit = async (ada: Person) => {
      await house.know(ada, 'Ada');
      await ada.enter('general');
    };
    await use({ isFull: true, natter, bo: house.voice('Bo'), admit });
  },

  person: async ({ visitor, house }, use) => {
    await use(async (name, options = {}) => {
      const person = await visitor(options);
      await house.know(person, name);
      await person.enter('general');
      if (options.javaScriptEnabled !== false) await person.toBeLive();
      return person;
    });
  },
});

/** Both, to run a test in each. */
export const stages = { 'in a quiet room': quiet, 'in a full house': full };
