import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileIntel } from '#shared/intel/compile.ts';
import { readAddresses, readNames, readPrograms, readRanges } from '#shared/intel/lists.ts';
import { compiled, shippedLists } from './sample-intel.ts';

const ISO_DATE = /^20\d\d-\d\d-\d\d$/;

test('the shipped lists compile without a fault', () => {
  const result = compileIntel(shippedLists());
  assert.deepEqual('errors' in result ? result.errors : [], []);
});

test('the shipped lists name at least 200 operators of pools and proxies', () => {
  const { entries } = readNames(shippedLists().names);
  const operators = entries.filter(({ kind }) => kind === 'pool' || kind === 'proxy').map(({ operator }) => operator);
  assert.ok(new Set(operators).size >= 200, `${new Set(operators).size} operators`);
});

test('every shipped entry names its source and date', () => {
  const lists = shippedLists();
  for (const { name, source, date } of readNames(lists.names).entries) {
    assert.ok(source.length > 5, name);
    assert.match(date, ISO_DATE, name);
  }
  for (const { address, source, date } of readAddresses(lists.addresses).entries) {
    assert.ok(source.length > 5, address);
    assert.match(date, ISO_DATE, address);
  }
  for (const { name, source } of readPrograms(lists.programs).entries) assert.ok(source.length > 5, name);
  for (const { range, source } of readRanges(lists.ranges).entries) assert.ok(source.length > 5, range);
});

test('the shipped lists hold every kind of name', () => {
  const kinds = new Set(readNames(shippedLists().names).entries.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), ['browser_miner', 'coin_site', 'pool', 'proxy', 'wallet_site']);
});

test('the shipped lists know the stratum names of well-known pools', () => {
  const intel = compiled(shippedLists());
  for (const name of [
    'pool.supportxmr.com',
    'gulf.moneroocean.stream',
    'xmr-eu1.nanopool.org',
    'randomxmonero.auto.nicehash.com',
    'rx.unmineable.com',
    'pool.hashvault.pro',
    'auto.c3pool.org',
    'de.zephyr.herominers.com',
    'de.salvium.herominers.com',
    'rvn.2miners.com',
    'asia.rplant.xyz',
    'yespower.mine.zpool.ca',
    'randomx.mine.zergpool.com',
    'xmr.pool.minergate.com',
    'stratum.f2pool.com',
    'ss.antpool.com',
    'btc.viabtc.io',
    'donate.v2.xmrig.com',
    'donate.ssl.xmrig.com',
    'monerohash.com',
    'xmrpool.eu',
    'wps.qubic.li',
  ]) {
    const match = intel.name(name);
    assert.equal(match?.entry.kind, 'pool', name);
    assert.equal(match?.site, false, name);
  }
});

test('the shipped lists leave traps alone', () => {
  const intel = compiled(shippedLists());
  for (const name of [
    'pool.ntp.org',
    '0.debian.pool.ntp.org',
    'minecraft.net',
    'poolparty.biz',
    'connectionpool.example.com',
    'determined.ai',
    'xmradio.com',
    'not1gh.com',
    'notnanopool.org',
    'supportxmr.com.example.com',
    'bitcoin.com',
    'binance.com',
    'github.io',
    's3.amazonaws.com',
  ]) {
    assert.equal(intel.name(name), undefined, name);
  }
});

test('the shipped lists know miners and malware by base name', () => {
  const intel = compiled(shippedLists());
  for (const name of [
    'xmrig',
    'XMRig.exe',
    'xmrig-notls',
    'cpuminer-avx2',
    'minerd',
    't-rex',
    'SRBMiner-MULTI',
    'p2pool',
  ]) {
    assert.equal(intel.miner(name)?.kind, 'miner', name);
    assert.equal(intel.miner(name)?.generic, undefined, name);
  }
  for (const name of ['kinsing', 'kdevtmpfsi', 'perfctl', 'kthreaddk'])
    assert.equal(intel.miner(name)?.kind, 'malware');
  for (const name of ['sysrv002', 'kthreaddi', 'watchbog', 'migo_worker', 'minerd64'])
    assert.equal(intel.miner(name)?.generic, undefined, name);
  for (const name of ['miner', 'rigel', 'ore', 'sysupdate', 'kswapd0', '.redtail', 'redtail.arm8', '-java'])
    assert.equal(intel.miner(name)?.generic, true);
  for (const name of ['t-rex-64', 'kthreadd', 'perf', 'tsm', 'nginx', 'java', 'xmr', ''])
    assert.equal(intel.miner(name), undefined);
});

test('the shipped ranges hold content networks and AWS services, not customers’ machines', () => {
  const intel = compiled(shippedLists());
  for (const ip of [
    '104.16.1.1',
    '151.101.1.1',
    '13.32.0.1',
    '52.216.0.1',
    '142.251.1.1',
    '23.50.1.1',
    '2606:4700::1',
  ]) {
    assert.equal(intel.shared(ip), true, ip);
  }
  for (const ip of ['192.0.2.1', '203.0.113.9', '3.80.0.1', '18.200.0.1', '54.90.0.1', '2001:db8::1', '10.0.0.1']) {
    assert.equal(intel.shared(ip), false, ip);
  }
});
