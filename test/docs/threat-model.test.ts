import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  Ki: 1024,
  KiB: 1024,
  MiB: 1024 * 1024,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};
const NAMED: Readonly<Record<string, number>> = { DAY_MS: 86_400_000, MINUTE_MS: 60_000 };

const rows = [
  ...readFileSync('docs/threat-model.md', 'utf8').matchAll(
    /^\| (.+) \| ([\d,]+) ?(\w*) \| \[`(\w+)`\]\(\.\.\/(.+)\) \|$/gm,
  ),
];

/** The value of `const NAME = 8 * 1024;`, of whole numbers and a few named ones. */
function constantIn(path: string, name: string): number {
  const text = readFileSync(join('.', path), 'utf8');
  const expression = new RegExp(`^(?:export )?const ${name} = ([\\w* ]+);`, 'm').exec(text)?.[1];
  assert.ok(expression !== undefined, `${path} has no ${name}`);
  return expression
    .split('*')
    .map((factor) => factor.trim())
    .map((factor) => NAMED[factor] ?? Number(factor.replaceAll('_', '')))
    .reduce((product, factor) => product * factor, 1);
}

test('the page names many bounds', () => {
  assert.ok(rows.length > 25, `only ${rows.length} rows read`);
});

for (const [, what = '', amount = '', unit = '', name = '', path = ''] of rows) {
  test(`${what}: the page says what ${name} is`, () => {
    const factor = UNITS[unit];
    assert.ok(factor !== undefined, `unknown unit ${unit}`);
    assert.equal(constantIn(path, name), Number(amount.replaceAll(',', '')) * factor);
  });
}
