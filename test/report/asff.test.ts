import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Finding } from '#shared/model/finding.ts';
import { SEVERITIES } from '#shared/model/groups.ts';
import { type AsffImport, asffFinding, asffId, createdTime, productArn } from '#shared/report/asff.ts';
import { asffText, exactText } from '#shared/report/asff-format.ts';
import { anyCoverage, anyFinding, anyText } from './any-finding.ts';
import { assertAsff } from './asff-model.ts';
import {
  BY_SEVERITY,
  COVERAGE,
  CRON,
  evidence,
  finding,
  LOOKUP,
  MINER,
  PLACE,
  SESSION,
  START,
  sample,
} from './findings.ts';

const AT = START + 3_600_000;
const CENTRAL = '444455556666';
const HOW: AsffImport = { account: CENTRAL, region: 'eu-west-1', createdAt: START, at: AT, coverage: COVERAGE };

const anyTime = fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.constantFrom(Number.NaN, -1, 9e15));

test('gives what the service takes of any finding', () => {
  const how = fc.record({ createdAt: anyTime, at: anyTime, coverage: anyCoverage });
  fc.assert(
    fc.property(anyFinding, how, (one, rest) => {
      assertAsff(asffFinding(one, { ...HOW, ...rest }));
    }),
    { numRuns: 200 },
  );
});

for (const [name, unit] of [
  ['control characters', '\u0001'],
  ['line breaks', '\n'],
  ['bidi overrides', '\u202e'],
  ['quotes', '"'],
  ['backslashes', '\\'],
  ['wide letters', '汉'],
  ['pairs of surrogates', '😀'],
  ['lone surrogates', '\ud800'],
  ['blanks', ' '],
] as const) {
  test(`stays within the limits where every text is ${name}`, () => {
    const long = unit.repeat(4000);
    const place = { account: long, region: long, host: long, scope: long };
    const fields = { executable: long, commandLine: long, container: long, image: long, pod: long, task: long };
    const all = Array.from({ length: 60 }, (_, item) =>
      evidence('miner_execution', `${long}${item}`, long, sample(item, { ...fields, container: `${item}${long}` }), {
        artifacts: [`path:${item}${long}`, `url:${item}${long}`, `pool:${item}${long}`, `wallet:${item}${long}`],
      }),
    );
    assertAsff(asffFinding(finding('High', all, { id: long, place, notes: [long] }), HOW));
  });
}

for (const severity of SEVERITIES) {
  test(`gives ${severity} through the provider's fields alone`, () => {
    const { finding: one, coverage } = BY_SEVERITY[severity];
    const asff = asffFinding(one, { ...HOW, coverage });
    assertAsff(asff);
    assert.deepEqual(asff.FindingProviderFields.Severity, { Label: severity.toUpperCase(), Original: severity });
    for (const name of ['Severity', 'Types', 'Confidence', 'Criticality', 'Workflow', 'Note', 'UserDefinedFields']) {
      assert.ok(!Object.hasOwn(asff, name), name);
    }
  });
}

test('names the types of the groups that were seen', () => {
  const { Types } = asffFinding(BY_SEVERITY.High.finding, HOW).FindingProviderFields;
  assert.deepEqual(Types, [
    'Effects/Resource Consumption/Cryptomining',
    'TTPs/Execution/Miner Execution',
    'TTPs/Command and Control/Mining Pool Connection',
    'TTPs/Persistence/Miner Persistence',
  ]);
});

for (const [state, record] of [
  ['open', 'ACTIVE'],
  ['archived', 'ARCHIVED'],
  ['superseded', 'ARCHIVED'],
] as const) {
  test(`makes the record of a finding that is ${state} ${record}`, () => {
    const asff = asffFinding({ ...BY_SEVERITY.High.finding, state }, HOW);
    assert.equal(asff.RecordState, record);
    assert.equal(/episode/.test(asff.Description), state !== 'open');
  });
}

