import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactCommandLine, redactText } from '#shared/classify/redact.ts';

const WALLET = '48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD';
const keep = (token: string): boolean => token === WALLET;
const redact = (text: string): string => redactText(text, keep);
const SECRET = 'Zq7hunter2';
const M = `/var/tmp/.x/kdx -o pool.example.com:3333 -u ${WALLET}`;

const PLACES: readonly string[] = [
  `${M} --pas=${SECRET}`,
  `${M} --pas ${SECRET}`,
  `${M} --http-access ${SECRET}`,
  `${M} --api-acc=${SECRET}`,
  `minerd --userp someone:${SECRET}`,
  `git clone https://${SECRET}@git.example.com/x/y`,
  'git clone https://Zq7hun@git.example.com/x/y'.replace('Zq7hun', SECRET.slice(0, 8)),
  `sed -i 's#"user": *"[^"]*",#"user": "${WALLET}.0:${SECRET}",#' config.json`,
  `echo '${SECRET}' | sudo -S ${M}`,
  `echo -n ${SECRET}|sudo -kS sh`,
  `sh -c "echo \\"a ${SECRET} b\\" | sudo -S id"`,
  `printf '%s\\n' ${SECRET} | passwd --stdin root`,
  `echo ${SECRET} | docker login -u me --password-stdin reg.example.com`,
  `sudo -S id <<< "${SECRET}"`,
  `openssl enc -d -aes-256-cbc -k ${SECRET} -in a`,
  `openssl enc -d -pass pass:${SECRET} -in a`,
  `htpasswd -b f u ${SECRET}`,
  `htpasswd -nbC 10 u ${SECRET}`,
  `machine h.example.com login u password ${SECRET}`,
];
for (const text of PLACES) {
  test(`masks the secret in: ${text.replace(WALLET, 'WALLET')}`, () => {
    const out = redact(text);
    assert.doesNotMatch(out, /Zq7hun/);
    assert.equal(redact(out), out);
    assert.equal(out.includes(WALLET), text.includes(WALLET), out);
    assert.doesNotMatch(redactCommandLine(text.split(' '), keep).join(' '), /Zq7hun/);
  });
}

test('masks what looks like an AWS secret access key by itself, and no wallet', () => {
  const key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYZZTOPSEKEY';
  assert.equal(redact(`${M} ${key}`), `${M} [redacted]`);
  assert.equal(
    redactText(`run ${key}`, (token) => token === key),
    `run ${key}`,
  );
});

for (const text of [
  'git clone ssh://git@git.example.com/x/y',
  'curl ssh://ec2-user@host.example.com https://user@example.com',
  'echo hello | tee /tmp/a',
  'echo hello | sudo sh',
  'htpasswd f u next',
  `${M} --pause-on-active=10 -k`,
  'git checkout da39a3ee5e6b4b0d3255bfef95601890afd80709',
  '/opt/Company/Service2/bin/Something/Else1',
]) {
  test(`keeps readable: ${text.replace(WALLET, 'WALLET')}`, () => assert.equal(redact(text), text));
}

for (const pattern of [
  'echo a ',
  "echo '",
  'echo \\',
  '<<< ',
  'htpasswd -b ',
  'login a password ',
  `${WALLET}:`,
  'https://a',
]) {
  test(`reads half a million characters of ${JSON.stringify(pattern.slice(0, 24))} once`, () => {
    assert.equal(typeof redact(pattern.repeat(Math.ceil(500_000 / pattern.length))), 'string');
  });
}
