import type { Format } from '#shared/model/reader.ts';
import { dropBlanks, lineEnd, skipBlanks, skipByteOrderMark } from './byte-lines.ts';

/**
 * The format of chunk[from, end): its first line that is not blank decides, asked of each format in turn, most specific
 * first. `blank` where there is no such line; `unknown` where no format takes it.
 */
export function detectFormat(
  formats: readonly Format[],
  chunk: Buffer,
  from: number,
  end: number,
): Format | 'unknown' | 'blank' {
  const start = skipBlanks(chunk, skipByteOrderMark(chunk, from, end), end);
  if (start >= end) return 'blank';
  const stop = dropBlanks(chunk, start, lineEnd(chunk, start, end));
  return formats.find((format) => format.recognises(chunk, start, stop)) ?? 'unknown';
}