test('keeps id and creation over the revisions, and lets the update rise with them', () => {
  const grown = fc.tuple(anyFinding, fc.nat(1e6), fc.integer({ min: 1, max: 1e6 }), fc.nat(1e9), fc.nat(1e9));
  fc.assert(
    fc.property(grown, anyFinding, ([one, revision, more, at, later], other) => {
      const first = asffFinding({ ...one, revision }, { ...HOW, at });
      const next = asffFinding({ ...other, id: one.id, revision: revision + more }, { ...HOW, at: at + later });
      assert.equal(first.Id, next.Id);
      assert.equal(first.CreatedAt, next.CreatedAt);
      assert.ok(first.UpdatedAt < next.UpdatedAt, `${first.UpdatedAt} ${next.UpdatedAt}`);
      assert.ok(first.CreatedAt <= first.UpdatedAt);
    }),
    { numRuns: 60 },
  );
});

test('takes the creation from the first rise, else from the hours', () => {
  const one = BY_SEVERITY.Critical.finding;
  assert.equal(createdTime(one), LOOKUP.first);
  assert.equal(createdTime({ ...one, rises: [] }), one.hours.from * 3_600_000);
  assert.equal(createdTime({ ...one, rises: [], hours: { from: Number.NaN, to: 0 } }), 0);
});

