import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classifierOf } from '#shared/classify/classify.ts';
import { redactCommandLine } from '#shared/classify/redact.ts';
import { CLASS, type ProcessActivity } from '#shared/model/event.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';
import { artifact } from '#shared/model/place.ts';
import { analyzer, INTEL, launch } from '../analyzers/miner/fixture.ts';

const WALLET = '48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD';
const keep = (token: string): boolean => token === WALLET;
const split = (line: string): string => redactCommandLine(line.split(' '), keep, false).join(' ');

/** Lines that were split at their blanks, and what stays of each. */
const LINES: Readonly<Record<string, string>> = {
  'mysql --pass=ab Zq7 --tls -o x': 'mysql --pass=[redacted] --tls -o x',
  'mysql --pass ab Zq7 cd --tls': 'mysql --pass [redacted] --tls',
  'mysql -u root -pab Zq7 -h db': 'mysql -u root -p[redacted] -h db',
  'x -p ab Zq7 -o pool.example.com:3333 --algo rx/0': 'x -p [redacted] -o pool.example.com:3333 --algo rx/0',
  'x -p ab Zq7 pool.example.com:3333 -k': 'x -p [redacted] pool.example.com:3333 -k',
  'x -p ab Zq7 stratum+tcp://192.0.2.1:3333': 'x -p [redacted] stratum+tcp://192.0.2.1:3333',
  'x --token ab Zq7 /etc/x.json': 'x --token [redacted] /etc/x.json',
  'x --token ab Zq7 > /tmp/x 2>&1': 'x --token [redacted] > /tmp/x 2>&1',
  [`x --pass=ab Zq7 ${WALLET}`]: `x --pass=[redacted] ${WALLET}`,
  [`x -u ${WALLET}.rig:ab Zq7 -a rx/0`]: `x -u ${WALLET}.rig:[redacted] -a rx/0`,
  'curl -u me:ab Zq7 https://example.com': 'curl -u me:[redacted] https://example.com',
  'sshpass -p ab Zq7 ssh root@host.example.com': 'sshpass -p [redacted] ssh root@host.example.com',
  'docker run -e DB_PASS=ab Zq7 -d nginx': 'docker run -e DB_PASS=[redacted] -d nginx',
  'docker run -e PASS=x xmrig/xmrig -o pool:3333': 'docker run -e PASS=[redacted] xmrig/xmrig -o pool:3333',
  'docker run -e PASS=ab Zq7 reg.example.com:5000/a/b:1.2 -k':
    'docker run -e PASS=[redacted] reg.example.com:5000/a/b:1.2 -k',
  'podman login -p ab Zq7 quay.example.com/a': 'podman login -p [redacted] quay.example.com/a',
  'kdx --pass ab Zq7/cd --tls': 'kdx --pass [redacted] --tls',
  'aws configure set aws_secret_access_key ab Zq7': 'aws configure set aws_secret_access_key [redacted]',
  'sh -c mysql --password=ab; xmrig -k': 'sh -c mysql --password=[redacted]; xmrig -k',
  'mysql --pass="ab Zq7" sales': 'mysql --pass=[redacted] sales',
  'env PASS=ab xmrig -k': 'env PASS=[redacted] xmrig -k',
  'mkdir -p ab cd': 'mkdir -p ab cd',
};
for (const [line, shown] of Object.entries(LINES)) {
  test(`masks a secret whose quotes were lost: ${line.replace(WALLET, 'WALLET')}`, () =>
    assert.equal(split(line), shown));
}

test('takes a bounded number of words for one secret', () => {
  assert.equal(split(`x --pass ${'ab '.repeat(13)}last`), 'x --pass [redacted] last');
});

test('takes no more than the value where arguments are exact', () => {
  assert.deepEqual(redactCommandLine(['mysql', '--pass=ab', 'sales'], keep), ['mysql', '--pass=[redacted]', 'sales']);
});

test('shows no word of a passphrase behind any option that takes one', () => {
  const option = fc.constantFrom('--pass ', '--pass=', '-p ', '--token ', '--password=', '-u me:', '-e PASS=');
  const words = fc.array(fc.stringMatching(/^Zq[a-z0-9]{1,8}$/), { minLength: 1, maxLength: 10 });
  const next = fc.constantFrom('--tls', '-k', '/tmp/x', 'pool.example.com:3333', '| sh');
  fc.assert(
    fc.property(option, words, next, (name, secret, after) => {
      const out = split(`kdx ${name}${secret.join(' ')} ${after}`);
      assert.doesNotMatch(out, /Zq/);
      assert.ok(out.endsWith(` ${after}`), out);
    }),
  );
});

test('shows no word of a split secret in an indicator', () => {
  const line = 'kdx --pass=ab Zq7hunter2 --tls -o pool.example.com:3333';
  const event = launch(line.split(' '));
  assert.ok(event.class === CLASS.process);
  const inexact: ProcessActivity = { ...event, process: { ...event.process, exact: false } };
  const saying = {
    ...analyzer('miner_arguments'),
    decide: () => [{ strength: 'weak' as const, artifacts: [artifact('cmd', line)], why: `says: ${line}` }],
  };
  const [indicator] = classifierOf([saying], INTEL)(inexact, EMPTY_WATCH_LIST);
  assert.ok(indicator !== undefined);
  assert.doesNotMatch(JSON.stringify(indicator), /Zq7/);
  assert.equal(indicator.sample.commandLine, 'kdx --pass=[redacted] --tls -o pool.example.com:3333');
});
