import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ChunkStream, ReadOptions } from '../../../cli/input/chunk-stream.ts';
import type { Input } from '../../../cli/input/list-inputs.ts';
import { readChunks, readChunksAhead } from '../../../cli/input/read-chunks.ts';
import { ThreadChunks } from '../../../cli/input/thread-chunks.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface ReadFile {
  readonly chunks: readonly Buffer[];
  readonly text: string;
  readonly stream: ChunkStream;
}

/** Reads a file in this thread, and holds the thread of its own to the same. */
async function readPath(path: string, options?: ReadOptions): Promise<ReadFile> {
  const input = { path, file: path, kind: 'file', named: true, size: 0 } as const;
  const here = await readStream(readChunks(input, options));
  const { progress: _, ...silent } = options ?? {};
  const there = await readStream(new ThreadChunks(input, silent));
  assert.equal(there.text === here.text, true);
  assert.deepEqual(there.stream.error, here.stream.error);
  assert.deepEqual(cutsIn(there.chunks), cutsIn(here.chunks));
  return here;
}

/** Where chunks end within a line. */
function cutsIn(chunks: readonly Buffer[]): readonly number[] {
  let end = 0;
  return chunks.flatMap((chunk) => {
    end += chunk.length;
    return chunk.at(-1) === 0x0a ? [] : [end];
  });
}

async function readStream(stream: ChunkStream): Promise<ReadFile> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return { chunks, text: Buffer.concat(chunks).toString('latin1'), stream };
}

function readBytes(context: TestContext, bytes: Uint8Array | string, options?: ReadOptions): Promise<ReadFile> {
  const file = join(temporaryFolder(context), 'made-up.log');
  writeFileSync(file, bytes);
  return readPath(file, options);
}

/** Lines that gzip can't make much smaller, so that blocks are many. */
function manyLines(count: number): string {
  let state = 1;
  const next = (): string => {
    state = (state * 48_271) % 2_147_483_647;
    return state.toString(36);
  };
  return Array.from({ length: count }, (_, i) => `${i} ${next()}${next()}${next()}\n`).join('');
}

const MANY = manyLines(40_000);
const MANY_PACKED = gzipSync(MANY);

function assertWholeLines(chunks: readonly Buffer[]): void {
  for (const chunk of chunks.slice(0, -1)) assert.equal(chunk.at(-1), 0x0a);
}

for (const [name, bytes] of [
  ['a plain file', Buffer.from(MANY)],
  ['a gzip file', MANY_PACKED],
  [
    'formats 5: several gzip members',
    Buffer.concat([MANY.slice(0, 100_001), MANY.slice(100_001)].map((part) => gzipSync(part))),
  ],
  ['formats 17.13: gzip in gzip', gzipSync(MANY_PACKED)],
  ['three layers of gzip', gzipSync(gzipSync(MANY_PACKED))],
  [
    'formats 17.13: members within gzip',
    gzipSync(Buffer.concat([MANY.slice(0, 100_001), MANY.slice(100_001)].map((part) => gzipSync(part)))),
  ],
  ['zeros behind the last member', Buffer.concat([MANY_PACKED, Buffer.alloc(512)])],
  ...[1, 512, 300_000].map(
    (zeros) =>
      [
        `${zeros} zeros between members`,
        Buffer.concat([gzipSync(MANY.slice(0, 100_001)), Buffer.alloc(zeros), gzipSync(MANY.slice(100_001))]),
      ] as const,
  ),
] as const) {
  test(`${name}: read in whole lines`, async (context) => {
    const { chunks, text, stream } = await readBytes(context, bytes);
    assert.equal(text === MANY, true);
    assert.equal(stream.error, undefined);
    assert.ok(chunks.length > 1);
    assertWholeLines(chunks);
  });
}

for (const [name, bytes, text] of [
  ['an empty file', '', ''],
  ['an empty gzip member', gzipSync(''), ''],
  ['a last line without its end', 'a\nb', 'a\nb'],
  ['CRLF', 'a\r\nb\r\n', 'a\r\nb\r\n'],
  ['a byte order mark', '\u{feff}a\nb\n', 'a\nb\n'],
  ['invalid UTF-8 and NUL bytes', Buffer.from([0xff, 0x00, 0xc3, 0x0a, 0x80]), '\u00ff\u0000\u00c3\n\u0080'],
  ['bytes that only begin as gzip does', Buffer.from([0x1f, 0x8b, 0x0a]), '\u001f\u008b\n'],
] as const) {
  test(`reads ${name}`, async (context) => {
    const read = await readBytes(context, bytes);
    assert.equal(read.text, text);
    assert.equal(read.stream.error, undefined);
  });
}

test('a file that is not there, and a folder, are errors that say so', async (context) => {
  const folder = temporaryFolder(context);
  const missing = await readPath(join(folder, 'missing'));
  assert.deepEqual(missing.stream.error, {
    kind: 'missing',
    path: join(folder, 'missing'),
    message: 'no such file or folder',
  });
  const notFile = await readPath(folder);
  assert.deepEqual(notFile.stream.error, { kind: 'unreadable', path: folder, message: 'is a folder' });
});

