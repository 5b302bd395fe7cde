import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeGate } from '#shared/analyzers/miner/gate.ts';

const NEEDLES = ['xmrig', 'xmr-stak', 'stratum+tcp', '--url', 'pool', ' -o '];

/** What the gate means, without a table: the rule of the readers' prefilter, in characters, with or without marks. */
function mayMatter(texts: readonly (string | undefined)[], needles: readonly string[], runs: boolean): boolean {
  return texts.some((text) => {
    if (text === undefined) return false;
    const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    const bare = lower.replace(/["'\\{]/g, '');
    const held = needles.some((needle) => lower.includes(needle) || bare.includes(needle));
    return held || (runs && (text.match(/[A-Za-z0-9+/=]{20,}/g) ?? []).some((run) => /[A-Z]/.test(run)));
  });
}

/** Texts that are often near to a needle or a run: pieces of both, in any case, beside anything else. */
const piece = fc.oneof(
  fc.constantFrom(...NEEDLES, 'xmri', 'stratum', 'poo', 'XMRig', '--URL', 'aB3+/='),
  fc.constantFrom("'", '"', '\\', '{', '}', "''", 'xm', 'rig', '-', 'ur', 'l', 'po', 'ol'),
  fc.stringMatching(/^[A-Za-z0-9+/=]{15,25}$/),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const text = fc.option(
  fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
  { nil: undefined },
);

test('holds what a search for each needle and run would find, and nothing else', () => {
  for (const runs of [true, false]) {
    const gate = makeGate(NEEDLES, runs);
    const answers = new Set<boolean>();
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), (texts) => {
        answers.add(gate(texts));
        assert.equal(gate(texts), mayMatter(texts, NEEDLES, runs));
      }),
      { numRuns: 2000 },
    );
    assert.equal(answers.size, 2);
  }
});

test('sees a needle through the quotes, backslashes and braces that a shell takes off', () => {
  const gate = makeGate(['--donate-level', 'xmrig', '"xmr'], false);
  for (const held of [
    './a --don"ate-lev"el 1',
    './a --donate\\-level 1',
    './a --donate-{level,over-proxy}=1',
    "./xm'r'ig -c c",
    './xm\\rig -c c',
    './x""m\'\'r\\i"g"',
    'C:\\xmrig\\a.exe',
    '{"a":"xmr"}',
  ])
    assert.equal(gate([held]), true, held);
  for (const other of ["./xm-r'ig", 'xm"r', 'xm rig', "xm'", '']) assert.equal(gate([other]), false, other);
});

test('folds the case of ASCII alone, as the readers do on bytes', () => {
  const gate = makeGate(['kinsing'], false);
  assert.equal(gate(['/tmp/KINSING']), true);
  assert.equal(gate(['/tmp/\u212Ainsing']), false); // The Kelvin sign, which Unicode folds to k.
});

test('refuses a needle that is shorter than a window', () => {
  assert.throws(() => makeGate(['xmr'], true), RangeError);
});
