import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Finding, Transition } from '#shared/model/finding.ts';
import { SEVERITIES } from '#shared/model/groups.ts';
import { type Announcement, MIN_OCSF_BYTES, OCSF_BYTES, ocsfMessage } from '#shared/report/ocsf.ts';
import { attacksOf } from '#shared/report/ocsf-attack.ts';
import { anyCoverage, anyFinding } from './any-finding.ts';
import { BY_SEVERITY, COVERAGE, evidence, finding, MINER, PLACE, START, sample } from './findings.ts';

const TRANSITIONS: readonly Transition[] = ['opened', 'escalated', 'extended', 'joined', 'archived', 'superseded'];
const AT = START + 3_600_000;

function announce(one: Finding, transition: Transition = 'opened'): Announcement {
  return { finding: one, transition, at: AT, coverage: COVERAGE, version: '1.2.3' };
}

type Parsed = Record<string, unknown>;
const parse = (text: string): Parsed => JSON.parse(text) as Parsed;

/** The value at a path of keys and positions. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string | number, unknown> | undefined)?.[key], value);
}

const anyAnnouncement: fc.Arbitrary<Announcement> = fc.record({
  finding: anyFinding,
  transition: fc.constantFrom(...TRANSITIONS),
  at: fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.constantFrom(Number.NaN, -1, 9e15)),
  coverage: anyCoverage,
  version: fc.constant('1.2.3'),
});

/** What the class requires in schema 1.5.0, and the constraints of the objects used here. */
function assertSchema(of: Parsed): void {
  for (const key of ['activity_id', 'category_uid', 'class_uid', 'severity_id', 'time', 'type_uid']) {
    assert.ok(Number.isSafeInteger(of[key]), key);
  }
  for (const path of [
    ['metadata', 'version'],
    ['metadata', 'product', 'name'],
    ['metadata', 'product', 'vendor_name'],
    ['cloud', 'provider'],
    ['finding_info', 'title'],
  ]) {
    assert.ok(typeof at(of, ...path) === 'string' && at(of, ...path) !== '', path.join('.'));
  }
  assert.equal(typeof at(of, 'finding_info', 'uid'), 'string');
  for (const one of of['observables'] as Parsed[]) {
    assert.ok(typeof one['name'] === 'string' && Number.isInteger(one['type_id']) && typeof one['value'] === 'string');
  }
  for (const one of of['evidences'] as Parsed[]) {
    assert.equal(typeof one['data'], 'object');
    assert.ok(one['process'] === undefined || Number.isInteger(at(one, 'process', 'pid')));
    assert.ok(one['file'] === undefined || typeof at(one, 'file', 'name') === 'string');
  }
  for (const one of at(of, 'finding_info', 'attacks') as Parsed[]) {
    assert.match(String(at(one, 'technique', 'uid')), /^T\d{4}$/);
  }
}

test('never exceeds the budget, is always JSON, and holds what the class requires', () => {
  fc.assert(
    fc.property(anyAnnouncement, fc.integer({ min: MIN_OCSF_BYTES, max: OCSF_BYTES }), (one, bytes) => {
      const text = ocsfMessage(one, bytes);
      assert.ok(Buffer.byteLength(text) <= bytes);
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
      assertSchema(parse(text));
    }),
    { numRuns: 80 },
  );
});

for (const [name, hostile] of [
  ['control characters', '\u0001'],
  ['line breaks', '\n'],
  ['bidi overrides', '\u202e'],
  ['tag characters of two code units', '\u{e0041}'],
  ['quotes', '"'],
  ['lone surrogates', '\ud800'],
] as const) {
  test(`fits the smallest budget where every text is ${name}`, () => {
    const long = hostile.repeat(500);
    const place = { account: long, region: long, host: long, scope: long };
    const one = finding('High', [{ ...MINER, rule: long, technique: long }], { id: long, place, notes: [long] });
    const text = ocsfMessage({ ...announce(one), version: long }, MIN_OCSF_BYTES);
    assert.ok(Buffer.byteLength(text) <= MIN_OCSF_BYTES);
    assertSchema(parse(text));
  });
}

for (const [severity, id] of [
  ['Low', 2],
  ['Medium', 3],
  ['High', 4],
  ['Critical', 5],
] as const) {
  test(`gives ${severity} the severity ${id}`, () => {
    const { finding: one, coverage } = BY_SEVERITY[severity];
    const of = parse(ocsfMessage({ ...announce(one), coverage }));
    assert.deepEqual([of['severity_id'], of['severity']], [id, severity]);
    assertSchema(of);
  });
}

