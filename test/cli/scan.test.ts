import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { davylamp } from './command.ts';
import { findingsOf, folderOf, onlyFinding } from './findings.ts';
import { ACCOUNT, BENIGN, connectLines, execLines, falcoLine, flowLine, MINER, POOL, START } from './logs.ts';

const AUDIT = BENIGN + execLines(MINER);
const FLOW = flowLine('198.51.100.20:443', 0) + flowLine(POOL);

/** An error line each for a named file that is not there. */
const MISSING = join('/nonexistent', 'x.log');

test('prints findings as a table on standard output, totals and summary on standard error', async (context) => {
  const folder = folderOf(context, { 'audit.log': AUDIT, 'flow.log': FLOW });
  const { code, stdout, stderr } = await davylamp(['scan', folder]);
  assert.equal(code, 0);
  assert.match(stdout, /^MEDIUM {2}/);
  assert.doesNotMatch(stdout, /Scanning|^Read /m);
  assert.deepEqual(
    stderr.split('\n').filter((line) => /^(Scanning|Read|auditd|vpc-flow|Found)/.test(line)),
    [
      'Scanning 2 files, 0.0 MB.',
      'Read 17 records of 2 files.',
      'auditd: 15 records, 2026-11-24T22:10:00Z to 2026-11-24T22:10:00Z',
      'vpc-flow: 2 records, 2026-11-24T22:10:30Z to 2026-11-24T22:10:50Z',
      'Found: 1 Medium; places to watch: 0.',
    ],
  );
});

test('prints one JSON object for each finding with the fields of the contract, most severe first', async (context) => {
  const other = { node: 'ip-10-0-0-6', at: -60 };
  const low = execLines(MINER, other) + execLines(['/usr/sbin/modprobe', 'msr', 'allow_writes=on'], other);
  const folder = folderOf(context, { 'audit.log': AUDIT + low, 'flow.log': FLOW });
  const { stdout } = await davylamp(['scan', '--json', folder]);
  const findings = findingsOf(stdout);
  assert.deepEqual(
    findings.map((one) => one.severity),
    ['Medium', 'Low'],
  );
  for (const finding of findings) {
    for (const field of [
      ...['id', 'episode', 'revision', 'severity', 'rises', 'place', 'groups', 'artifacts', 'evidence', 'missing'],
      ...['leftOut', 'triage'],
    ])
      assert.ok(field in finding, field);
    assert.deepEqual(Object.keys(finding.place), ['account', 'region', 'host', 'scope']);
    for (const view of Object.values(finding.groups)) assert.ok('first' in view && 'lastHour' in view);
    for (const { at } of finding.rises) assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }
});

test('prints nothing on standard output as JSON where nothing was found', async (context) => {
  const folder = folderOf(context, { 'audit.log': BENIGN });
  const { code, stdout, stderr } = await davylamp(['scan', '--json', '--fail-on', 'low', folder]);
  assert.deepEqual([code, stdout], [0, '']);
  assert.match(stderr, /Found: nothing; places to watch: 0\./);
});

test('names places to watch beside JSON, on standard error', async (context) => {
  const folder = folderOf(context, { 'audit.log': AUDIT });
  const { stdout, stderr } = await davylamp(['scan', '--json', folder]);
  assert.equal(stdout, '');
  assert.match(stderr, /places to watch: 1\.\nTo watch: .*10\.0\.0\.5.*; hours .* to .*\n$/);
});

test('lists places to watch that have evidence but no complete case', async (context) => {
  const folder = folderOf(context, { 'audit.log': AUDIT });
  const { code, stdout, stderr } = await davylamp(['scan', '--fail-on', 'low', folder]);
  assert.equal(code, 0);
  assert.match(stdout, /^No attack chain found\./);
  assert.match(stdout, /Places to watch[^\n]*\n.*10\.0\.0\.5/);
  assert.match(stderr, /Found: nothing; places to watch: 1\./);
});

test('exits with 3 for a finding at or above --fail-on, else 2 for what could not be read, else 0', async (context) => {
  const found = folderOf(context, { 'audit.log': AUDIT, 'flow.log': FLOW });
  const clean = folderOf(context, { 'audit.log': BENIGN });
  const table: readonly [readonly string[], number][] = [
    [[found], 0],
    [[found, '--fail-on', 'medium'], 3],
    [[found, '--fail-on', 'Low'], 3],
    [[found, '--fail-on', 'HIGH'], 0],
    [[found, MISSING], 2],
    [[found, MISSING, '--fail-on', 'Medium'], 3],
    [[found, MISSING, '--fail-on', 'Critical'], 2],
    [[clean], 0],
    [[clean, '--fail-on', 'Low'], 0],
    [[clean, MISSING], 2],
    [[clean, MISSING, '--fail-on', 'Low'], 2],
  ];
  for (const [argv, expected] of table) {
    const { code, stdout } = await davylamp(['scan', '--json', ...argv]);
    assert.equal(code, expected, argv.join(' '));
    assert.equal(findingsOf(stdout).length, argv[0] === found ? 1 : 0, 'findings are printed in every case');
  }
});

