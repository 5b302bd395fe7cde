const MINUTE_MS = 60_000;

/** `2026-11-24T22:00:00`: the part that every timestamp has. */
const SECONDS_LENGTH = 19;
const SHAPE = '0000-00-00T00:00:00';

/**
 * The offset after the timestamp of RFC 3339 at `at`: up to nine fraction digits, then `Z` or an offset with or
 * without colon. -1 for other bytes.
 */
export function timestampEnd(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < SECONDS_LENGTH + 1) return -1;
  for (let i = 0; i < SECONDS_LENGTH; i++) {
    const byte = bytes[at + i] ?? 0;
    const shape = SHAPE.charCodeAt(i);
    if (shape === 0x30 ? !isDigit(byte) : byte !== shape) return -1;
  }
  let i = at + SECONDS_LENGTH;
  if (bytes[i] === 0x2e) {
    const digits = ++i;
    while (i < end && isDigit(bytes[i] ?? 0)) i++;
    if (i === digits || i - digits > 9) return -1;
  }
  if (bytes[i] === 0x5a && i < end) return i + 1;
  return zoneEnd(bytes, i, end);
}

function zoneEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== 0x2b && bytes[at] !== 0x2d) return -1;
  const minutes = bytes[at + 3] === 0x3a ? at + 4 : at + 3;
  if (minutes + 2 > end) return -1;
  for (const i of [at + 1, at + 2, minutes, minutes + 1]) if (!isDigit(bytes[i] ?? 0)) return -1;
  return minutes + 2;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function number(bytes: Uint8Array, at: number, digits: number): number {
  let value = 0;
  for (let i = at; i < at + digits; i++) value = value * 10 + (bytes[i] ?? 0x30) - 0x30;
  return value;
}

/** A moment with all its digits: milliseconds since the epoch, and the nanoseconds within its second. */
export interface Instant {
  readonly ms: number;
  readonly nanos: number;
}

/** The moment of the timestamp in [at, end), whose shape `timestampEnd` has checked; `undefined` for a 13th month and the like. */
export function readInstant(bytes: Uint8Array, at: number, end: number): Instant | undefined {
  const [month, day] = [number(bytes, at + 5, 2), number(bytes, at + 8, 2)];
  const [hour, minute, second] = [number(bytes, at + 11, 2), number(bytes, at + 14, 2), number(bytes, at + 17, 2)];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  let i = at + SECONDS_LENGTH;
  let nanos = 0;
  if (bytes[i] === 0x2e) {
    const from = ++i;
    while (i < end && isDigit(bytes[i] ?? 0)) i++;
    nanos = number(bytes, from, i - from) * 10 ** (9 - (i - from));
  }
  const utc = Date.UTC(number(bytes, at, 4), month - 1, day, hour, minute, second);
  const ms = utc - zoneMinutes(bytes, i) * MINUTE_MS + Math.floor(nanos / 1e6);
  return ms >= 0 ? { ms, nanos } : undefined;
}

function zoneMinutes(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0x5a) return 0;
  const minutes = bytes[at + 3] === 0x3a ? at + 4 : at + 3;
  const size = number(bytes, at + 1, 2) * 60 + number(bytes, minutes, 2);
  return bytes[at] === 0x2d ? -size : size;
}

/** The moment that a whole text names in RFC 3339; `undefined` for other text. */
export function parseInstant(text: string): Instant | undefined {
  if (text.length > 40) return undefined;
  const bytes = Buffer.from(text, 'latin1');
  return timestampEnd(bytes, 0, bytes.length) === bytes.length ? readInstant(bytes, 0, bytes.length) : undefined;
}

/** One text for one moment, which sorts as moments do: `2026-11-24T22:00:01.123456789Z`. */
export function instantText(instant: Instant): string {
  return `${new Date(instant.ms).toISOString().slice(0, 19)}.${String(instant.nanos).padStart(9, '0')}Z`;
}
