import fc from 'fast-check';
import type { Coverage } from '#shared/model/coverage.ts';
import type { DecidedEvidence, Finding } from '#shared/model/finding.ts';
import { GROUPS, type Group, SEVERITIES, type Strength } from '#shared/model/groups.ts';
import { FLAGS, type Sample } from '#shared/model/indicator.ts';
import { ARTIFACT_KINDS, type Artifact, type LinkKey, type Place } from '#shared/model/place.ts';
import type { Watching } from '#shared/report/table.ts';

/** Text as an attacker writes it: any code unit, wide characters, marks, controls, and shapes that code looks for. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '汉', '😀', '\u0301', '\n', '\u001b', '\ud800', "'", '/'),
    maxLength: 200,
  }),
  fc.constantFrom(
    '',
    '/tmp/.x/xmrig',
    'i-0123456789abcdef0',
    'pool.example.com:3333',
    '[2001:db8::1]:3333',
    '192.0.2.1',
    'a/b',
    'a/b/c',
  ),
);
const time = fc.oneof(
  fc.integer({ min: 0, max: 4e12 }),
  fc.constantFrom(Number.NaN, -1, 9e15, Number.POSITIVE_INFINITY),
);
const hour = fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(Number.NaN, -1, 1e15));
const strength = fc.constantFrom<Strength>('strong', 'weak', 'note');
const group = fc.constantFrom<Group>(...GROUPS);
const severity = fc.constantFrom(...SEVERITIES);
const artifact = fc
  .tuple(fc.constantFrom(...ARTIFACT_KINDS), anyText)
  .map(([kind, text]): Artifact => `${kind}:${text}`);
const linkKey = fc.oneof(
  fc.constantFrom<LinkKey>('pkg', '-', '+'),
  anyText.map((text): LinkKey => `unit:${text}`),
  anyText.map((text): LinkKey => `ses:${text}`),
);
const place: fc.Arbitrary<Place> = fc.record({
  account: anyText,
  region: anyText,
  host: anyText,
  scope: fc.oneof(anyText, fc.constantFrom('host', 'network', 'overflow', 'container:unknown', 'ns/app/main')),
});

const sample: fc.Arbitrary<Sample> = fc
  .record(
    {
      ...{
        executable: anyText,
        commandLine: anyText,
        workingDirectory: anyText,
        uid: anyText,
        auid: anyText,
        session: anyText,
      },
      ...{
        tty: anyText,
        parentName: anyText,
        path: anyText,
        container: anyText,
        image: anyText,
        pod: anyText,
        task: anyText,
      },
      ...{ remote: anyText, query: anyText, answer: anyText, ancestors: fc.array(anyText, { maxLength: 3 }) },
      ...{ pid: fc.nat(), parentPid: fc.nat(), bytes: fc.double(), success: fc.boolean() },
    },
    { requiredKeys: [] },
  )
  .chain((fields) =>
    fc
      .record({ time, id: anyText, source: anyText, file: anyText, line: fc.nat() })
      .map(({ file, line, ...rest }): Sample => ({ ...fields, ...rest, raw: { file, line } })),
  );

export const anyEvidence: fc.Arbitrary<DecidedEvidence> = fc.record(
  {
    ...{ place, hour, group, rule: anyText, linkKey, ruleVersion: fc.nat(), technique: anyText, first: time, strength },
    ...{
      decided: strength,
      because: anyText,
      flags: fc.subarray([...FLAGS]),
      artifacts: fc.array(artifact, { maxLength: 4 }),
    },
    ...{ events: fc.array(anyText, { maxLength: 3 }), more: fc.boolean(), why: anyText, whyEvent: anyText },
    samples: fc.array(sample, { maxLength: 3 }),
    minutes: fc.record({ out: fc.bigInt(), back: fc.bigInt() }),
  },
  {
    requiredKeys: [
      ...([
        'place',
        'hour',
        'group',
        'rule',
        'linkKey',
        'ruleVersion',
        'technique',
        'first',
        'strength',
        'decided',
      ] as const),
      ...(['flags', 'artifacts', 'events', 'more', 'why', 'samples'] as const),
    ],
  },
) as fc.Arbitrary<DecidedEvidence>;

const view = fc.record({ first: time, lastHour: hour, strength, rules: fc.array(anyText, { maxLength: 3 }) });

export const anyFinding: fc.Arbitrary<Finding> = fc.record(
  {
    ...{ id: anyText, episode: fc.nat(), revision: fc.nat(), severity, place },
    state: fc.constantFrom('watching', 'open', 'archived', 'superseded'),
    rises: fc.array(fc.record({ severity, at: time }), { maxLength: 3 }),
    hours: fc.record({ from: hour, to: hour }),
    groups: fc.dictionary(group, view),
    artifacts: fc.uniqueArray(artifact, { maxLength: 30 }),
    linkKeys: fc.array(linkKey, { maxLength: 3 }),
    evidence: fc.array(anyEvidence, { maxLength: 15 }),
    next: fc.record({ severity, needs: fc.subarray([...GROUPS]) }),
    missing: fc.subarray([...GROUPS]),
    leftOut: fc.array(fc.record({ evidence: anyEvidence, why: anyText }), { maxLength: 10 }),
    apart: fc.array(fc.record({ linkKeys: fc.array(linkKey, { maxLength: 2 }), groups: fc.subarray([...GROUPS]) }), {
      maxLength: 3,
    }),
    notes: fc.array(anyText, { maxLength: 2 }),
  },
  {
    requiredKeys: [
      ...([
        'id',
        'episode',
        'revision',
        'severity',
        'place',
        'state',
        'rises',
        'hours',
        'groups',
        'artifacts',
      ] as const),
      ...(['linkKeys', 'evidence', 'missing', 'leftOut', 'apart', 'notes'] as const),
    ],
  },
) as fc.Arbitrary<Finding>;

export const anyWatching: fc.Arbitrary<Watching> = fc.record({
  place,
  groups: fc.subarray([...GROUPS]),
  hours: fc.record({ from: hour, to: hour }),
});

export const anyCoverage: fc.Arbitrary<Coverage> = fc.record({
  sources: fc.array(fc.record({ format: anyText, records: fc.nat(), from: time, to: time }), { maxLength: 3 }),
  process: fc.boolean(),
  resolver: fc.boolean(),
  flow: fc.boolean(),
});
