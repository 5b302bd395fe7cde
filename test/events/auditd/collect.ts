import { AUDITD } from '#shared/events/auditd/reader.ts';
import type { Event } from '#shared/model/event.ts';
import type { Interest, ParseError, ReaderOptions, Sink } from '#shared/model/reader.ts';

export const EVERYTHING: Interest = { text: () => true, name: () => true, address: () => true, everything: true };
export const NOTHING: Interest = { text: () => false, name: () => false, address: () => false, everything: false };

/** An interest in plain texts, found in any case, and in these addresses. */
export function interestIn(needles: readonly string[], addresses: readonly string[] = []): Interest {
  return {
    everything: false,
    text: (bytes, from, to) => {
      const text = Buffer.from(bytes.subarray(from, to)).toString('latin1').toLowerCase();
      return needles.some((needle) => text.includes(needle));
    },
    name: () => false,
    address: (bytes, from, to) => addresses.includes(Buffer.from(bytes.subarray(from, to)).toString('latin1')),
  };
}

export interface Collected {
  readonly events: Event[];
  /** The lines that were named with each event. */
  readonly lines: (readonly number[])[];
  readonly unreadable: { readonly kind: ParseError['kind']; readonly line: number }[];
  readonly settled: number[];
  readonly times: number[];
  records: number;
}

export function collector(): { readonly collected: Collected; readonly sink: Sink } {
  const collected: Collected = { events: [], lines: [], unreadable: [], settled: [], times: [], records: 0 };
  const sink: Sink = {
    event: (event, lines) => {
      collected.events.push(event);
      collected.lines.push(lines);
    },
    unreadable: ({ kind }, line) => collected.unreadable.push({ kind, line }),
    read: (records) => {
      collected.records += records;
    },
    time: (at) => collected.times.push(at),
    settled: (line) => collected.settled.push(line),
  };
  return { collected, sink };
}

export interface ReadSetting {
  readonly interest?: Interest;
  readonly options?: Partial<ReaderOptions>;
  /** Offsets at which the bytes are cut into chunks; what follows the last line end goes to the next chunk. */
  readonly cuts?: readonly number[];
}

/** Reads a whole stream and finishes it; a line of another format is stepped over. */
export function readAuditd(input: string | Buffer | readonly string[], setting: ReadSetting = {}): Collected {
  const bytes = Buffer.isBuffer(input)
    ? input
    : Buffer.from(typeof input === 'string' ? input : `${input.join('\n')}\n`);
  const reader = AUDITD.make(setting.interest ?? EVERYTHING, {
    origin: {},
    raw: {},
    maxLine: 1024 * 1024,
    ...setting.options,
  });
  const { collected, sink } = collector();
  let from = 0;
  for (const cut of [...(setting.cuts ?? []), bytes.length]) {
    const end = cut === bytes.length ? cut : bytes.lastIndexOf(10, cut - 1) + 1;
    if (end <= from) continue;
    const chunk = Buffer.from(bytes.subarray(from, end));
    for (let at = 0; at < chunk.length; ) {
      at = reader.read(chunk, at, chunk.length, sink);
      if (at < chunk.length) at = nextLine(chunk, at);
    }
    chunk.fill(0x58);
    from = end;
  }
  reader.finish(sink);
  return collected;
}

function nextLine(chunk: Buffer, at: number): number {
  const lineFeed = chunk.indexOf(10, at);
  return lineFeed < 0 ? chunk.length : lineFeed + 1;
}

/** The only event that the lines give. */
export function onlyEvent<T extends Event['class']>(
  lines: readonly string[],
  wanted: T,
  setting: ReadSetting = {},
): Extract<Event, { class: T }> {
  const { events } = readAuditd(lines, setting);
  const [event] = events;
  if (events.length !== 1 || event?.class !== wanted)
    throw new Error(`one event of ${wanted}: ${JSON.stringify(events)}`);
  return event as Extract<Event, { class: T }>;
}

/** A SYSCALL record of an x86_64 host. Without a serial of its own all records are of one event. */
export function syscall(number: number, rest: Readonly<Record<string, string>> = {}, serial = 4711): string {
  const fields = {
    arch: 'c000003e',
    success: 'yes',
    exit: '0',
    a1: '0',
    a2: '0',
    comm: '"sh"',
    exe: '"/usr/bin/dash"',
    key: '(null)',
    ...rest,
  };
  return (
    `type=SYSCALL msg=audit(1795557600.123:${serial}): arch=${fields.arch} syscall=${number} success=${fields.success} ` +
    `exit=${fields.exit} a0=ffffff9c a1=${fields.a1} a2=${fields.a2} a3=1b6 items=2 ppid=2201 pid=2214 auid=1000 uid=0 ` +
    `gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm=${fields.comm} exe=${fields.exe} key=${fields.key}`
  );
}

export function record(type: string, body: string, serial = 4711): string {
  return `type=${type} msg=audit(1795557600.123:${serial}): ${body}`;
}

export function path(item: number, name: string, nameType: string, serial = 4711): string {
  return record(
    'PATH',
    `item=${item} name=${name} inode=100 dev=fd:00 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=${nameType} cap_fp=0`,
    serial,
  );
}

/** Text as the kernel writes a value that holds a blank. */
export function hex(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase();
}
