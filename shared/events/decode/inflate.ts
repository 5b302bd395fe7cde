import { gunzipSync } from 'node:zlib';
import type { ParseError } from '#shared/model/reader.ts';
import { inflateMember, type Member, type WithInfo } from './gzip-member.ts';
import { MAX_PAYLOAD } from './limits.ts';

/** What a packed payload held; with `error`, what stands before the damage. */
export interface Unpacked {
  readonly bytes: Buffer;
  readonly error?: ParseError['kind'];
}

const NOTHING = Buffer.alloc(0);
/** A shipper may pack what was packed already, each with a subscription's own layer inside. */
export const MAX_GZIP_LAYERS = 3;
/** Gzip members, or runs of them, that are taken one by one in one payload. */
const MAX_STEPS = 4096;

/** Whether the bytes are a gzip member (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * Unpacks base64 around gzip, one base64 layer and up to three of gzip, as subscriptions deliver it. Bytes that are no
 * gzip are given as they are. A cut payload gives what stands before the cut; what is gzip still is `unknown-format`.
 */
export function unpack(base64: string): Unpacked {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0) return { bytes, error: 'unknown-format' };
  let unpacked: Unpacked = { bytes };
  for (let layer = 0; layer < MAX_GZIP_LAYERS && isGzip(unpacked.bytes); layer += 1) {
    const { error } = unpacked;
    unpacked = inflate(unpacked.bytes);
    if (error !== undefined) unpacked = { ...unpacked, error };
  }
  return isGzip(unpacked.bytes) ? { bytes: NOTHING, error: 'unknown-format' } : unpacked;
}

/**
 * All gzip members of the input. Zeros between them and behind the last are padding; other bytes behind a member are
 * `unknown-format`, and nothing before them is lost.
 */
function inflate(input: Buffer): Unpacked {
  const parts: Buffer[] = [];
  let error: ParseError['kind'] | undefined;
  let room = MAX_PAYLOAD;
  let sound = true;
  for (let at = 0, step = 0; at < input.length && error === undefined; step += 1) {
    const rest = input.subarray(at);
    if (!isGzip(rest)) error = 'unknown-format';
    else if (step === MAX_STEPS || room <= 0) error = 'too-long';
    else {
      const run: Member | undefined = sound ? inflateRun(rest, room) : undefined;
      sound = run !== undefined;
      const next = run ?? inflateMember(rest, 0, room);
      parts.push(next.bytes);
      room -= next.bytes.length;
      if (next.fault !== undefined) error = next.fault === 'too-long' ? 'too-long' : 'truncated';
      at = afterZeros(input, at + next.end);
    }
  }
  const bytes = Buffer.concat(parts);
  return error === undefined ? { bytes } : { bytes, error };
}

/** The run of members up to the end or to padding; of one in which something is wrong zlib gives nothing. */
function inflateRun(input: Buffer, room: number): Member | undefined {
  try {
    const options = { maxOutputLength: room, info: true };
    const { buffer, engine } = gunzipSync(input, options) as unknown as WithInfo;
    return { bytes: buffer, end: engine.bytesWritten };
  } catch {
    return undefined;
  }
}

function afterZeros(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] === 0) at += 1;
  return at;
}
