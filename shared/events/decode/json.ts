/**
 * A walker over JSON in bytes (RFC 8259) that builds nothing: it finds where values begin and end, so that the text of
 * a log line is copied once, and so that what stands before the cut of a cut record can still be used. It never
 * recurses, and is lenient about what `JSON.parse` would refuse.
 */

/** The bytes ended inside a value. */
export const CUT = -1;
/** The bytes are no JSON here. */
export const BROKEN = -2;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
export const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** The offset of the first byte at or after `at` that is no JSON white space. */
export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) break;
    i++;
  }
  return i;
}

/** The offset after the string whose opening quote is at `at`, or `CUT`. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    const byte = bytes[i];
    if (byte === BACKSLASH) i++;
    else if (byte === QUOTE) return i + 1;
  }
  return CUT;
}

/** The offset after the value at `at`, or `CUT`, or `BROKEN`. A number or word that touches the end counts as cut. */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return CUT;
  const first = bytes[at];
  if (first === QUOTE) return skipString(bytes, at, end);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return skipNested(bytes, at, end);
  let i = at;
  while (i < end && isScalarByte(bytes[i])) i++;
  if (i === end) return CUT;
  return i === at ? BROKEN : i;
}

function isScalarByte(byte: number | undefined): boolean {
  return byte !== undefined && byte > 0x20 && byte !== COMMA && byte !== CLOSE_OBJECT && byte !== CLOSE_ARRAY;
}

function skipNested(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0;
  for (let i = at; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      const after = skipString(bytes, i, end);
      if (after < 0) return after;
      i = after - 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return i + 1;
  }
  return CUT;
}

/**
 * Calls `member` for each member of the object at `at`, with the key's bytes (without quotes, escapes as they are) and
 * the value's offset; it gives the offset after the value, for which `skipValue` serves. Gives the offset after the
 * object, or `CUT`, or `BROKEN`.
 */
export function walkObject(
  bytes: Uint8Array,
  at: number,
  end: number,
  member: (keyFrom: number, keyTo: number, valueFrom: number) => number,
): number {
  if (bytes[at] !== OPEN_OBJECT) return BROKEN;
  let i = skipSpace(bytes, at + 1, end);
  if (i < end && bytes[i] === CLOSE_OBJECT) return i + 1;
  while (i < end) {
    if (bytes[i] !== QUOTE) return BROKEN;
    const keyEnd = skipString(bytes, i, end);
    if (keyEnd < 0) return CUT;
    const colon = skipSpace(bytes, keyEnd, end);
    if (colon >= end) return CUT;
    if (bytes[colon] !== COLON) return BROKEN;
    const value = skipSpace(bytes, colon + 1, end);
    if (value >= end) return CUT;
    const after = member(i + 1, keyEnd - 1, value);
    if (after < 0) return after;
    i = skipSpace(bytes, after, end);
    if (i >= end) return CUT;
    if (bytes[i] === CLOSE_OBJECT) return i + 1;
    if (bytes[i] !== COMMA) return BROKEN;
    i = skipSpace(bytes, i + 1, end);
  }
  return CUT;
}

/** As `walkObject`, for the elements of the array at `at`. */
export function walkArray(bytes: Uint8Array, at: number, end: number, element: (valueFrom: number) => number): number {
  if (bytes[at] !== OPEN_ARRAY) return BROKEN;
  let i = skipSpace(bytes, at + 1, end);
  if (i < end && bytes[i] === CLOSE_ARRAY) return i + 1;
  while (i < end) {
    const after = element(i);
    if (after < 0) return after;
    i = skipSpace(bytes, after, end);
    if (i >= end) return CUT;
    if (bytes[i] === CLOSE_ARRAY) return i + 1;
    if (bytes[i] !== COMMA) return BROKEN;
    i = skipSpace(bytes, i + 1, end);
  }
  return CUT;
}

/** The bytes of a value; `cut` when they end before it does. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly cut: boolean;
}

const MAX_KNOWN_KEY = 32;
const KNOWN_KEYS = 1024;
/** Keys that came lately, by a weak hash: records repeat the same few, and a string for each costs more than a look. */
const knownKeys: (string | undefined)[] = new Array(KNOWN_KEYS);

/** The text of a key, whose escapes stay as they are. */
export function keyText(bytes: Buffer, from: number, to: number): string {
  const length = to - from;
  if (length === 0 || length > MAX_KNOWN_KEY) return bytes.toString('utf8', from, to);
  const slot =
    (length * 97 + (bytes[from] ?? 0) * 31 + (bytes[to - 1] ?? 0) * 7 + (bytes[from + (length >> 1)] ?? 0)) %
    KNOWN_KEYS;
  const known = knownKeys[slot];
  if (known !== undefined && known.length === length) {
    let i = 0;
    while (i < length && bytes[from + i] === known.charCodeAt(i)) i++;
    if (i === length) return known;
  }
  const text = bytes.toString('utf8', from, to);
  knownKeys[slot] = text;
  return text;
}

/** The members of the object at `at` by key (the last of equal ones), up to where it ends, is cut or breaks. */
export function objectSpans(
  bytes: Buffer,
  at: number,
  end: number,
): { readonly spans: ReadonlyMap<string, Span>; readonly after: number } {
  const spans = new Map<string, Span>();
  const after = walkObject(bytes, at, end, (keyFrom, keyTo, from) => {
    const to = skipValue(bytes, from, end);
    if (to !== BROKEN) spans.set(keyText(bytes, keyFrom, keyTo), { from, to: to < 0 ? end : to, cut: to < 0 });
    return to;
  });
  return { spans, after };
}

/** The value of a whole span; `undefined` for one that is cut or that JSON does not allow. */
export function spanValue(bytes: Buffer, span: Span | undefined): unknown {
  if (span === undefined || span.cut) return undefined;
  return parseJson(bytes.toString('utf8', span.from, span.to));
}

/** The value of a span that is a whole string. */
export function spanText(bytes: Buffer, span: Span | undefined): string | undefined {
  if (span === undefined || span.cut || bytes[span.from] !== QUOTE) return undefined;
  let plain = span.from + 1;
  while (plain < span.to - 1 && isPlain(bytes[plain])) plain++;
  if (plain === span.to - 1) return bytes.toString('latin1', span.from + 1, plain);
  const value = spanValue(bytes, span);
  return typeof value === 'string' ? value : undefined;
}

/** A character of a string that stands for itself, in ASCII. */
function isPlain(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x20 && byte < 0x7f && byte !== BACKSLASH;
}

/** The inner bytes of a string span: without its quotes, or without the first alone when it is cut; `undefined` for other values. */
export function stringInside(bytes: Uint8Array, span: Span | undefined): Span | undefined {
  if (span === undefined || bytes[span.from] !== QUOTE) return undefined;
  return { from: span.from + 1, to: span.cut ? span.to : span.to - 1, cut: span.cut };
}

/** The value of a number of up to 15 digits without sign, point and exponent; `undefined` for others. */
export function spanDigits(bytes: Uint8Array, span: Span | undefined): number | undefined {
  if (span === undefined || span.cut || span.to - span.from > 15) return undefined;
  let value = 0;
  for (let i = span.from; i < span.to; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

/** What `JSON.parse` gives, `undefined` where it throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
