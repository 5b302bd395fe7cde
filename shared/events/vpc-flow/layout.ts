import { canonicalAddress } from '#shared/model/address.ts';
import { fieldKey, KNOWN_ORDERS, MAX_FIELDS } from './fields.ts';

/** Where the fields of a line end: offsets of the separators, the last at the line's end without its carriage return. */
export type Bounds = Int32Array;

/** Makes the bounds that `splitFields` fills; its last cell is the offset of the line feed. */
export function makeBounds(): Bounds {
  return new Int32Array(MAX_FIELDS + 1);
}

const LINE_FEED_CELL = MAX_FIELDS;

/** Offset of the line feed (or the end of the chunk) that ended the line split last. */
export function lineFeedOf(bounds: Bounds): number {
  return bounds[LINE_FEED_CELL] as number;
}

/**
 * Splits the line at `from` at each single space and gives the number of its values; this is the only scan of the
 * line. Beyond `MAX_FIELDS` values are counted and not kept.
 */
export function splitFields(chunk: Uint8Array, from: number, end: number, bounds: Bounds): number {
  let count = 0;
  let at = from;
  for (; at < end; at += 1) {
    const byte = chunk[at] as number;
    if (byte > 32) continue;
    if (byte === 32) {
      if (count < MAX_FIELDS) bounds[count] = at;
      count += 1;
    } else if (byte === 10) break;
  }
  bounds[LINE_FEED_CELL] = at;
  const stop = at > from && chunk[at - 1] === 13 ? at - 1 : at;
  if (count < MAX_FIELDS) bounds[count] = stop;
  return count + 1;
}

/** First byte of the value in a column. */
export function valueStart(bounds: Bounds, column: number, lineStart: number): number {
  return column === 0 ? lineStart : (bounds[column - 1] as number) + 1;
}

/** The values of a line that was split, as text. */
export function lineValues(chunk: Buffer, from: number, count: number, bounds: Bounds): string[] {
  return Array.from({ length: Math.min(count, MAX_FIELDS) }, (_, column) =>
    chunk.toString('latin1', valueStart(bounds, column, from), bounds[column]),
  );
}

const NUMBERS = [
  'version',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'tcpflags',
  'trafficpath',
] as const;
const ADDRESSES = ['srcaddr', 'dstaddr', 'pktsrcaddr', 'pktdstaddr'] as const;

/** Classes of a value's first byte. */
const DIGIT = 1;
const ADDRESS = 2;
const VERDICT = 4;
const STATUS = 8;
const FIRST_BYTE = firstBytes();

function firstBytes(): Uint8Array {
  const classes = new Uint8Array(256);
  const mark = (text: string, bit: number): void => {
    for (const byte of Buffer.from(text)) classes[byte] = (classes[byte] as number) | bit;
  };
  mark('0123456789', DIGIT);
  mark('0123456789abcdefABCDEF:', ADDRESS);
  mark('AR', VERDICT);
  mark('ONS', STATUS);
  mark('-', DIGIT | ADDRESS | VERDICT | STATUS);
  return classes;
}

function classOf(key: string): number {
  if ((NUMBERS as readonly string[]).includes(key)) return DIGIT;
  if ((ADDRESSES as readonly string[]).includes(key)) return ADDRESS;
  if (key === 'action') return VERDICT;
  return key === 'logstatus' ? STATUS : 0;
}

/** The order of a stream's fields, compiled: which columns are addresses, and which can be told from text at a glance. */
export interface Layout {
  /** Names as given, by column. */
  readonly names: readonly string[];
  /** A header or the configuration named it; else it is the default or proved by a line. */
  readonly named: boolean;
  readonly columns: ReadonlyMap<string, number>;
  readonly addressColumns: Int32Array;
  readonly typedColumns: Int32Array;
  readonly typedClasses: Uint8Array;
  /** Names a destination, without which no remote side can be told. */
  readonly addressed: boolean;
  /** Of a Transit Gateway: directions are the gateway's, not a host's. */
  readonly gateway: boolean;
}

/** Compiles the fields' names, in order. Of a name given twice the first column counts. */
export function compileLayout(names: readonly string[], named: boolean): Layout {
  const columns = new Map<string, number>();
  names.forEach((name, column) => {
    const key = fieldKey(name);
    if (!columns.has(key)) columns.set(key, column);
  });
  const typed = [...columns].filter(([key]) => classOf(key) !== 0);
  return {
    names,
    named,
    columns,
    addressColumns: Int32Array.from(typed.filter(([key]) => classOf(key) === ADDRESS).map(([, column]) => column)),
    typedColumns: Int32Array.from(typed.map(([, column]) => column)),
    typedClasses: Uint8Array.from(typed.map(([key]) => classOf(key))),
    addressed: columns.has('dstaddr') || columns.has('pktdstaddr'),
    gateway: columns.has('tgwid') || columns.has('tgwattachmentid'),
  };
}

