/**
 * A full house: thirty people present and thirty absent, sixty rooms, twenty conversations, five hundred entries of all
 * kinds. It is filled once for all tests of a worker, by people over WebSockets; each test then has a copy of its
 * folder.
 */
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { AWAY, CORRESPONDENTS, JOINED, PRESENT, ROOMS, talk } from './crowd';
import { Natter, Person, Voice, test as base } from './fixtures';

/** Number of entries in `general`. */
export const ENTRIES = 500;
/** Number of the last runs in it that are new to Ada. */
const UNREAD_RUNS = 6;

interface Frame {
  type: string;
  [field: string]: unknown;
}

/** A person of the house, over a WebSocket. */
class Guest {
  session = '';
  name = '';
  epoch = '';
  private waiting: { is: (frame: Frame) => boolean; resolve: (frame: Frame) => void }[] = [];
  private marks = 0;
  /** The part of a `client_id` that differs between two visits. */
  private readonly visit = randomUUID().slice(0, 8);

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Frame;
      const heard = this.waiting.find(({ is }) => is(frame));
      if (!heard) return;
      this.waiting.splice(this.waiting.indexOf(heard), 1);
      heard.resolve(frame);
    });
  }

  /** Signs in, or resumes with a cursor, so that no entry is sent again. */
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

  /** Sends frames, and returns the frame that answers the last of them. */
  async ask(frames: object[], is: (frame: Frame) => boolean): Promise<Frame> {
    const answer = new Promise<Frame>((resolve) => this.waiting.push({ is, resolve }));
    for (const frame of frames) this.socket.send(JSON.stringify(frame));
    return answer;
  }

  /** Joins rooms, and returns their names as the server stores them. */
  async join(...rooms: string[]): Promise<string[]> {
    const joined: string[] = [];
    for (const room of rooms) {
      const frame = await this.ask([{ type: 'join', room }], (frame) => frame.type === 'joined');
      joined.push(String(frame.room));
    }
    return joined;
  }

  /** Sends texts to a room, and returns the id of the last one once it is stored. */
  async say(room: string, ...texts: string[]): Promise<number> {
    const marked = texts.map((text) => ({ type: 'message', room, text, client_id: this.mark() }));
    const frame = await this.ask(marked, (frame) => frame.client_id === marked.at(-1)?.client_id);
    return Number(frame.id);
  }

  /** Sends a private message, and returns its id once it is stored. */
  async tell(to: string, text: string): Promise<number> {
    const client_id = this.mark();
    const frame = await this.ask([{ type: 'pm', to, text, client_id }], (frame) => frame.client_id === client_id);
    return Number(frame.id);
  }

  /** Sets the read mark of a room or conversation. */
  async read(room: string, id: number): Promise<void> {
    await this.ask([{ type: 'read', room, id }, { type: 'get_rooms' }], (frame) => frame.type === 'room_list');
  }

  /** Returns a `client_id` that no other text by this person has. */
  private mark(): string {
    return `${this.visit}-${this.marks++}`;
  }

  leave(): void {
    this.socket.terminate();
  }
}

/** A filled house without people in it: its store, and the credentials of its people. */
interface Filled {
  data: string;
  sessions: Map<string, string>;
  /** The name of the session cookie of this chat. */
  cookie: string;
  cursor: Record<string, string>;
}

/** Fills a house and stops its server. */
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

/** Signs everybody in, and sends their texts. */
async function furnish(natter: Natter): Promise<Filled> {
  const people = new Map<string, Guest>();
  for (const name of [...PRESENT, ...AWAY]) people.set(name, await Guest.arrive(natter, { name }));
  const all = [...people.values()];
  const guest = (name: string) => people.get(name)!;
  const ada = guest('Ada');
  let [read, last] = [0, 0];

  // Each room has another creator, and some have more members than others.
  const makers = ROOMS.map((_, n) => all[1 + (n % (all.length - 1))]!);
  const rooms = (await Promise.all(ROOMS.map((room, n) => makers[n]!.join(room)))).flat();
  await Promise.all(all.slice(1).map((one, n) => one.join(...rooms.slice(0, n % 9).filter((_, room) => makers[room] !== one), rooms[JOINED + (n % 13)]!, 'random')));
  for (const [n, room] of rooms.entries()) await makers[n]!.say(room, 'Anybody here?');
  await ada.join(...rooms.slice(0, JOINED), 'random');

  const runs = talk(ENTRIES - 2);
  for (const { author, texts } of runs.slice(0, -UNREAD_RUNS)) read = await guest(author).say('general', ...texts);
  // System lines.
  for (const name of ['Nikolaos', 'Nikos']) await guest('Nikos').ask([{ type: 'set_nick', name }], (frame) => frame.type === 'nick_changed' && !frame.room);
  await ada.read('general', read);
  for (const { author, texts } of runs.slice(-UNREAD_RUNS)) last = await guest(author).say('general', ...texts);
  // Every third room has unread entries, some of them with mentions of Ada; so have some conversations.
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

/** A copy of the house, with its people. */
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

  /** Returns a person of the house who posts without a browser. */
  voice(name: string): Voice {
    return new Voice(this.natter.url, `${this.filled.cookie}=${this.filled.sessions.get(name)}`);
  }

  /** Sends many texts by one person: a hundred at a time, since the server refuses more. */
  async flood(name: string, room: string, texts: string[]): Promise<void> {
    const guest = await Guest.arrive(this.natter, { session: this.filled.sessions.get(name)!, ...this.filled.cursor });
    for (let said = 0; said < texts.length; said += 100) await guest.say(room, ...texts.slice(said, said + 100));
    guest.leave();
  }

  /** Returns the session cookie of a person of the house. */
  session(name: string): { name: string; value: string } {
    return { name: this.filled.cookie, value: this.filled.sessions.get(name)! };
  }

  /** Gives a browser the session of a person of the house. */
  async know(person: Person, name: string): Promise<void> {
    await person.page.context().addCookies([{ ...this.session(name), url: this.natter.url, httpOnly: true }]);
  }

  async close(): Promise<void> {
    for (const guest of this.guests) guest.leave();
    await this.natter.remove();
  }
}

/** The stage of a test: Ada's browser signs in there, and Bo writes. */
export interface Stage {
  isFull: boolean;
  natter: Natter;
  bo: Voice;
  /** Signs Ada in to `general`. */
  admit: (ada: Person) => Promise<void>;
}

/** A chat that only Bo has used. */
export const quiet = base.extend<{ stage: Stage }>({
  stage: async ({ natter }, use) => {
    await use({ isFull: false, natter, bo: await natter.voice('Bo'), admit: (ada) => ada.signIn('Ada') });
  },
});

/** The full house. A person with a name of the house is that person. */
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

/** Both stages, for a test that runs in each. */
export const stages = { 'in a quiet room': quiet, 'in a full house': full };
