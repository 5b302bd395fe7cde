import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { downloadToShell } from '#shared/analyzers/context/download-to-shell.ts';
import { classifierOf } from '#shared/classify/classify.ts';
import { redactCommandLine, redactText } from '#shared/classify/redact.ts';
import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Event } from '#shared/model/event.ts';
import type { Indicator } from '#shared/model/indicator.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';
import { artifact } from '#shared/model/place.ts';
import { analyzer, INTEL, launch } from '../analyzers/miner/fixture.ts';

const keep = (): boolean => false;
const redact = (text: string): string => redactText(text, keep);
const WORDS = '/tmp/x -p Zq7hunter2 -o pool.example.com:3333 -u someone';
const hex = Buffer.from(WORDS).toString('hex');
const each = (text: string, one: (code: number) => string): string =>
  [...Buffer.from(text)].map((code) => one(code)).join('');
const digits = (code: number, base: number, length: number): string => code.toString(base).padStart(length, '0');

const ESCAPED: Readonly<Record<string, (code: number) => string>> = {
  hexadecimal: (code) => `\\x${digits(code, 16, 2)}`,
  octal: (code) => `\\${digits(code, 8, 3)}`,
  'octal behind a zero': (code) => `\\0${digits(code, 8, 3)}`,
  'behind doubled backslashes': (code) => `\\\\x${digits(code, 16, 2)}`,
  unicode: (code) => `\\u${digits(code, 16, 4)}`,
  'long unicode': (code) => `\\U${digits(code, 16, 8)}`,
  percent: (code) => `%${digits(code, 16, 2)}`,
};
for (const [sort, one] of Object.entries(ESCAPED)) {
  test(`replaces a run of escapes that hide text: ${sort}`, () => {
    const run = each(WORDS, one);
    const out = redact(`printf '${run}' | sh`);
    assert.equal(out, `printf '[escapes, ${run.length} characters]' | sh`);
    assert.equal(redact(out), out);
    assert.equal(redact(`eval $'${run}'`), `eval $'[escapes, ${run.length} characters]'`);
    assert.deepEqual(redactCommandLine(['sh', '-c', `printf '${run}' | sh`], keep), ['sh', '-c', out]);
  });
}

test('replaces escapes with plain characters between and behind them', () => {
  const mixed = [...WORDS.replaceAll(' ', '.')].map((char, at) =>
    at % 3 === 0 ? `\\x${digits(char.charCodeAt(0), 16, 2)}` : char,
  );
  assert.equal(redact(`printf '${mixed.join('')}'`), `printf '[escapes, ${mixed.join('').length} characters]'`);
});

for (const text of [
  "printf '\\033[1;31mred\\033[0m \\033[1;31mred\\033[0m\\033[1;31mred\\033[0m\\033[1m'",
  '{"title":"\\u4e2d\\u6587\\u4e2d\\u6587\\u4e2d\\u6587\\u4e2d\\u6587"}',
  'https://example.com/a%20b%20c%20d%20e%20f%20g%20h%20i',
  'hwaddr 00:16:3e:aa:bb:cc',
  "sed 's/a/\\x2f/g'",
]) {
  test(`keeps readable: ${text}`, () => assert.equal(redact(text), text));
}

test('replaces hexadecimal of an odd length, in lines and in bytes', () => {
  assert.equal(redact(`echo ${hex.slice(0, -1)}`), `echo [hex, ${hex.length - 1} characters]`);
  assert.equal(redact(`echo ${hex.slice(1)}`), `echo [hex, ${hex.length - 1} characters]`);
  const lines = `${hex.slice(0, 60)}\n${hex.slice(60)}`;
  assert.equal(redact(lines), `[hex, ${lines.length} characters]`);
  for (const [between, before] of [
    [' ', ''],
    [', ', '0x'],
    [',', ''],
  ] as const) {
    const bytes = [...Buffer.from(WORDS)].map((code) => before + digits(code, 16, 2)).join(between);
    assert.equal(redact(`xxd <<< "${bytes}"`), `xxd <<< "[hex, ${bytes.length} characters]"`);
  }
});

function indicatorOf(one: Analyzer, event: Event): Indicator {
  const [indicator] = classifierOf([one], INTEL)(event, EMPTY_WATCH_LIST);
  assert.ok(indicator !== undefined);
  return indicator;
}

const RUNS: Readonly<Record<string, string>> = {
  hexadecimal: hex,
  base64: Buffer.from(WORDS).toString('base64'),
  escapes: each(WORDS, (code) => `\\x${digits(code, 16, 2)}`),
};
for (const [sort, run] of Object.entries(RUNS)) {
  const script = `echo '${run}' | decode | sh`;
  test(`shows no ${sort} in why and artifacts, wherever these were cut`, () => {
    const head = run.slice(0, 14);
    for (let most = script.indexOf(head) + head.length; most <= script.length; most++) {
      const saying: Analyzer = {
        ...analyzer('miner_arguments'),
        decide: () => {
          const text = `sh -c ${script.slice(0, most)}`;
          return [{ strength: 'weak', artifacts: [artifact('cmd', text)], why: `says: ${text}` }];
        },
      };
      const text = JSON.stringify(indicatorOf(saying, launch(['sh', '-c', script])));
      assert.ok(!text.includes(JSON.stringify(head).slice(1, -1)), text);
    }
  });
}

test('shows no hexadecimal that is decoded and given to a shell', () => {
  const script = `echo ${hex}${hex} | xxd -r -p | sh`;
  const indicator = indicatorOf(downloadToShell, launch(['sh', '-c', script]));
  assert.equal(indicator.rule, 'download_to_shell/decode');
  assert.match(indicator.why, /^decoded text run by sh: sh -c echo \[redacted\]/);
  assert.doesNotMatch(JSON.stringify(indicator), /2f746d70/);
});

test("shows no secret of a process in a detection's message", () => {
  const argv = ['kdx', '-p', 'ab Zq7hunter2 cd', '-c', hex];
  const finding: Event = {
    class: CLASS.detection,
    time: 0,
    claims: {},
    raw: {},
    id: 'test',
    source: 'test',
    product: 'test',
    rule: 'any',
    message: `Miner (kdx -p ab Zq7hunter2 cd -c ${hex.slice(0, 21)}…)`,
    tags: [],
    actor: { argv, exact: true },
  };
  const says: Analyzer = {
    ...analyzer('miner_arguments'),
    classes: [CLASS.detection],
    decide: () => [{ strength: 'weak', artifacts: [], why: 'found' }],
  };
  const { sample } = indicatorOf(says, finding);
  assert.equal(sample.commandLine, 'Miner (kdx -p [redacted] -c [redacted]…)');
});

test('shows no byte of an encoded secret, cut anywhere', () => {
  const text = fc.stringMatching(/^[ -~]{16,40}$/);
  fc.assert(
    fc.property(text, fc.constantFrom(...Object.values(ESCAPED)), (words, one) => {
      const out = redact(`printf "${each(words, one)}" | sh`);
      assert.match(out, /^printf "\[escapes, \d+ characters\]" \| sh$/);
    }),
  );
});

for (const pattern of ['\\x2f', '\\', '%41', 'aa ', '0x2f,', '\\057ab', 'ab\n', '\\u002f']) {
  test(`reads half a million characters of ${JSON.stringify(pattern)} once`, () => {
    assert.equal(typeof redact(pattern.repeat(Math.ceil(500_000 / pattern.length))), 'string');
  });
}
