import { constants, crc32, inflateRawSync } from 'node:zlib';

/** Flags of a member's header (RFC 1952, section 2.3.1). */
const HEADER_CHECKSUM = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const FIXED_HEADER = 10;
const TRAILER = 8;

/** Why a member is not whole: it has no end, its data or sums are wrong, or it inflates to more than was allowed. */
export type MemberFault = 'cut' | 'damaged' | 'too-long';

export interface Member {
  readonly bytes: Buffer;
  /** Offset after the member; the end of the input where none is known. */
  readonly end: number;
  readonly fault?: MemberFault;
}

/** What `info: true` makes zlib's functions give, which their types do not tell. */
export interface WithInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

const NOTHING = Buffer.alloc(0);

/**
 * Inflates the one gzip member at `from` and says where it ends, whatever stands behind it. A cut member gives what
 * stands before the cut, one with wrong sums all of it.
 */
export function inflateMember(input: Buffer, from: number, maxBytes: number): Member {
  const start = dataStart(input, from);
  const end = input.length;
  if (start > end) return { bytes: NOTHING, end, fault: 'cut' };
  const data = input.subarray(start);
  try {
    const options = { maxOutputLength: maxBytes, info: true };
    const { buffer, engine } = inflateRawSync(data, options) as unknown as WithInfo;
    const trailer = start + engine.bytesWritten;
    if (trailer + TRAILER > end) return { bytes: buffer, end, fault: 'cut' };
    const right =
      input.readUInt32LE(trailer) === crc32(buffer) && input.readUInt32LE(trailer + 4) === buffer.length % 2 ** 32;
    return { bytes: buffer, end: trailer + TRAILER, ...(!right && { fault: 'damaged' as const }) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') return { bytes: NOTHING, end, fault: 'too-long' };
    if (code === 'Z_BUF_ERROR') return { bytes: inflateCut(data, maxBytes), end, fault: 'cut' };
    return { bytes: NOTHING, end, fault: 'damaged' };
  }
}

function inflateCut(data: Buffer, maxBytes: number): Buffer {
  try {
    return inflateRawSync(data, { maxOutputLength: maxBytes, finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return NOTHING;
  }
}

/** Where the compressed data begin; beyond the input where the header is cut. */
function dataStart(input: Buffer, from: number): number {
  const flags = input[from + 3] ?? 0;
  let at = from + FIXED_HEADER;
  if ((flags & EXTRA) !== 0) at += 2 + (input[at] ?? 0) + 256 * (input[at + 1] ?? 0);
  for (const text of [NAME, COMMENT]) if ((flags & text) !== 0) at = textEnd(input, at);
  return (flags & HEADER_CHECKSUM) === 0 ? at : at + 2;
}

function textEnd(input: Buffer, at: number): number {
  const zero = input.indexOf(0, at);
  return zero < 0 ? input.length + 1 : zero + 1;
}
