import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { AUDITD } from '#shared/events/auditd/reader.ts';
import { envelopeFormats } from '#shared/events/decode/envelopes.ts';
import { FALCO } from '#shared/events/falco/reader.ts';
import { RESOLVER } from '#shared/events/resolver/reader.ts';
import { StreamReader } from '#shared/events/stream.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import { CLASS, type Event } from '#shared/model/event.ts';
import type { Interest, ReaderOptions } from '#shared/model/reader.ts';
import { ALL, collector, packed, payload } from './wrap.ts';

const RECORDS = [AUDITD, RESOLVER, FALCO, VPC_FLOW];
const FORMATS = [...envelopeFormats(RECORDS), ...RECORDS];
const MS = 1_795_557_600_123;
const STAMP = '2026-11-24T22:00:00.123456789Z';

const quoted = (text: string): string => JSON.stringify(text);

/** One record of each kind, with what makes it a miner's in the place of MINER. */
const RECORD_LINES: Readonly<Record<string, readonly string[]>> = {
  auditd: [
    'type=SYSCALL msg=audit(1795557600.123:4711): arch=c000003e syscall=59 success=yes exit=0 a0=55d0 a1=55d8 a2=55e0 a3=8 items=2 ppid=2201 pid=2214 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="x" exe="/var/tmp/x" key="exec"\x1dARCH=x86_64 SYSCALL=execve AUID="ec2-user" UID="root"',
    'type=EXECVE msg=audit(1795557600.123:4711): argc=3 a0="./x" a1="-o" a2="stratum+tcp://pool.example.com:3333"',
  ],
  falco: [
    `{"output_fields":{"proc.cmdline":"x -o stratum+tcp://pool.example.com:3333","proc.exepath":"/var/tmp/x","container.id":"host"},"priority":"Critical","rule":"r","time":"${STAMP}"}`,
  ],
  resolver: [
    '{"version":"1.100000","account_id":"111122223333","region":"us-east-1","vpc_id":"vpc-0123456789abcdef0","query_timestamp":"2026-11-24T22:00:00Z","query_name":"pool.example.com.","query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"203.0.113.9","Type":"A","Class":"IN"}],"srcaddr":"192.0.2.10","srcport":"50112","transport":"UDP","srcids":{"instance":"i-0123456789abcdef0"}}',
  ],
  'vpc-flow': [
    '2 111122223333 eni-0123456789abcdef0 192.0.2.10 203.0.113.9 50112 3333 6 120 18000 1795557600 1795557660 ACCEPT OK',
  ],
};

/** Ways to put lines into an envelope, each giving text of whole lines. */
const WRAPS: Readonly<Record<string, (lines: readonly string[]) => string>> = {
  payload: (lines) => `${payload(lines.map((message, i) => ({ id: `id-${i}`, timestamp: MS, message })))}\n`,
  'payloads back to back': (lines) => `${lines.map((message) => payload([{ timestamp: MS, message }])).join('')}\n`,
  subscription: (lines) =>
    `${JSON.stringify({ awslogs: { data: packed(payload(lines.map((message) => ({ timestamp: MS, message })))) } })}\n`,
  'escaped payload': (lines) =>
    `${payload(lines.map((message) => ({ timestamp: MS, message }))).replace(/"message":"((?:[^"\\]|\\.)*)"/g, (_, text: string) => `"message":"${escapeAll(text)}"`)}\n`,
  'filter-log-events': (lines) =>
    `${JSON.stringify({ events: lines.map((message) => ({ timestamp: MS, message })) }, null, 4)}\n`,
  's3-export': (lines) => lines.map((line) => `2026-11-24T22:00:00.123Z ${line}\n`).join(''),
  cri: (lines) => lines.map((line) => `${STAMP} stdout F ${line}\n`).join(''),
  'cri in parts': (lines) =>
    lines
      .map(
        (line) =>
          `${STAMP} stdout P ${line.slice(0, 60)}\n${STAMP} stdout P ${line.slice(60, 70)}\n${STAMP} stdout F ${line.slice(70)}\n`,
      )
      .join(''),
  docker: (lines) =>
    lines.map((line) => `{"log":${quoted(`${line}\n`)},"stream":"stdout","time":"${STAMP}"}\n`).join(''),
  'docker in parts': (lines) =>
    lines
      .flatMap((line) => [line.slice(0, 50), `${line.slice(50)}\n`])
      .map((part) => `{"log":${quoted(part)},"stream":"stdout","time":"${STAMP}"}\n`)
      .join(''),
  'fluent-bit': (lines) =>
    lines.map((line) => `{"stream":"stdout","log":${quoted(line)},"ec2_instance_id":"i-0123456789abcdef0"}\n`).join(''),
  message: (lines) => lines.map((line) => `{"host":"web","ident":"x","message":${quoted(line)}}\n`).join(''),
};

