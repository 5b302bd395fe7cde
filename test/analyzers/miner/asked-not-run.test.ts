import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANALYZERS, analyzer, decide, isCandidate, launch, split, strengthOf, XMR } from './fixture.ts';

/** The strongest answer of all analyzers of miners. */
function strongest(line: string): string {
  const event = launch(split(line));
  const strengths = ANALYZERS.map(({ id }) => strengthOf(id, event));
  for (const { id } of ANALYZERS) {
    if (decide(id, event).length > 0) assert.ok(isCandidate(event, analyzer(id).needles ?? []), `${id}: ${line}`);
  }
  return ['strong', 'weak', 'note'].find((one) => strengths.includes(one)) ?? '-';
}

function all(expected: string, lines: readonly string[]): void {
  for (const line of lines) assert.equal(strongest(line), expected, line);
}

test('says nothing where a shell is asked for a program', () => {
  all('-', [
    'command -v xmrig',
    'command -V xmrig',
    'command -pv xmrig',
    'which xmrig',
    'which -a xmrig lolminer',
    'hash xmrig',
    'type xmrig',
    "sh -c 'command -v xmrig'",
    "sh -c 'x=$(command -v xmrig)'",
    "sh -c 'x=$(which xmrig); echo $x'",
    "sh -c 'hash xmrig 2>/dev/null || apt-get install xmrig'",
    "sh -c 'if command -v xmrig >/dev/null; then echo yes; fi'",
    'sh -c \'[ -x "$(command -v xmrig)" ] && rm -f "$(command -v xmrig)"\'',
    "bash -c 'for m in xmrig t-rex; do command -v $m && kill -9 $(pidof $m); done'",
    "sh -c 'command -v xmrig | xargs -r ls -l'",
  ]);
});

test('takes the answer of a shell for the program that it names', () => {
  for (const line of [
    `sh -c '$(command -v xmrig) -o pool:3333 -u ${XMR}'`,
    `sh -c '$(command -pv xmrig) -o pool:3333 -u ${XMR}'`,
    `sh -c '\`which xmrig\` -o pool:3333 -u ${XMR}'`,
    `sh -c 'x=$(command -v xmrig); $x -o pool:3333 -u ${XMR}'`,
    `sh -c 'x=$(which -a xmrig) && nohup "$x" -o pool:3333 -u ${XMR} &'`,
  ]) {
    assert.equal(strongest(line), 'strong', line);
    const artifacts = decide('miner_arguments', launch(split(line))).flatMap((verdict) => verdict.artifacts);
    assert.ok(artifacts.includes('pool:pool:3333'), line);
  }
  all('strong', ['command xmrig -o pool:3333', 'command -p xmrig', "sh -c '$(command -v xmrig)'"]);
});

test('says nothing where sudo lists or edits', () => {
  all('-', [
    'sudo -l xmrig',
    'sudo -ll xmrig',
    'sudo -nl /usr/bin/xmrig',
    'sudo --list xmrig',
    'sudo -l -U bob /usr/bin/xmrig',
    'sudo --other-user=bob --list xmrig',
    'sudo -e /etc/xmrig/config.json',
    'sudo -u bob -e /etc/xmrig/config.json',
    'sudo --edit /etc/xmrig/config.json',
    'sudoedit /etc/xmrig/config.json',
    'sudoedit -u bob /opt/xmrig',
  ]);
  all('strong', [
    'sudo xmrig',
    'sudo -n xmrig',
    'sudo -E xmrig',
    'sudo -u levy xmrig',
    'sudo -ulevy xmrig',
    'sudo -nHu bob xmrig -o pool:3333',
    'sudo -- xmrig -l /tmp/log',
  ]);
});

test('says nothing where an image is looked at', () => {
  all('-', [
    'docker run anchore/syft metal3d/xmrig',
    'docker run --rm registry.example.com:5000/anchore/grype:v1@sha256:ab metal3d/xmrig:latest',
    'docker run --rm aquasec/trivy image metal3d/xmrig',
    'docker run --rm -it wagoodman/dive metal3d/xmrig',
    'dive metal3d/xmrig',
    'trivy image metal3d/xmrig',
    'skopeo inspect docker://metal3d/xmrig',
    'docker inspect metal3d/xmrig',
    'docker save -o a.tar metal3d/xmrig',
    'docker scout cves metal3d/xmrig',
  ]);
});

test('is weak where an image of a miner is made, asked or entered, and does not mine', () => {
  all('weak', [
    'docker run --entrypoint sha256sum metal3d/xmrig /xmrig',
    'docker run --rm --entrypoint=/bin/ls metal3d/xmrig /',
    'docker run -it --entrypoint sh metal3d/xmrig',
    'docker run --rm -it metal3d/xmrig sh',
    'docker run --rm metal3d/xmrig ls /',
    'docker run metal3d/xmrig --version',
    'docker run metal3d/xmrig --help',
    'docker run metal3d/xmrig xmrig --version',
    'docker create metal3d/xmrig',
    'docker container create --name a metal3d/xmrig',
    'ctr container create metal3d/xmrig a',
    'kubectl run x --image=metal3d/xmrig --command -- sha256sum /xmrig',
    'docker service create --entrypoint sha256sum metal3d/xmrig /xmrig',
    'docker run team/grype:1 /xmrig',
    'docker run alpine bin/xmrig',
  ]);
});