for (const [transition, activity, status, alert] of [
  ['opened', 1, 1, true],
  ['escalated', 2, 1, true],
  ['extended', 2, 1, true],
  ['joined', 2, 1, true],
  ['archived', 3, 5, false],
  ['superseded', 3, 99, false],
] as const) {
  test(`gives ${transition} the activity ${activity} and the status ${status}`, () => {
    const of = parse(ocsfMessage(announce(BY_SEVERITY.High.finding, transition)));
    assert.deepEqual([of['activity_id'], of['type_uid']], [activity, 200400 + activity]);
    assert.deepEqual([of['status_id'], of['is_alert']], [status, alert]);
    assert.equal(at(of, 'metadata', 'event_code'), transition);
    assert.equal(at(of, 'unmapped', 'transition'), transition);
  });
}

test('names the class, the finding, its times, its place and its resource', () => {
  const one = BY_SEVERITY.Critical.finding;
  const of = parse(ocsfMessage(announce(one)));
  assert.deepEqual([of['class_uid'], of['category_uid'], of['time']], [2004, 2, AT]);
  assert.equal(at(of, 'metadata', 'uid'), `${one.id}/2`);
  assert.equal(at(of, 'metadata', 'product', 'version'), '1.2.3');
  assert.equal(at(of, 'finding_info', 'uid'), one.id);
  assert.equal(at(of, 'finding_info', 'created_time'), Math.min(...one.rises.map((rise) => rise.at)));
  assert.equal(at(of, 'finding_info', 'first_seen_time'), START - 3 * 60_000);
  assert.equal(at(of, 'finding_info', 'last_seen_time'), START + 130 * 60_000);
  assert.deepEqual(at(of, 'cloud', 'account', 'uid'), PLACE.account);
  assert.equal(at(of, 'cloud', 'region'), PLACE.region);
  assert.equal(at(of, 'resources', 0, 'uid'), 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0');
  assert.match(String(at(of, 'remediation', 'desc')), /^1\. Stop the miner\n- Keep first/);
  assert.match(String(at(of, 'remediation', 'desc')), /\n9\. Prevent the next one\n- /);
});

for (const [region, partition] of [
  ['eu-west-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
] as const) {
  test(`makes the ARN of an instance in ${region} one of ${partition}`, () => {
    const of = parse(ocsfMessage(announce(finding('High', [MINER], { place: { ...PLACE, region } }))));
    assert.equal(
      at(of, 'resources', 0, 'uid'),
      `arn:${partition}:ec2:${region}:111122223333:instance/i-0123456789abcdef0`,
    );
  });
}

test('makes no ARN of what is no account, region or id, and no account of an unknown one', () => {
  const place = { account: '-', region: '-', host: 'web-1', scope: 'shop/cart/app' };
  const of = parse(ocsfMessage(announce(finding('High', [MINER], { place }))));
  assert.deepEqual(of['resources'], [
    { uid: 'web-1', name: 'web-1', type: 'host' },
    { uid: 'web-1/shop/cart/app', name: 'shop/cart/app', type: 'container' },
  ]);
  assert.deepEqual(of['cloud'], { provider: 'AWS' });
});

test('names tactic, technique and sub-technique, the tactic by the group', () => {
  const of = parse(ocsfMessage(announce(BY_SEVERITY.Critical.finding)));
  const attacks = at(of, 'finding_info', 'attacks') as Parsed[];
  const names = attacks.map((one) => [
    at(one, 'tactic', 'uid'),
    at(one, 'technique', 'uid'),
    at(one, 'sub_technique', 'uid'),
  ]);
  assert.deepEqual(names, [
    ['TA0003', 'T1053', 'T1053.003'],
    ['TA0011', 'T1071', undefined],
    ['TA0011', 'T1071', 'T1071.004'],
    ['TA0011', 'T1105', undefined],
    ['TA0040', 'T1496', 'T1496.001'],
  ]);
  assert.equal(at(attacks, 4, 'sub_technique', 'name'), 'Compute Hijacking');
});

test('knows a tactic of every technique that a rule or a report names', () => {
  const texts = globSync(['shared/**/*.ts', 'rules/**/*.yml']).map((path) => readFileSync(path, 'utf8'));
  const named = texts.flatMap((text) => text.match(/\bT\d{4}(?:\.\d{3})?\b|attack\.t\d{4}(?:\.\d{3})?/g) ?? []);
  const techniques = [...new Set(named.map((one) => one.replace('attack.t', 'T')))];
  assert.ok(techniques.length > 30, String(techniques.length));
  for (const technique of techniques) {
    const [attack] = attacksOf([{ ...MINER, technique }]);
    assert.ok(attack?.tactic !== undefined, technique);
  }
});

test('gives no attack for text that is no technique', () => {
  for (const technique of ['', 'T1', 'T14961', 'constructor', 'T1496.1', 'T1496\n']) {
    assert.deepEqual(attacksOf([{ ...MINER, technique }]), [], technique);
  }
});

test('shows process, query and endpoint of the samples, and the artifacts as observables', () => {
  const of = parse(ocsfMessage(announce(BY_SEVERITY.Critical.finding)));
  const evidences = of['evidences'] as Parsed[];
  assert.ok(evidences.some((one) => at(one, 'process', 'pid') === 4242));
  assert.ok(evidences.some((one) => at(one, 'query', 'hostname') === 'pool.example.com'));
  assert.ok(evidences.some((one) => at(one, 'dst_endpoint', 'ip') === '198.51.100.7'));
  const observables = of['observables'] as Parsed[];
  const typed = observables.map((one) => `${one['type_id']} ${one['value']}`);
  for (const wanted of ['1 pool.example.com', '2 198.51.100.7', '45 /tmp/.x/kworkerd', '99 XMR']) {
    assert.ok(typed.includes(wanted), wanted);
  }
});

/** Evidence with many samples of about 2 KB each. */
const heavy = (items: number): Finding =>
  finding(
    'High',
    Array.from({ length: items }, (_, item) =>
      evidence('miner_execution', `rule-${item}`, 'T1496.001', sample(item), {
        samples: [0, 1, 2].map((one) => sample(item * 3 + one, { pid: 4242, commandLine: 'x'.repeat(1900) })),
        artifacts: [`path:/tmp/${item}`],
      }),
    ),
  );

test('drops samples first, the later ones of an item before its first, and keeps the triage whole', () => {
  const one = heavy(20);
  const whole = parse(ocsfMessage(announce(one), 10_000_000));
  const cut = parse(ocsfMessage(announce(one), 90_000));
  const [all, kept] = [whole['evidences'] as Parsed[], cut['evidences'] as Parsed[]];
  assert.equal(all.length, 60);
  assert.ok(kept.length >= 20 && kept.length < 60, String(kept.length));
  assert.equal(new Set(kept.map((item) => at(item, 'data', 'rule'))).size, 20);
  assert.equal(at(cut, 'unmapped', 'cut', 'samples_dropped'), 60 - kept.length);
  assert.deepEqual(cut['remediation'], whole['remediation']);
  assert.deepEqual(at(cut, 'unmapped', 'artifacts'), at(whole, 'unmapped', 'artifacts'));
});

test('drops actions of triage once the samples are gone, and never a step', () => {
  const one = heavy(4);
  const bare = Buffer.byteLength(
    ocsfMessage(announce({ ...one, evidence: one.evidence.map((e) => ({ ...e, samples: [] })) })),
  );
  const cut = parse(ocsfMessage(announce(one), Math.max(MIN_OCSF_BYTES, bare - 300)));
  assert.deepEqual(cut['evidences'], []);
  const steps = String(at(cut, 'remediation', 'desc'))
    .split('\n')
    .filter((line) => /^\d\. /.test(line));
  assert.equal(steps.length, 9);
  assert.equal(typeof at(cut, 'unmapped', 'cut', 'actions_kept'), 'number');
});

test('refuses a budget that nothing fits', () => {
  const one = announce(BY_SEVERITY.Low.finding);
  assert.throws(() => ocsfMessage(one, MIN_OCSF_BYTES - 1), RangeError);
  assert.throws(() => ocsfMessage(one, Number.NaN), RangeError);
});

test('says the same of the same announcement', () => {
  for (const severity of SEVERITIES) {
    const one = announce(BY_SEVERITY[severity].finding);
    assert.equal(ocsfMessage(one), ocsfMessage(structuredClone(one)));
  }
});