/** The inside of a JSON string with every character written by its number. */
function escapeAll(text: string): string {
  return text.replace(/\\u[0-9a-f]{4}|\\.|[^\\]/gs, (part) =>
    part.length > 1 ? part : `\\u${part.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function read(
  chunks: readonly (string | Buffer)[],
  interest: Interest = ALL,
  strict = true,
  options: Partial<ReaderOptions> = {},
): { events: Event[]; errors: { readonly kind: string }[] } {
  const sink = collector(strict);
  const reader = new StreamReader(FORMATS, interest, { origin: {}, raw: {}, maxLine: 1_048_576, ...options });
  for (const chunk of chunks) reader.read(Buffer.from(chunk), sink);
  reader.finish(sink);
  return { events: sink.events, errors: sink.errors };
}

/** An event without what an envelope adds. */
function bare({ claims: _claims, raw: _raw, ...event }: Event): object {
  return event;
}

const LINE_ENDS = /(?<=\n)/;

for (const [format, lines] of Object.entries(RECORD_LINES)) {
  const plain = read([`${lines.join('\n')}\n`]);

  test(`a record of ${format} gives an event without an envelope`, () => {
    assert.ok(plain.events.length > 0);
    assert.deepEqual(plain.errors, []);
  });

  for (const [name, wrap] of Object.entries(WRAPS)) {
    test(`a record of ${format} gives the same event inside of ${name}`, () => {
      const wrapped = read([wrap(lines)]);
      assert.deepEqual(wrapped.errors, []);
      assert.deepEqual(wrapped.events.map(bare), plain.events.map(bare));
    });
  }

  for (const [outer, wrapOuter] of Object.entries(WRAPS)) {
    test(`formats 6: a record of ${format} in a container's line inside of ${outer} gives the same event`, () => {
      for (const inner of ['docker', 'cri', 'fluent-bit']) {
        const innerLines = WRAPS[inner]?.(lines).trimEnd().split('\n') ?? [];
        const wrapped = read([wrapOuter(innerLines)]);
        assert.deepEqual(wrapped.errors, []);
        assert.deepEqual(wrapped.events.map(bare), plain.events.map(bare));
      }
    });
  }
}

/** No value but the named order tells what these are: neither an interface nor a verdict. */
const NAMED_ORDERS: Readonly<Record<string, readonly [order: string, line: string]>> = {
  'with times': [
    'srcaddr dstaddr srcport dstport protocol start end',
    '192.0.2.10 203.0.113.9 50112 3333 6 1795557600 1795557660',
  ],
  'without times': ['dstaddr srcaddr bytes', '203.0.113.9 192.0.2.10 18000'],
};
/** What has a time of its own, by which a record without one is dated. */
const DATED = Object.keys(WRAPS).filter((name) => name !== 'fluent-bit' && name !== 'message');

for (const [name, [order, line]] of Object.entries(NAMED_ORDERS)) {
  const options = { flowFormat: order.split(' '), envelopeTime: MS };
  const plain = read([`${line}\n`], ALL, true, options);

  for (const wrap of name === 'with times' ? Object.keys(WRAPS) : DATED) {
    test(`a flow record of a named order ${name} is read inside of ${wrap}`, () => {
      const text = WRAPS[wrap]?.([line, line]) ?? '';
      const ends = (events: readonly Event[]): unknown =>
        events.map((event) => event.class === CLASS.network && [event.dst, Math.floor(event.time / 1000)]);
      const wrapped = read([text], ALL, true, { flowFormat: options.flowFormat });
      assert.deepEqual(wrapped.errors, []);
      assert.deepEqual(ends(wrapped.events), ends([...plain.events, ...plain.events]));
      assert.equal(wrapped.events.length, 2);
      const unnamed = read([text]);
      assert.deepEqual(new Set(unnamed.errors.map(({ kind }) => kind)), new Set(['unknown-format']));
    });
  }
}

