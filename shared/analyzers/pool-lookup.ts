import type { Analyzer } from '#shared/model/analyzer.ts';
import { endpointArtifact } from '#shared/model/endpoint.ts';
import { CLASS, type DnsActivity } from '#shared/model/event.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import type { Intel, LearnedEndpoint, NameEntry, NameMatch, WatchList } from '#shared/model/intel.ts';

/**
 * MITRE ATT&CK of every sign of a pool: Resource Hijacking: Compute Hijacking. That the sign is a DNS query does not
 * make it T1071.004, which is command and control inside DNS.
 */
export const POOL_TECHNIQUE = 'T1496.001';

const MAX_ANSWERS = 64;
const MAX_LEARNED = 8;
/** Answers that lead nowhere: what a blocking resolver says instead of an address. */
const SINKHOLES = /^(?:0\.|127\.|::1?$)/;

/**
 * A DNS lookup of mining infrastructure: of a pool's stratum name, also when nothing answers. The name asked for is
 * compared first, then the CNAMEs that the answer went through. No literal stands for a list, so it names no needle:
 * readers of resolver logs ask `Interest.name`, and text filters hold the listed names by `lookupTool`.
 */
export const poolLookup: Analyzer = {
  id: 'pool_lookup',
  version: 1,
  title: 'DNS lookup of a mining pool',
  group: 'pool_connection',
  technique: POOL_TECHNIQUE,
  classes: [CLASS.dns],
  needles: [],
  decide(event, intel, watch) {
    if (event.class !== CLASS.dns || event.type === 'PTR') return [];
    const asked = namesOf(event);
    const listed = bestMatch(asked, intel);
    const verdicts = listed === undefined ? [] : [listedVerdict(event, listed)];
    if (verdicts[0]?.strength !== 'strong') verdicts.push(...learnedVerdicts(event, asked, watch));
    return verdicts;
  },
};

/** What a list entry says of itself: operator, entry, source and date. */
export function listing(entry: NameEntry): string {
  return `${entry.name} is listed as ${entry.kind.replace('_', ' ')} of ${entry.operator} (${entry.source}, ${entry.date})`;
}

/** Whether an entry is of a kind that counts as pool connection. */
export function isPoolKind(entry: NameEntry): boolean {
  return entry.kind === 'pool' || entry.kind === 'proxy';
}

/** Whether a match names a place where shares are handed in, rather than a web page. */
export function isStratum(match: NameMatch): boolean {
  return isPoolKind(match.entry) && !match.site;
}

function namesOf(event: DnsActivity): readonly string[] {
  const targets = event.answers.slice(0, MAX_ANSWERS).filter(({ type }) => type === 'CNAME');
  return [event.query, ...targets.map(({ data }) => data)];
}

/** The match that counts most: a stratum name, then a pool's web page, then anything listed; the query before CNAMEs. */
function bestMatch(names: readonly string[], intel: Intel): NameMatch | undefined {
  const matches = names.flatMap((name) => intel.name(name) ?? []);
  return matches.find(isStratum) ?? matches.find(({ entry }) => isPoolKind(entry)) ?? matches[0];
}

function listedVerdict(event: DnsActivity, match: NameMatch): Verdict {
  const strength = isStratum(match) ? 'strong' : isPoolKind(match.entry) ? 'weak' : 'note';
  const donation = match.entry.name.endsWith('.xmrig.com')
    ? '; asked by an unmodified XMRig build while it donates'
    : '';
  return {
    strength: event.forwarded === true ? 'note' : strength,
    artifacts: [endpointArtifact({ host: match.name })],
    flags: flagsOf(event),
    why: `looked up ${match.name}: ${listing(match.entry)}${donation}`,
    ...(event.forwarded === true ? { part: 'forwarded' } : {}),
  };
}

/** Apart from listed names in the evidence, so that the flag `learned` never speaks of these. */
function learnedVerdicts(event: DnsActivity, names: readonly string[], watch: WatchList): readonly Verdict[] {
  const learned = names.flatMap((name) => watch.name(name));
  return [false, true].flatMap((proxy) => {
    const of = learned.filter((one) => one.proxy === proxy).slice(0, MAX_LEARNED);
    return of.length === 0 ? [] : [learnedVerdict(event, of, proxy)];
  });
}

function learnedVerdict(event: DnsActivity, learned: readonly LearnedEndpoint[], proxy: boolean): Verdict {
  const part = proxy ? 'proxy' : 'learned';
  return {
    strength: event.forwarded === true ? 'note' : 'weak',
    artifacts: [...new Set(learned.map(({ endpoint }) => endpointArtifact(endpoint)))],
    flags: ['learned', ...(proxy ? (['proxy'] as const) : []), ...flagsOf(event)],
    why: `looked up ${event.query}, which a miner named as its ${proxy ? 'proxy' : 'pool'}`,
    part: event.forwarded === true ? `${part}-forwarded` : part,
  };
}

function flagsOf(event: DnsActivity): readonly Flag[] {
  const flags: Flag[] = ['lookup'];
  if (isAnswered(event)) flags.push('answered');
  if (event.forwarded === true) flags.push('forwarder');
  return flags;
}

/** An address came that leads somewhere. */
function isAnswered(event: DnsActivity): boolean {
  if (event.blocked === true) return false;
  return event.answers.some(({ type, data }) => (type === 'A' || type === 'AAAA') && !SINKHOLES.test(data));
}
