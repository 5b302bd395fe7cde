import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ALLOWED } from '../architecture.ts';

test('the table of rooms names every room and what it may import', () => {
  const rows = readFileSync('docs/architecture.md', 'utf8').matchAll(/^\| `(\w+)` \| .+ \| ([\w, –]+) \|$/gm);
  const told = Object.fromEntries(
    [...rows].map(([, room = '', imports = '']) => [room, imports === '–' ? [] : imports.split(', ')]),
  );
  assert.deepEqual(told, ALLOWED);
});