for (const [name, cut] of [
  ['in its data', 200_000],
  ['in its trailer', 4],
] as const) {
  test(`gives all that stands before the end of a gzip file cut ${name}`, async (context) => {
    const whole = MANY_PACKED;
    const { text, stream } = await readBytes(context, whole.subarray(0, whole.length - cut));
    assert.equal(stream.error?.kind, 'truncated');
    assert.ok(text.length > MANY.length / 2);
    assert.ok(MANY.startsWith(text));
  });
}

test('gives all that stands before damage to a gzip file', async (context) => {
  const first = MANY_PACKED;
  const second = gzipSync('never seen\n');
  second[second.length - 6] = (second[second.length - 6] ?? 0) ^ 1;
  const { text, stream } = await readBytes(context, Buffer.concat([first, second]));
  assert.equal(stream.error?.kind, 'corrupt');
  assert.equal(text.slice(0, MANY.length) === MANY, true);
});

/** A member whose first byte is damaged. */
const headless = gzipSync('never seen\n');
headless[0] = 0x1e;

for (const [name, behind] of [
  ['text', Buffer.from('garbage\n')],
  ['one byte', Buffer.from('x')],
  ['a line end', Buffer.from('\n')],
  ['the first byte of a member', Buffer.from([0x1f])],
  ['two bytes', Buffer.from('xy')],
  ['zeros and text', Buffer.concat([Buffer.alloc(512), Buffer.from('garbage\n')])],
  ['a member with a damaged first byte', headless],
  ['zeros and such a member', Buffer.concat([Buffer.alloc(70_000), headless])],
] as const) {
  test(`${name} behind the last gzip member is an error, and nothing before it is lost`, async (context) => {
    for (const before of [MANY, 'a\n']) {
      const { text, stream } = await readBytes(
        context,
        Buffer.concat([before === MANY ? MANY_PACKED : gzipSync(before), behind]),
      );
      assert.ok(text === before);
      assert.equal(stream.error?.kind, 'corrupt');
      assert.equal(stream.error?.message, 'what stands behind the last gzip member could not be inflated');
    }
  });
}

test('one byte behind a member within gzip loses nothing', async (context) => {
  const { text, stream } = await readBytes(context, gzipSync(Buffer.concat([MANY_PACKED, Buffer.from('x')])));
  assert.ok(text === MANY);
  assert.equal(stream.error?.message, 'what stands behind the last gzip member could not be inflated');
});

test('says that more than three layers of gzip are not read', async (context) => {
  const { text, stream } = await readBytes(context, gzipSync(gzipSync(gzipSync(MANY_PACKED))));
  assert.equal(text, '');
  assert.equal(stream.error?.message, 'gzip within gzip more than 3 times over is not read');
});

test('stops at a gzip bomb, also at one within gzip', async (context) => {
  const bomb = gzipSync(Buffer.alloc(150 * 1024 * 1024));
  for (const bytes of [bomb, gzipSync(bomb)]) {
    const { stream, chunks } = await readBytes(context, bytes);
    assert.equal(stream.error?.kind, 'bomb');
    assert.ok(Buffer.concat(chunks).length <= 16 * 1024 * 1024);
  }
});

test('stops at short lines that gzip packs almost as small as it can', async (context) => {
  const { stream, chunks } = await readBytes(context, gzipSync('{}\n'.repeat(8 * 1024 * 1024)));
  assert.equal(stream.error?.kind, 'bomb');
  assert.ok(Buffer.concat(chunks).length <= 16 * 1024 * 1024);
});

test('stops at a bomb behind a log soon after the log, though it is read in larger blocks', async (context) => {
  const lines = Array.from({ length: 4_500 }, (_, at) => `${createHash('sha512').update(`${at}`).digest('base64')}\n`);
  const stored = Buffer.concat([gzipSync(lines.join('')), gzipSync('{}\n'.repeat(12 * 1024 * 1024))]);
  const { stream, chunks } = await readBytes(context, stored, { maxRatio: 60 });
  assert.equal(stream.error?.kind, 'bomb');
  assert.equal(chunks[0]?.toString('latin1').startsWith(lines[0] ?? '-'), true);
  assert.ok(Buffer.concat(chunks).length < 24 * 1024 * 1024);
});

test('reads a log that says one long thing over and over to its end', async (context) => {
  const line = (at: number): string =>
    `${JSON.stringify({ log: `${'x'.repeat(400)}\n`, stream: 'stdout', time: new Date(1_795_557_600_000 + at * 997).toISOString() })}\n`;
  const log = Buffer.from(Array.from({ length: 60_000 }, (_, at) => line(at)).join(''));
  assert.ok(log.length > 24 * 1024 * 1024);
  const { stream, text } = await readBytes(context, gzipSync(log));
  assert.deepEqual([stream.error, text.length], [undefined, log.length]);
});

