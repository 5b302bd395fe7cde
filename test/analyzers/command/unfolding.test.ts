import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Program } from '#shared/analyzers/command/program.ts';
import { programs, readCommand } from '#shared/analyzers/command/reading.ts';

const MINER = '/tmp/x -o pool.example.com:3333';
const STAGE = `cd /tmp; ${MINER}`;
const encoded = (text: string): string => Buffer.from(text).toString('base64');
const hex = (text: string): string => Buffer.from(text).toString('hex');
const found = (argv: readonly string[], exact = true): Program | undefined =>
  programs({ argv, exact }).find((program) => program.argv.join(' ') === MINER);
const names = (argv: readonly string[], exact = true): readonly string[] =>
  programs({ argv, exact }).map((program) => program.argv.join(' '));

const SUBSTITUTED: readonly string[] = [
  `bash <(base64 -d <<< ${encoded(STAGE)})`,
  `sudo bash <(echo ${encoded(STAGE)} | base64 -d)`,
  `bash <<< "$(echo ${encoded(STAGE)} | base64 -d)"`,
  `sh < <(echo ${encoded(STAGE)} | base64 -d)`,
  `source <(echo ${encoded(STAGE)} | base64 -d)`,
  `. <(echo ${encoded(STAGE)} | base64 -d)`,
  `cat <(echo ${encoded(STAGE)} | base64 -d) | sh`,
  `base64 -d <(echo ${encoded(STAGE)}) | sh`,
  `eval "$(base64 -d <<<${encoded(STAGE)})"`,
  `bash <(cat <(base64 -d <<< ${encoded(STAGE)}))`,
];

test('runs what process substitutions and here-strings decode', () => {
  for (const text of SUBSTITUTED) {
    assert.equal(found(['bash', '-c', text])?.source, 'decoded', text);
    assert.equal(found(text.split(' '), false)?.source, 'decoded', `inexact ${text}`);
  }
});

test('tells several process substitutions of one command apart', () => {
  const text = `bash <(echo a 1) <(echo ${encoded(STAGE)} | base64 -d)`;
  assert.ok(names(['bash', '-c', text]).includes('a 1'));
  assert.equal(found(['bash', '-c', text]), undefined);
});

test('runs nothing of decoded text that is only compared, printed or stored', () => {
  for (const text of [
    `diff <(base64 -d <<< ${encoded('a plain line of text')}) /etc/motd`,
    `cat <(echo ${MINER})`,
    `cat <<< "$(echo ${MINER})"`,
    `grep x <(echo ${MINER})`,
    `bash check.sh <(echo ${MINER})`,
  ]) {
    assert.equal(found(['bash', '-c', text]), undefined, text);
  }
  const [, , compared] = programs({ argv: ['bash', '-c', 'diff <(base64 -d <<< YSBiIGMgZA==) b'], exact: true });
  assert.equal(compared?.argv[0], 'diff');
  assert.equal(compared?.source, 'shell');
});

const PYTHON: readonly string[] = [
  `import os;os.system("${MINER}")`,
  `import os\nos.popen('${MINER}').read()`,
  `import subprocess as s\ns.Popen(['/tmp/x', '-o', 'pool.example.com:3333'])`,
  `from subprocess import run\nrun("${MINER}", shell=True)`,
];

test('unfolds the calls of a program text that an interpreter decodes', () => {
  for (const inside of PYTHON) {
    for (const text of [
      `import os,base64;exec(base64.b64decode('${encoded(inside)}'))`,
      `exec(bytes.fromhex('${hex(inside)}'))`,
    ]) {
      assert.equal(found(['python3', '-c', text])?.source, 'decoded', inside);
      assert.equal(found(`python3 -c ${text}`.split(' '), false)?.source, 'decoded', `inexact ${inside}`);
      assert.equal(found(['sh', '-c', `python3 -c "${text}"`])?.source, 'decoded', `in a shell ${inside}`);
    }
  }
});

test('reads a program text that is fed to an interpreter', () => {
  const [text = ''] = PYTHON;
  for (const line of [
    `echo ${encoded(text)} | base64 -d | python3`,
    `python3 <(base64 -d <<< ${encoded(text)})`,
    `python3 - <<< "$(base64 -d <<< ${encoded(text)})"`,
  ]) {
    assert.equal(found(['bash', '-c', line])?.source, 'decoded', line);
  }
  assert.equal(found(['bash', '-c', `python3 - <<'EOF'\n${text}\nEOF`])?.source, 'shell');
  assert.equal(found(['bash', '-c', `echo '${text}' | python3 -m json.tool`]), undefined);
  assert.equal(found(['bash', '-c', `echo '${text}' | python3 count.py`]), undefined);
});