test('reads standard input, plain or gzip, once even if named twice', async () => {
  for (const stdin of [AUDIT + FLOW, gzipSync(AUDIT + FLOW)]) {
    const { stdout, stderr } = await davylamp(['scan', '--json', '-', '-'], { stdin });
    const { evidence, severity } = onlyFinding(stdout);
    assert.equal(severity, 'Medium');
    assert.ok(evidence.every((one) => one.samples.every(({ raw }) => raw.file === '-')));
    assert.match(stderr, /^Scanning 1 file,/);
    assert.match(stderr, /^Read 17 records of 1 file\.$/m);
  }
});

test('reads several folders however deep, each file once', async (context) => {
  const one = folderOf(context, { 'audit.log': AUDIT });
  const two = folderOf(context, {});
  mkdirSync(join(two, 'deep', 'er'), { recursive: true });
  writeFileSync(join(two, 'deep', 'er', 'flow.log.gz'), gzipSync(FLOW));
  const { stdout, stderr } = await davylamp(['scan', '--json', one, two, join(one, 'audit.log'), one]);
  assert.equal(onlyFinding(stdout).severity, 'Medium');
  assert.match(stderr, /^Read 17 records of 2 files\.$/m);
});

test('joins a host and its interface to one place by an inventory', async (context) => {
  const inventory = {
    NetworkInterfaces: [
      {
        NetworkInterfaceId: 'eni-0a1b2c3d4e5f60718',
        OwnerId: ACCOUNT,
        AvailabilityZone: 'eu-west-1b',
        PrivateIpAddress: '10.0.0.5',
        PrivateDnsName: 'web-1.example.com',
        Attachment: { InstanceId: 'i-0a1b2c3d4e5f60718' },
      },
    ],
  };
  const named = execLines(MINER, { node: 'web-1.example.com' });
  const folder = folderOf(context, { 'audit.log': named, 'flow.log': FLOW });
  const other = folderOf(context, { 'i.json': JSON.stringify(inventory) });
  const { stdout } = await davylamp(['scan', '--json', folder, '--inventory', join(other, 'i.json')]);
  assert.deepEqual(onlyFinding(stdout).place, {
    account: ACCOUNT,
    region: 'eu-west-1',
    host: 'i-0a1b2c3d4e5f60718',
    scope: 'host',
  });
});

test('gives sources that name no account or region those of --account and --region', async (context) => {
  const folder = folderOf(context, { 'audit.log': execLines(MINER) + connectLines(POOL, '/tmp/.x/kthr') });
  const plain = onlyFinding((await davylamp(['scan', '--json', folder])).stdout);
  assert.deepEqual([plain.place.account, plain.place.region], ['-', '-']);
  const argv = ['scan', '--json', folder, '--account', '444455556666', '--region', 'ap-southeast-2'];
  const { place } = onlyFinding((await davylamp(argv)).stdout);
  assert.deepEqual([place.account, place.region], ['444455556666', 'ap-southeast-2']);
});

test('says that sources without an account stayed apart where several accounts were seen', async (context) => {
  const folder = folderOf(context, {
    'audit.log': execLines(MINER, { node: 'web-1' }),
    'one.log': flowLine(POOL),
    'two.log': flowLine(POOL, 40, '10.0.0.9', '444455556666'),
  });
  const apart = await davylamp(['scan', '--json', folder]);
  assert.match(apart.stderr, /^Sources that name no account stayed apart.*--account\.$/m);
  assert.equal(apart.stdout, '');
  const told = await davylamp(['scan', '--json', folder, '--account', ACCOUNT]);
  assert.doesNotMatch(told.stderr, /stayed apart/);
});

test('takes together what lies within --window hours', async (context) => {
  const cron = execLines(['/usr/bin/sh', '-c', 'echo @reboot /tmp/.x/kthr | crontab -'], { at: 5 * 3600 });
  const folder = folderOf(context, { 'audit.log': AUDIT + cron, 'flow.log': FLOW });
  const severities = async (...window: string[]): Promise<readonly string[]> =>
    findingsOf((await davylamp(['scan', '--json', folder, ...window])).stdout).map((one) => one.severity);
  assert.deepEqual(await severities(), ['High']);
  assert.deepEqual(await severities('--window', '5h'), ['High']);
  assert.deepEqual(await severities('--window', '4'), ['Medium']);
});

