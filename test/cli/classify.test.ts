import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { classifyLines } from '../../cli/commands/classify.ts';
import { loadDetector } from '../../cli/detector.ts';
import { FORMAT_NAMES } from '../../cli/formats.ts';
import { Output } from '../../cli/output.ts';
import { davylamp, Written } from './command.ts';
import { folderOf } from './findings.ts';
import { BENIGN, execLines, falcoLine, flowLine, MINER, POOL, queryLine, START } from './logs.ts';

interface Answer {
  readonly line: number;
  readonly indicators?: readonly {
    readonly group: string;
    readonly rule: string;
    readonly technique: string;
    readonly strength: string;
    readonly artifacts: Readonly<Record<string, readonly string[]>>;
  }[];
  readonly error?: string;
}

/** Answers to a text on standard input, which must be one for each line, in their order. */
async function classified(stdin: string | Buffer, argv: readonly string[] = []): Promise<readonly Answer[]> {
  const { code, stdout, stderr } = await davylamp(['classify', ...argv], { stdin });
  assert.deepEqual([code, stderr], [0, '']);
  const answers = stdout
    .split('\n')
    .slice(0, -1)
    .map((line): Answer => JSON.parse(line));
  assert.deepEqual(
    answers.map(({ line }) => line),
    answers.map((_, at) => at + 1),
  );
  return answers;
}

const detector = loadDetector([]);

/** As `classified`, for the many: without the command around it. */
async function answersAs(format: string, text: string): Promise<readonly Answer[]> {
  const stdout = new Written();
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from(text);
  }
  await classifyLines(detector, chunks(), { format }, new Output(stdout));
  return stdout.text
    .trimEnd()
    .split('\n')
    .map((line): Answer => JSON.parse(line));
}

/** `+` for lines with indicators, `-` without, the error's name else. */
const shape = (answers: readonly Answer[]): readonly string[] =>
  answers.map(({ indicators, error }) => error ?? (indicators?.length ? '+' : '-'));

const groupsOf = (answer: Answer | undefined): readonly string[] => [
  ...new Set(answer?.indicators?.map(({ group }) => group)),
];

test('gives one object for each line, indicators of a record that spans lines on its last one', async () => {
  const answers = await classified(BENIGN + execLines(MINER) + execLines(['/usr/bin/id']));
  assert.deepEqual(shape(answers), [...'--------------+-----']);
  const [first] = answers[14]?.indicators ?? [];
  assert.deepEqual(
    [first?.group, first?.rule, first?.technique, first?.strength],
    ['miner_execution', 'miner_arguments', 'T1496.001', 'strong'],
  );
  assert.deepEqual(first?.artifacts, { path: ['/tmp/.x/kthr'], pool: [POOL], algo: ['rx/0'] });
});

test('has no watch list: what one line teaches is not held against another', async () => {
  assert.deepEqual(shape(await classified(execLines(MINER) + flowLine(POOL))), [...'----+-']);
});

test('keeps the order of lines where records of several formats interrupt each other', async () => {
  const [call = '', ...rest] = execLines(MINER).trimEnd().split('\n');
  const miner = falcoLine(MINER.join(' ')).trimEnd();
  const pool = queryLine('pool.supportxmr.com', '198.51.100.9').trimEnd();
  const lines = [call, miner, pool, ...rest.slice(0, 2), 'what is this', flowLine(POOL).trimEnd(), ...rest.slice(2)];
  const answers = await classified(`${lines.join('\n')}\n`);
  assert.deepEqual(shape(answers), ['-', '+', '+', '-', '-', 'unknown-format', '-', '-', '+']);
  assert.deepEqual(groupsOf(answers[2]), ['pool_connection']);
  assert.deepEqual(groupsOf(answers[8]), ['miner_execution']);
});

test('answers blank lines, CRLF and a last line without its end', async () => {
  const miner = falcoLine(MINER.join(' ')).trimEnd();
  const text = ['', miner, ' ', '', 'broken', miner].join('\r\n');
  assert.deepEqual(shape(await classified(text)), ['-', '+', '-', '-', 'unknown-format', '+']);
  assert.deepEqual(shape(await classified('\n\n')), ['-', '-']);
  assert.deepEqual(await classified(''), []);
});

