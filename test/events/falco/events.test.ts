import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASS } from '#shared/model/event.ts';
import { alert, eventOf, readFalco } from './falco.ts';

test('formats 2: a command line is split at spaces and never claimed to be exact', () => {
  const { process } = eventOf(alert({ 'proc.cmdline': 'sh -c echo  "a b"' }), CLASS.process);
  assert.deepEqual(process, { argv: ['sh', '-c', 'echo', '"a', 'b"'], exact: false });
});

test('formats 2: ancestors are read with any index, sorted by number, and gaps are allowed', () => {
  const fields = {
    'proc.name': 'x',
    'proc.cmdline': 'x',
    'proc.pname': 'sh',
    'proc.aname[10]': 'init',
    'proc.aname[2]': 'sshd',
    'proc.aname[0]': 'x',
    'proc.aname[3]': null,
  };
  assert.deepEqual(eventOf(alert(fields), CLASS.process).process.ancestors, ['sh', 'sshd', 'init']);
});

test('reads what a process is', () => {
  const { process, success } = eventOf(
    alert({
      'evt.type': 'execve',
      'evt.res': 'SUCCESS',
      'proc.exeline': './xmrig --config=c.json',
      'proc.cmdline': 'xmrig --config=c.json',
      'proc.exepath': '/tmp/.x/xmrig',
      'proc.name': 'xmrig',
      'proc.pid': 4242,
      'proc.ppid': 4200,
      'proc.cwd': '/tmp/.x',
      'proc.pname': 'bash',
      'proc.pexepath': '/usr/bin/bash',
      'proc.pcmdline': 'bash run.sh',
      'proc.tty': 34816,
      'proc.env[WALLET]': '48abc',
      'proc.env': 'A=1 B=2',
      'user.uid': 0,
      'user.loginuid': 1000,
      'container.image.digest': 'sha256:00',
    }),
    CLASS.process,
  );
  assert.deepEqual(process, {
    pid: 4242,
    parentPid: 4200,
    executable: '/tmp/.x/xmrig',
    name: 'xmrig',
    argv: ['./xmrig', '--config=c.json'],
    exact: false,
    environment: { A: '1', B: '2', WALLET: '48abc' },
    workingDirectory: '/tmp/.x',
    parentName: 'bash',
    parentExecutable: '/usr/bin/bash',
    parentCommandLine: 'bash run.sh',
    ancestors: ['bash'],
    uid: '0',
    auid: '1000',
    tty: 'pts/0',
    imageDigest: 'sha256:00',
  });
  assert.equal(success, true);
});

for (const unset of [-1, 4294967295]) {
  test(`a login uid of ${unset} is none`, () => {
    assert.equal(
      eventOf(alert({ 'proc.cmdline': 'x', 'user.loginuid': unset }), CLASS.process).process.auid,
      undefined,
    );
  });
}

for (const [cgroups, unit] of [
  ['cpuset=/ cpu=/system.slice/foo.service memory=/system.slice/foo.service', 'foo.service'],
  ['0=/system.slice/cron.service', 'cron.service'],
  ['cpu=/user.slice/user-1000.slice/user@1000.service/app.slice/miner.service', 'miner.service'],
  ['cpu=/user.slice/user-1000.slice/session-3.scope', undefined],
  ['cpu=/user.slice/user-1000.slice/user@1000.service', undefined],
  ['cpu=/init.scope', undefined],
  ['cpu=/kubepods.slice/kubepods-besteffort.slice/cri-containerd-0123.scope', undefined],
  ['cpu=/system.slice/docker-0123.scope', undefined],
  ['cpu=/kubepods/system.slice/forged.service', undefined],
] as const) {
  test(`the cgroups ${cgroups} name the unit ${unit}`, () => {
    assert.equal(eventOf(alert({ 'proc.cmdline': 'x', 'thread.cgroups': cgroups }), CLASS.process).process.unit, unit);
  });
}

