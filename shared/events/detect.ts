import type { Format } from '#shared/model/reader.ts';
import { dropBlanks, isBlank, lineEnd, skipBlanks, skipByteOrderMark } from './byte-lines.ts';
import { VPC_FLOW } from './vpc-flow/reader.ts';
import { isOfNamedOrder } from './vpc-flow/recognise.ts';

/**
 * The format of chunk[from, end): its first line that is not blank decides, as `formatOfLine` has it. `blank` where there
 * is no such line; `unknown` where no format takes it.
 */
export function detectFormat(
  formats: readonly Format[],
  chunk: Buffer,
  from: number,
  end: number,
  flowFormat?: readonly string[],
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
  return formatOfLine(formats, chunk, start, stop, flowFormat) ?? 'unknown';
}

/**
 * The format of the line [from, to), asked of each format in turn, most specific first; a line that none takes is a flow
 * record if it has the fields of `flowFormat`.
 */
export function formatOfLine(
  formats: readonly Format[],
  chunk: Buffer,
  from: number,
  to: number,
  flowFormat?: readonly string[],
): Format | undefined {
  const found = formats.find((format) => format.recognises(chunk, from, to));
  if (found !== undefined || flowFormat === undefined) return found;
  const flow = formats.find((format) => format.name === VPC_FLOW.name);
  return flow !== undefined && isOfNamedOrder(chunk, from, to, flowFormat) ? flow : undefined;
}
