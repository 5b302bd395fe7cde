import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileTextMatcher, MIN_RUN } from '#shared/classify/text-matcher.ts';

const NEEDLES = ['--donate-level', 'rx/0', 'xmrig', 'stratum+', '/dev/cpu/', '.com', 'kaspa:', 'ünï-code'];
const matches = compileTextMatcher(NEEDLES);
const bytes = (text: string): Buffer => Buffer.from(text);

const surroundings = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '-', '"', '/', '.', 'é', '0'), maxLength: 30 });
const anyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) =>
      [...text].map((char, index) => (upper[index] && char < '\u0080' ? char.toUpperCase() : char)).join(''),
    );

test('finds every needle in any case, wherever it stands', () => {
  fc.assert(
    fc.property(fc.constantFrom(...NEEDLES).chain(anyCase), surroundings, surroundings, (needle, before, after) => {
      const text = bytes(before + needle + after);
      assert.equal(matches(text, 0, text.length), true);
      const start = Buffer.byteLength(before);
      assert.equal(matches(text, start, start + Buffer.byteLength(needle)), true);
    }),
    { numRuns: 500 },
  );
});

test('does not look outside its range', () => {
  const text = bytes('xx xmrig xx');
  assert.equal(matches(text, 4, text.length), false);
  assert.equal(matches(text, 0, 7), false);
});

test('lets a long run with an upper-case letter through, and no shorter or lower one', () => {
  const run = `A${'b'.repeat(MIN_RUN - 1)}`;
  assert.equal(matches(bytes(`  ${run} `), 0, MIN_RUN + 3), true);
  assert.equal(matches(bytes(run), 0, MIN_RUN - 1), false);
  assert.equal(matches(bytes('b'.repeat(200)), 0, 200), false);
  assert.equal(matches(bytes(`${'b'.repeat(MIN_RUN + 5)}A`), 0, MIN_RUN + 6), true);
});

test('skips ordinary lines', () => {
  for (const line of [
    'type=EXECVE msg=audit(1795557600.123:1): argc=2 a0="ls" a1="-la"',
    '',
    'sshd: session opened for user root',
  ])
    assert.equal(matches(bytes(line), 0, line.length), false, line);
});

test('refuses a needle that is too short to be looked for', () => {
  assert.throws(() => compileTextMatcher(['-o']), RangeError);
});
