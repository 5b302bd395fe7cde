import { type FoundWallet, findWallets } from '../wallet/find.ts';
import { algorithmStrength, isCoin } from './algorithms.ts';
import { readConfigText } from './config-text.ts';
import { familiesOf } from './families.ts';
import { clusterEnd, longOption, type Option, proxyOptions, type Role, shortRole, singleOption } from './options.ts';
import { findPoolUrls, type PoolUrl, parsePoolList, parsePoolUrl, percentDecoded } from './pool-url.ts';

/** What a program's words say in the language of miners. */
export interface MinerArguments {
  /** Pools by an option, a configuration or a mining scheme; those of other options are not among them. */
  readonly pools: readonly PoolUrl[];
  /** Of these, the ones that are an option's value as the miners' tables have it. */
  readonly given: readonly PoolUrl[];
  /** Hosts that are the value of an option which no table has: worth something only where a list has the host. */
  readonly mentioned: readonly Mention[];
  /** Every word is an option or the value of one, and none is a pattern, a message or an end of options. */
  readonly pure: boolean;
  /** The value of a port option. */
  readonly port?: string;
  readonly proxies: readonly PoolUrl[];
  /** Values of pool options that are a bare host without a port. */
  readonly hosts: readonly PoolUrl[];
  /** Every address in the words. */
  readonly wallets: readonly FoundWallet[];
  /** Values of user options, as written. */
  readonly users: readonly string[];
  readonly workers: readonly string[];
  readonly algorithms: readonly { readonly name: string; readonly strength: 'strong' | 'weak' }[];
  readonly coins: readonly string[];
  readonly passes: readonly string[];
  /** `-o host:port -u login -p password`, in these very letters or as `--url`, `--user`, `--pass`. */
  readonly triple: boolean;
  /** `-o host:port -u login` with `-k`, `--keepalive` or `--tls`, as xmrig takes them. */
  readonly kept: boolean;
  /** GMiner's `-s host -n port -u login`. */
  readonly split: boolean;
  readonly config?: string;
  /** Options that only miners have, options that are a miner's on a suspect binary, the mode that mines nothing. */
  readonly strong: readonly string[];
  readonly common: readonly string[];
  /** Options of one miner that prove it together, and those that do so beside a verified wallet. */
  readonly together: readonly string[];
  readonly togetherWithWallet: readonly string[];
  /** Options that prove a miner beside a pool; empty where no `-o host:port` stands. */
  readonly beside: readonly string[];
  /** xmrig's `--bench=1M --submit`: a benchmark whose result goes to the miner's own site. */
  readonly submitted: boolean;
  readonly benign?: string;
  /**
   * xmrig-proxy's `-o host:port -b address:port --mode nicehash` (its README.md): the mode of a proxy of miners beside a
   * pool and a place to listen; `simple` says it in a suspect folder alone.
   */
  readonly relay?: string;
}

/** A host with or without a port behind an option that no miner's table has. */
export interface Mention {
  readonly url: PoolUrl;
  /** The option's name speaks of a pool, a node or a server. */
  readonly named: boolean;
}

const MAX_WORDS = 4096;
const MAX_MENTIONS = 32;
const MAX_TEXT = 262_144;

/** Reads the words behind argv[0]. Order does not matter, but for an option and its value. Linear; never throws. */
export function readArguments(words: readonly string[]): MinerArguments {
  const reader = new Reader();
  let size = 0;
  let at = 0;
  while (at < words.length && at < MAX_WORDS && size < MAX_TEXT) {
    const word = words[at] ?? '';
    size += word.length;
    at += reader.word(word, words[at + 1]) ? 2 : 1;
  }
  return reader.result(words.slice(0, MAX_WORDS).join('\n').slice(0, MAX_TEXT));
}

class Reader {
  private readonly pools: PoolUrl[] = [];
  private readonly proxies: PoolUrl[] = [];
  private readonly hosts: PoolUrl[] = [];
  private port: string | undefined;
  private readonly users: string[] = [];
  private readonly workers: string[] = [];
  private readonly algorithms: { name: string; strength: 'strong' | 'weak' }[] = [];
  private readonly coins: string[] = [];
  private readonly passes: string[] = [];
  private readonly strong = new Set<string>();
  private readonly common = new Set<string>();
  private readonly beside = new Set<string>();
  /** Long options by their full names. */
  private readonly names = new Set<string>();
  private readonly letters = new Set<string>();
  private readonly mentioned: Mention[] = [];
  private splitPort = false;
  private keeps = false;
  private pure = true;
  /** The unknown option just read, whose value the next word may be. */
  private unknown: string | undefined;
  private bench = '';
  private listens = false;
  private mode: string | undefined;
  private config: string | undefined;
  private benign: string | undefined;

