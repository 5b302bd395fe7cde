import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactCommandLine, redactText } from '#shared/classify/redact.ts';

const keep = (): boolean => false;
const redact = (text: string): string => redactText(text, keep);
const split = (text: string): string => redactCommandLine(text.split(' '), keep, false).join(' ');

/** What stands between a secret and the next command, in lines whose secret is `S`. */
const COMMANDS = ['export TOKEN=S', 'run --token S', 'run --pass=S', 'mysql -pS', 'curl -u me:S', 'POOL_PW=S'];
const BETWEEN = ['; ', ' ; ', ' && ', '&& ', ' | ', '| ', ';', '&&', '|', ' || ', '& '];
for (const command of COMMANDS) {
  for (const between of BETWEEN) {
    test(`keeps ${JSON.stringify(between)} behind the secret of: ${command}`, () => {
      const line = `${command}${between}echo vm.nr_hugepages=1280 >> /etc/sysctl.conf`;
      const shown = line.replace('S', '[redacted]');
      const secret = line.replace('S', 'Zq7hunter2');
      assert.equal(redact(secret), shown);
      assert.equal(redact(shown), shown);
      assert.equal(split(secret), shown);
      assert.deepEqual(redactCommandLine(['sh', '-c', secret], keep), ['sh', '-c', shown]);
    });
  }
  test(`keeps the line's end behind the secret of: ${command}`, () => {
    assert.equal(redact(`${command.replace('S', 'Zq7')}\necho a`), `${command.replace('S', '[redacted]')}\necho a`);
  });
}

test('masks a secret with separators in it', () => {
  assert.equal(redact('export TOKEN=ab;Zq7|Zq8&ef next'), 'export TOKEN=[redacted] next');
  assert.equal(redact("PASS='ab; echo Zq7' ./x"), "PASS='[redacted]' ./x");
  assert.equal(split('x --pass ab Zq7; echo a'), 'x --pass [redacted]; echo a');
  assert.deepEqual(redactCommandLine(['x', '--pass=ab;'], keep), ['x', '--pass=[redacted]']);
});

const CURL: Readonly<Record<string, string>> = {
  'curl -E cert.pem:Zq7 http://192.0.2.1/a': 'curl -E cert.pem:[redacted] http://192.0.2.1/a',
  'curl -Ecert.pem:Zq7 http://192.0.2.1/a': 'curl -Ecert.pem:[redacted] http://192.0.2.1/a',
  'curl -skE cert.pem:Zq7 http://192.0.2.1/a': 'curl -skE cert.pem:[redacted] http://192.0.2.1/a',
  'curl -sku me:Zq7 http://192.0.2.1/a': 'curl -sku me:[redacted] http://192.0.2.1/a',
  'curl --cert cert.pem:Zq7 http://192.0.2.1/a': 'curl --cert cert.pem:[redacted] http://192.0.2.1/a',
  'curl --proxy-cert cert.pem:Zq7 http://192.0.2.1/a': 'curl --proxy-cert cert.pem:[redacted] http://192.0.2.1/a',
  'curl --proxy-user me:Zq7 http://192.0.2.1/a': 'curl --proxy-user me:[redacted] http://192.0.2.1/a',
  'curl -U me:Zq7 http://192.0.2.1/a': 'curl -U me:[redacted] http://192.0.2.1/a',
  'curl --pass Zq7 http://192.0.2.1/a': 'curl --pass [redacted] http://192.0.2.1/a',
  'curl --proxy-pass Zq7 http://192.0.2.1/a': 'curl --proxy-pass [redacted] http://192.0.2.1/a',
  'curl --tlspassword Zq7 http://192.0.2.1/a': 'curl --tlspassword [redacted] http://192.0.2.1/a',
  'curl -b sid=Zq7 http://192.0.2.1/a': 'curl -b [redacted] http://192.0.2.1/a',
};
for (const [line, shown] of Object.entries(CURL)) {
  test(`masks what curl takes: ${line}`, () => {
    assert.equal(redact(line), shown);
    assert.equal(redact(shown), shown);
    assert.deepEqual(redactCommandLine(line.split(' '), keep), shown.split(' '));
    assert.deepEqual(redactCommandLine(['sh', '-c', `${line} | sh`], keep), ['sh', '-c', `${shown} | sh`]);
    assert.equal(split(`sh -c ${line} | sh`), `sh -c ${shown} | sh`);
  });
}

for (const line of [
  'grep -E cert.pem:x /etc/a',
  'curl -sSLfk https://example.com/a:b',
  'curl -fsSLO https://example.com/a:b',
  'curl -sSLo /tmp/u:b https://example.com/',
]) {
  test(`keeps readable: ${line}`, () => assert.equal(redact(line), line));
}
