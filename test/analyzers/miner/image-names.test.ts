import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, split, strengthOf } from './fixture.ts';

const strength = (line: string): string => strengthOf('miner_program', launch(split(line)));

test("finds a miner's image however its container is started", () => {
  for (const image of [
    'metal3d/xmrig',
    'kannix/monero-miner',
    'docker.io/kannix/monero-miner:latest',
    'servethehome/monero_cpu_moneropool',
    'servethehome/monero_cpu_minergate:latest',
    'pocosys/monerominer',
    'pauseyyf/pause:latest',
    'reg.example.com/team/xmr_cpu_miner:v2',
    'team/bitcoin-miner',
    'team/coinminer',
  ]) {
    for (const line of [
      `docker run -d ${image}`,
      `docker service create --name x ${image}`,
      `docker service create -d --replicas 4 --mode global -e A=b ${image} --threads 8`,
      `docker service update --force --image ${image} x`,
      `kubectl run x --image=${image}`,
      `kubectl create deployment x --image=${image} --replicas=9`,
      `kubectl -n default set image deployment/x c=${image}`,
      `podman run -d ${image}`,
      `nerdctl run -d ${image}`,
      `nerdctl -n k8s.io run -d ${image}`,
      `ctr -n k8s.io run -d ${image} x`,
    ]) {
      assert.equal(strength(line), 'strong', line);
    }
  }
});

test('leaves images alone that watch or study miners, and words that only hold such a name', () => {
  for (const image of [
    'team/monero-miner-exporter',
    'team/bitcoin-miner-dashboard',
    'team/crypto-miner-detector',
    'servethehome/nginx',
    'team/monero-pool',
    'team/monero-node',
    'team/process-miner',
    'team/data-mining',
    'team/text-miner',
    'team/minecraft',
    'team/minerva',
    'registry.k8s.io/pause:3.9',
    'monero-miner.example.com/team/web',
  ]) {
    for (const line of [`docker run -d ${image}`, `docker service create ${image}`, `kubectl run x --image=${image}`]) {
      assert.equal(strength(line), '-', line);
    }
  }
  for (const line of [
    'docker service ls --filter name=monero-miner',
    'docker service rm monero-miner',
    'docker service update --replicas 2 monero-miner',
    'docker pull kannix/monero-miner',
    'docker rmi kannix/monero-miner',
    'docker run --name monero-miner nginx',
    'kubectl delete deployment monero-miner',
    'kubectl set env deployment/monero-miner A=xmrig',
    'kubectl create configmap monero-miner --from-literal=image=x',
    'trivy image kannix/monero-miner',
  ]) {
    assert.equal(strength(line), '-', line);
  }
});

test('sees the words that a service hands to its image', () => {
  const line = 'docker service create --name x alpine:3 /tmp/xmrig -o stratum+tcp://198.51.100.7:3333';
  assert.equal(strengthOf('miner_arguments', launch(split(line))), 'strong');
  assert.equal(strength(line), 'strong');
});

test('leaves images that show or count what miners do', () => {
  for (const image of [
    'prom/xmrig-exporter',
    'xmrig_exporter:1',
    'xmrig-dashboard',
    'me/xmrig-monitor',
    'grafana/xmrig-grafana',
    'me/xmrig-api',
    'me/xmrig.stats:2',
    'prom/p2pool-exporter',
  ]) {
    assert.equal(strength(`docker run -d ${image}`), '-', image);
    assert.equal(strength(`kubectl run x --image=ghcr.io/${image}`), '-', image);
  }
  for (const image of ['me/xmrig:web', 'monitoring/xmrig', 'prom/xmrig', 'me/xmrig-webcam']) {
    assert.equal(strength(`docker run -d ${image}`), 'strong', image);
  }
});

test("asks neither registry nor tag nor digest what an image does, but the repository's own name alone", () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  for (const image of [
    'me/xmrig:monitor',
    'xmrig:exporter',
    'localhost/xmrig:dashboard',
    'localhost:5000/xmrig:api-1',
    'reg.example.com:5000/me/xmrig:stats',
    'monitor.example.com/xmrig',
    `me/xmrig:monitor@${digest}`,
    `me/xmrig@sha512:${'b'.repeat(128)}`,
    'me/monero-miner:monitor',
  ])
    assert.equal(strength(`docker run -d ${image}`), 'strong', image);
  for (const image of [
    'me/xmrig-exporter:latest',
    'localhost:5000/xmrig-exporter',
    'me/app:xmrig',
    'xmrig.example.com/app',
    'xmrig.example.com:5000/team/app:1',
    `me/app@${digest}`,
  ])
    assert.equal(strength(`docker run -d ${image}`), '-', image);
});