/** Longest number that a record can hold within 2^53; longer ones are looked at closely. */
const MAX_NUMBER_BYTES = 16;

/**
 * Whether each number, address and verdict of the line begins as one does, and `-` stands alone. A few byte reads: the
 * count of values is no proof of their order.
 */
export function looksTyped(layout: Layout, chunk: Uint8Array, lineStart: number, bounds: Bounds): boolean {
  const { typedColumns, typedClasses } = layout;
  for (let index = 0; index < typedColumns.length; index += 1) {
    const column = typedColumns[index] as number;
    const from = valueStart(bounds, column, lineStart);
    const size = (bounds[column] as number) - from;
    const wanted = typedClasses[index] as number;
    const first = chunk[from] as number;
    if (size <= 0 || ((FIRST_BYTE[first] as number) & wanted) === 0) return false;
    if (first === 45 ? size !== 1 : wanted === DIGIT && size > MAX_NUMBER_BYTES) return false;
  }
  return true;
}

const oneOf =
  (...values: string[]) =>
  (value: string): boolean =>
    values.includes(value);
const shaped =
  (shape: RegExp) =>
  (value: string): boolean =>
    value === '-' || shape.test(value);
const number = shaped(/^\d{1,16}$/);
const address = (value: string): boolean => value === '-' || canonicalAddress(value) !== undefined;

type Proof = (value: string) => boolean;
/** What a value of a column must be for the column to be proved. Columns that are not here prove nothing. */
const PROOFS: ReadonlyMap<string, Proof> = new Map<string, Proof>([
  ...NUMBERS.map((key): [string, Proof] => [key, number]),
  ...ADDRESSES.map((key): [string, Proof] => [key, address]),
  ...Object.entries({
    version: shaped(/^\d{1,3}$/),
    accountid: (value: string) => value === 'unknown' || shaped(/^\d{1,20}$/)(value),
    interfaceid: shaped(/^eni-/),
    action: oneOf('ACCEPT', 'REJECT', '-'),
    logstatus: oneOf('OK', 'NODATA', 'SKIPDATA'),
    vpcid: shaped(/^vpc-/),
    subnetid: shaped(/^subnet-/),
    instanceid: shaped(/^i-/),
    type: oneOf('IPv4', 'IPv6', 'EFA', '-'),
    flowdirection: oneOf('ingress', 'egress', '-'),
    resourcetype: oneOf('TransitGateway', 'TransitGatewayAttachment', '-'),
    tgwid: shaped(/^tgw-/),
    tgwattachmentid: shaped(/^tgw-attach-/),
    tgwsrcvpcid: shaped(/^vpc-/),
    tgwdstvpcid: shaped(/^vpc-/),
    tgwsrceni: shaped(/^eni-/),
    tgwdsteni: shaped(/^eni-/),
  }),
]);
/** Of these one at least must be there, not `-`: a row of dashes proves nothing. */
const TELLING = ['interfaceid', 'tgwattachmentid'];

function proves(layout: Layout, values: readonly string[]): boolean {
  if (values.length !== layout.names.length || values[0] === '-') return false;
  const all = [...layout.columns].every(([key, column]) => PROOFS.get(key)?.(values[column] ?? '') ?? true);
  return all && TELLING.some((key) => (values[layout.columns.get(key) ?? -1] ?? '-') !== '-');
}

/** The order of a stream that names none (version 2, "Flow log records", Amazon VPC User Guide). */
export const DEFAULT_LAYOUT = compileLayout(KNOWN_ORDERS.v2, false);
const PROVABLE = [
  DEFAULT_LAYOUT,
  compileLayout(KNOWN_ORDERS.v5, false),
  compileLayout(KNOWN_ORDERS.transitGateway, false),
];

/** The known order that the values of a line prove, each by its kind; `undefined` where the format must be named. */
export function provenLayout(values: readonly string[]): Layout | undefined {
  return PROVABLE.find((layout) => proves(layout, values));
}

/** Whether a known order has this number of fields; cheap. */
export function isProvableCount(count: number): boolean {
  return PROVABLE.some((layout) => layout.names.length === count);
}

const NUMERIC = /^[+-]?[\d.]{1,64}(?:[eE][+-]?\d{1,9})?$/;

/**
 * Why a line of the right number of values can't be read: a number that is none, else, where the order was named, a
 * value that its field can't hold; else the order is another one.
 */
export function valueFault(layout: Layout, values: readonly string[]): 'bad-number' | 'missing-field' | 'field-count' {
  const bad = [...layout.columns].filter(([key, column]) => !(PROOFS.get(key)?.(values[column] ?? '') ?? true));
  const numbers = bad.filter(
    ([key, column]) => classOf(key) === DIGIT && (layout.named || NUMERIC.test(values[column] ?? '')),
  );
  if (numbers.length > 0 && numbers.length === bad.length) return 'bad-number';
  return layout.named ? 'missing-field' : 'field-count';
}
