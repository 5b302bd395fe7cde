import ipaddr from 'ipaddr.js';
import { canonicalAddress, isPublicAddress } from '#shared/model/address.ts';
import type { Endpoint } from '#shared/model/endpoint.ts';
import type { Answer, Binding, Intel, Knowledge, LearnedEndpoint, Lesson, WatchList } from '#shared/model/intel.ts';
import { AnswerTimes } from './answer-times.ts';
import { isHostName } from './compile.ts';
import { programKey } from './learner.ts';
import { isBelow, lowerName, nameCandidates, normalizeName } from './names.ts';

const DAY_MS = 86_400_000;

/** Bounds: what a log makes the watch list remember is the attacker's to choose. */
const MAX_ENDPOINTS_OF_A_LEARNER_AND_DAY = 32;
const MAX_ENDPOINTS = 8192;
const MAX_PROGRAMS = 4096;
const MAX_POOLS_OF_A_PROGRAM = 8;
const MAX_PATH = 256;
const MAX_ADDRESSES_OF_A_NAME = 256;
const MAX_BINDINGS = 65_536;

/** Ranges that no pool or proxy can be met at across a wire that logs see. */
const NOWHERE: ReadonlySet<string> = new Set(['unspecified', 'loopback', 'linkLocal', 'multicast', 'broadcast']);
/** Names of AWS that lead to a customer's own machine; all others lead to a service of AWS, which is no pool. */
const AWS_MACHINES =
  /(?:^|\.)(?:compute|compute-1|elb|awsglobalaccelerator)(?:\.[a-z]{2}(?:-[a-z]{2,12}){1,2}-\d)?\.amazonaws\.com$/;

export interface FrozenWatchList extends WatchList {
  /** Paths of miners' programs that named a pool by its name, in lower case. */
  executables(): Iterable<string>;
  /** Learned names, in lower case. */
  names(): Iterable<string>;
  /** Learned and bound addresses, in canonical text. */
  addresses(): Iterable<string>;
}

/** A pool that a program of one host named. */
export interface ProgramLesson {
  readonly learner: string;
  /** Absolute path of the program. */
  readonly path: string;
  readonly endpoint: Endpoint;
}

/** Where an address was answered: the same text for the same account and VPC. */
interface Scope {
  readonly account: string | undefined;
  readonly vpc: string | undefined;
  readonly bound: Map<string, Bound>;
}

interface Bound {
  readonly name: string;
  readonly learned: boolean;
  readonly port: number | undefined;
  readonly times: AnswerTimes;
}

/**
 * Collects what a run learns: endpoints that miners name, and addresses that names of pools answered with. What it holds
 * is a union, so that order and repetition of calls change nothing below the bounds; above them the latecomer is refused.
 */
export class WatchListBuilder {
  readonly #intel: Pick<Intel, 'shared'>;
  readonly #learned = new Map<string, Map<string, LearnedEndpoint>>();
  readonly #lessons = new Map<string, Set<string>>();
  /** Pools by `programKey`. */
  readonly #programs = new Map<string, readonly LearnedEndpoint[]>();
  readonly #paths = new Set<string>();
  readonly #scopes = new Map<string, Map<string, Scope>>();
  readonly #addressesOfName = new Map<string, Set<string>>();
  #endpoints = 0;
  #bindings = 0;
  #version = 0;
  #lessonsAdded: Lesson[] = [];
  #answersAdded: Answer[] = [];

  constructor(intel: Pick<Intel, 'shared'>) {
    this.#intel = intel;
  }

  /** Endpoints and bindings held. */
  get size(): number {
    return this.#endpoints + this.#bindings;
  }

  /** Endpoints that miners named. */
  get endpoints(): number {
    return this.#endpoints;
  }

  /** Rises with each call that adds something. */
  get version(): number {
    return this.#version;
  }

  /** Takes what other runs learned. */
  recall({ lessons, answers }: Knowledge): void {
    const added = this.takeAdded();
    for (const lesson of lessons) this.learn(lesson);
    for (const answer of answers) this.bind(answer);
    this.#lessonsAdded = [...added.lessons];
    this.#answersAdded = [...added.answers];
  }

