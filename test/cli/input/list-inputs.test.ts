import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { listInputs } from '../../../cli/input/list-inputs.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('lists the files below a folder, sorted, and passes over what is hidden', async (context) => {
  const folder = temporaryFolder(context);
  for (const name of ['b', 'a/z', '.git']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['b/2.log', 'b/1.log', 'a/z/3.log', 'c.log', '.hidden', '.git/x'])
    writeFileSync(join(folder, name), name);
  const { inputs, errors } = await listInputs([folder]);
  assert.deepEqual(
    inputs.map(({ path, kind, named, size }) => [path.slice(folder.length + 1), kind, named, size]),
    [
      ['a/z/3.log', 'file', false, 9],
      ['b/1.log', 'file', false, 7],
      ['b/2.log', 'file', false, 7],
      ['c.log', 'file', false, 5],
    ],
  );
  assert.deepEqual(errors, []);
});

test('lists what is named although it is hidden, and a file only once', async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, '.hidden');
  writeFileSync(file, 'x');
  const { inputs } = await listInputs([file, file, folder, '-', '-']);
  assert.deepEqual(
    inputs.map(({ path, kind, named }) => [path, kind, named]),
    [
      [file, 'file', true],
      ['-', 'stdin', true],
    ],
  );
});

test('gives an error for each path that is not there, and goes on', async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, 'a.log'), '');
  const missing = join(folder, 'missing');
  const below = join(folder, 'a.log', 'below');
  const { inputs, errors } = await listInputs([missing, below, folder]);
  assert.equal(inputs.length, 1);
  assert.deepEqual(
    errors.map(({ kind, path }) => [kind, path]),
    [
      ['missing', missing],
      ['missing', below],
    ],
  );
  assert.equal(errors[0]?.message, 'no such file or folder');
});

test('follows symbolic links, enters each folder once, and passes over links that lead nowhere', async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, 'a'));
  writeFileSync(join(folder, 'a', '1.log'), '');
  symlinkSync('..', join(folder, 'a', 'loop'));
  symlinkSync('nowhere', join(folder, 'a', 'dangling'));
  symlinkSync('circle', join(folder, 'circle'));
  symlinkSync('a', join(folder, 'b'));
  const { inputs, errors } = await listInputs([folder]);
  assert.deepEqual(
    inputs.map(({ path }) => path),
    [join(folder, 'a', '1.log')],
  );
  assert.deepEqual(errors, []);
});

test('a device is listed as what can be read once, and passed over in a folder', async (context) => {
  const folder = temporaryFolder(context);
  symlinkSync('/dev/null', join(folder, 'device'));
  assert.deepEqual(
    (await listInputs(['/dev/null'])).inputs.map(({ kind }) => kind),
    ['pipe'],
  );
  assert.deepEqual(await listInputs([folder]).then(({ inputs }) => inputs), []);
});
