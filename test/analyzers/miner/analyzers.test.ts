import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '#shared/model/event.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';
import { ANALYZERS, ETH, INTEL, isCandidate, KAS, launch, texts, XMR } from './fixture.ts';

/** Words of miners, of their launchers and of ordinary lines, in any order. */
const word = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...`-o -u -p -a -w -x -k --url --user --pass --algo --coin --wallet --pool --config
    --donate-level --donate-l --cpu-priority --cpu-max --nicehash --rig-id=a --randomx-mode -epool -ewal -wal -pool --tls
    sh -c bash nohup env docker run exec sudo -- sed -i echo > /tmp/config.json config.json xmrig /tmp/a ./miner /etc/zzh ore
    grep pkill command which -v -e -l -b 0.0.0.0:3333 --mode nicehash simple export ALGO=rx/0 /root/moneroocean/miner.sh
    metal3d/xmrig POOL_URL=pool.listed.example:1 DONATE_LEVEL=1 [kworker/0:0] -bash kswapd0`.split(/\s+/),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[
        'pool.example.com:3333',
        '203.0.113.5:80',
        'stratum+tcp://pool.example.com:1',
        'x.listed-pool.example:443',
        'rx/0',
      ],
      ...[
        'kawpow',
        'sha256',
        'c=XMR',
        'x',
        XMR,
        `${XMR}.w`,
        ETH,
        KAS,
        '"user": "x"',
        '{"donate-level":1,"nicehash":true}',
      ],
      ...[
        Buffer.from('/opt/a --donate-level 1 -o a.example:1').toString('base64'),
        '| base64 -d | sh',
        'a; xmrig -o b.example:1',
      ],
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
);
const event: fc.Arbitrary<Event> = fc
  .record({
    argv: fc.array(word, { minLength: 1, maxLength: 12 }),
    exact: fc.boolean(),
    executable: fc.option(fc.constantFrom('/tmp/a', '/usr/bin/a', '/memfd:x (deleted)', '/opt/xmrig', '/bin/bash'), {
      nil: undefined,
    }),
    environment: fc.option(
      fc.dictionary(fc.constantFrom('POOL_URL', 'POOL_USER', 'XMRIG_X', 'ALGO', 'WALLET', 'WORKER', 'A'), word),
      {
        nil: undefined,
      },
    ),
  })
  .map(({ argv, exact, executable, environment }) =>
    launch(argv, {
      exact,
      ...(executable === undefined ? {} : { executable }),
      ...(environment === undefined ? {} : { environment }),
    }),
  );

test('answers no event without a needle or a run that may be a wallet or base64', () => {
  let answered = 0;
  fc.assert(
    fc.property(event, (one) => {
      for (const analyzer of ANALYZERS) {
        if (analyzer.decide(one, INTEL, EMPTY_WATCH_LIST).length === 0) continue;
        answered++;
        assert.ok(isCandidate(one, analyzer.needles ?? []), `${analyzer.id}: ${texts(one).join('\n')}`);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(answered > 500, `${answered} answers`);
});

test('has needles of four lower-case characters or more', () => {
  for (const { id, needles } of ANALYZERS) {
    for (const needle of needles ?? [''])
      assert.ok(needle.length >= 4 && needle === needle.toLowerCase(), `${id} ${needle}`);
  }
});

test('never throws on any words, and says the same twice', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 20 }), fc.boolean(), (argv, exact) => {
      for (const analyzer of ANALYZERS) {
        const first = analyzer.decide(launch(argv, { exact }), INTEL, EMPTY_WATCH_LIST);
        assert.deepEqual(first, analyzer.decide(launch(argv, { exact }), INTEL, EMPTY_WATCH_LIST));
      }
    }),
    { numRuns: 500 },
  );
});

test('bounds what it says of a command line of any size', () => {
  const many = Array.from({ length: 3000 }, (_, index) => `xmrig -o p${index}.example:1 -u ${XMR}`).join('; ');
  for (const analyzer of ANALYZERS) {
    const verdicts = analyzer.decide(launch(['sh', '-c', many]), INTEL, EMPTY_WATCH_LIST);
    assert.ok(verdicts.length <= 8);
    for (const { artifacts, why } of verdicts) assert.ok(artifacts.length <= 256 && why.length <= 1024);
  }
});
