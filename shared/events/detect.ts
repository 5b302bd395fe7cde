import type { Format } from '#shared/model/reader.ts';
import { dropBlanks, isBlank, lineEnd, skipBlanks, skipByteOrderMark } from './byte-lines.ts';

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
  let line = skipByteOrderMark(chunk, from, end);
  let feed = lineEnd(chunk, line, end);
  while (isBlank(chunk, line, feed)) {
    if (feed >= end) return 'blank';
    line = feed + 1;
    feed = lineEnd(chunk, line, end);
  }
  const start = skipBlanks(chunk, line, feed);
  const stop = dropBlanks(chunk, start, feed);
  if (start >= stop) return 'unknown';
  return formats.find((format) => format.recognises(chunk, start, stop)) ?? 'unknown';
}
