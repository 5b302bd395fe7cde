import { parse } from 'tldts';
import type { NameEntry, NameMatch } from '#shared/model/intel.ts';

/** Longest DNS name as text (RFC 1035, 2.3.4), and room for a search suffix behind it. */
const MAX_TEXT = 512;

/** Labels below an operator's name that lead to his web pages, not to a pool. A number at their end is ignored. */
const SITE_LABELS: ReadonlySet<string> = new Set(
  (
    'www api docs doc blog status help support forum forums explorer wiki news shop store static cdn assets img images ' +
    'media mail webmail smtp imap pop webdisk cpanel autodiscover autoconfig ftp admin dashboard app appv web beta dev test ' +
    'stat stats account accounts login auth sso id grafana monitor monitoring calc faq about careers kb community chat ' +
    'feedback download downloads info get go dnsseed ns'
  ).split(' '),
);
/**
 * Site labels only directly below the operator's name and without a number: `mx` deeper down is a region of a pool, and
 * `node3` a server of one, while `nodes` answers wallets.
 */
const SITE_LABELS_AT_TOP: ReadonlySet<string> = new Set(['mx', 'm', 'dl', 'node', 'nodes']);

/** The NTP pool: the largest source of false alarms for a list of pools (tradecraft of every block list). */
const NEVER = 'ntp.org';

/** A name in lower case without trailing dots: the text that queries and learned names are compared by. */
export function lowerName(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x2e) end--;
  return text.slice(0, end).toLowerCase();
}

/**
 * The names that a resolver may have been asked for when this text was looked up, the likeliest first: search suffixes of
 * AWS (`ec2.internal`, `REGION.compute.internal`, `compute-1.internal`, Amazon VPC User Guide, "DNS attributes") and of
 * Kubernetes (`NAMESPACE.svc.cluster.local` and its parents, ndots:5) are removed. Never empty, at most two.
 */
export function nameCandidates(text: string): readonly string[] {
  const name = lowerName(text);
  if (name.endsWith('.internal')) return [withoutAwsSuffix(name)];
  if (!name.endsWith('.local')) return [name];
  const inService = without(name, '.svc.cluster.local');
  if (inService === undefined) return [without(name, '.cluster.local') ?? name.slice(0, -'.local'.length)];
  const dot = inService.lastIndexOf('.');
  if (dot <= 0) return [inService];
  const inNamespace = inService.slice(0, dot);
  // The last label is a namespace, or the end of a name looked up by the second search entry, which has no namespace.
  return endsInPublicSuffix(inNamespace) ? [inNamespace, inService] : [inService, inNamespace];
}

/** The likeliest name meant by a query: lower case, no trailing dot, no search suffix of AWS or Kubernetes. */
export function normalizeName(text: string): string {
  return nameCandidates(text)[0] ?? '';
}

function withoutAwsSuffix(name: string): string {
  const direct = without(name, '.ec2.internal') ?? without(name, '.compute-1.internal');
  if (direct !== undefined) return direct;
  const regional = without(name, '.compute.internal');
  if (regional === undefined) return name.slice(0, -'.internal'.length);
  const dot = regional.lastIndexOf('.');
  return dot > 0 ? regional.slice(0, dot) : regional;
}

function without(name: string, suffix: string): string | undefined {
  return name.length > suffix.length && name.endsWith(suffix) ? name.slice(0, -suffix.length) : undefined;
}

function endsInPublicSuffix(name: string): boolean {
  return parse(name, { extractHostname: false, validateHostname: false }).isIcann === true;
}

/** Finds the listed name at or above a name, on whole labels. */
export class NameIndex {
  readonly #entries: ReadonlyMap<string, NameEntry>;

  constructor(entries: readonly NameEntry[]) {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  /** Of a DNS name in any spelling; the longest listed suffix wins. Linear in the length, which is bounded. */
  find(dns: string): NameMatch | undefined {
    if (dns.length > MAX_TEXT) return undefined;
    for (const name of nameCandidates(dns)) {
      const match = this.#walk(name);
      if (match !== undefined) return match;
    }
    return undefined;
  }

  #walk(name: string): NameMatch | undefined {
    if (isBelow(name, NEVER)) return undefined;
    for (let from = 0; ; ) {
      const entry = this.#entries.get(from === 0 ? name : name.slice(from));
      if (entry !== undefined) return { entry, name, site: entry.siteIsPool !== true && isSite(name, from) };
      const dot = name.indexOf('.', from);
      if (dot < 0) return undefined;
      from = dot + 1;
    }
  }
}

/** Whether a name is another one or lies below it. */
export function isBelow(name: string, above: string): boolean {
  return name === above || (name.endsWith(above) && name.charCodeAt(name.length - above.length - 1) === 0x2e);
}

/** Whether the labels before `from`, where the listed name begins, name a web page of the operator. */
function isSite(name: string, from: number): boolean {
  if (from === 0) return true;
  const first = name.slice(0, name.indexOf('.'));
  let end = first.length;
  while (end > 1 && first.charCodeAt(end - 1) >= 0x30 && first.charCodeAt(end - 1) <= 0x39) end--;
  const label = first.slice(0, end);
  return SITE_LABELS.has(label) || (first.length + 1 === from && SITE_LABELS_AT_TOP.has(first));
}