for (const [name, fields, expected] of [
  [
    'an outgoing connection',
    { 'fd.name': '192.0.2.10:50112->203.0.113.9:3333', 'fd.l4proto': 'tcp' },
    { src: { ip: '192.0.2.10', port: 50112 }, dst: { ip: '203.0.113.9', port: 3333 }, own: 'src', protocol: 6 },
  ],
  [
    'formats 2: IPv6, whose port stands behind the last colon',
    { 'fd.name': '2001:db8::1:50112->2001:db8::2:3333' },
    { src: { ip: '2001:db8::1', port: 50112 }, dst: { ip: '2001:db8::2', port: 3333 }, own: 'src' },
  ],
  [
    'an accepted connection',
    { 'fd.name': '203.0.113.9:50112->192.0.2.10:22', 'fd.is_server': true },
    { src: { ip: '203.0.113.9', port: 50112 }, dst: { ip: '192.0.2.10', port: 22 }, own: 'dst' },
  ],
  [
    'an accepted connection told by its remote side',
    { 'fd.name': '203.0.113.9:50112->192.0.2.10:22', 'fd.rip': '203.0.113.9' },
    { src: { ip: '203.0.113.9', port: 50112 }, dst: { ip: '192.0.2.10', port: 22 }, own: 'dst' },
  ],
  [
    'a remote side alone',
    { 'fd.rip': '203.0.113.9', 'fd.rport': 3333 },
    { dst: { ip: '203.0.113.9', port: 3333 }, own: 'src' },
  ],
  [
    'a server and a client',
    { 'fd.sip': '203.0.113.9', 'fd.sport': 3333, 'fd.cip': '192.0.2.10', 'fd.cport': 50112 },
    { src: { ip: '192.0.2.10', port: 50112 }, dst: { ip: '203.0.113.9', port: 3333 }, own: 'src' },
  ],
  [
    'a mapped IPv4 address',
    { 'fd.name': '::ffff:192.0.2.10:50112->::ffff:203.0.113.9:3333' },
    { src: { ip: '192.0.2.10', port: 50112 }, dst: { ip: '203.0.113.9', port: 3333 }, own: 'src' },
  ],
  [
    'a refused connect',
    { 'evt.type': 'connect', 'evt.res': 'ECONNREFUSED', 'fd.name': '192.0.2.10:1->203.0.113.9:3333' },
    { src: { ip: '192.0.2.10', port: 1 }, dst: { ip: '203.0.113.9', port: 3333 }, own: 'src', accepted: false },
  ],
] as const) {
  test(`reads ${name}`, () => {
    const { src, dst, own, protocol, accepted, actor } = eventOf(alert({ 'proc.name': 'x', ...fields }), CLASS.network);
    const found = Object.entries({ src, dst, own, protocol, accepted }).filter(([, value]) => value !== undefined);
    assert.deepEqual(Object.fromEntries(found), expected);
    assert.deepEqual(actor, { name: 'x' });
  });
}

for (const name of [
  '0xffff8880->0xffff8881 /run/docker.sock',
  '0.0.0.0:8080',
  '/etc/passwd',
  ':::22',
  '->',
  'a:1->b:2',
]) {
  test(`the descriptor ${name} is no connection`, () => {
    const { events } = readFalco(alert({ 'fd.name': name, 'evt.type': 'connect' }));
    assert.deepEqual(
      events.map((event) => event.class),
      [CLASS.detection],
    );
  });
}

test("a connection whose server's name is known is a lookup too", () => {
  const fields = { 'fd.name': '192.0.2.10:50112->203.0.113.9:3333', 'fd.sip.name': 'Pool.Example.com.' };
  const event = eventOf(alert(fields), CLASS.dns);
  assert.deepEqual(
    [event.query, event.type, event.answers],
    ['pool.example.com', 'A', [{ type: 'A', data: '203.0.113.9' }]],
  );
});

