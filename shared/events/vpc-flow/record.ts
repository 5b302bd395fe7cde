import { canonicalAddress } from '#shared/model/address.ts';
import { CLASS, type NetworkActivity, type NetworkEndpoint } from '#shared/model/event.ts';
import type { Claims } from '#shared/model/place.ts';
import type { ParseError, ReaderOptions } from '#shared/model/reader.ts';
import { isEventTime } from '#shared/model/time.ts';
import { decimal, holdTime } from '../byte-lines.ts';
import { isTagField } from './fields.ts';
import { type Bounds, type Layout, valueStart } from './layout.ts';

/** One line that was split: its values are read by field key, on demand. */
export class FlowLine {
  readonly #chunk: Buffer;
  readonly #from: number;
  readonly #layout: Layout;
  readonly #bounds: Bounds;
  /** A number of this line was none: negative, above 2^53 or beyond what its field can hold. */
  badNumber = false;

  constructor(chunk: Buffer, from: number, layout: Layout, bounds: Bounds) {
    this.#chunk = chunk;
    this.#from = from;
    this.#layout = layout;
    this.#bounds = bounds;
  }

  /** The value as written; `undefined` for `-` and for a field that the layout lacks. */
  text(key: string): string | undefined {
    const column = this.#layout.columns.get(key);
    if (column === undefined) return undefined;
    const value = this.#chunk.toString('latin1', valueStart(this.#bounds, column, this.#from), this.#bounds[column]);
    return value === '-' || value === '' ? undefined : value;
  }