  /** Reads one word; true when the next word was its value. */
  word(word: string, next: string | undefined): boolean {
    const unknown = this.unknown;
    this.unknown = undefined;
    if (TEXTUAL.test(word)) this.pure = false;
    if (/^(?:-k|--keepalive|--tls)$/.test(word)) this.keeps = true;
    this.proxyOption(word, next);
    if (word.startsWith('--')) return this.long(word, next);
    if (word.startsWith('-') && word.length > 1) return this.short(word, next);
    if (unknown === undefined) this.pure = false;
    else this.mention(unknown, word);
    return false;
  }

  /** Where xmrig-proxy listens and how it shares one login; other programs have both options, so their values count. */
  private proxyOption(word: string, next: string | undefined): void {
    const match = /^(?:-([bm])=?|--(bind|mode)(?:=|$))/.exec(word);
    if (match === null) return;
    const attached = word.slice(match[0].length);
    const value = attached === '' ? (next ?? '') : attached;
    if (match[1] === 'b' || match[2] === 'bind') this.listens ||= parsePoolUrl(value) !== undefined;
    else if (/^(?:nicehash|extra_nonce|simple)$/.test(value)) this.mode ??= value;
  }

  private mention(name: string, value: string): void {
    if (this.mentioned.length >= MAX_MENTIONS) return;
    const url = parsePoolUrl(value, true);
    if (url !== undefined && !isWeb(url)) this.mentioned.push({ url, named: SERVER_NAMES.test(name) });
  }

  private long(word: string, next: string | undefined): boolean {
    const mark = word.search(/[=:]/);
    const name = word.slice(2, mark < 0 ? undefined : mark);
    if (name === 'ClientSettings') return this.qubic(word.slice(mark + 1));
    const known = longOption(name);
    if (known === undefined) {
      if (mark < 0) this.unknown = name;
      else this.mention(name, word.slice(mark + 1));
      return false;
    }
    const given = mark > 0 ? word.slice(mark + 1) : next;
    if (known.option.beside === true && !known.option.value && (mark > 0 || /^-?\d/.test(next ?? ''))) return false;
    this.weigh(`--${known.name}`, known.option);
    if (known.name !== 'currency' || isCurrency(given ?? '')) this.names.add(known.name);
    if (known.name === 'bench') this.bench = given ?? '';
    if (known.name === 'url' || known.name === 'user' || known.name === 'pass') this.letters.add(known.name);
    if (known.name === 'port') this.port ??= given;
    const attached = mark > 0;
    if (given === undefined || (!attached && (!known.option.value || isOption(given)))) return false;
    if (known.name === 'par') this.equihash(given);
    else this.value(known.option.role, given, known.name === 'url');
    return !attached;
  }

  /** miniZ's `--par=144,5`: the parameters of Equihash, else an algorithm's name. */
  private equihash(text: string): void {
    const numbers = /^\d{2,3}[,_]\d$/.test(text) && algorithmStrength(`equihash${text}`) === 'strong';
    if (numbers) this.algorithms.push({ name: text, strength: 'strong' });
    else this.value('algo', text);
  }

  /** `--ClientSettings:QubicAddress=ID` and its kin of the Qubic client. */
  private qubic(setting: string): boolean {
    this.strong.add('--ClientSettings:');
    const equals = setting.indexOf('=');
    if (/address$/i.test(setting.slice(0, equals))) this.users.push(setting.slice(equals + 1));
    if (/alias$/i.test(setting.slice(0, equals))) this.workers.push(setting.slice(equals + 1));
    return false;
  }

  private short(word: string, next: string | undefined): boolean {
    const equals = word.indexOf('=');
    const name = word.slice(1, equals < 0 ? undefined : equals);
    const single = singleOption(name);
    if (single !== undefined) {
      this.weigh(`-${name}`, single);
      if (equals > 0) this.value(single.role, word.slice(equals + 1));
      else if (single.value && next !== undefined && !isOption(next)) {
        this.value(single.role, next);
        return true;
      }
      return false;
    }
    return this.lettered(clusterEnd(word) ?? word, next);
  }

