import type { Finding } from '#shared/model/finding.ts';
import { GROUPS } from '#shared/model/groups.ts';
import { ARTIFACT_KINDS, UNKNOWN } from '#shared/model/place.ts';
import { ASFF_LIMITS, asffText } from './asff-format.ts';
import { isTest } from './email-subject.ts';
import { entriesOf } from './entries.ts';
import { evidenceOf, type Facts, list, poolTargets, runningProcesses, unique, valuesOf } from './facts.ts';
import { type TriageStep, triage } from './triage.ts';
import { GROUP_TITLES, isoTime, techniqueText } from './words.ts';

/** Code units of what one step of the short recommendation names. */
const MAX_NAMED = 88;

const named = (all: readonly string[], most: number): string | undefined => asffText(list(all, most), MAX_NAMED);

/** In 512 characters the acts that can't wait, with what they are about; the nine steps whole are product fields. */
export function recommendationOf(facts: Facts): string {
  const { finding } = facts;
  const running = runningProcesses(facts).map(({ pid, name }) => (pid === undefined ? name : `pid ${pid} ${name}`));
  const entries = unique(entriesOf(evidenceOf(finding, 'persistence_setup')).map(({ name }) => name));
  const { names, endpoints, answers } = poolTargets(facts);
  const host = asffText(finding.place.host, 64) ?? 'the host';
  const stop = named(running, 2);
  const block = named([...names, ...endpoints, ...answers], 3);
  const remove = named(entries, 2);
  const steps = [
    stop === undefined
      ? `1. Keep a snapshot, then find and stop the miner on ${host}.`
      : `1. Keep a snapshot, then ${remove === undefined ? '' : '(after step 4) '}stop ${stop}.`,
    block === undefined ? '2. No pool was seen: look in flow and Resolver logs, and block it.' : `2. Block ${block}.`,
    `3. Isolate ${host}.`,
    remove === undefined
      ? '4. Look for what starts it again: cron, systemd, profiles, ld.so.preload.'
      : `4. Remove what starts it again: ${remove}.`,
    'All nine steps: product fields davylamp/triage/1 to 9.',
  ];
  return asffText(steps.join(' '), ASFF_LIMITS.recommendation) ?? 'See the product fields davylamp/triage.';
}

/** A step in one field: actions whole as long as they fit, since a command cut short is another command. */
function stepText({ title, actions }: TriageStep, limit: number): string {
  let text = title;
  for (const [at, action] of actions.entries()) {
    const next = `${text}${at === 0 ? ': ' : ' · '}${asffText(action, Number.POSITIVE_INFINITY) ?? ''}`;
    const left = actions.length - at;
    if (next.length > limit - ' (99999 more)'.length) return `${text} (${left} more)`;
    text = next;
  }
  return text;
}

/**
 * What the format has no place for, under names of this product: where and which revision, the chain's groups, all
 * artifacts by kind, and the nine steps of triage.
 * @param limit code units of a value, at most the service's 2,048
 */
export function productFields(facts: Facts, limit: number): Record<string, string> {
  const { finding, coverage } = facts;
  const { place } = finding;
  const groups = GROUPS.flatMap((group) => {
    const view = finding.groups[group];
    return view === undefined ? [] : [`${GROUP_TITLES[group]} since ${isoTime(view.first)}`];
  });
  const evidence = finding.evidence;
  const fields: readonly (readonly [string, string])[] = [
    ['finding', finding.id],
    ['episode', String(finding.episode)],
    ['revision', String(finding.revision)],
    ['state', finding.state],
    ['synthetic', isTest(place) ? 'true' : ''],
    ['account', place.account === UNKNOWN ? '' : place.account],
    ['region', place.region === UNKNOWN ? '' : place.region],
    ['host', place.host],
    ['scope', place.scope],
    ['groups', groups.join(', ')],
    ['missing', finding.missing.map((group) => GROUP_TITLES[group]).join(', ')],
    ['next', nextOf(finding)],
    ['techniques', list(unique(evidence.map(({ technique }) => techniqueText(technique))), 30)],
    ['rules', list(unique(evidence.map(({ rule }) => rule)), 30)],
    ['notes', finding.notes.join(' ')],
    ...ARTIFACT_KINDS.map((kind) => [kind, list(valuesOf(finding, kind), 20)] as const),
    ...triage(finding, coverage).map((step) => [`triage/${step.step}`, stepText(step, limit)] as const),
  ];
  return Object.fromEntries(
    fields.flatMap(([key, value]) => {
      const text = asffText(value, limit);
      return text === undefined ? [] : [[`davylamp/${key}`, text]];
    }),
  );
}

function nextOf({ next }: Finding): string {
  return next === undefined ? '' : `${next.severity}: ${next.needs.map((group) => GROUP_TITLES[group]).join(', ')}`;
}
