import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Store } from '#shared/correlate/store.ts';
import { AUDITD } from '#shared/events/auditd/reader.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import type { Evidence } from '#shared/model/evidence.ts';
import type { Format } from '#shared/model/reader.ts';
import { type Answer, classifierOf, createdObject, queueEvent, subscriptionEvent } from './classifier.ts';

const MB = 1_000_000;
const [HEADER = '', ...FLOWS] = gunzipSync(
  readFileSync('samples/scenarios/sustained-session-flow-only/logs/with-direction.log.gz'),
)
  .toString()
  .trimEnd()
  .split('\n');
const AUDIT = readFileSync('samples/scenarios/critical/logs/audit.log.1', 'utf8').trimEnd().split('\n');
const NOW = Date.parse('2026-11-12T00:00:00Z');
const AUDIT_TIME = 1_793_826_100_000;

const packed = (lines: readonly string[]): Buffer => gzipSync(`${lines.join('\n')}\n`);

/** About a megabyte of flows in which nothing is to be found, as a gzip member. */
function dullFlows(): { readonly member: Buffer; readonly lines: number; readonly bytes: number } {
  const lines = Array.from({ length: 6000 }, (_, at) => {
    const start = 1_794_358_800 + (at % 3600);
    const [peer, port] = [`10.11.${at % 7}.${at % 251}`, 1024 + ((at * 7919) % 60_000)];
    return (
      `5 111122223333 vpc-00110000000000000 eni-00110000000000010 i-00110000000000010 ${peer} 10.11.0.10 ` +
      `${port} 443 6 ${at % 97} ${at * 31} ${start} ${start + 59} ACCEPT 3 ingress OK`
    );
  });
  return { member: packed(lines), lines: lines.length, bytes: lines.join('\n').length + 1 };
}

/** An S3 that makes the object's bytes while they are read, and hears of each block. */
function streaming(blocks: () => Iterable<Buffer>, each: () => void = () => {}): Pick<S3Client, 'send'> {
  function* heard(): Generator<Buffer> {
    for (const block of blocks()) {
      each();
      yield block;
    }
  }
  return { send: async () => ({ Body: Readable.from(heard(), { highWaterMark: 1 }), ETag: '"tag"' }) };
}

interface Read extends Answer {
  readonly evidence: readonly Evidence[];
}

/** What a new container makes of an event. */
async function read(event: unknown, format: Format, s3?: Pick<S3Client, 'send'>): Promise<Read> {
  const evidence: Evidence[] = [];
  const merge: Store['merge'] = async (one) => {
    evidence.push(one);
    return 'new';
  };
  const call = classifierOf({ formats: [format], merge, now: NOW, ...(s3 === undefined ? {} : { s3 }) });
  return { ...(await call(event)), evidence };
}

const objectEvent = (key: string): unknown => queueEvent([createdObject(key, NOW)]);

test('reads an object of 200 MB as a stream, in bounded memory, with the same evidence each time', async () => {
  const dull = dullFlows();
  const copies = Math.ceil((100 * MB) / dull.bytes);
  const [header, flows] = [packed([HEADER]), packed(FLOWS)];
  function* blocks(): Generator<Buffer> {
    yield header;
    for (let at = 0; at < copies; at++) yield dull.member;
    yield flows;
    for (let at = 0; at < copies; at++) yield dull.member;
  }
  let peak = 0;
  const watched = streaming(blocks, () => {
    const { heapUsed, external } = process.memoryUsage();
    peak = Math.max(peak, heapUsed + external);
  });
  const { heapUsed, external } = process.memoryUsage();
  const first = await read(objectEvent('large'), VPC_FLOW, watched);
  assert.deepEqual(first.result, { batchItemFailures: [] });
  assert.equal(first.metrics['RecordsRead'], 2 * copies * dull.lines + FLOWS.length);
  assert.ok(first.evidence.length > 0);
  assert.ok(peak > 0 && peak - heapUsed - external < 120 * MB, `${(peak - heapUsed - external) / MB} MB`);
  const small = await read(
    objectEvent('large'),
    VPC_FLOW,
    streaming(() => [header, flows]),
  );
  const kept = ({ evidence }: Read): unknown => evidence.map(({ samples: _, ...rest }) => rest);
  assert.deepEqual(kept(first), kept(small));
});

