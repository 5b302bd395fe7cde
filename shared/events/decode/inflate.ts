import { constants, gunzipSync } from 'node:zlib';
import type { ParseError } from '#shared/model/reader.ts';
import { MAX_PAYLOAD } from './limits.ts';

/** What a packed payload held; with `error`, what stands before the damage. */
export interface Unpacked {
  readonly bytes: Buffer;
  readonly error?: ParseError['kind'];
}

const NOTHING = Buffer.alloc(0);

/** Whether the bytes are a gzip member (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * Unpacks base64 around gzip, one base64 layer and up to two of gzip, as subscriptions deliver it. Bytes that are no
 * gzip are given as they are. A cut payload gives what stands before the cut.
 */
export function unpack(base64: string): Unpacked {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0) return { bytes, error: 'unknown-format' };
  if (!isGzip(bytes)) return { bytes };
  const outer = inflate(bytes);
  if (!isGzip(outer.bytes)) return outer;
  const inner = inflate(outer.bytes);
  return outer.error === undefined ? inner : { ...inner, error: outer.error };
}

function inflate(bytes: Buffer): Unpacked {
  try {
    return { bytes: gunzipSync(bytes, { maxOutputLength: MAX_PAYLOAD }) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') return { bytes: NOTHING, error: 'too-long' };
    return code === 'Z_BUF_ERROR'
      ? { bytes: inflateCut(bytes), error: 'truncated' }
      : { bytes: NOTHING, error: 'truncated' };
  }
}

function inflateCut(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_PAYLOAD, finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return NOTHING;
  }
}
