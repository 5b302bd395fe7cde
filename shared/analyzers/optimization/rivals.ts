import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import type { Intel } from '#shared/model/intel.ts';
import { artifact } from '#shared/model/place.ts';
import { literals, makeGate, minimalNeedles } from '../miner/gate.ts';
import {
  type Act,
  actsOf,
  isContainerRemoval,
  isContainerTool,
  isKill,
  isOrchestrator,
  isServiceStop,
  removedFromCluster,
} from './acts.ts';

/** Words in the patterns of kill lists that are no program's name: protocols, algorithms, coins, pool operators. */
const WORDS: ReadonlySet<string> = new Set(
  `stratum cryptonight cryptominer cryptonote monero moneroocean monerohash minexmr minergate supportxmr nanopool c3pool
  hashvault nicehash xmr xmrpool xmrig xmr-stak kdevtmpfsi kinsing masscan pnscan zgrab`.split(/\s+/),
);
/** `xmr` is too short for a needle: as it stands behind grep, in a record's quotes or in the script's own. */
const SHORT_WORDS: readonly string[] = [' xmr', '"xmr', "'xmr"];
/** Ports of pools and of other families' control servers in the kill lists of Rocke, Kinsing and Sysrv. */
const PORTS: ReadonlySet<string> = new Set(
  '3333 3334 3347 4444 5555 5556 6666 7777 8888 9999 13531 14433 14444 45560 45700'.split(' '),
);
const SELECTORS: ReadonlySet<string> = new Set([
  'grep',
  'egrep',
  'fgrep',
  'pgrep',
  'pidof',
  'awk',
  'gawk',
  'mawk',
  'sed',
]);
const SOCKET_LISTS: ReadonlySet<string> = new Set(['netstat', 'ss', 'lsof', 'fuser']);
const MAX_TOKENS = 512;
const MAX_NAMES = 32;

/**
 * Other miners are stopped to have the processor alone: by name, as services, by the port of their pool, as containers,
 * or whatever takes much processor time. One name may be an administrator's or a responder's; the fold counts different
 * ones.
 * @param programs listed miners' names in lower case
 * @param names listed DNS names
 */
export function rivals(programs: readonly string[], names: readonly string[] = []): Analyzer {
  const needles = minimalNeedles(
    ['kill', 'fuser', ...SHORT_WORDS, ...literals(programs), ...WORDS, ...names].filter((word) => word.length >= 4),
  );
  const gate = makeGate(needles, true);
  return {
    id: 'rivals',
    version: 1,
    title: 'Competing miners stopped',
    group: 'system_optimization',
    technique: 'T1489',
    classes: [CLASS.process],
    needles,
    decide(event, intel) {
      if (event.class !== CLASS.process || event.success === false) return [];
      const acts = actsOf(event.process, gate);
      const verdict = killsByLoad(acts) ?? killsByName(acts, intel);
      return verdict === undefined ? [] : [verdict];
    },
  };
}

/** `ps aux | awk '{if($3>40.0) print $2}' | … kill -9`: whoever uses the processor, out. */
function killsByLoad(acts: readonly Act[]): Verdict | undefined {
  if (!acts.some(isKill) || !acts.some(({ name }) => name === 'ps' || name === 'top')) return undefined;
  const lists = acts.filter(({ name }) => name === 'ps').map(({ words }) => words.join(' '));
  const byShare = lists.some((words) => /%?p?cpu/.test(words));
  const test = acts
    .filter(({ name }) => /^[gm]?awk$/.test(name))
    .map(({ words }) => words.join(' '))
    .find(
      (words) =>
        /\$(?:3|9)\s{0,4}>=?\s{0,4}\d{1,3}/.test(words) || (byShare && /\$\d\s{0,4}>=?\s{0,4}\d{1,3}/.test(words)),
    );
  if (test === undefined) return undefined;
  return {
    strength: 'strong',
    part: 'load',
    artifacts: [],
    why: `kills what uses much processor time: ${test.slice(0, 120)}`,
  };
}