  private lettered(word: string, next: string | undefined): boolean {
    if (word === '-V' || word === '-h') this.benign ??= word;
    if (word === '-n' && /^\d{1,5}$/.test(next ?? '')) {
      this.port ??= next;
      this.splitPort = true;
      return true;
    }
    const backup = /^-([oupw])([1-9])$/.exec(word);
    const role = shortRole(backup?.[1] ?? word[1] ?? '');
    if (role === undefined) {
      this.unknown = word.slice(1);
      return false;
    }
    const letter = TRIPLE.get(word[1] ?? '');
    if (letter !== undefined) this.letters.add(letter);
    if (word[1] === 'w') return this.walletOrWorker(word, next, backup !== null);
    if (word.length === 2 || backup !== null) {
      if (next === undefined || isOption(next)) return false;
      this.value(role, next);
      return true;
    }
    this.value(role, word.slice(word[2] === '=' ? 3 : 2));
    return false;
  }

  /** `-w` is BzMiner's wallet and T-Rex's worker: the shape decides. */
  private walletOrWorker(word: string, next: string | undefined, backup: boolean): boolean {
    const attached = word.length > 2 && !backup;
    const text = (attached ? word.slice(2) : (next ?? '')).replace(RIGEL_INDEX, '');
    if (text === '' || isOption(text)) return false;
    if (text.length >= 25) this.users.push(text);
    else if (!attached) this.workers.push(text);
    return !attached;
  }

  private weigh(name: string, option: Option): void {
    if (option.weight === 'strong') this.strong.add(name);
    else if (option.weight === 'common') this.common.add(name);
    if (option.beside === true) this.beside.add(name);
    if (option.role === 'benign') this.benign ??= name;
  }

  /** @param login a bare `login@host:port` is a pool */
  private value(role: Role, text: string, login = false): void {
    switch (role) {
      case 'pool':
        if (!this.takePools(text, login)) this.takeHost(text);
        break;
      case 'proxy':
        this.proxies.push(...[parsePoolUrl(text)].filter((one) => one !== undefined));
        break;
      case 'user':
        if (text !== '') this.users.push(percentDecoded(text.replace(RIGEL_INDEX, '')));
        break;
      case 'userpass':
        this.users.push(percentDecoded(text.replace(/:[^:]{0,128}$/, '')));
        break;
      case 'pass':
        if (!this.takePools(text)) this.passes.push(text);
        break;
      case 'worker':
        if (text !== '') this.workers.push(text.replace(RIGEL_INDEX, ''));
        break;
      case 'algo': {
        const strength = algorithmStrength(text);
        if (strength !== undefined) this.algorithms.push({ name: text.toLowerCase(), strength });
        break;
      }
      case 'coin':
        if (isCoin(text)) this.coins.push(text.toUpperCase());
        break;
      case 'config':
        this.config ??= text;
        break;
      default:
        break;
    }
  }

  private takePools(text: string, login = false): boolean {
    const { pools, proxies } = parsePoolList(text, login);
    for (const pool of pools) {
      this.pools.push(pool);
      if (pool.user !== undefined) this.users.push(pool.user);
    }
    this.proxies.push(...proxies);
    return pools.length > 0;
  }

  private takeHost(text: string): void {
    const host = parsePoolUrl(text, true);
    if (host !== undefined) this.hosts.push(host);
  }

  /** A host alone takes the port of the port option. */
  private withPort(url: PoolUrl): PoolUrl {
    if (url.endpoint.port !== undefined) return url;
    return parsePoolUrl(`${url.endpoint.host}:${this.port ?? ''}`) ?? url;
  }

  /** Two or more of what only xmrig-proxy is told together: its own options, its mode, its place to listen. */
  private proxyWords(): readonly string[] {
    const own = proxyOptions(this.names).map((name) => `--${name}`);
    const said = [
      ...own,
      ...(this.mode === undefined ? [] : [`--mode ${this.mode}`]),
      ...(this.listens ? ['--bind'] : []),
    ];
    return own.length > 0 && said.length > 1 ? said : [];
  }