  /** A whole number up to `limit`; `undefined` for `-`, for a field that the layout lacks, and for a bad number. */
  number(key: string, limit: number = Number.MAX_SAFE_INTEGER): number | undefined {
    const column = this.#layout.columns.get(key);
    if (column === undefined) return undefined;
    const from = valueStart(this.#bounds, column, this.#from);
    const to = this.#bounds[column] as number;
    if (to - from === 1 && this.#chunk[from] === 45) return undefined;
    const value = decimal(this.#chunk, from, to);
    if (value !== undefined && value <= limit) return value;
    this.badNumber = true;
    return undefined;
  }

  /** Seconds since the epoch, given in milliseconds. */
  time(key: string): number | undefined {
    const seconds = this.number(key);
    if (seconds === undefined) return undefined;
    if (isEventTime(seconds * 1_000)) return seconds * 1_000;
    this.badNumber = true;
    return undefined;
  }
}

/** What became of a line: an event, nothing (no data was recorded), or the reason why it could not be read. */
export type FlowOutcome = NetworkActivity | 'no-data' | ParseError['kind'];

/** Makes the event of one flow record. Times are milliseconds; `line` is its number in the stream. */
export function flowEvent(record: FlowLine, layout: Layout, options: ReaderOptions, line: number): FlowOutcome {
  const status = record.text('logstatus');
  const measured = measure(record);
  if (record.badNumber) return 'bad-number';
  if (status === 'NODATA' || status === 'SKIPDATA') return 'no-data';
  const source = record.text('srcaddr') ?? record.text('pktsrcaddr');
  const destination = record.text('dstaddr') ?? record.text('pktdstaddr');
  if (source === undefined && destination === undefined) return 'no-data';
  const src = endpoint(source, measured.sourcePort);
  const dst = endpoint(destination, measured.destinationPort);
  const at = measured.start ?? measured.end ?? options.envelopeTime;
  if (dst === undefined || (source !== undefined && src === undefined) || at === undefined) return 'missing-field';
  const time = holdTime(at, options.envelopeTime);
  const own = layout.gateway ? undefined : ownSide(record.text('flowdirection'));
  const claims = flowClaims(record, options.origin);
  const ownAddress = own === 'src' ? src?.ip : own === 'dst' ? dst.ip : undefined;
  if (ownAddress !== undefined) claims.address = ownAddress;
  const action = record.text('action');
  return {
    class: CLASS.network,
    source: 'vpc-flow',
    id: flowId(record, claims.eni, action),
    time,
    claims,
    raw: { ...options.raw, line, ...(options.eventId === undefined ? {} : { eventId: options.eventId }) },
    dst,
    ...defined({
      src,
      own,
      clamped: time === at ? undefined : (true as const),
      protocol: measured.protocol,
      tcpFlags: measured.tcpFlags,
      accepted: action === 'ACCEPT' ? true : action === 'REJECT' ? false : undefined,
      bytes: measured.bytes,
      packets: measured.packets,
      start: measured.start === undefined ? undefined : holdTime(measured.start, options.envelopeTime),
      end: measured.end === undefined ? undefined : holdTime(measured.end, options.envelopeTime),
      packetSrc: differing(record.text('pktsrcaddr'), src?.ip),
      packetDst: differing(record.text('pktdstaddr'), dst.ip),
    }),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function measure(record: FlowLine) {
  return {
    sourcePort: record.number('srcport', 65_535),
    destinationPort: record.number('dstport', 65_535),
    protocol: record.number('protocol', 255),
    tcpFlags: record.number('tcpflags', 255),
    bytes: record.number('bytes'),
    packets: record.number('packets'),
    start: record.time('start'),
    end: record.time('end'),
  };
}

function endpoint(text: string | undefined, port: number | undefined): NetworkEndpoint | undefined {
  const ip = text === undefined ? undefined : canonicalAddress(text);
  if (ip === undefined) return undefined;
  return port === undefined ? { ip } : { ip, port };
}

/** The claims' own side: an interface's egress leaves from its host. */
function ownSide(direction: string | undefined): 'src' | 'dst' | undefined {
  return direction === 'egress' ? 'src' : direction === 'ingress' ? 'dst' : undefined;
}

function differing(text: string | undefined, ip: string | undefined): string | undefined {
  const address = text === undefined ? undefined : canonicalAddress(text);
  return address === ip ? undefined : address;
}

/** The record's own identity, five-tuple, verdict, start and interface: at-least-once delivery repeats records whole. */
function flowId(record: FlowLine, eni: string | undefined, action: string | undefined): string {
  const side = (address: string, port: string): string => `${record.text(address) ?? '-'} ${record.text(port) ?? '-'}`;
  const from = side('srcaddr', 'srcport');
  const to = side('dstaddr', 'dstport');
  const packets = ['pktsrcaddr', 'pktdstaddr'].map((key) => record.text(key) ?? '-').join(' ');
  const rest = ['protocol', 'start'].map((key) => record.text(key) ?? '-').join(' ');
  return `${from} ${to} ${packets} ${rest} ${action ?? '-'} ${eni ?? '-'}`.slice(0, MAX_ID);
}

const MAX_ID = 512;
const ACCOUNT = /^\d{1,20}$/;
const TOKEN = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}$/;

function flowClaims(record: FlowLine, origin: Claims): Claims {
  const token = (key: string, shape = TOKEN): string | undefined => {
    const value = record.text(key);
    return value !== undefined && shape.test(value) ? value : undefined;
  };
  return {
    ...origin,
    ...defined({
      account: token('accountid', ACCOUNT),
      region: token('region'),
      vpc: token('vpcid'),
      // A regional NAT gateway has no interface of its own.
      eni: token('interfaceid') ?? token('resourceid'),
      instance: token('instanceid', /^i-[A-Za-z0-9]{1,64}$/),
      cluster: token('ecsclustername') ?? lastOfArn(token('ecsclusterarn')),
      family: lastOfArn(token('ecstaskdefinitionarn')),
      task: token('ecstaskid') ?? lastOfArn(token('ecstaskarn')),
    }),
    network: true,
  };
}

/** `arn:aws:ecs:…:task-definition/family:7` gives `family`; clusters and tasks end in their own name. */
function lastOfArn(arn: string | undefined): string | undefined {
  if (arn === undefined || !arn.startsWith('arn:')) return undefined;
  const [name = ''] = arn.slice(arn.lastIndexOf('/') + 1).split(':');
  return arn.includes('/') && name !== '' ? name : undefined;
}

/**
 * The values of a line by the layout's own names, those of unknown future fields among them; `-` is left out. Tag
 * values are percent-decoded: they are encoded so that splitting at spaces stays safe.
 */
export function flowFields(layout: Layout, values: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [key, column] of layout.columns) {
    const value = values[column];
    if (value === undefined || value === '-') continue;
    fields.set(layout.names[column] ?? key, isTagField(key) ? percentDecoded(value) : value);
  }
  return fields;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not an encoding after all: the text as it stands.
    return text;
  }
}
