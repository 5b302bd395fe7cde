/** Text that holds none of an analyzer's needles, nor a run that may be a wallet or base64, is not looked at. */
export type Gate = (texts: readonly (string | undefined)[]) => boolean;

const WINDOW = 4;
/** The shape that readers let through without a needle: 20 characters of base64's alphabet with an upper-case letter. */
const MIN_RUN = 20;
/** What a character beyond ASCII is in a window: no needle holds it. */
const FOREIGN = 0x7f;

/** ASCII letters to lower case; every other character of ASCII to itself. */
const FOLD = Uint8Array.from({ length: 128 }, (_, code) => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code));
const INSIDE = 1;
const UPPER = 2;
const MARK = 3;
/** What a character is to a run of [A-Za-z0-9+/=], which others end, and what a shell takes off a word: its marks. */
const CHARACTER_CLASS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/["'\\{]/.test(character)) return MARK;
  return /[A-Z]/.test(character) ? UPPER : /[a-z0-9+/=]/.test(character) ? INSIDE : 0;
});

/**
 * Makes the question that an analyzer asks first: whether the event's texts hold a needle in any case of ASCII (or, with
 * `runs`, a run that may be a wallet or base64). It keeps the full path and the readers' prefilter of one mind, and
 * saves the reading of ordinary command lines. Linear: one look into a table for each character.
 *
 * A shell takes quotes and backslashes off before it runs a word (`xm'r'ig`), and spells out braces
 * (`--donate-{level,over-proxy}=1`), so a needle is also found where such marks stand between its characters. Here the
 * gate sees more than the readers' prefilter, which compares bytes: of a line whose only needle is broken by marks, a
 * log's reader sees nothing, whoever asks the gate directly does.
 * @param needles ASCII in lower case, four characters or longer
 * @throws RangeError for a shorter needle: a mistake in an analyzer
 */
export function makeGate(needles: readonly string[], runs: boolean): Gate {
  const finder = new Finder(needles, runs);
  return (texts) => {
    for (const text of texts) if (text !== undefined && finder.finds(text)) return true;
    return false;
  };
}

/** The needles by their first four characters, and a small table that tells most other windows apart. */
class Finder {
  readonly #runs: boolean;
  readonly #byStart = new Map<number, readonly string[]>();
  readonly #table: Uint8Array;
  readonly #shift: number;

  constructor(needles: readonly string[], runs: boolean) {
    this.#runs = runs;
    const bits = Math.min(16, Math.ceil(Math.log2(needles.length + 1)) + 5);
    this.#shift = 32 - bits;
    this.#table = new Uint8Array(2 ** bits);
    for (const needle of needles) {
      if (needle.length < WINDOW) throw new RangeError(`needle '${needle}' is shorter than ${WINDOW} characters`);
      let key = 0;
      for (let at = 0; at < WINDOW; at++) key = shifted(key, needle.charCodeAt(at));
      this.#byStart.set(key, [...(this.#byStart.get(key) ?? []), needle]);
      this.#table[Math.imul(key, 0x9e3779b1) >>> this.#shift] = 1;
    }
  }

  /** Called for each text of each candidate by each analyzer: one loop, without a string for each place. */
  finds(text: string): boolean {
    const table = this.#table;
    const shift = this.#shift;
    let key = 0;
    /** The window without marks, and for how many characters it is another one. */
    let bare = 0;
    let apart = 0;
    let run = 0;
    let upper = false;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const kind = code < 128 ? (CHARACTER_CLASS[code] as number) : 0;
      if (kind === MARK) {
        if (apart === 0) bare = key;
        apart = WINDOW;
      } else if (apart > 0) {
        apart--;
        bare = shifted(bare, code);
        if (table[Math.imul(bare, 0x9e3779b1) >>> shift] === 1 && this.#holdsBroken(text, at, bare)) return true;
      }
      key = shifted(key, code);
      if (table[Math.imul(key, 0x9e3779b1) >>> shift] === 1 && at >= WINDOW - 1 && this.#holds(text, at, key)) {
        return true;
      }
      if (kind === 0 || kind === MARK) {
        run = 0;
        upper = false;
        continue;
      }
      run++;
      upper ||= kind === UPPER;
      if (upper && run >= MIN_RUN && this.#runs) return true;
    }
    return false;
  }

  /** Whether a needle begins with the window that ends at `at`. */
  #holds(text: string, at: number, key: number): boolean {
    const start = at - WINDOW + 1;
    const candidates = this.#byStart.get(key) ?? [];
    return candidates.some((needle) => standsAt(text, start, needle) || endsBroken(text, at, needle));
  }

  /** The same where marks stand in the window. */
  #holdsBroken(text: string, at: number, key: number): boolean {
    const candidates = this.#byStart.get(key) ?? [];
    return candidates.some((needle) => endsBroken(text, at, needle));
  }
}

/** Whether a text of any case holds a needle at an offset. */
function standsAt(text: string, start: number, needle: string): boolean {
  for (let at = WINDOW; at < needle.length; at++) {
    const code = text.charCodeAt(start + at);
    if ((code < 128 ? FOLD[code] : code) !== needle.charCodeAt(at)) return false;
  }
  return true;
}

/** Whether a needle whose first window ends at an offset goes on behind it, with marks between or not. */
function endsBroken(text: string, end: number, needle: string): boolean {
  let at = end + 1;
  for (let wanted = WINDOW; wanted < needle.length; wanted++) {
    while (isMark(text.charCodeAt(at))) at++;
    const code = text.charCodeAt(at++);
    if ((code < 128 ? FOLD[code] : code) !== needle.charCodeAt(wanted)) return false;
  }
  return true;
}

function isMark(code: number): boolean {
  return code < 128 && CHARACTER_CLASS[code] === MARK;
}

/** The window of four characters moved on by one. */
function shifted(key: number, code: number): number {
  return (key >>> 8) | ((code < 128 ? (FOLD[code] as number) : FOREIGN) << 24);
}

/** The smallest list that stands for all: what holds another of the list is dropped. Each has four characters or more. */
export function minimalNeedles(all: Iterable<string>): readonly string[] {
  const sorted = [...new Set(all)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const keptByStart = new Map<string, string[]>();
  const holdsKept = (needle: string): boolean => {
    for (let at = 0; at + WINDOW <= needle.length; at += 1) {
      const kept = keptByStart.get(needle.slice(at, at + WINDOW));
      if (kept?.some((one) => needle.startsWith(one, at))) return true;
    }
    return false;
  };
  return sorted.filter((needle) => {
    if (holdsKept(needle)) return false;
    const start = needle.slice(0, WINDOW);
    keptByStart.set(start, [...(keptByStart.get(start) ?? []), needle]);
    return true;
  });
}

/** Listed names as needles: of those too short for one, the name as the last part of a path. */
export function literals(names: readonly string[]): readonly string[] {
  return names.map((name) => (name.length < WINDOW ? `/${name}` : name)).filter((name) => name.length >= WINDOW);
}