/** A log batch that inflates to more than any delivery does: a log event of 70 MB stands behind a miner's records. */
function bombBatch(): unknown {
  const events = [...AUDIT, 'a'.repeat(70 * MB)].map((message, at) => ({
    id: `id-${at}`,
    timestamp: AUDIT_TIME,
    message,
  }));
  const head = { messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup: '/hosts/audit', logStream: 'i-1' };
  return { awslogs: { data: gzipSync(JSON.stringify({ ...head, logEvents: events })).toString('base64') } };
}

test('counts a log batch that is a bomb, fails nothing for it, and does the same when it is repeated', async () => {
  const event = bombBatch();
  for (const _ of [1, 2]) {
    const { result, evidence, metrics } = await read(event, AUDITD);
    assert.deepEqual([result, evidence, metrics['Unreadable_too-long']], [undefined, [], 1]);
  }
});

test('gives the same evidence of a bomb in a bucket however often it is read', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, `${'a'.repeat(999)}\n`));
  const blocks = [packed([HEADER, ...FLOWS]), bomb, packed(FLOWS)];
  const reads = [];
  for (const _ of [1, 2]) {
    reads.push(
      await read(
        objectEvent('bomb'),
        VPC_FLOW,
        streaming(() => blocks),
      ),
    );
  }
  const [first, again] = reads;
  assert.ok((first?.evidence.length ?? 0) > 0);
  assert.deepEqual([first?.metrics['Unreadable_bomb'], first?.result], [1, { batchItemFailures: [] }]);
  assert.deepEqual(again?.evidence, first?.evidence);
});

test('reads the largest event that Lambda takes, of 6 MB, to its last record', async () => {
  // What gzip can't shorten much: addresses of many hosts, which name no miner.
  let seed = 1;
  const noise = (): string => {
    let text = '';
    for (let at = 0; at < 40; at++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      text += seed.toString(36);
    }
    return text;
  };
  const filler = (count: number): string[] =>
    Array.from(
      { length: count },
      (_, at) => `type=USER_CMD msg=audit(1793826069.559:${900_000 + at}): msg='${noise()}'`,
    );
  const event = subscriptionEvent([...filler(25_000), ...AUDIT], { at: AUDIT_TIME });
  const bytes = JSON.stringify(event).length;
  assert.ok(bytes > 5.5 * MB && bytes < 6 * 1024 * 1024, String(bytes));
  const { evidence, metrics } = await read(event, AUDITD);
  const alone = await read(subscriptionEvent(AUDIT, { at: AUDIT_TIME }), AUDITD);
  assert.ok(evidence.length > 0);
  assert.equal(evidence.length, alone.evidence.length);
  assert.equal(metrics['RecordsRead'], Number(alone.metrics['RecordsRead']) + 25_000);
});

test('leaves the whole of each event out whose time is not credible, counts it, and takes its neighbours', async () => {
  const far = AUDIT.map((line) => line.replace(/audit\(\d+/, `audit(${Math.floor(NOW / 1000) - 15 * 86_400}`)).map(
    (line) => line.replaceAll(/:(\d+)\):/g, ':9$1):'),
  );
  const at = { at: AUDIT_TIME };
  const near = await read(subscriptionEvent(AUDIT, at), AUDITD);
  const only = await read(subscriptionEvent(far, { at: NOW - 15 * 86_400_000 }), AUDITD);
  assert.ok(near.evidence.length > 0);
  assert.equal(only.evidence.length, 0);
  const left = Number(only.metrics['Quarantined']);
  assert.ok(left > 0);
  const s3 = streaming(() => [
    Buffer.from(subscriptionEvent(far, { at: NOW - 15 * 86_400_000 }).awslogs.data, 'base64'),
    Buffer.from(subscriptionEvent(AUDIT, at).awslogs.data, 'base64'),
  ]);
  const mixed = await read(objectEvent('delivered'), AUDITD, s3);
  assert.equal(mixed.metrics['Quarantined'], left);
  assert.equal(mixed.evidence.length, near.evidence.length);
});
