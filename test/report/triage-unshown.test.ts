import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventHash, MAX_EVENT_IDS } from '#shared/model/evidence.ts';
import type { DecidedEvidence, Finding } from '#shared/model/finding.ts';
import type { Sample } from '#shared/model/indicator.ts';
import type { Artifact } from '#shared/model/place.ts';
import { entriesOf } from '#shared/report/entries.ts';
import { triage } from '#shared/report/triage.ts';
import { unshownOf, unshownText, whereAll } from '#shared/report/triage-unshown.ts';
import { COVERAGE, CRON, evidence, finding, LOOKUP, MINER, SESSION, sample, TUNING } from './findings.ts';

const actions = (of: Finding, step: number): readonly string[] => triage(of, COVERAGE)[step - 1]?.actions ?? [];
const text = (of: Finding, step: number): string => actions(of, step).join('\n');
const hashes = (count: number): string[] => Array.from({ length: count }, (_, n) => eventHash(`hidden ${n}`));

/** The evidence with records that no sample shows. */
const withHidden = (one: DecidedEvidence, count: number, fields: Partial<DecidedEvidence> = {}): DecidedEvidence => ({
  ...one,
  events: [...one.events, ...hashes(count)],
  ...fields,
});

const inGroup = (fields: Partial<Sample> = {}): Sample =>
  sample(0, { pid: 1, executable: '/tmp/.x/a', raw: { logGroup: '/hosts/audit', logStream: 'web-1' }, ...fields });

test('counts the records that no sample shows, one record of two items once', () => {
  assert.deepEqual(unshownOf([MINER]), { records: 0, orMore: false });
  assert.deepEqual(unshownOf([withHidden(MINER, 3), withHidden(SESSION, 3)]), { records: 3, orMore: false });
  const full = withHidden(MINER, MAX_EVENT_IDS - 1, { more: true });
  assert.deepEqual(unshownOf([full]), { records: 63, orMore: true });
  assert.deepEqual(unshownOf([{ ...MINER, samples: [], more: true }]), { records: 1, orMore: true });
});

test('says how many records no sample shows', () => {
  for (const [records, orMore, wanted] of [
    [0, false, ''],
    [0, true, 'an unknown number of records'],
    [1, false, '1 more record'],
    [63, true, '63 more records or still more'],
  ] as const)
    assert.equal(unshownText({ records, orMore }), wanted);
});

test('says in step 1 that more miners ran than samples show, with their paths, log and search', () => {
  const others = ['path:/tmp/.x/other', 'path:/tmp/.x/third'] as const;
  const one = withHidden(MINER, 2, { artifacts: [...MINER.artifacts, ...others] });
  const more = actions(finding('Medium', [one, LOOKUP]), 1).find((action) => action.startsWith('And 2 more records'));
  assert.match(
    more ?? '',
    /^And 2 more records of miner_arguments, .*paths beside those above: \/tmp\/\.x\/other, \/tmp\/\.x\/third\. All of them: file audit\.log from .* until .*: grep -aF -e \/tmp\/\.x\/kworkerd -e \/tmp\/\.x\/other -e \/tmp\/\.x\/third -- audit\.log$/,
  );
  assert.doesNotMatch(text(finding('Medium', [MINER, LOOKUP]), 1), /more record/);
});

test('asks Logs Insights for miners that no sample shows', () => {
  const one = withHidden({ ...MINER, samples: [inGroup()] }, 1);
  assert.match(
    text(finding('Medium', [one, LOOKUP]), 1),
    /log group \/hosts\/audit from [^:]*.*: fields @timestamp, @logStream, @message \| filter @message like "\/tmp\/\.x\/kworkerd" \| limit 10000$/m,
  );
});

test('tells of miners whose samples a finding had no room for', () => {
  const cut = { ...MINER, samples: [], events: MINER.events, more: true };
  assert.match(text(finding('Medium', [cut, LOOKUP]), 1), /^And 1 more record or still more of miner_arguments/m);
});

