import { type Evidence, eventHash, leadingReason, MAX_EVENT_IDS, normalized, type Reason } from '../model/evidence.ts';
import type { Flag, Indicator, Sample } from '../model/indicator.ts';
import { hoursOf, minutesOf } from '../model/minutes.ts';
import type { Artifact, Claims, LinkKey } from '../model/place.ts';
import { hourOf, hourStart } from '../model/time.ts';

/** Named link keys of one place, hour, group and rule in one run; the rest go to `+`, where artifacts alone link. */
const MAX_LINK_KEYS = 16;
/** Remotes of one place, hour and rule; the rest are one item. */
const MAX_PARTS = 32;
/** How far a set grows before it is cut to what evidence keeps. */
const SLACK = 16;

/** Evidence that still carries claims: its place is known once the whole run has been read. */
export interface Unplaced {
  readonly claims: Claims;
  readonly at: number;
  readonly rule: string;
  evidenceAt(place: Evidence['place']): Evidence;
}

interface Building {
  readonly claims: Claims;
  readonly indicator: Indicator;
  readonly hour: number;
  readonly rule: string;
  readonly linkKey: LinkKey;
  first: number;
  reason: Reason;
  technique: string;
  out: bigint;
  back: bigint;
  readonly flags: Set<Flag>;
  readonly artifacts: Set<Artifact>;
  readonly events: Set<string>;
  samples: Sample[];
  more: boolean;
}

/** Claims that say where something happened; a task's or image's own name multiplies without changing the place. */
function placeClaims({ task: _task, image: _image, ...claims }: Claims): Claims {
  return Object.fromEntries(Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Joins the indicators of a run by what will be their evidence key: writes are bounded by places, not by log volume. */
export class Aggregator {
  readonly #items = new Map<string, Building>();
  readonly #keys = new Map<string, Set<string>>();

  add(indicator: Indicator): void {
    const claims = placeClaims(indicator.claims);
    const minutes = indicator.minutes;
    const hours = minutes === undefined ? [hourOf(indicator.time)] : hoursOf(minutes.from, minutes.to);
    for (const hour of hours) this.#addTo(claims, hour, indicator);
  }

  #addTo(claims: Claims, hour: number, indicator: Indicator): void {
    const where = JSON.stringify([claims, hour, indicator.group, indicator.rule.split('/', 1)[0]]);
    const rule = this.#bounded(`${where}rule`, indicator.rule, MAX_PARTS, `${indicator.rule.split('/', 1)[0]}/more`);
    const linkKey = this.#bounded(`${where}key${rule}`, indicator.linkKey, MAX_LINK_KEYS, '+') as LinkKey;
    const key = JSON.stringify([where, rule, linkKey]);
    let item = this.#items.get(key);
    if (item === undefined) {
      item = start(claims, indicator, hour, rule, linkKey);
      this.#items.set(key, item);
    }
    grow(item, indicator);
  }

  /** The name itself, or `rest` once `limit` others were seen in the same place. */
  #bounded(where: string, name: string, limit: number, rest: string): string {
    if (name === '-') return name;
    const seen = this.#keys.get(where) ?? new Set();
    this.#keys.set(where, seen);
    if (!seen.has(name) && seen.size >= limit) return rest;
    seen.add(name);
    return name;
  }

  get size(): number {
    return this.#items.size;
  }

  unplaced(): readonly Unplaced[] {
    return [...this.#items.values()].map((item) => ({
      claims: item.claims,
      at: item.first,
      rule: item.rule,
      evidenceAt: (place) => evidenceOf(item, place),
    }));
  }
}

function start(claims: Claims, indicator: Indicator, hour: number, rule: string, linkKey: LinkKey): Building {
  return {
    claims,
    indicator,
    hour,
    rule,
    linkKey,
    first: Number.POSITIVE_INFINITY,
    reason: indicator,
    technique: indicator.technique,
    out: 0n,
    back: 0n,
    flags: new Set(),
    artifacts: new Set(),
    events: new Set(),
    samples: [],
    more: false,
  };
}

function grow(item: Building, indicator: Indicator): void {
  item.first = Math.min(item.first, Math.max(indicator.time, hourStart(item.hour)));
  item.reason = leadingReason(item.reason, indicator);
  if (indicator.technique < item.technique) item.technique = indicator.technique;
  for (const flag of indicator.flags) item.flags.add(flag);
  for (const artifact of indicator.artifacts) item.artifacts.add(artifact);
  if (indicator.minutes !== undefined) {
    const set = minutesOf(item.hour, indicator.minutes.from, indicator.minutes.to);
    if (indicator.minutes.direction === 'out') item.out |= set;
    else item.back |= set;
  }
  item.events.add(eventHash(indicator.sample.id));
  item.samples.push(indicator.sample);
  if (item.events.size > MAX_EVENT_IDS * SLACK || item.samples.length > MAX_EVENT_IDS || item.artifacts.size > 4096)
    compact(item);
}

/** Cuts growing sets to what evidence would keep of them; whatever is cut now would be cut at the end too. */
function compact(item: Building): void {
  const kept = evidenceOf(item, { account: '', region: '', host: '', scope: '' });
  item.samples = [...kept.samples];
  item.more = kept.more;
  replace(item.events, kept.events);
  replace(item.artifacts, kept.artifacts);
}

function replace<T>(set: Set<T>, values: readonly T[]): void {
  set.clear();
  for (const value of values) set.add(value);
}

function evidenceOf(item: Building, place: Evidence['place']): Evidence {
  const own = item.reason.sample;
  return normalized({
    place,
    hour: item.hour,
    group: item.indicator.group,
    rule: item.rule,
    linkKey: item.linkKey,
    ruleVersion: item.indicator.ruleVersion,
    technique: item.technique,
    first: item.first,
    strength: item.reason.strength,
    flags: [...item.flags],
    ...(item.out === 0n && item.back === 0n ? {} : { minutes: { out: item.out, back: item.back } }),
    artifacts: [...item.artifacts],
    events: [...item.events],
    more: item.more,
    samples: own === undefined ? item.samples : [own, ...item.samples],
    why: item.reason.why,
    ...(own === undefined ? {} : { whyEvent: own.id }),
  });
}