test('gives an error for each line that can not be read, and reads on', async () => {
  const fields = flowLine(POOL).trimEnd().split(' ');
  const flow = fields.join(' ');
  const query = queryLine('pool.supportxmr.com', '198.51.100.9').trimEnd();
  const table: readonly [readonly string[], readonly string[]][] = [
    [
      ['no format', flow, ' ', query],
      ['unknown-format', '-', '-', '+'],
    ],
    [
      [query, '{"query_name": "x', '{"query_name": x}', query],
      ['+', 'truncated', 'not-json', '+'],
    ],
    [
      [flow, fields.with(10, '99999999999999999999').join(' '), flow],
      ['-', 'bad-number', '-'],
    ],
    [
      [flow, `${flow} 1`, fields.slice(3).join(' '), query],
      ['-', 'field-count', 'field-count', '+'],
    ],
    [
      [...BENIGN.trimEnd().split('\n'), 'type=SYSCALL msg=audit(', query],
      [...'----------', 'truncated', '+'],
    ],
    [
      [flow, 'x'.repeat(2 * 1024 * 1024), query],
      ['-', 'too-long', '+'],
    ],
    [
      [`{"query_name":"${'a'.repeat(9 * 1024 * 1024)}"}`, query],
      ['too-long', '+'],
    ],
    [
      [query, query.replace('"query_type":"A"', `"query_type":"${'A'.repeat(2 * 1024 * 1024)}"`), query],
      ['+', 'too-long', '+'],
    ],
  ];
  for (const [lines, expected] of table) {
    const answers = await classified(`${lines.join('\n')}\n`);
    assert.deepEqual(shape(answers), expected, lines.map((line) => line.slice(0, 60)).join('\n'));
    for (const answer of answers) {
      assert.deepEqual(Object.keys(answer), ['line', answer.error === undefined ? 'indicators' : 'error']);
    }
  }
  const cmdline = await classified(`${'x'.repeat(2 * 1024 * 1024)}\n${MINER.join(' ')}\n`, ['--format', 'cmdline']);
  assert.deepEqual(shape(cmdline), ['too-long', '+']);
});

test('gives both for a cut record of which a part could be read', async () => {
  const cut = falcoLine(MINER.join(' ')).replace(/,"proc\.name".*/s, ',"proc.na');
  const [answer] = await classified(cut);
  assert.equal(answer?.error, 'truncated');
  assert.deepEqual(groupsOf(answer), ['miner_execution']);
});

test('takes a bare command line with quotes, operators and launchers', async () => {
  const lines = [
    '/tmp/.x/kthr -o 203.0.113.7:3333 -a rx/0 --donate-level 1',
    `nohup ./kthr --url="stratum+tcp://pool.example.com:3333" --donate-level=1 >/dev/null 2>&1 &`,
    `sh -c 'cd /tmp && ./kthr -o 203.0.113.7:3333 --donate-level 1'`,
    'grep -r stratum+tcp /var/log',
    'kubectl get pods -o pool.yaml',
    'pkill -f "xmrig --donate-level"',
    '',
    '   ',
    '/tmp/.x/kthr\0-o\x00203.0.113.7:3333\0-a\0rx/0\0--donate-level\x001\0',
  ];
  const answers = await classified(lines.join('\n'), ['--format', 'cmdline']);
  const miner = answers.map((answer) => groupsOf(answer).includes('miner_execution'));
  assert.deepEqual(miner, [true, true, true, false, false, false, false, false, true]);
  assert.deepEqual(answers[1]?.indicators?.[0]?.artifacts['pool'], ['pool.example.com:3333']);
});

test('takes a bare name, in any case and with a dot at its end', async () => {
  const names = [
    'pool.supportxmr.com',
    'XMR.Pool.SupportXMR.com.',
    'notsupportxmr.com',
    'pool.ntp.org',
    '',
    ' example.com ',
  ];
  const answers = await classified(names.join('\r\n'), ['--format', 'domain']);
  assert.deepEqual(shape(answers), [...'++----']);
  assert.deepEqual(groupsOf(answers[0]), ['pool_connection']);
});

test('opens envelopes: the indicators of all records of one line stand on it', async () => {
  const delivery = {
    messageType: 'DATA_MESSAGE',
    owner: '111122223333',
    logGroup: '/falco',
    logStream: 'node-1',
    subscriptionFilters: ['all'],
    logEvents: [falcoLine('/usr/bin/id'), falcoLine(MINER.join(' ')), 'broken', falcoLine(MINER.join(' '), 1)].map(
      (message, at) => ({ id: `${at}`, timestamp: (START + at) * 1000, message: message.trimEnd() }),
    ),
  };
  const text = `${falcoLine('/usr/bin/id')}${JSON.stringify(delivery)}\n${falcoLine('/usr/bin/id')}`;
  const answers = await classified(text);
  assert.deepEqual(shape(answers), ['-', 'unknown-format', '-']);
  assert.equal(answers[1]?.indicators?.filter(({ rule }) => rule === 'miner_arguments').length, 2);
});