test('joins an audit event that two deliveries of one log stream share, and not those of two log streams', () => {
  const [call = '', command = ''] = RECORD_LINES.auditd ?? [];
  const delivery = (message: string, time: number, logStream: string): string =>
    `${JSON.stringify({ awslogs: { data: packed(payload([{ timestamp: time, message }], { logStream })) } })}\n`;
  const between = Array.from({ length: 40 }, (_, i) => delivery('of no format', MS + i, 'other')).join('');
  const processes = (streams: readonly [string, string]): unknown =>
    read([delivery(call, MS, streams[0]), between + delivery(command, MS + 5_000, streams[1])]).events.map(
      (event) => event.class === CLASS.process && [event.process.argv?.length, event.process.session],
    );
  assert.deepEqual(processes(['i-0123456789abcdef0', 'i-0123456789abcdef0']), [[3, '3']]);
  assert.deepEqual(processes(['i-0123456789abcdef0', 'i-0fedcba9876543210']), [
    [undefined, '3'],
    [3, undefined],
  ]);
});

const anyLine = fc.oneof(
  fc.constantFrom(...Object.values(RECORD_LINES).flat()),
  fc.string({ maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, ' ')),
);
const anyText = fc
  .array(fc.tuple(fc.constantFrom(...Object.keys(WRAPS)), fc.array(anyLine, { minLength: 1, maxLength: 4 })), {
    maxLength: 4,
  })
  .map((parts) => parts.map(([name, lines]) => WRAPS[name]?.(lines) ?? '').join(''));

const byId = (events: readonly Event[]): string[] => events.map((event) => JSON.stringify(event)).sort();

test('gives the same events wherever chunks end, and names no line that it settled', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(WRAPS)),
      fc.array(anyLine, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(40)),
      (name, lines, cuts) => {
        const text = WRAPS[name]?.(lines) ?? '';
        const all = text.split(LINE_ENDS);
        const at = [...new Set(cuts)].sort((a, b) => a - b).filter((cut) => cut < all.length);
        const chunks = [0, ...at].map((from, i) => all.slice(from, at[i]).join(''));
        assert.deepEqual(byId(read(chunks).events), byId(read([text]).events));
      },
    ),
    { numRuns: 1000 },
  );
});

test('never throws, whatever the bytes', () => {
  const flipped = fc
    .tuple(anyText, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }))
    .map(([text, flips]) => {
      const bytes = Buffer.from(text);
      for (const [at, byte] of flips) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(
      fc.oneof(
        flipped,
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      ),
      fc.nat(4000),
      (bytes, cut) => {
        read([bytes], ALL, false);
        read([bytes.subarray(0, cut % (bytes.length + 1))], ALL, false);
      },
    ),
    { numRuns: 1500 },
  );
});

test('never throws on packed payloads that are damaged', () => {
  fc.assert(
    fc.property(anyText, fc.nat(), fc.nat(255), fc.nat(), (text, at, byte, cut) => {
      const bytes = gzipSync(payload([{ timestamp: MS, message: text }]));
      bytes[at % bytes.length] = byte;
      const data = bytes.subarray(0, cut % (bytes.length + 1)).toString('base64');
      read([JSON.stringify({ Records: [{ kinesis: { data } }] })]);
    }),
    { numRuns: 500 },
  );
});

/** The needles of these records, found in any case, as the compiled interest finds them. */
const NEEDLED: Interest = {
  everything: false,
  text: (bytes, from, to) =>
    Buffer.from(bytes.subarray(from, to)).toString('latin1').toLowerCase().includes('stratum+tcp'),
  name: (bytes, from, to) =>
    Buffer.from(bytes.subarray(from, to)).toString('latin1').toLowerCase().includes('pool.example.com'),
  address: (bytes, from, to) => Buffer.from(bytes.subarray(from, to)).toString('latin1') === '203.0.113.9',
};

test('the filter on bytes loses nothing inside of any envelope', () => {
  let hits = 0;
  for (const [name, wrap] of Object.entries(WRAPS)) {
    for (const [format, lines] of Object.entries(RECORD_LINES)) {
      const text = wrap(lines);
      const full = read([text]).events;
      assert.deepEqual(read([text], NEEDLED).events, full, `${format} inside of ${name}`);
      hits += full.length;
    }
  }
  assert.ok(hits >= Object.keys(WRAPS).length * Object.keys(RECORD_LINES).length);
});
