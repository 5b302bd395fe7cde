import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Input } from '../../../cli/input/list-inputs.ts';
import { readChunks } from '../../../cli/input/read-chunks.ts';
import { spoolStdin } from '../../../cli/input/spool.ts';

const SPOOL = fileURLToPath(new URL('../../../cli/input/spool.ts', import.meta.url));

async function textOf(input: Input): Promise<string> {
  const parts: Buffer[] = [];
  for await (const chunk of readChunks(input)) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts).toString();
}

for (const [name, blocks] of [
  ['plain', [Buffer.from('a\nb'), Buffer.from('c\n')]],
  ['gzip', [gzipSync('a\nbc\n')]],
  ['gzip whose first block is one byte', [gzipSync('a\nbc\n').subarray(0, 1), gzipSync('a\nbc\n').subarray(1)]],
] as const) {
  test(`keeps a stream to be read several times: ${name}`, async () => {
    const spooled = await spoolStdin(Readable.from(blocks));
    assert.ok('input' in spooled);
    const { path, kind, file } = spooled.input;
    assert.deepEqual([path, kind], ['-', 'file']);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(await textOf(spooled.input), 'a\nbc\n');
    assert.equal(await textOf(spooled.input), 'a\nbc\n');
    spooled.remove();
    spooled.remove();
    assert.equal(existsSync(file), false);
  });
}

test('keeps an empty stream', async () => {
  const spooled = await spoolStdin(Readable.from([]));
  assert.ok('input' in spooled);
  assert.equal(await textOf(spooled.input), '');
  spooled.remove();
});

test('a stream that fails is an error that names it, and leaves nothing behind', async () => {
  const failing = new Readable({ read: () => failing.destroy(new Error('gone')) });
  const spooled = await spoolStdin(failing, '/dev/fd/63');
  assert.ok(!('input' in spooled));
  assert.deepEqual([spooled.kind, spooled.path, spooled.message], ['unreadable', '/dev/fd/63', 'gone']);
});

for (const [name, after, expected] of [
  ['when the process ends', 'process.exit(3);', [3, null]],
  ['when an error ends the process', "throw new Error('planned');", [1, null]],
  [
    'when a signal ends the process',
    "process.kill(process.pid, 'SIGINT'); setTimeout(() => {}, 60_000);",
    [null, 'SIGINT'],
  ],
] as const) {
  test(`removes the temporary file ${name}`, async () => {
    const code = `
      import { Readable } from 'node:stream';
      import { writeSync } from 'node:fs';
      const { spoolStdin } = await import(${JSON.stringify(SPOOL)});
      const { input } = await spoolStdin(Readable.from([Buffer.from('a')]));
      writeSync(1, input.file);
      ${after}`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let file = '';
    child.stdout.on('data', (part: Buffer) => {
      file += part.toString();
    });
    assert.deepEqual(await once(child, 'close'), expected);
    assert.match(file, /davylamp-/);
    assert.equal(existsSync(file), false);
  });
}
