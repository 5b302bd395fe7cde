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
/** By character code: letters, digits and `_-[]`, of which keys are made. */
const KEY_CHARS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9_\-[\]]/.test(String.fromCharCode(code)) ? 1 : 0,
);
const EQUALS = 61;
/** After a word that is no key. */
const WORD_END = /[ \u001d'(,]/g;
/** Keys of the translated part that follows a record: where one touches a bare value, the value ends. */
const TRANSLATED = /(?:ARCH|SYSCALL|URING_OP|O?AUID|FS[UG]ID|[ESO]?[UG]ID|SADDR)=/g;
const NO_VALUE = /\((?:null|none)\)/y;
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
  const scan = new FieldScan(body, interpreted);
  while (byKey.size < MAX_FIELDS && scan.next()) {
    if (!byKey.has(scan.key)) byKey.set(scan.key, { raw: scan.raw, quoted: scan.quoted });
  }
  return { byKey, interpreted, cut: scan.cut };
}

/** Goes over a body field by field. No part of it is looked at more than a few times, whatever it holds. */
class FieldScan {
  key = '';
  raw = '';
  quoted = false;
  cut = false;
  readonly #body: string;
  readonly #interpreted: boolean;
  #at = 0;
  /** Where the list in single quotes ends; -1 outside of one. */
  #innerEnd = -1;
  /** The first key of a translation that is not passed yet. */
  #translated = -1;

  constructor(body: string, interpreted: boolean) {
    this.#body = body;
    this.#interpreted = interpreted;
  }

  /** False at the end of the body. */
  next(): boolean {
    const body = this.#body;
    while (this.#at < body.length) {
      const from = this.#at;
      let end = from;
      while (KEY_CHARS[body.charCodeAt(end)] === 1) end += 1;
      if (end === from || body.charCodeAt(end) !== EQUALS) {
        this.#skipWord();
      } else {
        this.#at = end + 1;
        if (body[this.#at] !== "'") {
          this.key = body.slice(from, end);
          this.#value();
          return true;
        }
        if (this.#innerEnd < 0) this.#innerEnd = body.lastIndexOf("'");
        this.#at += 1;
      }
    }
    return false;
  }

  #skipWord(): void {
    if (this.#body.startsWith(ESCAPED_SEPARATOR, this.#at)) {
      this.#at += ESCAPED_SEPARATOR.length;
      return;
    }
    if (KEY_CHARS[this.#body.charCodeAt(this.#at)] !== 1) {
      this.#at += 1;
      return;
    }
    WORD_END.lastIndex = this.#at;
    this.#at = WORD_END.exec(this.#body)?.index ?? this.#body.length;
  }

  #value(): void {
    const body = this.#body;
    const from = this.#at;
    this.quoted = body[from] === '"';
    if (this.quoted) {
      const close = body.indexOf('"', from + 1);
      this.cut ||= close < 0;
      this.raw = body.slice(from + 1, close < 0 ? body.length : close);
      this.#at = close < 0 ? body.length : close + 1;
    } else {
      this.#at = this.#bareEnd(from);
      this.raw = body.slice(from, this.#at);
    }
  }

  #bareEnd(from: number): number {
    const body = this.#body;
    if (body[from] === '{') {
      const close = body.indexOf('}', from);
      return close < 0 ? body.length : close + 1;
    }
    if (this.#interpreted) return this.#printedEnd(from);
    NO_VALUE.lastIndex = from;
    const marker = NO_VALUE.exec(body)?.[0];
    if (marker !== undefined) return from + marker.length;
    const limit = this.#nextTranslated(from);
    let end = from;
    for (; end < limit; end += 1) {
      const char = body[end];
      if (char === ' ' || char === SEPARATOR || (this.#innerEnd >= 0 && char === "'")) break;
      if (char === '\\' && body.startsWith(ESCAPED_SEPARATOR, end)) break;
    }
    return end;
  }

  #nextTranslated(from: number): number {
    if (this.#translated < from) {
      TRANSLATED.lastIndex = from;
      this.#translated = TRANSLATED.exec(this.#body)?.index ?? this.#body.length;
    }
    return this.#translated;
  }

  /** Of a bare value printed for people: up to the next key that its record may hold. */
  #printedEnd(from: number): number {
    if (this.key === 'proctitle') return this.#body.length;
    const next = ARGUMENT.test(this.key) ? NEXT_ARGUMENT : NEXT_KEY;
    next.lastIndex = from;
    const end = next.exec(this.#body)?.index ?? this.#body.length;
    return from <= this.#innerEnd && this.#innerEnd < end ? this.#innerEnd : end;
  }
}
