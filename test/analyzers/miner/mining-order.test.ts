import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, ETH, launch, split, strengthOf, XMR } from './fixture.ts';

const strength = (line: string): string => strengthOf('mining_order', launch(split(line)));
const CONFIG = '{"pools":[{"url":"198.51.100.7:333","user":"x"}],"donate-level":1}';

test('is strong where a verified wallet is paid or a miner gets a pool', () => {
  for (const line of [
    `curl -X POST http://127.0.0.1:18081/start_mining -d '{"miner_address":"${XMR}","threads_count":8}'`,
    `wget --post-data='{"miner_address":"${XMR}"}' http://127.0.0.1:18081/start_mining`,
    `monerod start_mining ${XMR} 8`,
    `/opt/m/monerod --detach --start-mining ${XMR} --mining-threads=8`,
    `monerod --start-mining=${XMR}`,
    `geth --mine --miner.etherbase=${ETH} --miner.threads=8`,
    `bash -c 'nohup geth --mine --etherbase ${ETH} &'`,
    `docker exec node monerod start_mining ${XMR} 8`,
    `besu --miner-enabled --miner-coinbase=${ETH}`,
    `curl -X PUT http://127.0.0.1:44444/1/config -d '${CONFIG}'`,
    `curl -X PUT 127.0.0.1:44444/2/config -H 'Authorization: Bearer t' -d '${CONFIG}'`,
    `bash -c 'echo ${CONFIG.replaceAll('"', '\\"')} | curl -X PUT http://127.0.0.1:44444/1/config -d @-'`,
  ]) {
    assert.equal(strength(line), 'strong', line);
  }
});

test('is weak where nobody says who is paid', () => {
  for (const line of [
    `curl -X POST http://127.0.0.1:18081/start_mining -d '{"miner_address":"W"}'`,
    `curl 127.0.0.1:18081/start_mining`,
    `curl http://127.0.0.1:8545 -d '{"jsonrpc":"2.0","method":"miner_start","params":[8],"id":1}'`,
    'monerod start_mining W 8',
    'monerod --start-mining W',
    'geth --mine',
    `geth --mine --miner.etherbase=${ETH.toLowerCase()}`,
    `ssh h.example.com monerod start_mining ${XMR} 8`,
    `curl -X PUT http://127.0.0.1:44444/1/config -d '{"pools":[{"url":"198.51.100.7:333"}]}'`,
  ]) {
    assert.equal(strength(line), 'weak', line);
  }
});

test('leaves nodes, development chains and other requests alone', () => {
  for (const line of [
    'monerod --detach --data-dir /srv/monero',
    'monerod status',
    'monerod stop_mining',
    `geth --dev --mine --miner.etherbase=${ETH}`,
    'geth --syncmode snap --miner.gaslimit 30000000',
    'geth attach --exec eth.mining',
    'besu --network=dev --miner-enabled',
    'curl http://127.0.0.1:18081/get_info',
    'curl http://127.0.0.1:18081/mining_status',
    'curl http://127.0.0.1:44444/1/config',
    `curl -X PUT http://127.0.0.1:8080/1/config -d '{"url":"198.51.100.7:333","debug":true}'`,
    'curl https://docs.example.com/monero/rpc/start_mining.html',
    'curl https://docs.example.com/monero/rpc/start_mining',
    'grep -r start_mining /srv/monero',
    'echo monerod start_mining W 8',
    'vim /srv/start_mining',
    'git commit -m --mine',
    'gh pr list --mine',
  ]) {
    assert.equal(strength(line), '-', line);
  }
});

test('names the wallet, its coin and the pools', () => {
  const [mined] = decide('mining_order', launch(['/opt/monerod', 'start_mining', XMR, '8']));
  assert.deepEqual(mined?.artifacts, ['path:/opt/monerod', `wallet:${XMR}`, 'coin:XMR']);
  const [sent] = decide('mining_order', launch(['curl', '-X', 'PUT', 'http://127.0.0.1:44444/1/config', '-d', CONFIG]));
  assert.deepEqual(sent?.artifacts, ['pool:198.51.100.7:333']);
});
