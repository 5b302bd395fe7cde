import { fieldKey, parseFlowFormat, unknownFields } from '#shared/events/vpc-flow/fields.ts';

const PROBLEMS = {
  empty: 'names no fields',
  'too-many': 'names too many fields',
  'no-names': 'holds what is no name of a field',
  'no-address': 'holds no destination address',
} as const;

/**
 * What a record must tell so that a session with a pool can be seen in it: who, to whom, on which ports of either side
 * (records of answers come from the pool's port), by which protocol, and from when to when. Of each row one is enough:
 * `pkt-` addresses stand for the others.
 */
const NEEDED = [
  ['srcaddr', 'pkt-srcaddr'],
  ['dstaddr', 'pkt-dstaddr'],
  ['srcport'],
  ['dstport'],
  ['protocol'],
  ['start'],
  ['end'],
] as const;
const MAX_TOLD = 3;

/** What is wrong with the format of a flow log, as the end of a sentence that begins with its key; undefined when nothing is. */
export function flowFormatFault(format: string): string | undefined {
  const parsed = parseFlowFormat(format);
  if ('problem' in parsed) return PROBLEMS[parsed.problem];
  const unknown = unknownFields(parsed.fields);
  if (unknown.length > 0) return `names what is no field of a flow log: ${unknown.slice(0, MAX_TOLD).join(', ')}`;
  const keys = new Set(parsed.fields.map(fieldKey));
  const missing = NEEDED.filter((names) => !names.some((name) => keys.has(fieldKey(name)))).map(([name]) => name);
  return missing.length > 0 ? `lacks what detection needs: ${missing.join(', ')}` : undefined;
}
