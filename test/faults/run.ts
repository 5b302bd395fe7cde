/**
 * Plants each fault of `faults.ts` in a copy of the project and runs the test file that must notice: a test that stays
 * green there could not fail. Prints one line for each fault; exits 1 when one went unnoticed.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULTS } from './faults.ts';

const copy = mkdtempSync(join(tmpdir(), 'davylamp-faults-'));
const COPIED = [
  'package.json',
  'tsconfig.json',
  'shared',
  'functions',
  'cdk',
  'cli',
  'test',
  'rules',
  'intel',
  'samples',
];

function runTest(file: string): boolean {
  const result = spawnSync(process.execPath, ['--test', file], { cwd: copy, encoding: 'utf8' });
  return result.status === 0;
}

let unnoticed = 0;
try {
  for (const name of COPIED) cpSync(name, join(copy, name), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
  for (const test of new Set(FAULTS.map((fault) => fault.test))) {
    if (!runTest(test)) throw new Error(`${test} fails without any fault planted`);
  }
  for (const fault of FAULTS) {
    const path = join(copy, fault.file);
    const original = readFileSync(path, 'utf8');
    if (original.split(fault.find).length !== 2)
      throw new Error(`${fault.name}: '${fault.find}' must stand once in ${fault.file}`);
    writeFileSync(
      path,
      original.replace(fault.find, () => fault.replace),
    );
    const noticed = !runTest(fault.test);
    writeFileSync(path, original);
    process.stdout.write(`${noticed ? 'noticed  ' : 'UNNOTICED'} ${fault.name} (${fault.test})\n`);
    if (!noticed) unnoticed += 1;
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.stdout.write(`${FAULTS.length} faults planted, ${unnoticed} unnoticed\n`);
process.exitCode = unnoticed === 0 ? 0 : 1;
