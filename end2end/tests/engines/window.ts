/** A person's actions in a browser window of any engine. */

/** The name of a key, as in the DOM's `KeyboardEvent.key`. */
export type Key = 'Control' | 'Enter' | 'Escape' | 'Tab' | (string & {});

export interface Cookie {
  name: string;
  value: string;
}

export interface Window {
  /** Opens an address, and returns once its page has loaded. */
  open(url: string): Promise<void>;
  /** Sets the size of the page, in CSS pixels. */
  resize(width: number, height: number): Promise<void>;
  /** Sets an `HttpOnly` cookie for the open page. */
  keep(cookie: Cookie): Promise<void>;
  /** Runs a function in the page and returns its result, which must be serializable as JSON. */
  ask<Arguments extends unknown[], Result>(look: (...args: Arguments) => Result, ...args: Arguments): Promise<Result>;
  /** Clicks the one element that matches. */
  click(selector: string): Promise<void>;
  /** Presses the key of each character, in the focused element. */
  type(text: string): Promise<void>;
  /** Presses keys together, and releases them. */
  press(...keys: Key[]): Promise<void>;
  /** Saves the visible page as a PNG file. */
  picture(file: string): Promise<void>;
  /** Returns the errors that the page has reported since it was opened. */
  errors(): Promise<string[]>;
  close(): Promise<void>;
}
