const QUOTE = 0x22;
/** The bit that makes ASCII letters lower case. */
const LOWER = 0x20;
const NAME_KEY = Buffer.from('"query_name"');
const DATA_KEY = Buffer.from('"rdata"');
const WINDOW = DATA_KEY.length;

/** How far the window may move on, by the byte at its end: to where either key could hold that byte. */
const SHIFTS = Uint8Array.from({ length: 256 }, (_, byte) =>
  Math.min(shiftOf(NAME_KEY.subarray(-WINDOW), byte), shiftOf(DATA_KEY, byte)),
);

function shiftOf(key: Uint8Array, byte: number): number {
  const last = key.subarray(0, WINDOW - 1).findLastIndex((one) => (one | LOWER) === (byte | LOWER));
  return WINDOW - 1 - last;
}

/**
 * Finds the keys of a query log that tell what it is about, in one pass by Horspool's method for two texts: it looks at
 * about one byte in four. `"query_name"` is found as it is written, `"rdata"` in any case.
 */
export class KeySearch {
  /** Whether the key found last is that of the name. */
  isName = false;

  /** Offset behind the next key that lies whole within [from, to), or -1. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const shifts = SHIFTS;
    for (let at = from + WINDOW - 1; at < to; ) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.isName = endsIn(NAME_KEY, 0, bytes, from, at + 1);
        if (this.isName || endsIn(DATA_KEY, LOWER, bytes, from, at + 1)) return at + 1;
      }
      at += shifts[byte] as number;
    }
    return -1;
  }
}

/** Whether the key, compared with `fold` bits set, ends right before `end` and does not begin before `from`. */
function endsIn(key: Uint8Array, fold: number, bytes: Uint8Array, from: number, end: number): boolean {
  const start = end - key.length;
  if (start < from) return false;
  for (let back = key.length - 2; back >= 0; back -= 1) {
    if (((bytes[start + back] as number) | fold) !== ((key[back] as number) | fold)) return false;
  }
  return true;
}
