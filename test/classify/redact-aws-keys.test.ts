import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactCommandLine, redactText } from '#shared/classify/redact.ts';

const keep = (): boolean => false;
const redact = (text: string): string => redactText(text, keep);

/** Made up, of 40 characters each. */
const KEYS: Readonly<Record<string, string>> = {
  'begins with a slash': '/JalrXUtnFEMIxK7MDENGxbPxRfiCYZQQMPLEKEY',
  'begins with a plus': '+Jalr/UtnFEMIxK7MDENGxbPxRfi/YZQQMPLE/EY',
  'begins with a letter': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYZQQMPLEKEY',
};

const NAMED: Readonly<Record<string, (key: string) => string>> = {
  words: (key) => `aws_secret_access_key ${key}`,
  'a variable': (key) => `export AWS_SECRET_ACCESS_KEY=${key}`,
  'words of Windows': (key) => `setx AWS_SECRET_ACCESS_KEY ${key}`,
  'a prompt': (key) => `AWS Secret Access Key [None]: ${key}`,
  'a profile': (key) => `aws configure set profile.x.aws_secret_access_key ${key}`,
  settings: (key) => `[default]\naws_access_key_id = x\naws_secret_access_key = ${key}\nregion = eu-west-1`,
  'JSON in camel case': (key) => `{"secretKey" : "${key}"}`,
  'JSON of an instance role': (key) => `{"SecretAccessKey":"${key}","Token":"x"}`,
  'JSON in JSON': (key) => `{\\"SecretAccessKey\\":\\"${key}\\"}`,
  "JSON of a container's variables": (key) => `{"name":"AWS_SECRET_ACCESS_KEY","value":"${key}"}`,
  YAML: (key) => `- name: AWS_SECRET_ACCESS_KEY\n  value: ${key}`,
  XML: (key) => `<SecretAccessKey>${key}</SecretAccessKey>`,
  'camel case': (key) => `secretKey ${key}`,
  'its access key id as a variable': (key) => `AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE ${key}`,
  'nothing near it': (key) => `run ${key}`,
  'a session token': (key) => `SessionToken ${key}${key}==`,
  'a session token as XML': (key) => `<SessionToken>${key}${key}</SessionToken>`,
  'a session token as a setting': (key) => `aws configure set profile.x.aws_session_token ${key}${key}`,
};
for (const [place, make] of Object.entries(NAMED)) {
  for (const [sort, key] of Object.entries(KEYS)) {
    test(`masks an AWS key that ${sort}, beside ${place}`, () => {
      const text = make(key);
      const out = redact(text);
      assert.doesNotMatch(out, /Jalr|ZQQ/);
      assert.equal(redact(out), out);
      for (const exact of [true, false]) {
        assert.doesNotMatch(redactCommandLine(text.split(' '), keep, exact).join(' '), /Jalr|ZQQ/);
      }
    });
  }
}

test('keeps a wallet behind the name of a key', () => {
  const wallet = '48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD';
  assert.equal(
    redactText(`secretKey ${wallet}`, (token) => token === wallet),
    `secretKey ${wallet}`,
  );
});

for (const text of [
  '/opt/Company/Service2/bin/Something/Else1',
  '/tmp/KdevTmpFsi/Abcdefgh/Qwertyuiop1234567',
  'a secret key lies in /var/lib/some/long/folder/of/names/without/case',
]) {
  test(`keeps the path readable: ${text}`, () => assert.equal(redact(text), text));
}

test('reads 400,000 characters of names and runs', () => {
  for (const pattern of ['secretKey ', 'A', `secretKey ${'a'.repeat(40)} `]) {
    assert.equal(typeof redact(pattern.repeat(Math.ceil(400_000 / pattern.length))), 'string');
  }
});
