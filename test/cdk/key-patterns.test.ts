import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { covers, keyFilter, widest, withEnd } from '../../cdk/key-patterns.ts';

for (const [prefix, filter] of [
  ['', undefined],
  ['*', undefined],
  ['AWSLogs/', { prefix: 'AWSLogs/' }],
  ['back\\slash/', { prefix: 'back\\slash/' }],
  ['AWSLogs/*/vpcflowlogs/', { wildcard: 'AWSLogs/*/vpcflowlogs/*' }],
  ['AWSLogs/*', { wildcard: 'AWSLogs/*' }],
  ['back\\slash/*/', { wildcard: 'back\\\\slash/*/*' }],
] as const) {
  test(`asks EventBridge for the keys of '${prefix}'`, () => assert.deepEqual(keyFilter(prefix), filter));
}

for (const [wide, narrow, expected] of [
  ['', 'a/', true],
  ['a/', 'a/b/', true],
  ['a/b/', 'a/', false],
  ['a/*/flow/', 'a/1/flow/eu/', true],
  ['a/*/flow/', 'a/*/flow/', true],
  ['a/*/flow/', 'a/*/dns/', false],
  ['a/*/flow/', 'a/1/', false],
  ['a/1/flow/', 'a/*/flow/', false],
  ['a/', 'a/*', true],
  ['a/*', 'a/', true],
] as const) {
  test(`'${wide}' ${expected ? 'covers' : 'does not cover'} '${narrow}'`, () =>
    assert.equal(covers(wide, narrow), expected));
}

/** Whether a policy with this pattern names the key. */
function matches(pattern: string, key: string): boolean {
  const source = withEnd(pattern).replaceAll('*', '.*');
  return new RegExp(`^${source}$`).test(key);
}

test('what is covered has no key that the wider does not have', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 6 });
  const filling = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 4 }), {
    minLength: 8,
    maxLength: 8,
  });
  fc.assert(
    fc.property(pattern, pattern, filling, (wide, narrow, texts) => {
      fc.pre(covers(wide, narrow));
      let at = 0;
      const key = withEnd(narrow).replaceAll('*', () => texts[at++] ?? '');
      assert.ok(matches(narrow, key) && matches(wide, key), key);
    }),
  );
});

test('reads each object once: leaves out what another covers, and of equal ones all but one', () => {
  assert.deepEqual(widest(['a/b/', 'a/', 'c/', 'c/', 'a/*/b/']), ['a/', 'c/']);
  assert.deepEqual(widest(['a/*', 'a/']), ['a/*']);
  assert.deepEqual(widest(['x/', '']), ['']);
});