  /** What was added since this was last asked, without what was recalled. */
  takeAdded(): Knowledge {
    const added = { lessons: this.#lessonsAdded, answers: this.#answersAdded };
    this.#lessonsAdded = [];
    this.#answersAdded = [];
    return added;
  }

  /** Remembers an endpoint that a miner named. False when it is refused; see the bounds, and `learnable`. */
  learn(lesson: Lesson): boolean {
    const host = learnable(lesson.endpoint.host, this.#intel);
    if (host === undefined) return false;
    const { port } = lesson.endpoint;
    const endpoint: Endpoint = port === undefined ? { host } : { host, port };
    const key = `${port ?? ''} ${lesson.proxy}`;
    const known = this.#learned.get(host);
    if (!this.#mayLearn(lesson, `${host} ${key}`, known?.has(key) === true)) return false;
    if (known?.has(key) === true) return true;
    this.#learned.set(host, (known ?? new Map()).set(key, { endpoint, proxy: lesson.proxy }));
    this.#endpoints++;
    this.#version++;
    this.#lessonsAdded.push(lesson);
    return true;
  }

  #mayLearn(lesson: Lesson, key: string, known: boolean): boolean {
    const quota = `${Math.floor(lesson.at / DAY_MS)} ${lesson.learner}`;
    const taught = this.#lessons.get(quota) ?? new Set();
    if (taught.has(key)) return true;
    if (taught.size >= MAX_ENDPOINTS_OF_A_LEARNER_AND_DAY || (!known && this.#endpoints >= MAX_ENDPOINTS)) return false;
    this.#lessons.set(quota, taught.add(key));
    return true;
  }

  /**
   * Remembers that a name answered with an address. Refuses shared ranges (a flow there says nothing of the name),
   * addresses that lead nowhere, and for listed names private ones, which only a sinkhole gives.
   */
  bind(answer: Answer): boolean {
    const address = canonicalAddress(answer.address);
    const name = answer.learned ? lowerName(answer.name) : normalizeName(answer.name);
    if (address === undefined || name === '' || !Number.isFinite(answer.at)) return false;
    if (leadsNowhere(address) || this.#intel.shared(address)) return false;
    if (!answer.learned && !isPublicAddress(address)) return false;
    const bound = this.#boundOf(answer, name, address);
    if (bound === undefined) return false;
    if (bound.times.add(answer.at)) {
      this.#version++;
      this.#answersAdded.push(answer);
    }
    return true;
  }

  #boundOf(answer: Answer, name: string, address: string): Bound | undefined {
    const port = answer.learned ? answer.port : undefined;
    const scopeKey = JSON.stringify([answer.account, answer.vpc]);
    const key = `${name} ${answer.learned} ${port ?? ''}`;
    const known = this.#scopes.get(address)?.get(scopeKey)?.bound.get(key);
    if (known !== undefined) return known;
    const addresses = this.#addressesOfName.get(name) ?? new Set();
    const tooMany = addresses.size >= MAX_ADDRESSES_OF_A_NAME && !addresses.has(address);
    if (tooMany || this.#bindings >= MAX_BINDINGS) return undefined;
    this.#addressesOfName.set(name, addresses.add(address));
    const scopes = this.#scopes.get(address) ?? new Map<string, Scope>();
    const scope = scopes.get(scopeKey) ?? { account: answer.account, vpc: answer.vpc, bound: new Map() };
    const bound: Bound = { name, learned: answer.learned, port, times: new AnswerTimes() };
    this.#scopes.set(address, scopes.set(scopeKey, { ...scope, bound: scope.bound.set(key, bound) }));
    this.#bindings++;
    return bound;
  }

  /**
   * Remembers which pool a miner's program named by name and port: where it then connects to that port, it met its pool,
   * whatever address the name had. Of this run alone; one program of one host may name a few.
   */
  learnProgram({ learner, path, endpoint }: ProgramLesson): void {
    const host = learnable(endpoint.host, this.#intel);
    if (host === undefined || endpoint.port === undefined || canonicalAddress(host) !== undefined) return;
    if (path.length > MAX_PATH || !path.startsWith('/')) return;
    const key = programKey(learner, path);
    const known = this.#programs.get(key) ?? [];
    const again = known.some((one) => one.endpoint.host === host && one.endpoint.port === endpoint.port);
    const full = known.length === 0 && this.#programs.size >= MAX_PROGRAMS;
    if (again || full || known.length >= MAX_POOLS_OF_A_PROGRAM) return;
    this.#programs.set(key, [...known, { endpoint: { host, port: endpoint.port }, proxy: false }]);
    this.#paths.add(path.toLowerCase());
    this.#version++;
  }

  /** What is known now, as look-ups that later calls do not change. */
  freeze(): FrozenWatchList {
    const learned = new Map([...this.#learned].map(([host, of]) => [host, sortedEndpoints(of.values())]));
    const scopes = new Map([...this.#scopes].map(([address, of]) => [address, [...of.values()].map(copyScope)]));
    const programs = new Map(this.#programs);
    const paths = [...this.#paths];
    const isAddress = (host: string): boolean => canonicalAddress(host) !== undefined;
    const names = [...learned.keys()].filter((host) => !isAddress(host));
    const addresses = [...new Set([...scopes.keys(), ...[...learned.keys()].filter(isAddress)])];
    return {
      endpoint: (ip, port) =>
        (learned.get(ip) ?? []).filter(
          ({ endpoint }) => endpoint.port === undefined || port === undefined || endpoint.port === port,
        ),
      name: (dns) => {
        const exact = programs.get(dns) ?? learned.get(lowerName(dns));
        if (exact !== undefined) return exact;
        return nameCandidates(dns).flatMap((name) => learned.get(name) ?? []);
      },
      resolved: (account, vpc, ip, at) => resolvedAt(scopes.get(ip) ?? [], account, vpc, at, isPublicAddress(ip)),
      executables: () => paths,
      names: () => names,
      addresses: () => addresses,
    };
  }
}

/**
 * The text under which a host that a miner named is watched, or `undefined` where it must not be: no plausible name or
 * address, an address that leads nowhere, a bare address that many tenants share, or a service of AWS.
 */
function learnable(host: string, intel: Pick<Intel, 'shared'>): string | undefined {
  const address = canonicalAddress(host);
  if (address !== undefined) return leadsNowhere(address) || intel.shared(address) ? undefined : address;
  const name = lowerName(host);
  if (!isHostName(name) || isBelow(name, 'ntp.org')) return undefined;
  if (isBelow(name, 'amazonaws.com') && !AWS_MACHINES.test(name)) return undefined;
  return name;
}

function leadsNowhere(address: string): boolean {
  return NOWHERE.has(ipaddr.parse(address).range()) || address.startsWith('0.');
}

function sortedEndpoints(endpoints: Iterable<LearnedEndpoint>): readonly LearnedEndpoint[] {
  return [...endpoints].sort(
    (a, b) => Number(a.proxy) - Number(b.proxy) || (a.endpoint.port ?? 0) - (b.endpoint.port ?? 0),
  );
}

function copyScope({ account, vpc, bound }: Scope): Scope {
  return {
    account,
    vpc,
    bound: new Map([...bound].map(([key, one]) => [key, { ...one, times: one.times.copy() }])),
  };
}

/**
 * The bindings of an address in the scopes that account and VPC may mean. Where several may be meant, a public address
 * counts for what all of them agree on; a private one, which is another machine in each VPC, for nothing.
 */
function resolvedAt(
  scopes: readonly Scope[],
  account: string | undefined,
  vpc: string | undefined,
  at: number,
  isPublic: boolean,
): readonly Binding[] {
  const meant: Map<string, Binding>[] = [];
  for (const scope of scopes) {
    if (!maySame(scope.account, account) || !maySame(scope.vpc, vpc)) continue;
    const now = bindingsAt(scope, at);
    if (now.size > 0) meant.push(now);
  }
  const [first, ...others] = meant;
  if (first === undefined || (others.length > 0 && !isPublic)) return [];
  const agreed = [...first].filter(([key]) => others.every((other) => other.has(key)));
  return agreed
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, binding]) => ({
      ...binding,
      direct: binding.direct || others.some((other) => other.get(key)?.direct === true),
    }));
}

function maySame(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function bindingsAt(scope: Scope, at: number): Map<string, Binding> {
  const now = new Map<string, Binding>();
  for (const [key, { name, learned, port, times }] of scope.bound) {
    const when = times.at(at);
    if (when === undefined) continue;
    now.set(key, { name, direct: when === 'direct', learned, ...(port === undefined ? {} : { port }) });
  }
  return now;
}