function killsByName(acts: readonly Act[], intel: Intel): Verdict | undefined {
  const kills = acts.some(isKill);
  const removes = acts.some(isContainerRemoval);
  const strips = replacesCrontab(acts);
  const found = new Set<string>();
  for (const act of acts.filter(isOrchestrator))
    for (const name of rivalNames(removedFromCluster(act) ?? '', intel)) found.add(name);
  if (found.size === 0 && !kills && !removes && !strips && !acts.some(isServiceStop)) return undefined;
  const sockets = acts.some(({ name }) => SOCKET_LISTS.has(name));
  for (const act of acts) {
    if (kills && act.program.launcher) {
      for (const text of listsOf(act)) for (const name of rivalNames(text, intel)) found.add(name);
    }
    const selects = SELECTORS.has(act.name) || SOCKET_LISTS.has(act.name) || isContainerTool(act);
    const says = isKill(act) || isServiceStop(act) || (kills || removes ? selects : dropsLines(act));
    if (!says) continue;
    const text = act.words.join(' ');
    for (const name of rivalNames(text, intel)) found.add(name);
    if (kills && sockets) for (const port of portsIn(text)) found.add(`port ${port}`);
  }
  if (found.size === 0) return undefined;
  const names = [...found].slice(0, MAX_NAMES);
  return {
    strength: 'weak',
    flags: ['rivals'],
    artifacts: names.map((name) => artifact('rival', name)),
    why: `stops competing miners: ${names.join(', ').slice(0, 200)}`,
  };
}

/** What stands in the substitutions of a script that list processes: `for p in $(pgrep -f xmrig); do kill $p; done`. */
function listsOf({ words }: Act): readonly string[] {
  return words
    .join(' ')
    .slice(0, 16_384)
    .split(/\$\(|`/, 64)
    .slice(1)
    .map((text) => text.split(')', 1)[0] ?? '')
    .filter((text) => /\b(?:pgrep|pidof|grep)\b/.test(text));
}

/** `crontab -l | … | crontab -`: the crontab is read, filtered and put back. */
function replacesCrontab(acts: readonly Act[]): boolean {
  const calls = acts.filter(({ name }) => name === 'crontab').map(({ words }) => words);
  return calls.some((words) => words.includes('-l')) && calls.some((words) => !words.includes('-l'));
}

/** `sed '/xmrig/d'`, `grep -v xmrig`: lines that name a rival are left out. */
function dropsLines({ name, words }: Act): boolean {
  return name === 'sed'
    ? words.some((word) => /\/\s{0,4}d\b/.test(word))
    : /^[ef]?grep$/.test(name) && words.some((word) => /^-[a-zA-Z]*v/.test(word) || word === '--invert-match');
}

/**
 * Listed miners, pools and the words above in a pattern, each token once: a pool's name is not its operator's too.
 * `[x]mrig` is how a grep hides from itself.
 */
function rivalNames(text: string, intel: Intel): readonly string[] {
  const plain = text
    .slice(0, 16_384)
    .toLowerCase()
    .replace(/\[(\w)\]/g, '$1');
  const found: string[] = [];
  for (const token of plain.split(/[^a-z0-9_.+-]+/, MAX_TOKENS)) {
    const pool = poolName(token, intel);
    if (isRival(token, intel)) found.push(token);
    else if (pool !== undefined) found.push(pool);
    else found.push(...token.split(/[._+-]/, 8).filter((piece) => isRival(piece, intel)));
  }
  return found;
}

function isRival(word: string, intel: Intel): boolean {
  if (WORDS.has(word)) return true;
  const entry = word.length < 3 ? undefined : intel.miner(word);
  return entry !== undefined && entry.generic !== true;
}

function poolName(token: string, intel: Intel): string | undefined {
  const match = token.includes('.') ? intel.name(token.replace(/^\.|\.$/g, '')) : undefined;
  return match?.entry.kind === 'pool' || match?.entry.kind === 'proxy' ? match.name : undefined;
}

function portsIn(text: string): readonly string[] {
  const found: string[] = [];
  for (const [, port = ''] of text.slice(0, 16_384).matchAll(/(?<!\d)[:=]?(\d{4,5})(?:\/tcp)?(?!\d)/g))
    if (PORTS.has(port)) found.push(port);
  return found;
}
