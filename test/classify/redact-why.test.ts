import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifierOf } from '#shared/classify/classify.ts';
import { redactCommandLine } from '#shared/classify/redact.ts';
import { maskKnown, secretsOf } from '#shared/classify/secrets/known.ts';
import type { Analyzer } from '#shared/model/analyzer.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';
import { artifact } from '#shared/model/place.ts';
import { analyzer, INTEL, launch } from '../analyzers/miner/fixture.ts';

const known = (argv: readonly string[]): readonly string[] =>
  secretsOf(
    argv,
    redactCommandLine(argv, () => false),
  );

test('knows the secrets of exact arguments, with their blanks', () => {
  assert.deepEqual(known(['kdx', '-p', 'ab Zq7hunter2 cd', '--tls']), ['ab Zq7hunter2 cd']);
  assert.deepEqual(known(['sh', '-c', "kdx --pass 'ab Zq7hunter2 cd' -k --token=Other9"]), [
    'ab Zq7hunter2 cd',
    'Other9',
  ]);
  assert.deepEqual(known(['kdx', '-p', 'x']), []);
});

test('masks a known secret wherever it stands, also where a text was cut within it', () => {
  const secrets = known(['kdx', '-p', 'ab Zq7hunter2 cd']);
  assert.equal(maskKnown('run: kdx -p ab Zq7hunter2 cd -k', secrets), 'run: kdx -p [redacted] -k');
  assert.equal(maskKnown('run: kdx -p ab Zq7hun', secrets), 'run: kdx -p [redacted]');
  assert.equal(maskKnown('written kdx -p ab Zq7hun (refused)', secrets), 'written kdx -p [redacted] (refused)');
  assert.equal(maskKnown('a pool and pools', ['pool']), 'a [redacted] and pools');
});

/** An analyzer that says the arguments as those do that join and cut them. */
const saying = (argv: readonly string[], most: number): Analyzer => ({
  ...analyzer('miner_arguments'),
  decide: () => {
    const text = argv.join(' ').slice(0, most);
    return [{ strength: 'weak', artifacts: [artifact('cmd', text)], why: `says: ${text}` }];
  },
});

test('shows no part of a secret that holds blanks, wherever the text of an indicator was cut', () => {
  const argv = ['kdx', '-o', 'pool.example.com:3333', '-p', 'ab Zq7hunter2 cd', '--tls'];
  for (let most = 0; most <= argv.join(' ').length; most++) {
    const [indicator] = classifierOf([saying(argv, most)], INTEL)(launch(argv), EMPTY_WATCH_LIST);
    assert.ok(indicator !== undefined);
    assert.doesNotMatch(JSON.stringify(indicator), /Zq7/, indicator.why);
  }
});
