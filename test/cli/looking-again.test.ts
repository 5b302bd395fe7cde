import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import type { Format, ReaderOptions } from '#shared/model/reader.ts';
import { type OpenStream, Run } from '#shared/pipeline.ts';
import { loadDetector } from '../../cli/detector.ts';
import { FORMATS } from '../../cli/formats.ts';
import { listInputs } from '../../cli/input/list-inputs.ts';
import { readInLooks } from '../../cli/looks.ts';
import { folderOf } from './findings.ts';
import { connectLines, execLines, flowLine, MINER, queryLine } from './logs.ts';

/** A run that remembers which files were read. */
class NotingRun extends Run {
  readonly opened: string[] = [];

  override open(formats: readonly Format[], options: ReaderOptions): OpenStream {
    this.opened.push(basename(options.raw.file ?? ''));
    return super.open(formats, options);
  }
}

const LISTED_POOL = queryLine('pool.supportxmr.com', '203.0.113.9');

for (const [what, files, read] of [
  ['a resolver log once, though it teaches addresses', { 'a.log': LISTED_POOL }, ['a.log']],
  [
    'process records with connections again after a resolver log that taught addresses',
    { 'a.log': connectLines('198.51.100.20:443', '/usr/bin/curl'), 'b.log': LISTED_POOL },
    ['a.log', 'b.log', 'a.log'],
  ],
  [
    'flow records again when the same file taught addresses behind them',
    { 'a.log': flowLine('198.51.100.20:443') + LISTED_POOL },
    ['a.log', 'a.log'],
  ],
  [
    'a resolver log again when it taught nothing but a miner behind it in the same file did',
    { 'a.log': queryLine('rig.example.com', '203.0.113.9') + execLines(MINER) },
    ['a.log', 'a.log'],
  ],
] as const) {
  test(`reads ${what}`, async (context) => {
    const run = new NotingRun(loadDetector([]));
    const { inputs } = await listInputs([folderOf(context, files)]);
    await readInLooks(run, inputs, { formats: FORMATS });
    assert.deepEqual(run.opened, read);
  });
}