test("says the central account's where the finding goes, and the member's what it is about", () => {
  const asff = asffFinding(BY_SEVERITY.High.finding, HOW);
  assert.equal(asff.AwsAccountId, CENTRAL);
  assert.equal(asff.ProductArn, `arn:aws:securityhub:eu-west-1:${CENTRAL}:product/${CENTRAL}/default`);
  assert.deepEqual(asff.Resources, [
    {
      Type: 'AwsEc2Instance',
      Id: `arn:aws:ec2:eu-west-1:${PLACE.account}:instance/i-0123456789abcdef0`,
      Partition: 'aws',
      Region: 'eu-west-1',
    },
  ]);
  assert.equal(asff.ProductFields['davylamp/account'], PLACE.account);
  assert.match(
    asff.Title,
    /^Cryptomining attack chain: instance i-0123456789abcdef0, on the host itself \(account 1111/,
  );
});

for (const [region, partition] of [
  ['us-east-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
] as const) {
  test(`imports in ${region} under the partition ${partition}`, () => {
    assert.equal(
      productArn(CENTRAL, region),
      `arn:${partition}:securityhub:${region}:${CENTRAL}:product/${CENTRAL}/default`,
    );
    const asff = asffFinding(finding('High', [MINER], { place: { ...PLACE, region } }), HOW);
    assert.deepEqual([asff.Resources[0]?.Partition, asff.Resources[0]?.Region], [partition, region]);
  });
}

test('names no partition that the format does not know', () => {
  const asff = asffFinding(finding('High', [MINER], { place: { ...PLACE, region: 'us-iso-east-1' } }), HOW);
  assert.equal(asff.Resources[0]?.Partition, undefined);
  assert.equal(asff.Resources[0]?.Id, `arn:aws-iso:ec2:us-iso-east-1:${PLACE.account}:instance/${PLACE.host}`);
});

/** Type and id of the resources of a finding with one sample. */
function resources(place: Finding['place'], fields: Parameters<typeof sample>[1] = {}): readonly string[] {
  const one = evidence('miner_execution', 'miner_arguments', 'T1496.001', sample(0, fields));
  const asff = asffFinding(finding('Medium', [one], { place }), HOW);
  assertAsff(asff);
  return asff.Resources.map(({ Type, Id }) => `${Type} ${Id}`);
}

const TASK = '0123456789abcdef0123456789abcdef';

for (const [name, place, fields, expected] of [
  [
    'an interface',
    { host: 'eni-0a1b2c3d4e5f60718', scope: 'network' },
    {},
    ['AwsEc2NetworkInterface arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-0a1b2c3d4e5f60718'],
  ],
  [
    'a managed instance',
    { host: 'mi-0123456789abcdef0' },
    {},
    ['Other arn:aws:ssm:eu-west-1:111122223333:managed-instance/mi-0123456789abcdef0'],
  ],
  ['a host name', { host: 'web-1.example.com' }, {}, ['Other web-1.example.com']],
  ['a host of an unknown account', { account: '-' }, {}, ['Other i-0123456789abcdef0']],
  ['a host name that closes a line', { host: 'web\r\nX: y' }, {}, ['Other web\\u{d}\\u{a}X: y']],
  [
    'a container of an instance',
    { scope: '3f4e5d6c7b8a' },
    { container: '3f4e5d6c7b8a' },
    ['AwsEc2Instance arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0', 'Container 3f4e5d6c7b8a'],
  ],
  [
    'a pod of a cluster that its log group names',
    { scope: 'shop/cart/app' },
    { pod: 'shop/cart-1', raw: { logGroup: '/aws/containerinsights/prod-1/application', logStream: 's' } },
    [
      'AwsEc2Instance arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0',
      'Container i-0123456789abcdef0/shop/cart/app',
      'AwsEksCluster arn:aws:eks:eu-west-1:111122223333:cluster/prod-1',
    ],
  ],
  [
    'a task',
    { host: 'prod/web', scope: 'web/app' },
    { task: TASK, container: 'aabbccddeeff' },
    [`AwsEcsTask arn:aws:ecs:eu-west-1:111122223333:task/prod/${TASK}`, 'Container aabbccddeeff'],
  ],
  [
    'an ECS service without a task',
    { host: 'prod/web', scope: 'web/-' },
    {},
    ['AwsEcsCluster arn:aws:ecs:eu-west-1:111122223333:cluster/prod', 'Container prod/web/web/-'],
  ],
  [
    'an ECS service with a task of no form',
    { host: 'prod/web', scope: 'network' },
    { task: 'x/../y' },
    ['AwsEcsCluster arn:aws:ecs:eu-west-1:111122223333:cluster/prod'],
  ],
] as const) {
  test(`names the resources of ${name}`, () => {
    assert.deepEqual(resources({ ...PLACE, ...place }, fields), expected);
  });
}

test('formats 15: gives at most 32 resources, each once', () => {
  const all = Array.from({ length: 33 }, (_, item) =>
    evidence('miner_execution', 'miner_arguments', 'T1496.001', sample(item, { container: `c${item}`, image: 'x' })),
  );
  const twice = [...all, ...all];
  const { Resources } = asffFinding(finding('High', twice, { place: { ...PLACE, scope: 'shop/cart/app' } }), HOW);
  assert.ok(Resources.length > 10 && Resources.length <= 32, String(Resources.length));
  assert.equal(new Set(Resources.map(({ Id }) => Id)).size, Resources.length);
  assert.deepEqual(Resources[1]?.Details?.Container, { Name: 'app', ImageName: 'x' });
});

test('shows the process of the miner, its program and the pool', () => {
  const asff = asffFinding(BY_SEVERITY.Critical.finding, HOW);
  assert.deepEqual(asff.Process, { Name: 'kworkerd', Path: '/tmp/.x/kworkerd', Pid: 4242, ParentPid: 4100 });
  assert.deepEqual(asff.Malware, [
    { Name: 'kworkerd', Type: 'COIN_MINER', Path: '/tmp/.x/kworkerd', State: 'OBSERVED' },
  ]);
  assert.deepEqual(asff.Network, {
    Direction: 'OUT',
    DestinationIpV4: '198.51.100.7',
    DestinationPort: 3333,
    DestinationDomain: 'pool.example.com',
  });
  assert.deepEqual(asff.ThreatIntelIndicators, [
    { Type: 'DOMAIN', Value: 'pool.example.com', Category: 'COMMAND_AND_CONTROL', Source: 'davylamp' },
    { Type: 'IPV4_ADDRESS', Value: '198.51.100.7', Category: 'COMMAND_AND_CONTROL', Source: 'davylamp' },
    { Type: 'URL', Value: 'http://203.0.113.9/x.sh', Source: 'davylamp' },
  ]);
});

test('shows an address of IPv6, and no direction of what was only looked up', () => {
  const six = { ...SESSION, samples: [sample(2, { remote: '[2001:db8::7]:3333' })] };
  assert.deepEqual(asffFinding(finding('Medium', [six]), HOW).Network, {
    ...{ Direction: 'OUT', DestinationIpV6: '2001:db8::7', DestinationPort: 3333 },
  });
  assert.deepEqual(asffFinding(finding('Medium', [LOOKUP]), HOW).Network, { DestinationDomain: 'pool.example.com' });
});

test('claims no process, program, connection or indicator that nothing showed', () => {
  const asff = asffFinding(finding('Low', [CRON]), HOW);
  for (const name of ['Process', 'Network', 'Malware', 'ThreatIntelIndicators']) {
    assert.ok(!Object.hasOwn(asff, name), name);
  }
});

test('makes no indicator of a private address, nor of text that is no name', () => {
  const artifacts = ['pool:10.0.0.7:3333', 'pool:no name:1', 'pool:-x.example.com', 'url:http://x/\u202e'] as const;
  const asff = asffFinding(finding('Medium', [{ ...MINER, artifacts: [...artifacts] }]), HOW);
  assert.equal(asff.ThreatIntelIndicators, undefined);
});

test('gives the acts that cannot wait in one text, and the nine steps in product fields', () => {
  const asff = asffFinding(BY_SEVERITY.Critical.finding, HOW);
  const { Text } = asff.Remediation.Recommendation;
  for (const part of ['pid 4242 /tmp/.x/kworkerd', 'pool.example.com', '198.51.100.7:3333', PLACE.host, 'step 4']) {
    assert.ok(Text.includes(part), `${part}: ${Text}`);
  }
  const steps = Object.entries(asff.ProductFields).filter(([key]) => key.startsWith('davylamp/triage/'));
  assert.equal(steps.length, 9);
  assert.match(asff.ProductFields['davylamp/triage/1'] ?? '', /^Stop the miner: Keep first: .* · Stop pid 4242/);
  assert.match(asff.ProductFields['davylamp/wallet'] ?? '', /^48edfHu7/);
  assert.equal(asff.ProductFields['davylamp/missing'], undefined);
});

test('names the log that would tell where nothing was seen', () => {
  const { Text } = asffFinding(finding('Low', []), HOW).Remediation.Recommendation;
  assert.match(Text, /find and stop the miner on i-0123456789abcdef0\. 2\. No pool was seen: look in flow/);
});

test('drops whole actions from a step that outgrows its field', () => {
  const all = Array.from({ length: 12 }, (_, item) => ({
    ...CRON,
    samples: [sample(item, { path: `/etc/cron.d/${'x'.repeat(400)}${item}` })],
  }));
  const step = asffFinding(finding('High', all), HOW).ProductFields['davylamp/triage/4'] ?? '';
  assert.match(step, / \(\d+ more\)$/);
  assert.ok(step.length <= 2048 && step.length > 1000, String(step.length));
});

test('gives one id for each place and episode', () => {
  const one = BY_SEVERITY.High.finding;
  assert.equal(asffId(one), `davylamp/${one.id}`);
  assert.notEqual(asffId(one), asffId({ ...one, id: 'other' }));
});

test('formats 15: cuts 300 units to 256 characters and never within a surrogate pair', () => {
  const cut = asffText(`a${'😀'.repeat(150)}`, 256) ?? '';
  assert.equal(cut, `a${'😀'.repeat(127)}…`);
  assert.doesNotMatch(asffText('😀'.repeat(150), 256) ?? '', /\p{Cs}/u);
});

test('formats 15: has no text of what is blank', () => {
  for (const blank of ['', ' ', '\t \n', '   '.repeat(400)]) assert.equal(asffText(blank, 64), undefined);
});

test('cuts any text within its limit, and cuts it the same again', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 2, max: 80 }), (text, limit) => {
      const cut = asffText(text, limit);
      if (cut === undefined) return;
      assert.ok(cut.length <= limit);
      assert.equal(asffText(cut, limit), cut);
      assert.equal(exactText(cut, limit), cut);
    }),
  );
});
