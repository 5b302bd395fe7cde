import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASS, type Event } from '#shared/model/event.ts';
import { decide, launch, split, strengthOf } from './fixture.ts';

const strength = (line: string, executable?: string): string =>
  strengthOf('miner_program', launch(split(line), executable === undefined ? {} : { executable }));

test('finds listed programs by the path that runs', () => {
  for (const line of [
    '/tmp/xmrig',
    '/usr/bin/kdevtmpfsi',
    'xmrig',
    './SRBMiner-MULTI',
    '/opt/cpuminer-avx2 -q',
    '/hive/miners/lolMiner',
    "bash -c 'cd /tmp; ./xmrig >/dev/null 2>&1 &'",
    'nohup /opt/t-rex',
    'sudo -u root /opt/xmrig',
    'docker run metal3d/xmrig',
    'docker run -d --name a reg.example/team/xmrig:latest',
    'kubectl run a --image=reg.example/xmrig-docker',
    'docker exec a /opt/xmrig',
    'timeout 1h ./xmrig',
  ]) {
    assert.equal(strength(line), 'strong', line);
  }
});

test('says nothing of lines that only name one', () => {
  for (const line of [
    'pkill -9 xmrig',
    'grep xmrig /var/log/syslog',
    'which xmrig',
    'rm -rf /tmp/xmrig',
    'find / -name xmrig',
    'docker pull metal3d/xmrig',
    'docker ps --filter name=xmrig',
    'trivy image metal3d/xmrig',
    'apt-get install xmrig',
    'cat /opt/xmrig/config.json',
    'watch -n1 pgrep -a xmrig',
    'screen -r xmrig',
    'ps aux',
    "sh -c 'ps aux | grep xmrig | xargs kill -9'",
    't-rex-64 -f cap2/dns.yaml',
    'java -jar /opt/miner.jar',
  ]) {
    assert.equal(strength(line), '-', line);
  }
});

test('counts a name that benign programs share only where programs hide', () => {
  assert.equal(strength('/usr/local/bin/miner'), '-');
  assert.equal(strength('/home/u/.cargo/bin/ore'), '-');
  assert.equal(strength('/etc/miner'), '-');
  for (const path of ['/tmp/miner', '/dev/shm/ore', '/root/.x/miner', '/var/tmp/zzh', '/etc/zzh']) {
    assert.equal(strength(path), 'strong', path);
  }
});

test('is weak for a version, help, benchmark, another machine or a failed start', () => {
  for (const line of ['xmrig --version', 'xmrig --help', 'xmrig --bench=1M', 'xmrig --stress', 'xmrig --dry-run']) {
    assert.equal(strength(line), 'weak', line);
  }
  assert.equal(strength('ssh host.example.com /tmp/xmrig'), 'weak');
  assert.equal(strength('bash xmrig-setup.sh'), 'weak');
  const failed = launch(['/usr/bin/xmrig']);
  assert.equal(strengthOf('miner_program', { ...failed, success: false } as Event), 'weak');
});

test('trusts the kernel more than argv[0]', () => {
  assert.equal(strength('bash', '/tmp/xmrig'), 'strong');
  assert.equal(strength('xmrig', '/opt/thing'), 'weak');
  assert.equal(strength('xmrig', '/usr/bin/python3.11'), '-');
});

test('sees the miner behind what it does, and its children', () => {
  const base = { time: 0, claims: {}, raw: {}, id: 'x', source: 'test' };
  const actor = { executable: '/tmp/xmrig', pid: 7 };
  const events: readonly Event[] = [
    { ...base, class: CLASS.network, dst: { ip: '203.0.113.5', port: 3333 }, actor },
    { ...base, class: CLASS.file, activity: 'update', path: '/tmp/log', actor },
    { ...base, class: CLASS.detection, product: 'p', rule: 'r', message: 'm', tags: [], actor },
  ];
  for (const event of events) assert.equal(strengthOf('miner_program', event), 'strong');
  const child = launch(['sh', '-c', '/sbin/modprobe msr allow_writes=on'], { parentName: 'xmrig' });
  assert.equal(strengthOf('miner_program', child), 'weak');
});

test('is weak for any event of a container whose image names a miner', () => {
  const [verdict] = decide('miner_program', launch(['sleep', '5'], {}, 'docker.io/metal3d/xmrig:latest'));
  assert.deepEqual([verdict?.strength, verdict?.artifacts[0]], ['weak', 'image:docker.io/metal3d/xmrig:latest']);
  assert.deepEqual(decide('miner_program', launch(['sleep', '5'], {}, 'docker.io/library/postgres:16')), []);
});

test('names the list entry, the path and the miner', () => {
  const [verdict] = decide('miner_program', launch(['./xmrig'], { workingDirectory: '/var/tmp/.x' }));
  assert.deepEqual(verdict?.artifacts, ['path:/var/tmp/.x/xmrig', 'miner:xmrig']);
  assert.match(verdict?.why ?? '', /listed as miner xmrig \(test list\)/);
});

test('keeps that a miner was deleted after its start', () => {
  const [verdict] = decide('miner_program', launch(['x'], { executable: '/opt/xmrig (deleted)' }));
  assert.deepEqual([verdict?.strength, verdict?.flags], ['strong', ['deleted']]);
});