test('keeps its state in a table of that name where one is named, and says in one line that it can not', async (context) => {
  const { openEmbeddedTable } = await import('../../cli/embedded-table.ts');
  const table = await openEmbeddedTable();
  context.after(() => table.close());
  const folder = folderOf(context, { 'audit.log': AUDIT, 'flow.log': FLOW });
  const before = { ...process.env };
  context.after(() => {
    process.env = before;
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'made-up',
    AWS_SECRET_ACCESS_KEY: 'made-up',
  });
  const argv = ['scan', '--json', folder, '--table', 'davylamp'];
  const first = await davylamp(argv);
  assert.equal(onlyFinding(first.stdout).severity, 'Medium');
  const again = await davylamp(argv);
  assert.equal(again.stdout, first.stdout, 'evidence that is stored already changes nothing');
  const wrong = await davylamp(['scan', '--json', folder, '--table', 'other-name']);
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /^davylamp: table other-name: [^\n]+\n$/);
});

test('counts the formats inside envelopes in coverage and summary', async (context) => {
  const docker = (AUDIT + falcoLine(MINER.join(' ')))
    .split('\n')
    .slice(0, -1)
    .map((log) => JSON.stringify({ log: `${log}\n`, stream: 'stdout', time: '2026-11-24T22:10:05.000000000Z' }))
    .join('\n');
  const folder = folderOf(context, { 'c-json.log': `${docker}\n`, 'flow.log': FLOW });
  const { stdout, stderr } = await davylamp(['scan', '--json', folder]);
  assert.deepEqual(
    onlyFinding(stdout).coverage.sources.map(({ format, records }) => [format, records]),
    [
      ['auditd', 15],
      ['falco', 1],
      ['vpc-flow', 2],
    ],
  );
  assert.match(stderr, /^auditd: 15 records/m);
});

test('reads a flow log without a header by --flow-format, and names what is wrong with one', async (context) => {
  const line = `${POOL.split(':')[0]} 3333 10.0.0.5 41000 ${START + 30} ${START + 80} 6 ${ACCOUNT} ACCEPT\n`;
  const folder = folderOf(context, { 'audit.log': AUDIT, 'flow.log': line });
  const format = 'dstaddr dstport srcaddr srcport start end protocol account-id action'.replace(/\S+/g, '$${$&}');
  const { code, stdout } = await davylamp(['scan', '--json', folder, '--flow-format', format]);
  assert.equal(code, 0);
  assert.equal(onlyFinding(stdout).severity, 'Medium');
  const without = await davylamp(['scan', '--json', folder]);
  assert.match(without.stderr, /flow\.log: 1 line not read: .*--flow-format/);
  assert.equal(without.code, 2);
  for (const [bad, message] of [
    ['dstaddr non;sense', /no names of fields: non;sense/],
    ['srcaddr bytes', /no destination address/],
    ['', /name the fields/],
  ] as const) {
    const ran = await davylamp(['scan', folder, '--flow-format', bad]);
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
    assert.match(ran.stderr, message);
  }
});

for (const [name, fields, line] of [
  [
    'formats 3: version 11 without a time',
    'version account-id srcaddr dstaddr dstport flow-direction instance-tag next-hop-interface-type',
    `11 ${ACCOUNT} 10.0.0.5 ${POOL.split(':')[0]} 3333 egress my%2Dapp nat_gateway\n`,
  ],
  [
    'formats 3: version 7 with ECS fields and without a time',
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol tcp-flags flow-direction traffic-path ecs-cluster-name ecs-task-id',
    `7 ${ACCOUNT} eni-0123456789abcdef0 10.0.0.5 ${POOL.split(':')[0]} 50112 3333 6 2 egress 8 web 0123456789abcdef0123456789abcdef\n`,
  ],
] as const) {
  test(`${name} is read by its header or --flow-format, as old as its file`, async (context) => {
    const folder = folderOf(context, { 'audit.log': AUDIT, 'headed.log': `${fields}\n${line}`, 'bare.log': line });
    for (const file of ['headed.log', 'bare.log']) {
      const path = join(folder, file);
      utimesSync(path, START + 30, START + 30);
      const named = file === 'bare.log' ? ['--flow-format', fields] : [];
      const { code, stderr } = await davylamp(['scan', '--json', join(folder, 'audit.log'), path, ...named]);
      assert.equal(code, 0);
      assert.match(stderr, /vpc-flow: 1 record, 2026-11-24T22:10:30Z to 2026-11-24T22:10:30Z/);
      assert.match(stderr, new RegExp(`${file}: the fields hold neither start nor end`));
    }
  });
}

test('takes fields of later flow log versions by name, with a notice', async (context) => {
  const line = `${POOL.split(':')[0]} 10.0.0.5 ${START + 30} blue\n`;
  const folder = folderOf(context, { 'flow.log': line });
  const path = join(folder, 'flow.log');
  const format = ['--format', 'vpc-flow', '--flow-format', 'dstaddr srcaddr start a-later-field'];
  const { code, stderr } = await davylamp(['scan', path, ...format]);
  assert.equal(code, 0);
  assert.match(stderr, /^--flow-format: no known field of flow logs, kept by its name: a-later-field$/m);
});