test('knows every format by its name, alone and inside envelopes', async () => {
  const records: Readonly<Record<string, string>> = {
    auditd: execLines(MINER),
    falco: falcoLine(MINER.join(' ')),
    resolver: queryLine('pool.supportxmr.com', '198.51.100.9'),
    'miner-console': '[2026-11-24 22:10:05.000]  net      use pool 199.115.116.7:8925  199.115.116.7',
    // A listed address of a pool.
    'vpc-flow': flowLine('199.115.116.7:8925'),
  };
  const inEnvelope: Readonly<Record<string, (line: string) => string>> = {
    cloudwatch: (line) =>
      JSON.stringify({
        messageType: 'DATA_MESSAGE',
        owner: '111122223333',
        logGroup: 'group',
        logStream: 'eni-0a1b2c3d4e5f60718-all',
        subscriptionFilters: ['all'],
        logEvents: [{ id: '1', timestamp: START * 1000, message: line }],
      }),
    docker: (line) => JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-11-24T22:10:05.000000000Z' }),
    cri: (line) => `2026-11-24T22:10:05.000000000Z stdout F ${line}`,
    's3-export': (line) => `2026-11-24T22:10:05.000Z ${line}`,
    'json-array': (line) => JSON.stringify([{ log: line, stream: 'stdout' }]),
  };
  assert.deepEqual(new Set(FORMAT_NAMES), new Set([...Object.keys(records), ...Object.keys(inEnvelope)]));
  for (const [format, record] of Object.entries(records)) {
    const count = record.trimEnd().split('\n').length;
    const expected = [...'-'.repeat(count - 1), '+'];
    assert.deepEqual(shape(await answersAs(format, record)), expected, format);
    for (const [envelope, wrap] of Object.entries(inEnvelope)) {
      const wrapped = record.trimEnd().split('\n').map(wrap).join('\n');
      for (const named of ['auto', format, envelope]) {
        assert.deepEqual(shape(await answersAs(named, wrapped)), expected, `${format} in ${envelope} as ${named}`);
      }
    }
    const other = Object.keys(records).find((name) => name !== format) ?? '';
    const foreign = shape(await answersAs(other, record));
    assert.ok(!foreign.includes('+') && foreign.includes('unknown-format'), `${format} as ${other}`);
  }
});

test('takes a file, gzip too, and one file alone', async (context) => {
  const folder = folderOf(context, {
    'a.log.gz': gzipSync(falcoLine(MINER.join(' '))),
    'cut.gz': gzipSync(BENIGN).subarray(0, -9),
  });
  const { code, stdout } = await davylamp(['classify', join(folder, 'a.log.gz')]);
  assert.equal(code, 0);
  assert.match(stdout, /^\{"line":1,"indicators":\[\{"group":"miner_execution"/);
  const cut = await davylamp(['classify', join(folder, 'cut.gz')]);
  assert.equal(cut.code, 2);
  assert.match(cut.stderr, /cut\.gz: the gzip data break off/);
  assert.match(cut.stdout, /^\{"line":1,"indicators":\[\]\}\n/);
  const missing = await davylamp(['classify', join(folder, 'none')]);
  assert.deepEqual([missing.code, missing.stdout], [2, '']);
  assert.match(missing.stderr, /none: no such file/);
  const whole = await davylamp(['classify', folder]);
  assert.deepEqual([whole.code, whole.stdout], [2, '']);
  assert.match(whole.stderr, /is a folder: classify takes one file/);
});

test('reads flow records whose fields name no time, by a header or a named order', async (context) => {
  const record = '192.0.2.10 203.0.113.7 50112 3333 6';
  const order = 'srcaddr dstaddr srcport dstport protocol';
  const folder = folderOf(context, { 'header.log': `${order}\n${record}\n`, 'bare.log': `\n${record}\n` });
  for (const argv of [['header.log'], ['bare.log', '--flow-format', order]]) {
    const [name = '', ...options] = argv;
    const { code, stdout } = await davylamp(['classify', join(folder, name), ...options]);
    assert.equal(code, 0);
    assert.equal(stdout, '{"line":1,"indicators":[]}\n{"line":2,"indicators":[]}\n');
  }
  const [answer] = await classified(`${record}\n`, ['--flow-format', order]);
  assert.deepEqual(answer, { line: 1, indicators: [] });
});
