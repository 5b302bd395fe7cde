import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVERYTHING } from '#shared/classify/interest.ts';
import { StreamReader } from '#shared/events/stream.ts';
import { CLASS } from '#shared/model/event.ts';
import type { Sink } from '#shared/model/reader.ts';
import { FORMATS } from '../../cli/formats.ts';

const RECORDS = new URL('../../samples/records/', import.meta.url);
const MAX_LINE = 1_048_576;
const CLASS_NAMES = new Map<number, string>(Object.entries(CLASS).map(([name, id]) => [id, name]));

/** What a file of records gives. Lines of unreadable records count from 1, by reason. */
interface Reading {
  readonly records: number;
  readonly events: Readonly<Record<string, number>>;
  readonly unreadable: Readonly<Record<string, number>>;
  readonly lines?: Readonly<Record<string, readonly number[]>>;
}

function readInChunks(bytes: Buffer, file: string, atMost: number): Required<Reading> {
  const reader = new StreamReader(FORMATS, EVERYTHING, { origin: {}, raw: { file }, maxLine: MAX_LINE });
  const events: Record<string, number> = {};
  const lines: Record<string, number[]> = {};
  let records = 0;
  const sink: Sink = {
    event: (event) => {
      const name = CLASS_NAMES.get(event.class) ?? 'none';
      events[name] = (events[name] ?? 0) + 1;
    },
    unreadable: (error, line) => {
      lines[error.kind] = [...(lines[error.kind] ?? []), line].sort((a, b) => a - b);
    },
    read: (count) => {
      records += count;
    },
    time: () => {},
    settled: () => {},
  };
  for (const chunk of wholeLines(bytes, atMost)) reader.read(chunk, sink);
  reader.finish(sink);
  const unreadable = Object.fromEntries(Object.entries(lines).map(([kind, all]) => [kind, all.length]));
  return { records, events, unreadable, lines };
}

/** The bytes in chunks that end at line ends, each of so many lines at most. */
function wholeLines(bytes: Buffer, atMost: number): Buffer[] {
  const chunks: Buffer[] = [];
  let from = 0;
  let count = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 10) continue;
    count += 1;
    if (count % atMost !== 0) continue;
    chunks.push(bytes.subarray(from, at + 1));
    from = at + 1;
  }
  return from < bytes.length ? [...chunks, bytes.subarray(from)] : chunks;
}

for (const format of readdirSync(RECORDS).sort()) {
  const folder = new URL(`${format}/`, RECORDS);
  const files = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<string, Reading>;

  test(`samples of ${format}: each file has its expectation`, () => {
    assert.deepEqual(files.sort(), Object.keys(expected).sort());
    assert.ok(files.length >= 2);
  });

  for (const file of files) {
    test(`samples of ${format}: reads ${file} as expected, in one chunk as line by line`, () => {
      const bytes = readFileSync(new URL(file, folder));
      const want = expected[file];
      assert.ok(want);
      const { lines, ...whole } = readInChunks(bytes, file, Number.MAX_SAFE_INTEGER);
      const { lines: wantLines, ...counts } = want;
      assert.deepEqual(whole, counts);
      if (wantLines !== undefined) assert.deepEqual(lines, wantLines);
      assert.deepEqual(readInChunks(bytes, file, 1), { lines, ...whole });
    });
  }
}
