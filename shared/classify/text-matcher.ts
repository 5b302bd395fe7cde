/** Bytes of a needle that the first filter looks at. */
const WINDOW = 4;
const FILTER_BITS = 16;
/** A run of this many base58, bech32 or base64 characters with an upper-case letter may be a wallet or hide a command. */
export const MIN_RUN = 20;

/** ASCII letters to lower case; every other byte to itself. */
const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

const OUTSIDE = 0;
const INSIDE = 1;
const UPPER = 2;
/** What a byte is to a run of [A-Za-z0-9+/=]. */
const RUN_CLASS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x41 && byte <= 0x5a) return UPPER;
  return /[a-z0-9+/=]/.test(String.fromCharCode(byte)) ? INSIDE : OUTSIDE;
});

interface Bucket {
  readonly needle: Uint8Array;
  /** Where the window lies in the needle. */
  readonly offset: number;
}

const keyAt = (bytes: Uint8Array, at: number): number =>
  ((FOLD[bytes[at] ?? 0] ?? 0) |
    ((FOLD[bytes[at + 1] ?? 0] ?? 0) << 8) |
    ((FOLD[bytes[at + 2] ?? 0] ?? 0) << 16) |
    ((FOLD[bytes[at + 3] ?? 0] ?? 0) << 24)) >>>
  0;

const slotOf = (key: number): number => Math.imul(key, 0x9e3779b1) >>> (32 - FILTER_BITS);

/**
 * Compiles literals into one test of raw bytes: whether [from, to) holds any of them in any case, or a run that may be
 * a wallet or base64. One pass, one table look-up for a byte; no allocation.
 * @param needles lower case, four bytes or longer
 * @throws RangeError for a shorter needle: a mistake in a rule
 */
export function compileTextMatcher(
  needles: Iterable<string>,
): (bytes: Uint8Array, from: number, to: number) => boolean {
  const filter = new Uint8Array(1 << FILTER_BITS);
  const buckets = new Map<number, Bucket[]>();
  for (const text of new Set(needles)) {
    const needle = new TextEncoder().encode(text.toLowerCase());
    if (needle.length < WINDOW) throw new RangeError(`needle '${text}' is shorter than ${WINDOW} bytes`);
    const offset = rarestWindow(needle);
    const key = keyAt(needle, offset);
    filter[slotOf(key)] = 1;
    buckets.set(key, [...(buckets.get(key) ?? []), { needle, offset }]);
  }

  const holds = (bytes: Uint8Array, from: number, to: number, at: number, key: number): boolean => {
    for (const { needle, offset } of buckets.get(key) ?? []) {
      const start = at - offset;
      if (start < from || start + needle.length > to) continue;
      let same = 0;
      while (same < needle.length && FOLD[bytes[start + same] ?? 0] === needle[same]) same++;
      if (same === needle.length) return true;
    }
    return false;
  };

  return (bytes, from, to) => {
    let key = 0;
    let run = 0;
    let upper = false;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      key = ((key >>> 8) | ((FOLD[byte] as number) << 24)) >>> 0;
      const kind = RUN_CLASS[byte] as number;
      if (kind === OUTSIDE) {
        run = 0;
        upper = false;
      } else {
        run++;
        if (kind === UPPER) upper = true;
        if (upper && run >= MIN_RUN) return true;
      }
      if (
        filter[Math.imul(key, 0x9e3779b1) >>> (32 - FILTER_BITS)] === 1 &&
        at - from >= WINDOW - 1 &&
        holds(bytes, from, to, at - WINDOW + 1, key)
      )
        return true;
    }
    return false;
  };
}

/** Pieces that stand in many benign lines too: a window without them keeps the second look rare. */
const COMMON = /\.com|\.net|\.org|\.io|pool|mine|http|\/tmp|\/usr|\/bin|\/etc|\/var|cron|--[a-z]|syst|ctl|serv/;

function rarestWindow(needle: Uint8Array): number {
  const text = new TextDecoder().decode(needle);
  for (let offset = needle.length - WINDOW; offset > 0; offset--) {
    if (!COMMON.test(text.slice(Math.max(0, offset - 1), offset + WINDOW + 1))) return offset;
  }
  return 0;
}
