import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, split, strengthOf } from './fixture.ts';

const strength = (line: string): string => strengthOf('miner_arguments', launch(split(line)));

test('takes one option that other programs share for weak, two or a pool beside it for strong in a writable folder', () => {
  for (const [line, wanted] of [
    ['/dev/shm/test --cpu-affinity=3', 'weak'],
    ['/dev/shm/test --cpu-affinity=3 --cpu-priority 5', 'strong'],
    ['/dev/shm/test --cpu-affinity=3 -o 192.0.2.7:443', 'strong'],
    ['/tmp/test --cpu-priority 5', 'strong'],
    ['/usr/bin/test2 --cpu-priority 5', 'weak'],
    ['/tmp/hashcat-6.2.6/hashcat.bin -a 3 -m 0 h --cpu-affinity 1,2', '-'],
    ['/tmp/john --cpu-affinity=3', '-'],
  ] as const)
    assert.equal(strength(line), wanted, line);
});

test('takes a host with a port, a login and keepalive or TLS for a miner in a hidden or writable folder', () => {
  for (const [line, wanted] of [
    ['/var/tmp/.systemd/.dbus -o 192.0.2.7:443 -u x -k --tls', 'strong'],
    ['/tmp/a -o 192.0.2.7:443 -u x --keepalive', 'strong'],
    ['/tmp/a -o 192.0.2.7:443 -u x', '-'],
    ['/usr/bin/curl -k -o 192.0.2.7:443 -u x https://example.com', '-'],
    ['/tmp/curl -k -o 192.0.2.7:443 -u x https://example.com', '-'],
    ['/usr/sbin/netd -o 192.0.2.7:443 -u x -k --tls', '-'],
  ] as const)
    assert.equal(strength(line), wanted, line);
});

test('takes a coin beside a pool and a login as it takes an algorithm', () => {
  for (const [line, wanted] of [
    ['/usr/sbin/netd --coin monero -o 192.0.2.7:1414 -u rig -k', 'weak'],
    ['/tmp/netd --coin=XMR -o 192.0.2.7:1414 -u rig', 'strong'],
    ['/usr/bin/trader --coin btc --interval 5', '-'],
    ['/usr/sbin/netd --coin nothing -o 192.0.2.7:1414 -u rig -k', '-'],
  ] as const)
    assert.equal(strength(line), wanted, line);
});
