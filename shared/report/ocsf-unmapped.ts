import type { Coverage } from '#shared/model/coverage.ts';
import type { DecidedEvidence, Finding } from '#shared/model/finding.ts';
import { GROUPS } from '#shared/model/groups.ts';
import { ARTIFACT_KINDS, type Artifact } from '#shared/model/place.ts';
import { coverageText } from './coverage.ts';
import { valuesAmong } from './facts.ts';
import { known, type OcsfObject, type OcsfValue, timestamp } from './ocsf-evidence.ts';
import { isoHour } from './words.ts';

function artifactsOf(artifacts: readonly Artifact[]): OcsfObject {
  const kinds = ARTIFACT_KINDS.map((kind): [string, OcsfValue] => [kind, valuesAmong(artifacts, kind)]);
  return Object.fromEntries(kinds.filter(([, values]) => Array.isArray(values) && values.length > 0));
}

function groupsOf(finding: Finding, items: number): OcsfObject {
  return Object.fromEntries(
    GROUPS.flatMap((group): [string, OcsfValue][] => {
      const view = finding.groups[group];
      if (view === undefined) return [];
      const { first, lastHour, strength, rules } = view;
      const entry = { first: timestamp(first), last_hour: isoHour(lastHour), strength, rules: rules.slice(0, items) };
      return [[group, known(entry) ?? {}]];
    }),
  );
}

function evidenceOf(one: DecidedEvidence): OcsfObject {
  return (
    known({
      group: one.group,
      rule: one.rule,
      technique: one.technique,
      link: one.linkKey,
      first: timestamp(one.first),
      strength: one.decided,
      because: one.because,
      why: one.why,
      events: one.events.length,
      more: one.more,
    }) ?? {}
  );
}

/** What OCSF has no place for: the state of the chain. Of each list at most `items`. */
export function unmappedOf(finding: Finding, coverage: Coverage, items: number): OcsfObject {
  const { next, hours } = finding;
  return (
    known({
      episode: finding.episode,
      revision: finding.revision,
      state: finding.state,
      hours: { from: isoHour(hours.from), to: isoHour(hours.to) },
      scope: finding.place.scope,
      rises: finding.rises.slice(0, items).map(({ severity, at }) => known({ severity, at: timestamp(at) }) ?? {}),
      groups: groupsOf(finding, items),
      artifacts: artifactsOf(finding.artifacts.slice(0, items)),
      links: finding.linkKeys.slice(0, items),
      evidence: finding.evidence.slice(0, items).map(evidenceOf),
      evidence_count: finding.evidence.length,
      next: next === undefined ? undefined : { severity: next.severity, needs: [...next.needs] },
      missing: [...finding.missing],
      left_out: finding.leftOut.slice(0, items).map(({ evidence, why }) => ({ why, evidence: evidenceOf(evidence) })),
      apart: finding.apart
        .slice(0, items)
        .map(
          (one) =>
            known({ links: one.linkKeys.slice(0, items), severity: one.severity, groups: [...one.groups] }) ?? {},
        ),
      notes: finding.notes.slice(0, items),
      coverage: coverageText(coverage).slice(0, items),
    }) ?? {}
  );
}
