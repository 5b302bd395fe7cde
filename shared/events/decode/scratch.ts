const BACKSLASH = 0x5c;
const FIRST_SIZE = 4096;

/** What each one-letter escape of a JSON string stands for (RFC 8259, section 7). */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/** A buffer that grows and is used again, in which lines for an inner reader are put together. */
export class Scratch {
  bytes: Buffer = Buffer.allocUnsafe(FIRST_SIZE);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  append(source: Uint8Array, from: number, to: number): void {
    if (to <= from) return;
    this.#reserve(to - from);
    if (source instanceof Buffer) source.copy(this.bytes, this.length, from, to);
    else this.bytes.set(source.subarray(from, to), this.length);
    this.length += to - from;
  }

  push(byte: number): void {
    this.#reserve(1);
    this.bytes[this.length++] = byte;
  }

  /** Removes one line end (`\n`, `\r\n` or `\r`) after offset `from`. */
  trimLineEnd(from: number): void {
    if (this.length > from && this.bytes[this.length - 1] === 0x0a) this.length--;
    if (this.length > from && this.bytes[this.length - 1] === 0x0d) this.length--;
  }

  /** Appends the text of a JSON string, whose bytes lie between its quotes, as UTF-8. What is no escape stays as it is. */
  appendJsonString(source: Buffer, from: number, to: number): void {
    this.#reserve(to - from);
    let at = from;
    while (at < to) {
      let slash = at;
      while (slash < to && source[slash] !== BACKSLASH) slash++;
      if (slash > at) this.append(source, at, slash);
      if (slash >= to - 1) return;
      at = this.#appendEscape(source, slash, to);
    }
  }

  /** Appends what the escape at `at` stands for and gives the offset after it; a cut one gives nothing. */
  #appendEscape(source: Buffer, at: number, to: number): number {
    const letter = source[at + 1] ?? 0;
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) {
      this.push(plain);
      return at + 2;
    }
    if (letter !== 0x75) {
      this.append(source, at, at + 2);
      return at + 2;
    }
    if (at + 6 > to) return to;
    const unit = hexUnit(source, at + 2);
    if (unit < 0) {
      this.append(source, at, at + 2);
      return at + 2;
    }
    const low = isHigh(unit) && at + 12 <= to && source[at + 6] === BACKSLASH && source[at + 7] === 0x75;
    const second = low ? hexUnit(source, at + 8) : -1;
    if (second >= 0xdc00 && second <= 0xdfff) {
      this.#appendCodePoint(0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00));
      return at + 12;
    }
    this.#appendCodePoint(unit);
    return at + 6;
  }

  /** A lone surrogate becomes U+FFFD, as in every UTF-8 encoder. */
  #appendCodePoint(point: number): void {
    if (point < 0x80) this.push(point);
    else {
      this.#reserve(4);
      this.length += this.bytes.write(String.fromCodePoint(point), this.length, 'utf8');
    }
  }

  #reserve(more: number): void {
    const need = this.length + more;
    if (need <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(need, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** The value of four hexadecimal digits, -1 for others. */
function hexUnit(source: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const digit = hexDigit(source[i] ?? 0);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