test('stops at the absolute limit', async (context) => {
  const { text, stream } = await readBytes(context, MANY_PACKED, { maxBytes: 500_000 });
  assert.equal(stream.error?.kind, 'bomb');
  assert.ok(text.length <= 500_000 && text.length > 0);
});

test('gives the beginning of a line that is too long and drops the rest, so that its number stays', async (context) => {
  for (const pack of [(text: string) => Buffer.from(text), (text: string) => gzipSync(text)]) {
    const { text } = await readBytes(
      context,
      pack(`before\n${'x'.repeat(10_000_000)}\nafter\n${'y'.repeat(3_000_000)}`),
    );
    const lines = text.split('\n');
    assert.deepEqual(
      lines.map((line) => line.length),
      [6, 1_048_577, 5, 1_048_577, 0],
    );
    assert.equal(lines[2], 'after');
  }
});

test('leaves JSON lines up to 8 MiB whole, since they may be envelopes', async (context) => {
  for (const [open, close] of [
    ['{"a":', '}'],
    ['["a",', ']'],
  ]) {
    const line = (size: number): string => `${open}"${'x'.repeat(size)}"${close}\n`;
    const { text } = await readBytes(context, `${line(5_000_000)}${line(9_000_000)}${line(10)}`);
    assert.deepEqual(
      text.split('\n').map((one) => one.length),
      [5_000_008, 1_048_577, 18, 0],
    );
  }
});

test('cuts a long line of deliveries between two of them', async (context) => {
  const delivery = (n: number): string =>
    JSON.stringify({
      messageType: 'DATA_MESSAGE',
      logEvents: [{ message: `${n} }{"messageType" ${'x'.repeat(100_000)}` }],
    });
  const all = Array.from({ length: 100 }, (_, n) => delivery(n));
  for (const bytes of [Buffer.from(all.join('')), Buffer.concat(all.map((one) => gzipSync(one)))]) {
    const { chunks } = await readBytes(context, bytes, { maxRatio: 1_000 });
    assert.ok(chunks.length > 3);
    const found = chunks.flatMap((chunk) =>
      JSON.parse(`[${chunk.toString().replaceAll('}{"messageType"', '},{"messageType"')}]`),
    );
    assert.equal(found.length, 100);
    for (const chunk of chunks) assert.ok(chunk.length < 4_000_000);
  }
});

test('tells how far the stored file was read', async (context) => {
  const bytes = MANY_PACKED;
  const seen: [number, number][] = [];
  await readBytes(context, bytes, { progress: (done, total) => seen.push([done, total]) });
  assert.deepEqual(seen.at(-1), [bytes.length, bytes.length]);
  assert.ok(seen.every(([done], i) => i === 0 || done >= (seen[i - 1]?.[0] ?? 0)));
});

test('can be read again', async (context) => {
  const file = join(temporaryFolder(context), 'made-up.gz');
  const whole = MANY_PACKED;
  writeFileSync(file, whole.subarray(0, whole.length - 100));
  const stream = readChunks({ path: file, file, kind: 'file', named: true, size: 0 });
  const lengths: number[] = [];
  for (let look = 0; look < 2; look++) {
    let length = 0;
    for await (const chunk of stream) length += chunk.length;
    lengths.push(length);
    assert.equal(stream.error?.kind, 'truncated');
  }
  assert.equal(lengths[0], lengths[1]);
});

test('a thread of its own tells how far it has read, and ends with who stops reading', async (context) => {
  const file = join(temporaryFolder(context), 'made-up.gz');
  const bytes = MANY_PACKED;
  writeFileSync(file, bytes);
  const input: Input = { path: file, file, kind: 'file', named: true, size: bytes.length };
  const seen: [number, number][] = [];
  for await (const _ of new ThreadChunks(input, { progress: (done, total) => seen.push([done, total]) }));
  assert.deepEqual(seen.at(-1), [bytes.length, bytes.length]);
  for await (const chunk of new ThreadChunks(input, {})) {
    assert.equal(MANY.startsWith(chunk.toString()), true);
    break;
  }
});

test('a big file alone is read in a thread of its own', () => {
  const input: Input = { path: 'made-up', file: 'made-up', kind: 'file', named: true, size: 1000 };
  assert.equal(readChunksAhead(input) instanceof ThreadChunks, false);
  assert.equal(readChunksAhead({ ...input, size: 10_000_000 }) instanceof ThreadChunks, true);
});

test('gives the memory of what was inflated back when the next is asked for', async (context) => {
  const file = join(temporaryFolder(context), 'made-up.gz');
  writeFileSync(file, MANY_PACKED);
  const kept: Buffer[] = [];
  let length = 0;
  for await (const chunk of readChunks({ path: file, file, kind: 'file', named: true, size: 0 })) {
    kept.push(chunk);
    length += chunk.length;
  }
  assert.equal(length, MANY.length);
  assert.ok(kept.reduce((sum, chunk) => sum + chunk.length, 0) < length / 2);
});
