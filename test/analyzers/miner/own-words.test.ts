import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, launch, split, strengthOf, XMR } from './fixture.ts';

const strength = (line: string): string => strengthOf('miner_arguments', launch(split(line)));

function all(expected: string, lines: readonly string[]): void {
  for (const line of lines) assert.equal(strength(line), expected, line);
}

test('finds a miner that bears the name of a tool', () => {
  all('strong', [
    `/usr/local/bin/ps -o x.listed-pool.example:10128 -u ${XMR} -p x --donate-level 1 -k`,
    `/usr/bin/ssh -o x.listed-pool.example:10128 -u ${XMR} -p x --donate-level 1 -k`,
    `/usr/bin/docker -o 203.0.113.5:10128 -u ${XMR} -p x -k`,
    `/usr/bin/top -a rx/0 -o 203.0.113.5:3333 -u account -t 16`,
    `git --url=203.0.113.5:3333 --user=${XMR} -t 4`,
    '/usr/sbin/apt -o x.listed-pool.example:443 -u account',
    '/usr/bin/vim --donate-level=1 --randomx-mode=fast -t 4',
    `/usr/local/bin/node -a rx/0 -o 203.0.113.5:3333 -u ${XMR}`,
    `/usr/local/bin/echo -o 203.0.113.5:3333 -u ${XMR}`,
  ]);
});

test('believes the name of a tool only where tools are installed', () => {
  all('strong', [
    '/root/find -o stratum+tcp://203.0.113.5:333 -a rx/0 -u x',
    '/etc/curl --donate-level=1',
    '/var/www/grep stratum+tcp://203.0.113.5:333',
  ]);
  all('-', [
    '/usr/bin/grep stratum+tcp://203.0.113.5:333',
    '/usr/local/bin/rg --donate-level=1 .',
    '/home/u/.cargo/bin/rg stratum+tcp://203.0.113.5:333 /etc',
    '/snap/bin/docker logs xmrig --donate-level',
    '/opt/vendor/tools/bin/jq stratum+tcp://203.0.113.5:333',
    '/home/u/bin/yara stratum+tcp://203.0.113.5:333',
  ]);
});

test('leaves a tool alone that is told words of miners as patterns, messages, operands or texts', () => {
  all('-', [
    "grep -r -- '--donate-level' /etc",
    'grep -e -o -e pool.example.com:3333 -e --donate-level=1 -e --rig-id',
    "ssh host.example.com 'ps | grep -o stratum+tcp://203.0.113.5:333'",
    "git commit -m '--donate-level=1 -o pool:3333'",
    'git commit -m --donate-level=1 -o pool:3333',
    'curl -o x stratum+tcp://203.0.113.5:333',
    `curl -u ${XMR} --url https://pool.example.com:443/a`,
    'curl -o x.listed-pool.example:443 --url https://x.listed-pool.example/ -k',
    'vim config.json',
    'ps -o pid,cmd -u root',
    'find / -name xmrig -o -name kinsing',
    'yara -o stratum+tcp://203.0.113.5:333 /tmp',
    'kubectl get pods -o x.listed-pool.example:10128 -u account',
    `echo -o 203.0.113.5:333 -u ${XMR} --donate-level 1`,
    'pgrep -f --donate-level=1 --rig-id=a -o 203.0.113.5:333',
    'sudo -u root -p x ls',
    'find . -exec /opt/a --url 203.0.113.5:3333',
  ]);
});

test('asks a launcher for a disguise only where what it starts is no miner', () => {
  const verdicts = decide('miner_arguments', launch(split(`xargs -P 8 -r /opt/a -o 203.0.113.5:333 -u ${XMR}`)));
  assert.deepEqual(
    verdicts.map(({ artifacts }) => artifacts.includes('path:/opt/a')),
    [true],
  );
});