test('is strong where an image mines, by its own command or by the given one', () => {
  all('strong', [
    'docker run metal3d/xmrig',
    'docker run -d metal3d/xmrig -o pool.example.com:3333',
    'docker run --entrypoint /xmrig metal3d/xmrig',
    'docker run --entrypoint /xmrig shop/app -o pool.example.com:3333',
    "docker run --entrypoint sh metal3d/xmrig -c '/xmrig -o pool.example.com:3333'",
    "docker run metal3d/xmrig sh -c 'xmrig -o pool.example.com:3333'",
    'docker run ubuntu /tmp/xmrig',
    'kubectl run x --image=metal3d/xmrig -- --threads 8',
    `docker create metal3d/xmrig -o pool.example.com:3333 -u ${XMR}`,
    `docker run team/grype /a -o pool.example.com:3333 -u ${XMR}`,
  ]);
});

test('finds a proxy of miners by what it relays, whatever it is called', () => {
  all('strong', [
    '/opt/a -o 203.0.113.9:3333 -b 0.0.0.0:3333 --mode nicehash',
    '/opt/a -o 203.0.113.9:3333 -b 0.0.0.0:3333 --mode=nicehash',
    '/opt/a -o203.0.113.9:3333 -b0.0.0.0:3333 -mnicehash',
    '/opt/a --url=203.0.113.9:3333 --bind=[::]:3333 -m extra_nonce',
    '/opt/a --mode nicehash --bind 0.0.0.0:3333 --url pool.example.com:3333 -u account',
    '/tmp/a -o 203.0.113.9:3333 -b 0.0.0.0:3333 --mode simple',
    "sh -c 'nohup ./a -o 203.0.113.9:3333 -b 0.0.0.0:3333 --mode nicehash >/dev/null &'",
    'docker run -d reg.example/a -o 203.0.113.9:3333 -b 0.0.0.0:3333 --mode nicehash',
  ]);
  const line = '/opt/a -o 203.0.113.9:3333 -b 0.0.0.0:3333 --mode nicehash';
  const artifacts = decide('miner_arguments', launch(split(line))).flatMap((verdict) => verdict.artifacts);
  assert.deepEqual(artifacts, ['path:/opt/a', 'pool:203.0.113.9:3333']);
});

test('leaves other programs alone that listen somewhere in some mode', () => {
  all('-', [
    'gunicorn -b 0.0.0.0:8000 --mode simple app:app',
    '/opt/a -o 203.0.113.9:3333 -b 0.0.0.0:3333 --mode simple',
    '/opt/a -o 203.0.113.9:3333 -b 0.0.0.0:3333 --mode tcp',
    '/opt/a -o 203.0.113.9:3333 --mode nicehash',
    '/opt/a -b 0.0.0.0:3333 --mode nicehash',
    'grep -o 203.0.113.9:3333 -b 0.0.0.0:3333 --mode nicehash',
  ]);
});

test("is weak for the script that a pool's set-up leaves", () => {
  all('weak', [
    '/root/moneroocean/miner.sh',
    '/root/moneroocean/miner.sh --config=/root/moneroocean/config_background.json',
    '/root/moneroocean/miner.sh --config=/root/moneroocean/config.json',
    '/bin/bash /root/moneroocean/miner.sh --config=/root/moneroocean/config_background.json',
    '/home/u/c3pool/miner.sh',
    '/home/u/.moneroocean/miner.sh',
    '/opt/x/miner.sh --config=/opt/x/config_background.json',
    "sh -c 'cd /root/moneroocean; ./miner.sh'",
  ]);
  all('-', [
    '/opt/project/miner.sh',
    '/opt/project/miner.sh --config=config.json',
    'cat /root/moneroocean/miner.sh',
    'vim /root/moneroocean/miner.sh',
    'chmod +x /root/moneroocean/miner.sh',
  ]);
});

test('finds a proxy of miners by its own options beside a pool, in simple mode too', () => {
  all('strong', [
    '/opt/a --mode=simple -b 0.0.0.0:3333 -o 198.51.100.7:443 -u x --custom-diff 5000',
    '/opt/a -o 198.51.100.7:443 -u x --custom-diff=5000 --reuse-timeout=60',
    '/opt/a -b 0.0.0.0:3333 -o 198.51.100.7:443 --access-log-file=/var/log/a.log',
  ]);
  all('-', [
    '/opt/a --custom-diff 5000 --reuse-timeout 60',
    '/opt/a -o 198.51.100.7:443 -u x --custom-diff 5000',
    '/opt/a -b 0.0.0.0:3333 -o 198.51.100.7:443 -u x',
    '/opt/a -b 0.0.0.0:3333 --access-log-file /var/log/a.log',
    'gunicorn -b 0.0.0.0:3333 --mode=simple --access-logfile - app',
  ]);
});

test('takes -v for a version where the miner prints one, and for a start elsewhere', () => {
  all('weak', ['lolminer -v', '/opt/lolMiner -v', 'xmr-stak -v']);
  all('strong', ['xmrig -v', 'lolminer -v --pool pool.listed.example:3333 --user x', 'lolminer']);
});

test('takes a pool among the words of what tries any port for a visit', () => {
  all('-', [
    'nc -zv pool.listed.example 3333',
    'ncat -w pool.listed.example 3333',
    'telnet -e pool.listed.example 3333',
  ]);
  all('strong', ['/tmp/nc -z pool.listed.example:3333']);
  all('weak', ['/opt/a -z pool.listed.example:3333']);
});
