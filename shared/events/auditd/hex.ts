/** Value of each hexadecimal digit by its byte, -1 for every other byte. */
const HEX_DIGIT: Int8Array = Int8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 && byte < 128 ? letter - 87 : -1;
});

/** End of the run of hexadecimal digits that begins at `from`. */
export function hexEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (HEX_DIGIT[bytes[at] as number] as number) >= 0) at += 1;
  return at;
}

/** Decodes the digits [from, to), an even number of them, to `out` at `start`; NUL becomes a space. Gives the new end. */
export function decodeHex(bytes: Uint8Array, from: number, to: number, out: Uint8Array, start: number): number {
  let end = start;
  for (let at = from; at < to; at += 2) {
    const byte = ((HEX_DIGIT[bytes[at] as number] as number) << 4) | (HEX_DIGIT[bytes[at + 1] as number] as number);
    out[end] = byte === 0 ? 32 : byte;
    end += 1;
  }
  return end;
}
