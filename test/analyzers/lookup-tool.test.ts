import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { lookupTool } from '#shared/analyzers/lookup-tool.ts';
import { compileIntel } from '#shared/intel/compile.ts';
import { CLASS, type Process, type ProcessActivity } from '#shared/model/event.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';

const SOURCE = { source: 'a public list', date: '2026-11-25' };
const compiled = compileIntel({
  names: [
    { ...SOURCE, kind: 'pool', operators: { SupportXMR: ['supportxmr.com'], KanoPool: ['kano.is'] } },
    { ...SOURCE, kind: 'coin_site', operators: { XMRig: ['xmrig.com'] } },
  ],
  addresses: [],
  programs: [],
  ranges: [],
});
assert.ok('intel' in compiled);
const { intel } = compiled;
const tool = lookupTool(intel);

function run(process: Process, more: Partial<ProcessActivity> = {}) {
  const event: ProcessActivity = {
    class: CLASS.process,
    time: 0,
    claims: { hostName: 'a' },
    raw: {},
    id: 'event 1',
    source: 'auditd',
    process,
    ...more,
  };
  return tool.decide(event, intel, EMPTY_WATCH_LIST);
}

const command = (line: string) => run({ argv: line.split(' '), exact: true });

describe('a command that asks a resolver', () => {
  for (const [line, strength] of [
    ['dig pool.supportxmr.com', 'strong'],
    ['dig +short pool.supportxmr.com', 'strong'],
    ['dig @127.0.0.1 pool.supportxmr.com', 'strong'],
    ['dig -t A pool.supportxmr.com.', 'strong'],
    ['dig POOL.SupportXMR.com A +noall +answer', 'strong'],
    ['/usr/bin/dig example.com pool.supportxmr.com', 'strong'],
    ['host pool.supportxmr.com', 'strong'],
    ['host -t AAAA pool.supportxmr.com 8.8.8.8', 'strong'],
    ['nslookup -type=A pool.supportxmr.com', 'strong'],
    ['nslookup.exe pool.supportxmr.com', 'strong'],
    ['drill pool.supportxmr.com', 'strong'],
    ['kdig pool.supportxmr.com', 'strong'],
    ['getent hosts pool.supportxmr.com', 'strong'],
    ['getent ahosts pool.supportxmr.com', 'strong'],
    ['resolvectl query pool.supportxmr.com', 'strong'],
    ['powershell -Command Resolve-DnsName pool.supportxmr.com', 'strong'],
    ['busybox nslookup pool.supportxmr.com', 'strong'],
    ['sudo -n dig pool.supportxmr.com', 'strong'],
    ['timeout 5 dig pool.supportxmr.com', 'strong'],
    ['env LANG=C dig pool.supportxmr.com', 'strong'],
    ['dig supportxmr.com', 'weak'],
    ['dig www.supportxmr.com', 'weak'],
  ] as const) {
    test(`'${line}' is ${strength}`, () => {
      const [verdict, ...more] = command(line);
      assert.equal(verdict?.strength, strength);
      assert.deepEqual(verdict?.flags, ['lookup']);
      assert.deepEqual(more, []);
    });
  }

  test('gives the name as artifact, and the list entry as reason', () => {
    const [verdict] = command('dig pool.supportxmr.com.');
    assert.deepEqual(verdict?.artifacts, ['pool:pool.supportxmr.com']);
    assert.match(verdict?.why ?? '', /^dig was run with pool\.supportxmr\.com: .*a public list/);
  });
});

describe('a command that goes to a pool', () => {
  for (const [line, artifact] of [
    ['ping -c 1 pool.supportxmr.com', 'pool:pool.supportxmr.com'],
    ['curl pool.supportxmr.com:3333', 'pool:pool.supportxmr.com:3333'],
    ['curl -s https://user:x@pool.supportxmr.com:443/path?q=1', 'pool:pool.supportxmr.com:443'],
    ['nc -vz pool.supportxmr.com 3333', 'pool:pool.supportxmr.com'],
    ['telnet pool.supportxmr.com 3333', 'pool:pool.supportxmr.com'],
    ['openssl s_client -connect pool.supportxmr.com:9000', 'pool:pool.supportxmr.com:9000'],
    ['socat - TCP:pool.supportxmr.com:3333,retry=3', 'pool:pool.supportxmr.com:3333'],
    ['wget --url=http://pool.supportxmr.com/', 'pool:pool.supportxmr.com'],
  ] as const) {
    test(`'${line}' is weak`, () => {
      const [verdict, ...more] = command(line);
      assert.equal(verdict?.strength, 'weak');
      assert.deepEqual(verdict?.flags, ['lookup']);
      assert.deepEqual(verdict?.artifacts, [artifact]);
      assert.deepEqual(more, []);
    });
  }
});

describe('other commands', () => {
  for (const line of [
    'dig pool.ntp.org',
    'dig notsupportxmr.com',
    'dig example.com @pool.supportxmr.com',
    'dig -x 203.0.113.20',
    'dig xmrig.com',
    'dig -f names.txt',
    'nslookup 203.0.113.20',
    'getent passwd pool.supportxmr.com',
    'resolvectl status pool.supportxmr.com',
    'curl https://www.supportxmr.com/api',
    'curl https://example.com/pool.supportxmr.com',
    'curl https://example.com/?to=pool.supportxmr.com',
    'grep -r pool.supportxmr.com /var/log',
    'echo dig pool.supportxmr.com',
    'vim pool.supportxmr.com',
    'sudo grep pool.supportxmr.com /etc/hosts',
    'sudo',
    '',
  ]) {
    test(`'${line}' give nothing`, () => {
      assert.deepEqual(command(line), []);
    });
  }
});

test('an exec that failed is no lookup', () => {
  assert.deepEqual(run({ argv: ['dig', 'pool.supportxmr.com'] }, { success: false }), []);
  assert.equal(run({ argv: ['dig', 'pool.supportxmr.com'] }, { success: true }).length, 1);
});

test('quotes of a bare command line are no part of a name', () => {
  assert.equal(run({ argv: ['dig', '"pool.supportxmr.com"'], exact: false }).length, 1);
});

test('the program is what the kernel names', () => {
  assert.equal(run({ executable: '/usr/bin/dig', argv: ['x', 'pool.supportxmr.com'] }).length, 1);
  assert.equal(run({ executable: '/bin/busybox', argv: ['nslookup', 'pool.supportxmr.com'] }).length, 1);
});

test('the needles are the listed names, so that short tool names need none', () => {
  assert.deepEqual(tool.needles, ['supportxmr.com', 'kano.is', 'xmrig.com']);
});

test('never throws, and takes time in proportion to its size only', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' })), (argv) => void run({ argv: ['dig', ...argv] })));
  assert.deepEqual(run({ argv: ['curl', 'pool.supportxmr.com.'.repeat(100_000)] }), []);
  assert.deepEqual(run({}), []);
});

for (const [script, expected] of [
  ['dig pool.supportxmr.com', 1],
  ['cd /tmp; nslookup pool.supportxmr.com > /dev/null', 1],
  ['grep pool.supportxmr.com list.txt', 0],
  ['dig example.com', 0],
] as const) {
  test(`inside a shell's script: ${script}`, () => {
    assert.equal(run({ argv: ['sh', '-c', script], exact: true }).length, expected);
  });
}
