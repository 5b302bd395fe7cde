import type { DecidedEvidence } from '#shared/model/finding.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { spelledLines } from './crontab-entry.ts';
import { list } from './facts.ts';

const URL = /^[a-z][a-z0-9+.-]{0,31}:\/\//i;

/** What is known of a URL that evidence of an entry names: the entry fetches it, or its own text was fetched from there. */
type UrlSort = 'it fetches' | 'its content came from' | 'named with it';

function urlSort(url: string, samples: readonly Sample[]): UrlSort {
  const lines = samples.map(({ commandLine }) => commandLine ?? '').filter((line) => line.includes(url));
  if (lines.length === 0) return 'named with it';
  // In quotes stands the text of the entry; a script's own quotes are no more than its begin and end.
  const bare = (line: string): string =>
    line
      .replace(/(-[a-z]{0,4}c )["']/, '$1')
      .replace(/"[^"]*"|'[^']*'/g, (quoted) => (/\s/.test(quoted) ? ' ' : quoted));
  const fetched = lines.some(
    (line) => !spelledLines(line).some((one) => one.includes(url)) && bare(line).includes(url),
  );
  return fetched ? 'its content came from' : 'it fetches';
}

/** `; it starts: /tmp/.x/a; its content came from: http://…`; empty for nothing known. */
export function startsText(starts: readonly string[], samples: readonly Sample[]): string {
  const commands = starts.filter((one) => !URL.test(one));
  const urls = Map.groupBy(
    starts.filter((one) => URL.test(one) && !commands.some((other) => other.includes(one))),
    (url) => urlSort(url, samples),
  );
  const parts = [
    ...(commands.length === 0 ? [] : [`it starts: ${list(commands, 8)}`]),
    ...[...urls].map(([sort, of]) => `${sort}: ${list(of, 8)}`),
  ];
  return parts.map((one) => `; ${one}`).join('');
}

/** Of commands, by the program that sets something up (https://attack.mitre.org). */
const BY_PROGRAM: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[\s/;&|])(?:at|batch)(?=\s|$)/, 'T1053.002'],
  [/(?:^|[\s/\\;&|])schtasks(?:\.exe)?(?=\s)/i, 'T1053.005'],
  [/(?:^|[\s/;&|])systemd-run(?=\s)/, 'T1053.006'],
  [/(?:^|[\s/;&|])(?:systemctl|service)(?=\s)/, 'T1543.002'],
  [/(?:^|[\s/;&|])(?:docker|podman|nerdctl|ctr)(?=\s)/, 'T1543.005'],
  [/(?:^|[\s/;&|])chattr(?=\s)/, 'T1222.002'],
];

/**
 * The technique of one thing that was set up. Evidence of an hour holds several, under the technique of one of them.
 * @param alone the evidence is of this thing alone
 */
export function techniqueOf(
  kind: 'file' | 'folder' | 'unit' | 'deed',
  name: string,
  evidence: DecidedEvidence,
  alone: boolean,
): string | undefined {
  if (kind === 'unit') {
    if (name.endsWith('.timer')) return 'T1053.006';
    return /^T1(?:543|053\.006|569)/.test(evidence.technique) ? evidence.technique : 'T1543.002';
  }
  if (kind !== 'deed' || alone) return evidence.technique;
  return BY_PROGRAM.find(([program]) => program.test(name))?.[1];
}