const CRON = '/etc/cron.d/sync';
for (const [name, fields, expected] of [
  [
    'a file made',
    { 'evt.type': 'openat', 'fd.name': CRON, 'evt.arg.flags': 'O_TRUNC|O_CREAT|O_WRONLY|O_F_CREATED' },
    { activity: 'create' },
  ],
  [
    'a file opened to be written',
    { 'evt.type': 'open', 'fd.name': CRON, 'evt.arg.flags': 'O_RDWR' },
    { activity: 'update' },
  ],
  [
    'a file opened to be read',
    { 'evt.type': 'openat', 'fd.name': CRON, 'evt.arg.flags': 'O_RDONLY|O_CLOEXEC' },
    { activity: 'read' },
  ],
  ['an open without flags', { 'evt.type': 'openat2', 'fd.name': CRON }, { activity: 'unknown' }],
  ['a file without a call', { 'fd.name': CRON }, { activity: 'unknown' }],
  ['creat', { 'evt.type': 'creat', 'fs.path.name': CRON, 'fd.name': null }, { activity: 'create' }],
  [
    'an open told by its kind',
    { 'evt.type': 'openat', 'fd.name': CRON, 'evt.is_open_write': true },
    { activity: 'update' },
  ],
  [
    'a rename',
    { 'evt.type': 'renameat2', 'fs.path.target': CRON, 'fs.path.source': '/tmp/x' },
    { activity: 'rename', previousPath: '/tmp/x' },
  ],
  [
    'a rename by arguments',
    { 'evt.type': 'rename', 'evt.arg.newpath': CRON, 'evt.arg.oldpath': '/tmp/x' },
    { activity: 'rename', previousPath: '/tmp/x' },
  ],
  ['a removal', { 'evt.type': 'unlinkat', 'fs.path.name': CRON }, { activity: 'delete' }],
  ['a link', { 'evt.type': 'symlinkat', 'evt.arg.linkpath': CRON }, { activity: 'create' }],
  ['a write', { 'evt.type': 'write', 'fd.name': CRON }, { activity: 'update' }],
] as const) {
  test(`reads ${name}`, () => {
    const { activity, path, previousPath } = eventOf(alert({ 'proc.name': 'sh', ...fields }), CLASS.file);
    assert.deepEqual({ activity, path, ...(previousPath && { previousPath }) }, { path: CRON, ...expected });
  });
}

test('a failed open is told', () => {
  const fields = { 'evt.type': 'openat', 'fd.name': CRON, 'evt.arg.flags': 'O_WRONLY', 'evt.res': 'EACCES' };
  assert.equal(eventOf(alert(fields), CLASS.file).success, false);
});

test('a loaded module is named', () => {
  const event = eventOf(alert({ 'evt.type': 'finit_module', 'fd.name': '/tmp/diamorphine.ko' }), CLASS.kernel);
  assert.deepEqual([event.activity, event.name], ['module_load', 'diamorphine']);
});

test('one alert of a process with a connection gives both, with one id', () => {
  const { events } = readFalco(alert({ 'proc.cmdline': 'xmrig', 'fd.name': '192.0.2.10:1->203.0.113.9:3333' }));
  assert.deepEqual(
    events.map((event) => event.class),
    [CLASS.process, CLASS.network],
  );
  assert.equal(new Set(events.map((event) => event.id)).size, 1);
});

test('an alert that shows nothing finer says what its rule said', () => {
  const event = eventOf(alert({}), CLASS.detection);
  assert.deepEqual(
    [event.product, event.rule, event.message, event.tags],
    ['falco', 'Something happened', 'Something happened (made=up)', ['container', 'mitre_impact']],
  );
});

test('an alert on another source than system calls is only what its rule said', () => {
  for (const source of ['k8s_audit', 'aws_cloudtrail']) {
    const { events } = readFalco(alert({ 'proc.cmdline': 'xmrig' }, { source }));
    assert.deepEqual(
      events.map((event) => event.class),
      [CLASS.detection],
    );
  }
});