test('takes no flow and no lookup for a process that must be stopped', () => {
  const found = finding('Medium', [MINER, withHidden(LOOKUP, 5), withHidden(SESSION, 5)]);
  assert.doesNotMatch(text(found, 1), /more record/);
});

test('names each process of many, and a query where they are more than a list holds', () => {
  const miners = (count: number): Finding => {
    const samples = Array.from({ length: count }, (_, n) =>
      sample(0, { id: `m${n}`, pid: 500 + n, executable: '/tmp/m' }),
    );
    return finding('Medium', [{ ...MINER, events: samples.map(({ id }) => eventHash(id)), samples }, LOOKUP]);
  };
  const some = text(miners(20), 1);
  for (let pid = 500; pid < 520; pid++) assert.match(some, new RegExp(`pid ${pid} /tmp/m`));
  assert.match(text(miners(60), 1), /Stop also: .* and 20 more\. All of them: file audit\.log .*grep -aF /);
});

test('names every unit that a miner ran in', () => {
  const units = Array.from({ length: 45 }, (_, n): Artifact => `unit:w${n}.service`);
  const some = text(finding('Medium', [{ ...MINER, artifacts: units.slice(0, 12) }, LOOKUP]), 1);
  for (let n = 0; n < 12; n++) assert.match(some, new RegExp(`w${n}\\.service`));
  assert.match(
    text(finding('Medium', [{ ...MINER, artifacts: units }, LOOKUP]), 1),
    /Disable these units too: .* and 5 more\. All of them: /,
  );
});

test('says in steps 1 and 4 that more was set up than samples show', () => {
  const found = finding('High', [MINER, LOOKUP, withHidden(CRON, 6)]);
  assert.match(
    text(found, 1),
    /step 4 before you kill anything: the crontab .*, and what 6 more records of set-ups made, can start/,
  );
  assert.match(
    text(found, 4),
    /^And 6 more records of cron_entry, whose entries must be removed too\. All of them: file audit\.log from .*grep -aF -e crontab -e 63726F6E746162 -- audit\.log$/m,
  );
});

test('asks for each run of crontab where such runs set it up', () => {
  const piped = sample(4, { executable: '/usr/bin/crontab', commandLine: 'crontab -', uid: '0' });
  const one = evidence('persistence_setup', 'persistence_command', 'T1053.003', piped);
  assert.match(
    text(finding('High', [MINER, LOOKUP, withHidden(one, 2)]), 4),
    /grep -aF -e crontab -e 63726F6E746162 -- /,
  );
});

test('names entries beyond those that it spells out, and a query where they are too many to name', () => {
  const files = (count: number): Finding => {
    const samples = Array.from({ length: count }, (_, n) => sample(4, { id: `f${n}`, path: `/etc/cron.d/f${n}` }));
    const one = evidence('persistence_setup', 'persistence_file/cron', 'T1053.003', sample(4), {
      samples,
      events: samples.map(({ id }) => eventHash(id)),
    });
    return finding('High', [MINER, LOOKUP, one]);
  };
  for (let n = 0; n < 30; n++) assert.match(text(files(30), 4), new RegExp(`/etc/cron\\.d/f${n}\\b`));
  assert.match(text(files(60), 4), /Remove also: .* and 16 more\. All of them: file audit\.log .*-e \/etc\/cron\.d\/ /);
});

