import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, launch, split, strengthOf } from './fixture.ts';

const USER = 'cfx:aarc9abycue0hhzgyrr53m6cxedgccrmmyybjgh4xg';
const strength = (line: string): string => strengthOf('miner_arguments', launch(split(line)));

test('takes a verified Conflux account beside a pool for mining, as it does for other coins that are mined', () => {
  for (const user of [USER, `${USER}.rig1`, 'CFX:TYPE.USER:AARC9ABYCUE0HHZGYRR53M6CXEDGCCRMMYYBJGH4XG']) {
    assert.equal(strength(`/opt/a -o pool.example.com:3333 -u ${user}`), 'strong', user);
  }
  const [verdict] = decide('miner_arguments', launch(split(`/opt/a -o pool.example.com:3333 -u ${USER}`)));
  assert.deepEqual(verdict?.artifacts, ['path:/opt/a', 'pool:pool.example.com:3333', `wallet:${USER}`, 'coin:CFX']);
});

test('says nothing of a Conflux address with a wrong checksum, of a contract, of a node', () => {
  for (const line of [
    `/opt/a -o pool.example.com:3333 -u ${USER.slice(0, -1)}h`,
    '/opt/a -o rpc.example.com:12537 -u cfx:acfc9abycue0hhzgyrr53m6cxedgccrmmyhhf449pz',
    `/usr/bin/conflux --config a.toml --from ${USER}`,
    `curl http://scan.example.com/?address=${USER}`,
  ]) {
    assert.equal(strength(line), '-', line);
  }
});

test('is weak for a Conflux account without a pool', () => {
  assert.equal(strength(`/opt/a --to ${USER}`), 'weak');
});
