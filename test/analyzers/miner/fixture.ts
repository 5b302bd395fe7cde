import { minerAnalyzers } from '#shared/analyzers/miner/analyzers.ts';
import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Event, type Process } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { EMPTY_WATCH_LIST, type Intel, type MinerEntry, type NameEntry } from '#shared/model/intel.ts';

export const XMR = '48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD';
export const ETH = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
export const BTC = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
export const KAS = 'kaspa:qpauqsvk7yf9unexwmxsnmg547mhyga37csh0kj53q6xxgl24ydxjsgzthw5j';
export const QUBIC = 'BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAARMID';

const MINERS: readonly MinerEntry[] = [
  ...['xmrig', 'lolminer', 'srbminer-multi', 't-rex', 'minerd', 'p2pool', 'nanominer', 'ethminer', 'xmr-stak'].map(
    (name): MinerEntry => ({ name, kind: 'miner', source: 'test list' }),
  ),
  { name: 'cpuminer-*', kind: 'miner', source: 'test list' },
  { name: 'xmrig-*', kind: 'miner', source: 'test list' },
  { name: 'miner', kind: 'miner', generic: true, source: 'test list' },
  { name: 'ore', kind: 'miner', generic: true, source: 'test list' },
  { name: 'kinsing', kind: 'malware', source: 'test list' },
  { name: 'kdevtmpfsi', kind: 'malware', source: 'test list' },
  { name: 'zzh', kind: 'malware', generic: true, source: 'test list' },
];

const NAMES: readonly NameEntry[] = ['listed-pool.example', 'pool.listed.example'].map((name) => ({
  name,
  kind: 'pool',
  operator: 'Listed',
  source: 'test list',
  date: '2026-11-25',
}));

/** A small list of miners and pools in place of the shipped ones. */
export const INTEL: Intel = {
  name(dns) {
    const name = dns.toLowerCase();
    const entry = NAMES.find((one) => name === one.name || name.endsWith(`.${one.name}`));
    return entry === undefined ? undefined : { entry, name, site: name.startsWith('www.') };
  },
  address: () => undefined,
  miner(base) {
    const name = base.toLowerCase();
    return MINERS.find((one) => (one.name.endsWith('*') ? name.startsWith(one.name.slice(0, -1)) : name === one.name));
  },
  shared: () => false,
};

export const ANALYZERS: readonly Analyzer[] = minerAnalyzers({
  programs: () => MINERS.map(({ name }) => name.replace('*', '')),
  names: () => NAMES.map(({ name }) => name),
});

export function analyzer(id: string): Analyzer {
  const found = ANALYZERS.find((one) => one.id === id);
  if (found === undefined) throw new RangeError(id);
  return found;
}

/** A process event of these words. */
export function launch(argv: readonly string[], more: Partial<Process> = {}, image?: string): Event {
  return {
    class: CLASS.process,
    time: 0,
    claims: image === undefined ? {} : { image },
    raw: {},
    id: 'test',
    source: 'test',
    process: { argv, exact: true, ...more },
  };
}

/** Words as a shell reads them: single quotes keep blanks. */
export function split(line: string): readonly string[] {
  return (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, ''));
}

export function decide(id: string, event: Event): readonly Verdict[] {
  return analyzer(id).decide(event, INTEL, EMPTY_WATCH_LIST);
}

/** The strongest strength that an analyzer gives for a command line; `-` for none. */
export function strengthOf(id: string, event: Event): string {
  const strengths = decide(id, event).map(({ strength }) => strength);
  return ['strong', 'weak', 'note'].find((one) => strengths.some((strength) => strength === one)) ?? '-';
}

/** Every text of the event as a reader's line may hold it. */
export function texts(of: Event): readonly string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    else if (Array.isArray(value)) {
      if (value.every((one) => typeof one === 'string')) found.push(value.join(' '));
      else value.forEach(visit);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value)) visit(typeof one === 'string' ? `${key}=${one}` : one);
    }
  };
  visit(of);
  return found;
}

/** Whether a text holds a needle in any case, as it stands or without the marks that a shell takes off. */
export function holdsNeedle(text: string, needles: readonly string[]): boolean {
  const lower = text.toLowerCase();
  const bare = lower.replace(/["'\\{]/g, '');
  return needles.some((needle) => lower.includes(needle) || bare.includes(needle));
}

/** Whether a gate lets the event through: a needle, or a run that may be a wallet or base64. */
export function isCandidate(of: Event, needles: readonly string[]): boolean {
  return texts(of).some(
    (text) => holdsNeedle(text, needles) || (text.match(/[A-Za-z0-9+/=]{20,}/g) ?? []).some((run) => /[A-Z]/.test(run)),
  );
}