test('says of an entry that it starts only what its own sample spells', () => {
  const [first, second] = ['systemctl enable --now /opt/a/a.service', 'at -f /opt/b/run now'].map((commandLine, at) =>
    sample(at, { id: `${at}`, commandLine }),
  );
  assert.ok(first && second);
  const one = evidence('persistence_setup', 'persistence_command', 'T1053.002', first, {
    samples: [first, second],
    events: [eventHash('0'), eventHash('1')],
    artifacts: ['cmd:/opt/b/run', 'cmd:/opt/c/unknown'],
  });
  const shown = entriesOf([one]).map(({ shows }) => shows);
  assert.deepEqual(shown, [[], ['/opt/b/run']]);
  assert.match(
    text(finding('High', [MINER, LOOKUP, one]), 4),
    /^Remove each entry that starts one of these too; which entry does, no sample shows: \/opt\/c\/unknown\.$/m,
  );
});

test('says of an entry whose records samples do not all show only what these spell', () => {
  const hidden = withHidden(CRON, 1);
  assert.deepEqual(entriesOf([CRON])[0]?.shows, ['/tmp/.x/kworkerd -B']);
  assert.deepEqual(entriesOf([hidden])[0]?.shows, []);
  assert.match(text(finding('High', [MINER, LOOKUP, hidden]), 4), /no sample shows: \/tmp\/\.x\/kworkerd -B\.$/m);
});

test('asks for folders where paths are many, and leaves no path out', () => {
  const spread = (count: number): string[] => Array.from({ length: count }, (_, n) => `/tmp/.d${n}/deep/m${n}`);
  const query = (paths: readonly string[]): string => whereAll([MINER], paths, false);
  assert.match(query(spread(20)), /-e \/tmp\/\.d0\/deep\/ .*-e \/tmp\/\.d19\/deep\/ --/);
  assert.match(query(spread(40)), /grep -aF -e \/tmp\/ -- audit\.log$/);
  assert.match(query([...spread(40), '/opt/m']), /grep -aF -e \/tmp\/ -e \/opt\/ -- audit\.log$/);
});

test('gives a search that finds what it is for, plain or as auditd writes it in hexadecimal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'davylamp-'));
  try {
    const file = join(folder, "it's a log");
    writeFileSync(file, 'a0="/etc/cron.d/x"\nnothing\na1=63726F6E74616220-2F6574632F63726F6E2E642F78\n');
    const one = { ...CRON, samples: [sample(0, { raw: { file } })] };
    const search = whereAll([one], ['/etc/cron.d/x'], true).split(': ').at(-1) ?? '';
    assert.match(search, /^grep /);
    const found = execFileSync('sh', ['-c', search], { encoding: 'utf8' });
    assert.deepEqual(found.trim().split('\n').length, 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('says where records stand whose samples name an object, or nothing', () => {
  const stored = { ...MINER, samples: [sample(0, { raw: { bucket: 'logs', key: 'a.gz' } })] };
  assert.match(whereAll([stored], ['xmrig'], false), /^s3:\/\/logs\/a\.gz from .*: records that hold xmrig$/);
  assert.match(whereAll([{ ...MINER, samples: [] }], ['xmrig'], false), /^the logs that gave miner_arguments from /);
});

test('says in step 9 only of executed files that they ran', () => {
  const written = evidence(
    'miner_execution',
    'miner_config_write',
    'T1496.001',
    sample(5, { path: '/tmp/.w/config.json', executable: '/usr/bin/curl' }),
    { artifacts: ['path:/tmp/.w/config.json'] },
  );
  const failed = evidence(
    'miner_execution',
    'miner_program',
    'T1496.001',
    sample(6, { pid: 9, executable: '/tmp/.f/xmrig', success: false }),
    { artifacts: ['path:/tmp/.f/xmrig'] },
  );
  const said = text(finding('Medium', [MINER, written, failed, LOOKUP, TUNING]), 9);
  assert.match(said, /noexec: \/tmp\/\.x\/kworkerd ran from one\./);
  const hidden = withHidden(MINER, 1, { artifacts: [...MINER.artifacts, 'path:/tmp/.x/second'] });
  assert.match(text(finding('Medium', [hidden, LOOKUP]), 9), /noexec: \/tmp\/\.x\/kworkerd, \/tmp\/\.x\/second ran/);
});
