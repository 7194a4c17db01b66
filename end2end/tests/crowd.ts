/** The content of a full house: names of all kinds and scripts, rooms, and people's texts. */

/** The present people: thirty, Ada among them. */
export const PRESENT = [
  'Ada', 'Bo', 'Mina', 'Theo', 'Yuki', 'Rosa', 'Emeka', 'Priya', 'Jonas', 'Leïla', 'Tomás', 'Ingrid', 'Kofi', 'Amélie', 'Søren',
  'Wanjiru', 'Zuzana', 'Oğuz', 'Freya', 'Nikos', 'Björk', 'Carys', 'Konstantin_Alexander', 'Дмитрий', 'Ελένη', '田中さくら', '王小明',
  '김서연', 'דוד_כהן', 'فاطمة_الزهراء',
] as const;

/** The absent people, each with an entry. */
export const AWAY = [
  'Astrid', 'Bruno', 'Chidi', 'Dagny', 'Elif', 'Fergus', 'Gwen', 'Hamid', 'Inés', 'Joost', 'Katya', 'Lars', 'Maeve', 'Noor', 'Otto',
  'Paloma', 'Quentin', 'Runa', 'Sipho', 'Tuuli', 'Umberto', 'Vesna', 'Wilhelmina_Charlotte', 'Xochitl', 'Ysolde', 'WWWWWWWWWWWWWWWWWWWW',
  '佐藤_健', 'สมชาย', 'יעל', 'राजेश्वरी',
] as const;

/**
 * The rooms beside `general`, `random` and `help`, each created by another person. Ada is a member of the first
 * thirty-seven.
 */
export const ROOMS = [
  'workshop', 'lunch', 'birdwatching', 'garden', 'books', 'music', 'bicycles', 'weather-station', 'the-long-table-on-the-terrace',
  'release-notes', 'ideas', 'photos', 'running', 'chess', 'cinema', 'museum_visits', 'pottery', 'travel', 'recipes', 'letters',
  '日本語で話す部屋', '会議室', '한국어', 'קפה-של-הבוקר', 'غرفة_المشاريع', 'हिन्दी', 'комната-отдыха', 'καφενείο', 'wwwwwwwwwwwwwwwwwwwwwwwwwwwwww',
  'night-shift', 'repairs', 'maps', 'languages', 'physics', 'sewing', 'sailing', 'accessibility',
  'astronomy', 'bees', 'climbing', 'design', 'embroidery', 'film-club', 'geology', 'hiking', 'ice-cream', 'jazz', 'kites', 'lanterns',
  'mushrooms', 'newcomers', 'orchestra', 'puzzles', 'quilts', 'radio', 'swimming', 'tea',
] as const;

/** Number of these rooms of which Ada is a member. */
export const JOINED = 37;

/** The peers of Ada's conversations, in the order of their last messages. */
export const CORRESPONDENTS = [
  'Bruno', 'Chidi', 'Wilhelmina_Charlotte', 'WWWWWWWWWWWWWWWWWWWW', '佐藤_健', 'יעל', 'Astrid', 'Elif', 'Noor', 'Otto', 'Kofi', 'Amélie',
  '王小明', 'فاطمة_الزهراء', 'Konstantin_Alexander', 'Priya', 'Theo', 'Yuki', 'Mina', 'Bo',
] as const;

/** A text of the largest length. */
const LONGEST = 'A story that takes its time, as some do, and does not mind. '.repeat(70).slice(0, 4_000).replace(/ $/, '.');

/** Texts of all kinds. */
const TEXTS = [
  'Good morning, everybody! ☕',
  'Has anybody seen the **blue** screwdriver? It was on the bench _yesterday_.',
  'It is in the second drawer, where `make clean` would never look.',
  '/me opens the second drawer',
  'Found it, thank you.',
  'The notes are at https://example.org/notes/2026/the-weather-station-on-the-roof?show=everything&order=newest#the-part-about-the-wind',
  '```rust\nfn main() {\n    let reading = station.read().expect("the station answers within a second, or it is not there at all");\n    println!("{reading}");\n}\n```',
  'שלום לכולם! מישהו ראה את המברג? הוא היה כאן: shelf 3, ליד החלון.',
  'مرحبا بالجميع، هل يمكن أن نلتقي غدا في الساعة 10:30؟',
  '明日の会議は十時からです。資料は https://example.org/資料 にあります。よろしくお願いします。',
  '大家早上好！今天的天气预报说下午会下雨，请记得带伞。',
  'नमस्ते! आज की बैठक शाम को होगी, कृपया समय पर आइए।',
  '좋은 아침입니다. 커피 드실 분?',
  `One long word: ${'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(6)}`,
  '🎉🎉🎉',
  '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇯🇵',
  'Three things for today:\n1. the roof\n2. the curve on the wall\n3. soup\n\nWho takes the first?',
  '@Ada, could you look at the curve? No hurry.',
  'I can, after lunch.',
  '/me puts the kettle on',
  'ok',
  LONGEST,
  'Wir treffen uns um drei am großen Tisch. Bringt bitte Stühle mit!',
  '```\n      rain  wind\nmon    3.2   12\ntue    0.0    7\nwed   11.9   21\n```',
  'Lovely. That was the last of it.',
];

/** Returns the entries of `general`: runs of texts, each by one author. Each absent person begins with one run. */
export function talk(entries: number): { author: string; texts: string[] }[] {
  const authors = [...AWAY, ...PRESENT.slice(1)];
  const runs: { author: string; texts: string[] }[] = [];
  for (let said = 0; said < entries; ) {
    // A run has one to three texts, so that some continue the group above.
    const texts = Array.from({ length: Math.min(1 + (runs.length % 3), entries - said) }, (_, n) => TEXTS[(said + n) % TEXTS.length]!);
    runs.push({ author: authors[runs.length % authors.length]!, texts });
    said += texts.length;
  }
  return runs;
}
