import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASS, type Event } from '#shared/model/event.ts';
import { decide, launch, strengthOf, XMR } from './fixture.ts';

const strength = (argv: readonly string[]): string => strengthOf('miner_config_write', launch(argv));
const shell = (text: string): readonly string[] => ['bash', '-c', text];
const CONFIG = `{"autosave":true,"donate-level":1,"pools":[{"url":"pool.example.com:3333","user":"${XMR}","rig-id":"a"}]}`;

test('finds each way to write a configuration that names a wallet or two keys', () => {
  for (const argv of [
    ['sed', '-i', `s/"user": *"[^"]*",/"user": "${XMR}",/`, '/root/moneroocean/config.json'],
    ['sed', '-i', '-e', `s/"user": *"[^"]*"/"user": "${XMR}.w"/`, 'config_background.json'],
    shell(
      `sed -i 's/"donate-level": *[^,]*/"donate-level": 0/; s/"max-cpu-usage": *[^,]*/"max-cpu-usage": 100/' config.json`,
    ),
    shell(`echo '${CONFIG}' > /etc/x.json`),
    shell(`echo '${CONFIG}' | tee /opt/a/config.json >/dev/null`),
    shell(`cat > config.json <<'EOF'\n${CONFIG}\nEOF`),
    shell(
      `cat <<EOF >/opt/pools.txt\n"pool_list" : [{"pool_address" : "pool.example.com:3333", "wallet_address" : "${XMR}"}],\nEOF`,
    ),
    shell(`jq '.pools[0].user="${XMR}"|.pools[0].url="pool.example.com:3333"' config.json > b && mv b config.json`),
    shell(`echo ${Buffer.from(CONFIG).toString('base64')} | base64 -d > /tmp/c`),
    ['python3', '-c', `open('/tmp/config.json', 'w').write('{"wallet": "${XMR}"}')`],
  ]) {
    assert.equal(strength(argv), 'strong', argv.join(' '));
  }
});

test('is weak for a known file with a pool or one key', () => {
  for (const argv of [
    ['sed', '-i', 's/"url": *"[^"]*",/"url":"pool.example.com:3333",/', 'config.json'],
    ['sed', '-i', 's/"donate-level": *1/"donate-level": 0/', 'config.json'],
    shell('echo \'{"randomx": {}}\' > /opt/config.json'),
  ]) {
    assert.equal(strength(argv), 'weak', argv.join(' '));
  }
});

test('says nothing of reading, of editors and of other configurations', () => {
  for (const argv of [
    ['vim', '/opt/xmrig/config.json'],
    ['cat', 'config.json'],
    ['sed', '-n', `s/"user": "${XMR}"/&/p`, 'config.json'],
    ['sed', '-i', 's/"url": *"[^"]*",/"url":"https:\\/\\/api.example.com",/', 'config.json'],
    shell(`echo '{"port": 8080}' > config.json`),
    shell(`echo '${CONFIG}'`),
    shell(`echo '${CONFIG}' > /dev/null`),
    ['jq', '.pools', 'config.json'],
  ]) {
    assert.equal(strength(argv), '-', argv.join(' '));
  }
});

test('gives file, pool and wallet, and that it is a write', () => {
  const [verdict] = decide('miner_config_write', launch(shell(`echo '${CONFIG}' > /tmp/config.json`)));
  assert.deepEqual(verdict?.artifacts, [
    'path:/tmp/config.json',
    'pool:pool.example.com:3333',
    `wallet:${XMR}`,
    'coin:XMR',
  ]);
  assert.deepEqual(verdict?.flags, ['write']);
});

test('sees by a file event only names that are the miners own', () => {
  const file = (path: string, activity: 'update' | 'read' = 'update'): Event => ({
    class: CLASS.file,
    activity,
    path,
    actor: {},
    time: 0,
    claims: {},
    raw: {},
    id: 'x',
    source: 'test',
  });
  assert.equal(strengthOf('miner_config_write', file('/root/moneroocean/config_background.json')), 'weak');
  assert.equal(strengthOf('miner_config_write', file('/tmp/.x/config.json')), 'note');
  assert.equal(strengthOf('miner_config_write', file('/root/moneroocean/config_background.json', 'read')), '-');
  assert.equal(strengthOf('miner_config_write', file('/srv/app/config.json')), '-');
});