  result(text: string): MinerArguments {
    const config = readConfigText(text);
    if (config.keys.length >= 2) for (const key of config.keys) this.strong.add(`"${key}"`);
    const given = [...this.pools];
    const known = new Set(this.pools.map(({ endpoint }) => `${endpoint.host}:${endpoint.port}`));
    const found = config.keys.length >= 2 ? config.pools : findPoolUrls(text);
    for (const pool of found) {
      if (known.has(`${pool.endpoint.host}:${pool.endpoint.port}`)) continue;
      this.pools.push(pool);
      if (pool.user !== undefined) this.users.push(pool.user);
    }
    const hosts = this.hosts.map((one) => this.withPort(one));
    const whole = hosts.filter(({ endpoint }) => endpoint.port !== undefined);
    this.pools.push(...whole);
    given.push(...whole);
    const families = familiesOf(this.names);
    const together = (wallet: boolean): readonly string[] =>
      families.filter(({ family }) => family.wallet === wallet).flatMap(({ found }) => found.map((one) => `--${one}`));
    const wallets = walletsOf(text, this.users);
    const workers = [...this.workers, ...wallets.flatMap(({ worker }) => (worker === undefined ? [] : [worker]))];
    return {
      pools: this.pools,
      given,
      mentioned: this.mentioned.map(({ url, named }) => ({ url: this.withPort(url), named })),
      pure: this.pure,
      proxies: this.proxies,
      hosts: hosts.filter(({ endpoint }) => endpoint.port === undefined),
      wallets,
      users: this.users,
      workers: [...new Set(workers)],
      algorithms: this.algorithms,
      coins: this.coins,
      passes: this.passes,
      triple: this.pools.length > 0 && this.letters.size === 3,
      kept: this.keeps && this.pools.length > 0 && this.letters.has('url') && this.letters.has('user'),
      split: hosts.some(({ endpoint }) => endpoint.port !== undefined) && this.splitPort && this.letters.has('user'),
      strong: [...this.strong],
      common: [...this.common],
      together: together(false),
      togetherWithWallet: together(true),
      beside: this.pools.length > 0 && this.letters.has('url') ? [...this.beside, ...this.proxyWords()] : [],
      submitted: this.names.has('submit') && /^\d{1,2}M$/i.test(this.bench),
      ...(this.port === undefined ? {} : { port: this.port }),
      ...(this.config === undefined ? {} : { config: this.config }),
      ...(this.benign === undefined ? {} : { benign: this.benign }),
      ...(this.listens && this.mode !== undefined && this.pools.length > 0 && this.letters.has('url')
        ? { relay: this.mode }
        : {}),
    };
  }
}

/** Rigel numbers the values of its second and third algorithm: `-u [2]LOGIN`. */
const RIGEL_INDEX = /^\[\d\](?=.)/;

/** What stands before a pattern or a message, or ends the options: the next words are a tool's matter. */
const TEXTUAL =
  /^(?:-|--|-[a-zA-Z]{0,3}[emfE]|-jar|-exec(?:dir)?|--(?:regexp?|pattern|expression|message|grep|file|exec|format|filter)(?:=.*)?)$/s;

const SERVER_NAMES = /pool|daemon|node|stratum|server|mine|mining/i;

const TRIPLE: ReadonlyMap<string, string> = new Map([
  ['o', 'url'],
  ['u', 'user'],
  ['p', 'pass'],
]);

/** Addresses of the text; those of percent-encoded users too; each once. */
function walletsOf(text: string, users: readonly string[]): readonly FoundWallet[] {
  const found = new Map<string, FoundWallet>();
  for (const wallet of [...users.flatMap((user) => findWallets(user)), ...findWallets(text)]) {
    if (!found.has(wallet.address)) found.set(wallet.address, wallet);
  }
  return [...found.values()];
}

/** What xmr-stak's `--currency` takes: a coin that is mined or an algorithm. */
function isCurrency(text: string): boolean {
  return isCoin(text.replace(/\d$/, '')) || algorithmStrength(text) === 'strong';
}

/** A word that is another option rather than a value; negative numbers and a lone dash are values. */
function isOption(word: string): boolean {
  return /^-(?:-?[A-Za-z]|-$)/.test(word);
}

/** Whether a URL is of the web, where any site may stand. */
export function isWeb({ scheme }: PoolUrl): boolean {
  return scheme !== undefined && /^(?:https?|wss?)$/.test(scheme);
}
