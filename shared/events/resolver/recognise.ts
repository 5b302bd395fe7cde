import { dropBlanks, skipBlanks, skipByteOrderMark } from '../byte-lines.ts';

/** Longer lines are no query log's; they are not looked at. */
const MAX_LOOK = 1_048_576;
const OPEN_BRACE = 0x7b;

/** Keys of which one says what the record is about … */
const TELLING = ['"query_name"', '"query_timestamp"'];
/** … and another that no other product puts beside it. */
const BESIDE = ['"query_type"', '"query_class"', '"rcode"', '"vpc_id"', '"srcids"'];
/** Of OCSF, and of Route 53 Global Resolver, which writes OCSF's members: another format. */
const OCSF = '"class_uid"';

/** Whether the line is a Route 53 Resolver query log record: a JSON object with the keys of one, whatever their order. */
export function isResolverLine(chunk: Buffer, from: number, end: number): boolean {
  const start = skipBlanks(chunk, skipByteOrderMark(chunk, from, end), end);
  if (chunk[start] !== OPEN_BRACE || start >= end || end - start > MAX_LOOK) return false;
  const line = chunk.subarray(start, end);
  const holds = (key: string): boolean => line.includes(key, 0, 'latin1');
  return TELLING.some(holds) && BESIDE.some(holds) && !holds(OCSF);
}

const MAX_PUBLIC_ZONE_LINE = 2_048;
const PUBLIC_ZONE =
  /^\d\.\d \d{4}-\d\d-\d\dT[\d:.]{8,15}Z Z[0-9A-Z]{1,32} [^ ]{1,1024} [A-Z][A-Z0-9]{0,15} [A-Z]{1,16} (?:UDP|TCP) [A-Z0-9-]{1,16} /;

/**
 * Whether the line is a query log of a public hosted zone ("Public DNS query logging", Route 53 Developer Guide): it
 * names who asked about the own zone, not what the own hosts asked for. Resolver query logging is what is needed.
 */
export function isPublicZoneLine(chunk: Buffer, from: number, end: number): boolean {
  const start = skipBlanks(chunk, skipByteOrderMark(chunk, from, end), end);
  const stop = dropBlanks(chunk, start, end);
  if (stop - start < 40 || stop - start > MAX_PUBLIC_ZONE_LINE || !isDigit(chunk[start])) return false;
  return PUBLIC_ZONE.test(chunk.toString('latin1', start, stop));
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}
