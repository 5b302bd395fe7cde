import type { Coverage } from '#shared/model/coverage.ts';
import type { Minutes } from '#shared/model/evidence.ts';
import type { Apart, DecidedEvidence, Finding } from '#shared/model/finding.ts';
import { GROUPS } from '#shared/model/groups.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { ARTIFACT_KINDS, type Artifact, type Place } from '#shared/model/place.ts';
import { coverageText } from './coverage.ts';
import { valuesAmong } from './facts.ts';
import { triage } from './triage.ts';
import { isoHour, isoTime } from './words.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** `{kind: [sorted values]}`, kinds in the model's order. */
export function artifactsJson(artifacts: readonly Artifact[]): JsonObject {
  const kinds = ARTIFACT_KINDS.map((kind) => {
    return [kind, [...new Set(valuesAmong(artifacts, kind))].sort()] as const;
  });
  return Object.fromEntries(kinds.filter(([, values]) => values.length > 0));
}

const placeJson = ({ account, region, host, scope }: Place): JsonObject => ({ account, region, host, scope });

/** The bits of an hour's sixty minutes, counted and in hexadecimal; bit 0 is the first minute. */
function bits(set: bigint): JsonObject {
  const sixty = BigInt.asUintN(60, set);
  return { minutes: sixty.toString(2).replaceAll('0', '').length, bits: sixty.toString(16) };
}

const minutesJson = ({ out, back }: Minutes): JsonObject => ({ out: bits(out), back: bits(back) });

/** A number that JSON can carry; `null` for one that is none. */
const number = (value: number): number | null => (Number.isFinite(value) ? value : null);

function plain(value: unknown): Json {
  if (typeof value === 'number') return number(value);
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'boolean' ? value : String(value);
}

const SAMPLE_FIELDS = [
  ...(['id', 'source', 'pid', 'parentPid', 'executable', 'commandLine', 'workingDirectory', 'uid', 'auid'] as const),
  ...(['session', 'tty', 'parentName', 'ancestors', 'path', 'container', 'image', 'pod', 'task'] as const),
  ...(['remote', 'bytes', 'query', 'answer', 'success'] as const),
] as const satisfies readonly (keyof Sample)[];
const RAW_FIELDS = ['file', 'line', 'bucket', 'key', 'logGroup', 'logStream', 'eventId'] as const;

function present<T extends object>(of: T, fields: readonly (keyof T & string)[]): JsonObject {
  return Object.fromEntries(
    fields.filter((field) => of[field] !== undefined).map((field) => [field, plain(of[field])]),
  );
}

const sampleJson = (sample: Sample): JsonObject => ({
  time: isoTime(sample.time),
  ...present(sample, SAMPLE_FIELDS),
  raw: present(sample.raw, RAW_FIELDS),
});

function evidenceJson(evidence: DecidedEvidence): JsonObject {
  return {
    scope: evidence.place.scope,
    group: evidence.group,
    rule: evidence.rule,
    ruleVersion: number(evidence.ruleVersion),
    technique: evidence.technique,
    linkKey: evidence.linkKey,
    hour: isoHour(evidence.hour),
    first: isoTime(evidence.first),
    strength: evidence.strength,
    decided: evidence.decided,
    ...(evidence.because === undefined ? {} : { because: evidence.because }),
    flags: [...evidence.flags],
    ...(evidence.minutes === undefined ? {} : { minutes: minutesJson(evidence.minutes) }),
    artifacts: artifactsJson(evidence.artifacts),
    events: evidence.events.length,
    more: evidence.more,
    why: evidence.why,
    ...(evidence.whyEvent === undefined ? {} : { whyEvent: evidence.whyEvent }),
    samples: evidence.samples.map(sampleJson),
  };
}

function groupsJson(finding: Finding): JsonObject {
  return Object.fromEntries(
    GROUPS.flatMap((group) => {
      const view = finding.groups[group];
      if (view === undefined) return [];
      const { first, lastHour, strength, rules } = view;
      return [[group, { first: isoTime(first), lastHour: isoHour(lastHour), strength, rules: [...rules] }]];
    }),
  );
}

const apartJson = (one: Apart): JsonObject => ({
  linkKeys: [...one.linkKeys],
  severity: one.severity ?? null,
  groups: [...one.groups],
});

function coverageJson(coverage: Coverage): JsonObject {
  return {
    process: coverage.process,
    resolver: coverage.resolver,
    flow: coverage.flow,
    sources: coverage.sources.map(({ format, records, from, to }) => ({
      format,
      records: number(records),
      ...(from === undefined ? {} : { from: isoTime(from) }),
      ...(to === undefined ? {} : { to: isoTime(to) }),
    })),
    text: [...coverageText(coverage)],
  };
}

/**
 * A finding as the contract's JSON object: keys in a fixed order, times ISO 8601 in UTC, bit sets of minutes as a count
 * and hexadecimal. Text is as redacted and stored: `jsonText` makes a line of it that can be shown.
 */
export function findingJson(finding: Finding, coverage: Coverage): JsonObject {
  return {
    id: finding.id,
    episode: number(finding.episode),
    revision: number(finding.revision),
    severity: finding.severity,
    state: finding.state,
    rises: finding.rises.map(({ severity, at }) => ({ severity, at: isoTime(at) })),
    place: placeJson(finding.place),
    hours: { from: isoHour(finding.hours.from), to: isoHour(finding.hours.to) },
    groups: groupsJson(finding),
    artifacts: artifactsJson(finding.artifacts),
    linkKeys: [...finding.linkKeys],
    evidence: finding.evidence.map(evidenceJson),
    missing: [...finding.missing],
    next: finding.next === undefined ? null : { severity: finding.next.severity, needs: [...finding.next.needs] },
    leftOut: finding.leftOut.map(({ evidence, why }) => ({ why, evidence: evidenceJson(evidence) })),
    apart: finding.apart.map(apartJson),
    notes: [...finding.notes],
    triage: triage(finding, coverage).map(({ step, title, actions }) => ({ step, title, actions: [...actions] })),
    coverage: coverageJson(coverage),
  };
}
