import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactCommandLine, redactText } from '#shared/classify/redact.ts';

const keep = (): boolean => false;
const redact = (text: string): string => redactText(text, keep);
const S = 'Zq7hunter2';

const PIPED: readonly string[] = [
  `"echo ${S}" | sudo -S cmd`,
  `'echo ${S}' | sudo -S`,
  `"/bin/echo ${S}" | sudo -S cmd`,
  `echo "${S}" | sudo -S`,
  `"echo" "${S}" | sudo -S id`,
  `echo ${S}|sudo -S -k`,
  `echo ${S} |& sudo -S id`,
  `echo ${S} | tee /dev/null | sudo -S id`,
  `(echo ${S}) | sudo -S id`,
  `(echo ${S}; cat) | sudo -S sh`,
  `{ echo ${S}; cat a; } | sudo -S sh`,
  `yes ${S} | sudo -S id`,
  `printf '%s\\n' ${S} | sudo -S id`,
  `printf "${S}\\n"|sudo -kS id`,
  `sudo -S <<< ${S}`,
  `sudo -S <<<"${S}" id`,
  `<<< ${S} sudo -S id`,
  `cat <<< ${S} | sudo -S id`,
  `sudo -S id < <(echo ${S})`,
  `sudo -S id <<EOF\n${S}\nEOF`,
  `cat <<'EOF' | sudo -S passwd x\nfirst\n${S}\n${S}\nEOF`,
  `echo ${S} | sudo -u root -S id`,
];
for (const text of PIPED) {
  const quoted = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  for (const around of [text, `cd /tmp && ${text}`, `sh -c "${quoted}"`]) {
    test(`masks what is given to sudo: ${around}`, () => {
      const out = redact(around);
      assert.doesNotMatch(out, /Zq7/);
      assert.match(out, /sudo/);
      assert.equal(redact(out), out);
      assert.doesNotMatch(redactCommandLine(around.split(' '), keep).join(' '), /Zq7/);
      assert.doesNotMatch(redactCommandLine(['sh', '-c', around], keep).join(' '), /Zq7/);
    });
  }
}

for (const text of [
  'echo hello | tee /tmp/a || sudo -S id',
  '"echo hello" | sudo sh',
  '(echo hello; cat) | sh',
  'cat <<EOF > /etc/cron.d/x\n* * * * * root /tmp/x\nEOF',
  'sh <<< "echo hello"',
]) {
  test(`keeps readable: ${text}`, () => assert.equal(redact(text), text));
}

test('keeps the script behind a password in a here-document', () => {
  assert.equal(
    redact(`sudo -S sh <<EOF\n${S}\ncurl http://192.0.2.1/x.sh\nEOF`),
    'sudo -S sh <<EOF\n[redacted]\ncurl http://192.0.2.1/x.sh\nEOF',
  );
});

for (const pattern of ['echo a ', "echo '", "echo 'a' ", '"echo ', '(echo ', '<<E\n', '<<< ', '<(echo ', 'yes \\']) {
  test(`reads 200,000 characters of ${JSON.stringify(pattern)} before a pipe`, () => {
    const text = `${pattern.repeat(Math.ceil(200_000 / pattern.length))} | sudo -S id`;
    assert.equal(typeof redact(text), 'string');
  });
}
