/** Clocks inside the page: the milliseconds from an event to the end of the frame that shows its outcome. */
import type { Browser, Page } from '@playwright/test';

/** The event that starts a measurement. */
export type Cause = 'keydown' | 'click' | 'message';

/** The outcome that ends a measurement: the composer has this text, or the newest entry has. */
export interface Outcome {
  of: 'composer' | 'newest entry';
  text: string;
}

interface Clock {
  begin: (cause: Cause, outcome: Outcome) => void;
  took: () => Promise<number>;
}

/** Runs in the page before all of its scripts, and installs a `clock` there. */
export function install(): void {
  let isInFrame = false;
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (run) =>
    ask((time) => {
      isInFrame = true;
      run(time);
      isInFrame = false;
    });

  /** Calls back after the current frame, or else the next one, was submitted: the callback is a task after it. */
  const afterFrame = (then: () => void) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = then;
    if (isInFrame) channel.port2.postMessage(0);
    else ask(() => channel.port2.postMessage(0));
  };

  const shown = (of: Outcome['of']) => {
    if (of === 'composer') return document.querySelector<HTMLTextAreaElement>('#text')?.value;
    // A selector of all entries would be slow: there may be ten thousand.
    let row = document.querySelector('#entries');
    while (row && !row.matches('li.entry')) row = row.lastElementChild;
    return row?.querySelector('.text')?.textContent;
  };

  let waiting: { cause: Cause; outcome: Outcome } | undefined;
  let began = 0;
  let finish = (_: number) => {};
  let result: Promise<number> | undefined;
  const hear = (cause: Cause) => (event: Event) => {
    if (waiting?.cause === cause) began ||= event.timeStamp;
  };
  const look = () => {
    if (!waiting || began === 0 || shown(waiting.outcome.of) !== waiting.outcome.text) return;
    waiting = undefined;
    afterFrame(() => finish(performance.now() - began));
  };

  for (const cause of ['keydown', 'click'] as const) addEventListener(cause, hear(cause), { capture: true });
  // Typing does not change the document's nodes.
  addEventListener('input', look);
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  const Original = window.WebSocket;
  window.WebSocket = class extends Original {
    constructor(...how: ConstructorParameters<typeof Original>) {
      super(...how);
      // This listener is the first, so it runs before the page's own.
      this.addEventListener('message', hear('message'));
    }
  };
  document.addEventListener('DOMContentLoaded', () => {
    const chat = document.querySelector('.chat');
    const alive = new MutationObserver(() => performance.mark('alive'));
    if (chat) alive.observe(chat, { attributeFilter: ['data-alive'] });
  });

  (window as any).clock = {
    begin: (cause, outcome) => {
      began = 0;
      result = new Promise((resolve) => (finish = resolve));
      waiting = { cause, outcome };
    },
    took: async () => result ?? NaN,
  } satisfies Clock;
}

/** Makes one measurement: `act` causes the event. */
export async function time(page: Page, cause: Cause, outcome: Outcome, act: () => Promise<unknown>): Promise<number> {
  await page.evaluate(([cause, outcome]) => (window as any).clock.begin(cause, outcome), [cause, outcome] as const);
  await act();
  return page.evaluate(() => (window as any).clock.took());
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds, like the durations: `ts` and `dur` by the clock, `tdur` of processor time. */
  ts: number;
  dur?: number;
  tdur?: number;
}

/** Returns the time for which the main thread worked on a page, from its navigation until it was live. */
export async function timeToLife(browser: Browser, page: Page, url: string): Promise<number> {
  const categories = ['blink.user_timing', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];
  await browser.startTracing(page, { categories });
  await page.goto(url);
  await page.locator('.chat[data-alive]').waitFor();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  const alive = traceEvents.find(({ name }) => name === 'alive');
  if (!alive) throw new Error('the page was not alive within the trace');
  const start = traceEvents.findLast(({ name, pid, ts }) => name === 'navigationStart' && pid === alive.pid && ts < alive.ts);
  if (!start) throw new Error('the trace has no navigation');
  const tasks = traceEvents.filter(({ name, pid, tid, ts }) => name === 'RunTask' && pid === alive.pid && tid === alive.tid && ts >= start.ts && ts < alive.ts);
  // Processor time counts, since other processes are no part of the page's work.
  return tasks.reduce((sum, { ts, dur = 0, tdur = dur }) => sum + Math.min(tdur, alive.ts - ts), 0) / 1_000;
}