test('decodes the hexadecimal text of pack once, in every quoting', () => {
  for (const text of [
    `system(pack(qq/H*/,qq/${hex(MINER)}/))`,
    `system(pack("H*","${hex(MINER)}"))`,
    `system pack 'H*', '${hex(MINER)}'`,
    `exec(pack(q{H*}, q{${hex(MINER)}}))`,
    `eval pack(qq(H*),qq(${hex(`system('${MINER}')`)}))`,
  ]) {
    assert.equal(found(['perl', '-e', text])?.source, 'decoded', text);
  }
  assert.equal(found(['perl', '-e', `system(pack("H*","${hex(`pack("H*","${hex(MINER)}")`)}"))`]), undefined);
  assert.equal(found(['perl', '-e', `print pack("N", "${hex(MINER)}")`]), undefined);
});

test('reads the quoting words of Perl, but not a name that begins with them', () => {
  for (const text of [`system(q/uptime -p/)`, `exec(qq{uptime -p})`, `system qq|uptime -p|`, `system(qq(uptime -p))`]) {
    assert.ok(names(['perl', '-e', text]).includes('uptime -p'), text);
  }
  for (const text of ['run(q); run(q[0])', 'call(queue, "a")', 'run(q(x))', 'run(q="a b")']) {
    assert.equal(names(['python3', '-c', text]).length, 1, text);
  }
});

test('takes leading assignments of a command line in one string for variables', () => {
  const cases: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['LD_PRELOAD=/x.so /tmp/x', '/tmp/x', { LD_PRELOAD: '/x.so' }],
    ['A=1 B=2 /tmp/x -o h:3333', '/tmp/x -o h:3333', { A: '1', B: '2' }],
    ['POOL_URL=h:3333 POOL_USER= /opt/m', '/opt/m', { POOL_URL: 'h:3333', POOL_USER: '' }],
    ['A=1 nohup /tmp/x', '/tmp/x', { A: '1' }],
    ['A=1 sh -c /tmp/x', '/tmp/x', { A: '1' }],
    ['A=1 cd /tmp && ./x', './x', {}],
  ];
  for (const [line, words, environment] of cases) {
    const last = programs({ argv: line.split(' '), exact: false }).at(-1);
    assert.equal(last?.argv.join(' '), words, line);
    assert.deepEqual(last?.environment, environment, line);
  }
});

test('keeps the variables of the process beside the assignments', () => {
  const [first] = programs({ argv: ['A=1', '/tmp/x'], exact: false, environment: { A: '0', B: '2' } });
  assert.deepEqual(first?.environment, { A: '1', B: '2' });
});

test('leaves a program whose own name holds an equals sign', () => {
  assert.equal(programs({ argv: ['A=1', '/tmp/x'], exact: true })[0]?.argv[0], 'A=1');
  assert.equal(programs({ argv: ['A=1'], exact: false })[0]?.argv[0], 'A=1');
  assert.equal(programs({ argv: ['/a/b=1', '/tmp/x'], exact: false })[0]?.argv[0], '/a/b=1');
  assert.equal(programs({ argv: ['A=1', '/tmp/x'], exact: false, executable: '/opt/A=1' })[0]?.argv[0], 'A=1');
  assert.equal(programs({ argv: ['A=1', 'x'], exact: false, executable: '/tmp/x' })[0]?.argv[0], 'x');
});

test('never throws and stays within its bounds on any decoded stage', () => {
  const pieces = fc.constantFrom(
    ...[
      '<(',
      '$(',
      ')',
      '"',
      "'",
      'base64 -d ',
      '<<< ',
      'bash ',
      'python3 -c ',
      'perl -e ',
      'system(',
      'q{',
      'pack("H*",',
    ],
    ...['qq/', 'A=1 ', '. ', '| ', '; ', encoded(STAGE), hex(MINER), '/dev/fd/63 ', '\n', '__proto__=1 '],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), fc.boolean(), fc.boolean(), (parts, exact, shell) => {
      const text = parts.join('');
      const argv = shell ? ['bash', '-c', text] : text.split(' ');
      assert.ok(readCommand({ argv, exact }).programs.length <= 2048);
    }),
    { numRuns: 500 },
  );
});

test('stays bounded on hostile nesting of stages', () => {
  let nested = MINER;
  for (let depth = 0; depth < 16; depth++) nested = `bash <(base64 -d <<< ${encoded(nested)})`;
  assert.ok(programs({ argv: ['bash', '-c', nested], exact: true }).length <= 2048);
  for (const piece of [
    'bash <(',
    'cat <(echo a) ',
    'system(q{',
    "system('",
    'python3 <<< "$(',
    'pack("H*","',
    'A=1 ',
  ]) {
    const text = piece.repeat(100_000 / piece.length);
    for (const argv of [
      ['bash', '-c', text],
      ['perl', '-e', text],
    ]) {
      assert.ok(readCommand({ argv, exact: true }).programs.length <= 2048, piece);
    }
    assert.ok(readCommand({ argv: text.split(' '), exact: false }).programs.length <= 2048, piece);
  }
});