test('takes a listed pool behind an unknown option for a sign, and with a login or a port for a proof', () => {
  all('weak', [
    './y --pool x.listed-pool.example:10128',
    './y -o x.listed-pool.example:10128',
    './y --daemon-address=x.listed-pool.example:10300',
    './check --hostname x.listed-pool.example --port 10128',
    'python3 scan.py --ioc x.listed-pool.example:10128 --user x',
  ]);
  all('strong', [
    './tnn --dero --daemon-address x.listed-pool.example --port 10300 --wallet dero1qyabc',
    './tnn --daemon-address x.listed-pool.example --port 10300',
    '/opt/y --daemon-address x.listed-pool.example:10300 --wallet x',
  ]);
  all('-', [
    './y --daemon-address node.example.com:10300 --wallet x',
    './y --pool www.listed-pool.example:443',
    './y x.listed-pool.example:443',
    '/opt/chrome --app=https://x.listed-pool.example/a --user bob',
  ]);
  const [verdict] = decide('miner_arguments', launch(split('./y --daemon-address x.listed-pool.example --port 10300')));
  assert.ok(verdict?.artifacts.includes('pool:x.listed-pool.example:10300'));
});

test('is weak on a script that only handles a wallet or the URL of a pool', () => {
  all('weak', [
    'python3 scan.py --ioc stratum+tcp://pool.example.com:3333',
    'python3 -c \'print("stratum+tcp://pool.example.com:3333")\'',
    `node pay.js --wallet ${XMR} --pool db.example.com:5432`,
    `node --inspect pay.js --wallet ${XMR} --pool db.example.com:5432`,
    `java -jar pay.jar --wallet ${XMR} --pool db.example.com:5432`,
    `ruby /opt/scan --url https://rpc.example.com:8545 --from ${XMR}`,
    "sh -c 'python3 /opt/scan.py --ioc stratum+tcp://pool.example.com:3333'",
    'python3 deploy.py --donate-level 1',
  ]);
});

test("is strong on a script whose own options are a miner's, and on what a script's text starts", () => {
  all('strong', [
    `python3 miner.py -o stratum+tcp://203.0.113.5:333 -u ${XMR} -a rx/0`,
    `node miner.js -o 203.0.113.5:333 -u ${XMR} -p x`,
    'java -jar m.jar -a kawpow -o 203.0.113.5:333 -u account',
    'python3 -m miner --pool x.listed-pool.example:443 --wallet account',
    'python3 miner.py --donate-level 1 -o 203.0.113.5:333',
    `/tmp/node -o 203.0.113.5:333 -u ${XMR} -a rx/0`,
  ]);
  const text = `import subprocess; subprocess.run(["/opt/y","-o","203.0.113.5:333","-u","${XMR}"])`;
  assert.equal(strengthOf('miner_arguments', launch(['python3', '-c', text])), 'strong');
});

test("reads Rigel's numbered values of two algorithms", () => {
  const line = './y -a ethash+kheavyhash -o [1]192.0.2.3:4444 -u [1]abc -o [2]192.0.2.3:555 -u [2]kas -w [1]rig';
  const [verdict] = decide('miner_arguments', launch(split(line)));
  assert.equal(verdict?.strength, 'strong');
  assert.deepEqual(verdict?.artifacts, [
    'pool:192.0.2.3:4444',
    'pool:192.0.2.3:555',
    'algo:ethash+kheavyhash',
    'worker:rig',
  ]);
});

test('proves a configuration by a donation level beside a list of pools', () => {
  const config = (text: string): string =>
    strengthOf('miner_config_write', launch(['sh', '-c', `echo '${text}' > /tmp/config.json`]));
  assert.equal(config('{"pools":[{"url":"192.0.2.1:333","user":"x"}],"donate-level":1}'), 'strong');
  assert.equal(config('{"pools":[{"url":"192.0.2.1:333","user":"x"}]}'), 'weak');
  assert.equal(config('{"donate-level":1}'), 'weak');
});

test('is weak on a mail address as login beside an option that miners share', () => {
  all('weak', ['./y --url=192.0.2.1:3333 --user=a@example.com --pass=x -k --max-cpu-usage=100']);
});
