/** One value of a record as it is written: in quotes, else bare. */
export interface Field {
  readonly raw: string;
  readonly quoted: boolean;
}

/** A record's fields by key. Keys keep their case: `uid` is the kernel's number, `UID` its translation. */
export interface Fields {
  readonly byKey: ReadonlyMap<string, Field>;
  /** The values are printed for people: bare text is itself, never hexadecimal. */
  readonly interpreted: boolean;
  /** The line ended inside a quoted value. */
  readonly cut: boolean;
}

const SEPARATOR = '\u001d';
const ESCAPED_SEPARATOR = '\\u001d';
const KEY = /[A-Za-z0-9_\-[\]]+=/y;
const WORD = /[^ \u001d'(,]+/y;
/** Keys of the translated part that follows a record: where one touches a bare value, the value ends. */
const TRANSLATED = /(?:ARCH|SYSCALL|URING_OP|O?AUID|FS[UG]ID|[ESO]?[UG]ID|SADDR)=/;
const NO_VALUE = /^\((?:null|none)\)/;
/** Where a bare value printed for people ends: at the next key, for it may hold blanks. */
const NEXT_KEY = / [A-Za-z][A-Za-z0-9_-]*=/g;
const NEXT_ARGUMENT = / a\d+(?:\[\d+\]|_len)?=/g;
const ARGUMENT = /^a\d+(?:\[\d+\])?$/;
const MAX_FIELDS = 100_000;

/**
 * The fields of a record's body, given as Latin-1. The list in single quotes that user space puts into `msg=` is read
 * as part of it. A key that comes twice keeps its first value: translations and whatever else was appended come last.
 */
export function parseFields(body: string, interpreted: boolean): Fields {
  const byKey = new Map<string, Field>();
  let at = 0;
  /** Where the list in single quotes ends; -1 outside of one. */
  let innerEnd = -1;
  let cut = false;
  while (at < body.length && byKey.size < MAX_FIELDS) {
    if (body.startsWith(ESCAPED_SEPARATOR, at)) {
      at += ESCAPED_SEPARATOR.length;
      continue;
    }
    KEY.lastIndex = at;
    const key = KEY.exec(body)?.[0].slice(0, -1);
    if (key === undefined) {
      WORD.lastIndex = at;
      at += Math.max(1, WORD.exec(body)?.[0].length ?? 0);
      continue;
    }
    at += key.length + 1;
    const first = body[at];
    if (first === "'") {
      innerEnd = Math.max(at + 1, body.lastIndexOf("'"));
      at += 1;
      continue;
    }
    const end = first === '"' ? body.indexOf('"', at + 1) : bareEnd(body, at, key, innerEnd, interpreted);
    const quoted = first === '"';
    if (end < 0) cut = true;
    const raw = body.slice(quoted ? at + 1 : at, end < 0 ? body.length : end);
    if (!byKey.has(key)) byKey.set(key, { raw, quoted });
    at = end < 0 ? body.length : end + (quoted ? 1 : 0);
  }
  return { byKey, interpreted, cut };
}

function bareEnd(body: string, from: number, key: string, innerEnd: number, interpreted: boolean): number {
  if (body[from] === '{') return orEnd(body, body.indexOf('}', from) + 1);
  if (interpreted) return printedEnd(body, from, key, innerEnd);
  let end = from;
  while (end < body.length) {
    const char = body[end];
    if (char === ' ' || char === SEPARATOR || (innerEnd >= 0 && char === "'")) break;
    if (char === '\\' && body.startsWith(ESCAPED_SEPARATOR, end)) break;
    end += 1;
  }
  const value = body.slice(from, end);
  const marker = NO_VALUE.exec(value);
  if (marker !== null) return from + marker[0].length;
  const glued = value.search(TRANSLATED);
  return glued < 0 ? end : from + glued;
}

/** Of a bare value printed for people: up to the next key that its record may hold. */
function printedEnd(body: string, from: number, key: string, innerEnd: number): number {
  if (key === 'proctitle') return body.length;
  const next = ARGUMENT.test(key) ? NEXT_ARGUMENT : NEXT_KEY;
  next.lastIndex = from;
  const end = next.exec(body)?.index ?? body.length;
  return from <= innerEnd && innerEnd < end ? innerEnd : end;
}

function orEnd(body: string, end: number): number {
  return end > 0 ? end : body.length;
}
