import type { Event } from '#shared/model/event.ts';
import type { Format, Look, Sink } from '#shared/model/reader.ts';
import type { Run } from '#shared/pipeline.ts';
import { RECORD_FORMATS } from './formats.ts';
import { firstLine } from './input/flow-time.ts';
import type { Input } from './input/list-inputs.ts';
import { readChunksAhead } from './input/read-chunks.ts';
import { FileRecord } from './scan-record.ts';

/** Longest line; what is longer is counted, not read. */
export const MAX_LINE = 1_048_576;
const LOOKS: readonly Look[] = ['process', 'resolver', 'flow'];
/** A file is read again at most this often: once for names, once for the addresses that they gave. */
const MAX_PASSES = 3;

export interface LookOptions {
  readonly formats: readonly Format[];
  readonly flowFormat?: readonly string[];
  /** Told how many stored bytes of an input were read. */
  readonly progress?: (input: Input, done: number) => void;
}

interface Sniffed {
  readonly input: Input;
  readonly record: FileRecord;
  /** The look of the first line's format, by which files are ordered; an envelope may hold anything. */
  readonly look: Look | 'any';
  /** When a flow log was written whose fields name no time, in milliseconds: the best that is known of its records. */
  readonly writtenAt?: number;
  /** Remote addresses were met, in flow records or in what processes did: lines of the last look, whatever the format. */
  metAddresses: boolean;
  /** What the watch list had learned when the file was last opened. */
  readonly learned: Map<Look, number>;
}

/**
 * Reads all inputs, process telemetry first, then resolver logs, then flow logs, so that what miners name is looked for
 * in what was logged before them. An input with lines of a later look is read again if the watch list has grown since.
 */
export async function readInLooks(run: Run, inputs: readonly Input[], options: LookOptions): Promise<FileRecord[]> {
  const sniffed: Sniffed[] = [];
  for (const input of inputs) {
    const record = new FileRecord(input.path, input.folder);
    const found = await sniff(input, options);
    if (found.writtenAt !== undefined) record.notices.push(WITHOUT_TIME);
    sniffed.push({ input, record, ...found, metAddresses: false, learned: new Map() });
  }
  const order = (look: Sniffed['look']): number => (look === 'any' ? 0 : LOOKS.indexOf(look));
  const ordered = [...sniffed].sort((a, b) => order(a.look) - order(b.look));
  for (const one of ordered) await read(run, one, options, true);
  for (let pass = 1; pass < MAX_PASSES; pass++) {
    const stale = ordered.filter((one) => isStale(run, one));
    if (stale.length === 0) break;
    for (const one of stale) await read(run, one, options, false);
  }
  return sniffed.map((one) => one.record);
}

const WITHOUT_TIME = 'the fields hold neither start nor end: its records are taken for as old as the file';

async function sniff(input: Input, options: LookOptions): Promise<Pick<Sniffed, 'look' | 'writtenAt'>> {
  const { format, ...time } = await firstLine(input, options.formats, options.flowFormat, { maxLine: MAX_LINE });
  return { look: typeof format === 'object' && isRecordFormat(format) ? format.look : 'any', ...time };
}

const isRecordFormat = (format: Format): boolean => RECORD_FORMATS.some((one) => one.name === format.name);

/**
 * Whether the watch list has grown since for a sort of line that the file was found to hold. Addresses in answers are
 * no traffic: resolver logs, which teach them, are not read again for them.
 */
function isStale(run: Run, { learned, record, metAddresses }: Sniffed): boolean {
  const sources = RECORD_FORMATS.filter((format) => record.sources.has(format.name));
  const metTraffic = metAddresses && sources.some((format) => format.look !== 'resolver');
  const holds = (look: Look): boolean =>
    (look === 'flow' && metTraffic) || sources.some((format) => format.look === look);
  return LOOKS.some((look) => holds(look) && run.learned(look) > (learned.get(look) ?? 0));
}

async function read(run: Run, one: Sniffed, options: LookOptions, first: boolean): Promise<void> {
  const { input, record } = one;
  for (const look of LOOKS) one.learned.set(look, run.learned(look));
  const { reader, take, metAddresses } = run.open(options.formats, {
    origin: { stream: input.path },
    raw: { file: input.path },
    maxLine: MAX_LINE,
    ...(options.flowFormat === undefined ? {} : { flowFormat: options.flowFormat }),
    ...(one.writtenAt === undefined ? {} : { envelopeTime: one.writtenAt }),
  });
  const sink: Sink = first ? countingSink(record, take) : { ...SILENT, event: take };
  const chunks = readChunksAhead(input, {
    maxLine: MAX_LINE,
    ...(first && options.progress !== undefined ? { progress: (done) => options.progress?.(input, done) } : {}),
  });
  for await (const chunk of chunks) reader.read(chunk, sink);
  reader.finish(sink);
  one.metAddresses ||= metAddresses();
  if (!first) return;
  record.failure = chunks.error?.message;
}

const SILENT: Omit<Sink, 'event'> = { unreadable: () => {}, read: () => {}, time: () => {}, settled: () => {} };

function countingSink(record: FileRecord, take: (event: Event) => void): Sink {
  return {
    event: (event) => {
      record.time(event.source, event.time);
      take(event);
    },
    unreadable: (error, line) => {
      record.countUnreadable(error.kind, line);
    },
    read: (records, format = 'unknown') => record.read(format, records),
    time: (at, format = 'unknown') => record.time(format, at),
    settled: () => {},
  };
}
