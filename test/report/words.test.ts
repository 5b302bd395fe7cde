import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coverageText } from '#shared/report/coverage.ts';
import { jsonText, shellWord, terminalText } from '#shared/report/escape.ts';
import { valuesOf } from '#shared/report/facts.ts';
import { artifactsJson } from '#shared/report/json.ts';
import { displayWidth, padded, wrap } from '#shared/report/layout.ts';
import { ocsfMessage } from '#shared/report/ocsf.ts';
import { renderFindings } from '#shared/report/table.ts';
import {
  coinTicker,
  hostSort,
  isoHour,
  isoTime,
  linkKeyText,
  placeText,
  scopeText,
  techniqueText,
} from '#shared/report/words.ts';
import { anyText } from './any-finding.ts';
import { COVERAGE, FLOWS_ONLY, finding, LOOKUP, MINER, PLACE, START } from './findings.ts';

test('shows what a terminal would obey', () => {
  assert.equal(terminalText('\u001b[31mred\u001b[0m'), '\\u{1b}[31mred\\u{1b}[0m');
  assert.equal(terminalText('a\u202eb\u200bc\u{e0041}'), 'a\\u{202e}b\\u{200b}c\\u{e0041}');
  assert.equal(terminalText('naïve 汉字 😀 é'), 'naïve 汉字 😀 é');
});

test('escapes in JSON what its own escapes leave, and changes no value', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const json = jsonText({ text });
      assert.doesNotMatch(json, /[\p{Cc}\p{Cf}]/u);
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify({ text })));
    }),
  );
  assert.equal(jsonText('\u009b\u{e0041}'), '"\\u009b\\udb40\\udc41"');
});

test('makes one shell word of a text, or none', () => {
  assert.equal(shellWord('/tmp/.x/a'), '/tmp/.x/a');
  assert.equal(shellWord("a'b"), "'a'\\''b'");
  assert.equal(shellWord(''), "''");
  assert.equal(shellWord('-rf'), "'-rf'");
  assert.equal(shellWord('a\nb'), undefined);
});

test('measures wide characters and marks', () => {
  assert.equal(displayWidth('abc'), 3);
  assert.equal(displayWidth('汉字'), 4);
  assert.equal(displayWidth('😀'), 2);
  assert.equal(displayWidth('e\u0301'), 1);
  assert.equal(padded('汉', 4), '汉  ');
});

test('wraps at spaces, and within a word only where no line holds it', () => {
  assert.deepEqual(wrap('one two three', 8), ['one two', 'three']);
  assert.deepEqual(wrap('abcdefghij k', 4), ['abcd', 'efgh', 'ij k']);
  assert.deepEqual(wrap('one two', 7, '- '), ['- one', '  two']);
  assert.deepEqual(wrap('a b c d e f', 3, '', 2), ['a b', 'c…']);
  assert.deepEqual(wrap('汉汉汉', 4), ['汉汉', '汉']);
});

test('loses no character when it wraps', () => {
  fc.assert(
    fc.property(anyText.map(terminalText), fc.integer({ min: 4, max: 60 }), (text, width) => {
      const lines = wrap(text, width);
      assert.ok(lines.every((line) => displayWidth(line) <= width));
      assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
    }),
  );
});

const PLACES: readonly (readonly [string, string])[] = [
  ['i-0123456789abcdef0', 'instance'],
  ['mi-0123456789abcdef0', 'instance'],
  ['eni-0123456789abcdef0', 'interface'],
  ['10.0.0.1', 'address'],
  ['2001:db8::1', 'address'],
  ['shop/cart', 'ECS service'],
  ['web-1', 'host'],
];
for (const [host, sort] of PLACES) {
  test(`knows ${host} as ${sort}`, () => {
    assert.equal(hostSort(host), sort);
  });
}

test('says in words where, by which link and which technique', () => {
  assert.equal(placeText(PLACE), 'instance i-0123456789abcdef0, on the host itself (account 111122223333, eu-west-1)');
  assert.equal(
    placeText({ account: '-', region: '-', host: '10.0.0.1', scope: 'network' }),
    'address 10.0.0.1, seen on the network only (account unknown, region unknown)',
  );
  assert.equal(scopeText('container:unknown'), 'in a container without id');
  assert.equal(linkKeyText('ses:7'), 'login session 7');
  assert.equal(linkKeyText('-'), 'no session or unit named');
  assert.equal(techniqueText('T1496.001'), 'T1496.001 Compute Hijacking');
  assert.equal(techniqueText('constructor'), 'constructor');
});

test('writes times in UTC, and what is no time as unknown', () => {
  assert.equal(isoTime(0), '1970-01-01T00:00:00Z');
  assert.equal(isoHour(1), '1970-01-01T01:00:00Z');
  for (const at of [Number.NaN, -1, Number.POSITIVE_INFINITY, 9e15]) assert.equal(isoTime(at), 'unknown');
});

/** What each set of sources says that it can reach. */
const REACH: readonly (readonly [boolean, boolean, boolean, RegExp])[] = [
  [false, false, false, /no severity can be reached/],
  [false, false, true, /Medium is the most/],
  [false, true, false, /no severity can be reached/],
  [false, true, true, /Medium is the most/],
  [true, false, false, /Low can be reached/],
  [true, false, true, /every severity/],
  [true, true, false, /every severity/],
  [true, true, true, /every severity/],
];
for (const [process, resolver, flow, expected] of REACH) {
  test(`says what process ${process}, resolver ${resolver}, flow ${flow} can reach`, () => {
    const text = coverageText({ sources: [], process, resolver, flow }).join('\n');
    assert.match(text, expected);
    assert.equal(/persistence and system optimization can't be seen/.test(text), !process);
    assert.equal(/No network source here/.test(text), !resolver && !flow);
  });
}

test('names each source with its records and times', () => {
  const [first, , third] = coverageText(COVERAGE);
  assert.equal(first, 'auditd: 5120 records, 2026-03-01T09:00:05Z to 2026-03-01T15:00:05Z');
  assert.match(third ?? '', /^vpc-flow: 1 record,/);
  assert.equal(coverageText(FLOWS_ONLY)[0], 'vpc-flow: 900 records');
});

test('knows a coin by its ticker, whatever a miner calls it', () => {
  for (const [coin, ticker] of [
    ['monero', 'XMR'],
    ['MONERO', 'XMR'],
    ['XMR', 'XMR'],
    ['ethereum-classic', 'ETC'],
    ['Raven Coin', 'RVN'],
    ['newcoin', 'NEWCOIN'],
    ['constructor', 'CONSTRUCTOR'],
    ['', ''],
  ] as const)
    assert.equal(coinTicker(coin), ticker);
});

test('shows one coin of two names once, in table, JSON and OCSF alike', () => {
  const two = finding('Medium', [{ ...MINER, artifacts: ['coin:MONERO', 'coin:XMR'] }, LOOKUP]);
  assert.deepEqual(valuesOf(two, 'coin'), ['XMR']);
  assert.deepEqual(artifactsJson(two.artifacts)['coin'], ['XMR']);
  const ocsf = ocsfMessage({ finding: two, transition: 'opened', at: START, coverage: COVERAGE, version: '1' });
  assert.match(ocsf, /"coin":\["XMR"\]/);
  assert.doesNotMatch(ocsf, /MONERO/);
  const table = renderFindings([two], { coverage: COVERAGE, watching: [] }, { width: 100, colour: false });
  assert.match(table, /mines XMR at/);
});
