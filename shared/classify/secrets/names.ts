/**
 * Which names announce a secret, by the tables of miners' and clients' own options (xmrig `usage.h`, mysql, curl,
 * sshpass, redis-cli, docker) and of environment variables that tools document.
 */
const HARMLESS =
  /authorized_keys|known_hosts|keyserver|keyring|keyboard|monkey|hotkey|keystroke|bypass|passthrough|passive|compass|tokeniz(?:e|er|ing)|author(?:s|ity)?(?![a-z])/g;
const TELLS = /pass|psw|pwd|secret|token|key|cred|auth|cookie|signature|bearer|jwt/;
const SHORT_TELLS = /(?:pw|(?:^|[^a-z])sig)\d*$/;

/** Longest name that is looked at: only its end is taken from a longer run. */
const LONGEST_NAME = 64;

/** Whether an option, variable, header, query parameter or JSON key names a secret (POOL_PW, --http-access-token, sig). */
export function isSecretName(name: string): boolean {
  const bare = name.slice(-LONGEST_NAME).toLowerCase().replace(HARMLESS, '');
  return TELLS.test(bare) || SHORT_TELLS.test(bare) || isAbbreviated(name, SECRET_OPTIONS);
}

/** Options that getopt_long also takes cut short, each with the length from which xmrig's own table has no other. */
const SECRET_OPTIONS = [
  ['--pass', 5],
  ['--token', 5],
  ['--secret', 5],
  ['--http-access-token', 8],
  ['--api-access-token', 7],
] as const;
const USER_OPTIONS = [
  ['--userpass', 7],
  ['--proxy-user', 9],
] as const;

const isAbbreviated = (word: string, options: readonly (readonly [string, number])[]): boolean =>
  options.some(([option, least]) => word.length >= least && option.startsWith(word));

/** Programs whose `-p` is a port, a process, a CPU or a mode, never a password. */
const P_IS_NO_PASSWORD: ReadonlySet<string> = new Set([
  ...[
    'mkdir',
    'cp',
    'mv',
    'install',
    'rmdir',
    'tar',
    'patch',
    'find',
    'ps',
    'kill',
    'lsof',
    'ssh',
    'nc',
    'ncat',
    'nmap',
    'rsync',
    'scp',
  ],
  ...['wrmsr', 'rdmsr', 'taskset', 'renice', 'chrt', 'ionice', 'sysctl', 'sh', 'bash', 'dash', 'git', 'journalctl'],
]);

/** Other short options that take a secret, for each program. */
const SHORT_SECRETS: ReadonlyMap<string, string> = new Map([
  ...['redis-cli', 'keydb-cli', 'valkey-cli'].map((name) => [name, '-a'] as const),
  ...['sqlcmd', 'bcp', 'osql', 'zip', 'unzip', 'ipmitool'].map((name) => [name, '-P'] as const),
  ...['ldapsearch', 'ldapadd', 'ldapmodify', 'ldapwhoami'].map((name) => [name, '-w'] as const),
  ['openssl', '-k'],
]);

/** curl's options without a value, which may stand before another one's letter in one word (curl(1)). */
const CURL_CLUSTER = /^-[#0-9afgGijklLMnNpqRsSvZ]*([EuUb])(.*)$/s;

/** What curl's single letters take: a certificate and its passphrase, users and their passwords, cookies. */
function curlSort(word: string): OptionSort {
  const [, letter, value] = CURL_CLUSTER.exec(word) ?? [];
  if (letter === undefined || value === undefined) return 'none';
  if (letter === 'b') return value === '' ? 'secret' : 'none';
  if (value === '') return 'user-and-password';
  return value.includes(':') ? 'attached-user' : 'none';
}

/** Letters without a value that may stand in one word in front of a letter which takes a secret: `-oPx`, `-oP x`. */
interface Cluster {
  readonly programs: ReadonlySet<string>;
  /** Matches the whole word: the letter that takes a value, then the value as far as it stands with it. */
  readonly word: RegExp;
}

const programs = (names: string): ReadonlySet<string> => new Set(names.split(' '));

/**
 * By program (unzip(1), zip(1), ldapsearch(1), my_getopt of mysql, useradd(8), sshpass(1)); letters that themselves take
 * a value are left out, for what follows these is theirs.
 */
const CLUSTERS: readonly Cluster[] = [
  { programs: programs('zip unzip'), word: /^-[AaB-HJ-NQ-Zace-hj-rt-wyz0-9]{1,8}(P)(.*)$/s },
  { programs: programs('ldapsearch ldapadd ldapmodify ldapwhoami'), word: /^-[AcCILMnNQuvxZ]{1,8}(w)(.*)$/s },
  {
    programs: programs('mysql mysqldump mysqladmin mariadb mariadb-dump'),
    word: /^-[ABbcCEfGHinNoqrsStTvwX]{1,8}(p)(.+)$/s,
  },
  { programs: programs('useradd usermod'), word: /^-[aLlMmNorU]{1,8}(p)(.*)$/s },
  { programs: programs('sshpass'), word: /^-v{1,8}(p)(.*)$/s },
  { programs: programs('rar unrar'), word: /^-h(p)(.+)$/s },
];

/**
 * Miners' options without a value in front of another's letter, in one word (xmrig, cpuminer: getopt): `-kBp x`, `-qOu:x`.
 * Any program may be a renamed miner; a value behind `-Dp` and `-Pp` is not asked for, since `-D` names what others set.
 */
const MINER_CLUSTER = /^-(?:[kBSVq46]{1,8}([pOu])(.*)|[kBSVqDP46]{1,8}([pOu]))$/s;

/** The value of a cluster as far as it stands in the word, and the letter that takes it. */
function clusterOf(word: string, { names, program }: Command): { letter: string; value: string } | undefined {
  const own = CLUSTERS.find((one) => names.some((name) => one.programs.has(name)));
  const found = own?.word.exec(word);
  if (found !== undefined && found !== null) return { letter: found[1] ?? '', value: found[2] ?? '' };
  const miner = P_IS_NO_PASSWORD.has(program) ? null : MINER_CLUSTER.exec(word);
  return miner === null ? undefined : { letter: miner[1] ?? miner[3] ?? '', value: miner[2] ?? '' };
}

/** Where in the word the value of an option begins that stands there with it. */
export function attachedFrom(word: string, command: Command): number {
  const value = command.names.includes('curl') ? CURL_CLUSTER.exec(word)?.[2] : clusterOf(word, command)?.value;
  return value === undefined ? 2 : word.length - value.length;
}

/** What a cluster of short options takes: a password, or a user with one. */
function clusterSort(word: string, command: Command): OptionSort {
  const cluster = clusterOf(word, command);
  if (cluster === undefined) return 'none';
  const { letter, value } = cluster;
  if (letter !== 'O' && letter !== 'u') return value === '' ? 'secret' : 'attached';
  if (value === '') return 'user-and-password';
  return value.includes(':') ? 'attached-user' : 'none';
}

/** Programs of Windows whose options begin with a slash, and those that take a password (`schtasks /?`, `wmic /?`). */
const SLASH_PROGRAM = /(?:^|\\)(?:schtasks|taskkill|tasklist|systeminfo|getmac|driverquery|psexec(?:64)?)(?:\.exe)?$/i;
const SLASH_SECRET = /^[/-](?:rp|p)$/i;

/** Whether a word that follows an option of Windows is the next one rather than its value. */
export const isSlashOption = (option: string, word: string): boolean =>
  option.startsWith('/') && /^\/[A-Za-z]{1,8}$/.test(word);

/** zip's and sqlcmd's `-Px`, ldapsearch's `-wx`. */
function isAttachedSecret(word: string, names: readonly string[]): boolean {
  return /^-[Pw][^-]/.test(word) && names.some((name) => SHORT_SECRETS.get(name) === word.slice(0, 2));
}

/** Options whose value is `user:password`; `-U` also takes smbclient's `user%password`. */
const USER_AND_PASSWORD: ReadonlySet<string> = new Set([
  ...['-u', '-U', '-O', '--user', '--proxy-user', '--userpass', '--rpc-login', '--login', '--username'],
  ...['--cert', '--proxy-cert'],
]);

/** Single-dash words that begin with p and are no `-p` with a password behind it. */
const WORDS_WITH_P =
  /^-p(?:ool|roto|rotocol|ort|m|l|ath|rint|rint0|rintf|erm|rune|id|latform|rofile|thread|lugin|roperties|riority|gid|arent|rocess)\d?$/;

/** Single-dash words that are a password's option: `-pass`, `-pw`. Others that begin so are `-p` and the password. */
const PASSWORD_WORDS = /^-(?:pass|passwd|password|passphrase|passin|passout|psw|pwd|pw)\d?$/;

/** Bare words whose next word is the secret: `aws configure set aws_secret_access_key X`, `ngrok authtoken X`. */
const ANNOUNCING_WORDS: ReadonlySet<string> = new Set([
  ...['aws_secret_access_key', 'aws_session_token', 'aws_access_key_id', 'authtoken', 'add-authtoken', 'requirepass'],
]);

export type OptionSort = 'secret' | 'attached' | 'user-and-password' | 'attached-user' | 'none';

/** What a word means that stands where an option may stand, after the words of a simple command before it. */
export function optionSort(word: string, before: Command): OptionSort {
  const { program } = before;
  if (ANNOUNCING_WORDS.has(word)) return 'secret';
  if (SLASH_SECRET.test(word) && before.names.some((name) => SLASH_PROGRAM.test(name))) return 'secret';
  if (!word.startsWith('-') || word.startsWith('--no-')) return 'none';
  if (word.length === 2 && before.names.some((name) => SHORT_SECRETS.get(name) === word)) return 'secret';
  if (USER_AND_PASSWORD.has(word) || isAbbreviated(word, USER_OPTIONS)) return 'user-and-password';
  if (before.names.includes('curl') && /^-[^-]/.test(word)) {
    const sort = curlSort(word);
    if (sort !== 'none') return sort;
  }
  if (isAttachedSecret(word, before.names)) return 'attached';
  const cluster = clusterSort(word, before);
  if (cluster !== 'none') return cluster;
  if (/^-p[1-9]?$/.test(word)) return P_IS_NO_PASSWORD.has(program) ? 'none' : 'secret';
  if (PASSWORD_WORDS.test(word)) return 'secret';
  if (word.startsWith('-p')) return P_IS_NO_PASSWORD.has(program) || WORDS_WITH_P.test(word) ? 'none' : 'attached';
  if (/^--?[A-Za-z][\w.-]*$/.test(word) && isSecretName(word)) return 'secret';
  return /^-[uUO][^-]/.test(word) && word.includes(':') ? 'attached-user' : 'none';
}

const LAUNCHERS: ReadonlySet<string> = new Set([
  'sudo',
  'doas',
  'nohup',
  'env',
  'exec',
  'time',
  'setsid',
  'nice',
  'command',
]);

/** A simple command as far as it is known: all its words' base names, and which of them is run (empty if unknown). */
export interface Command {
  readonly program: string;
  readonly names: readonly string[];
}

export const NO_COMMAND: Command = { program: '', names: [] };

const SHELL = /(?:^|\/)-?(?:ba|da|a|z|k|c)?sh$/;

/** The words of the script that a shell's `-c` takes, where these are one command with it; else the words themselves. */
function scriptWords(words: readonly string[]): readonly string[] {
  const option = words.findIndex((word, at) => at > 0 && /^-[a-z]*c$/.test(word) && SHELL.test(words[at - 1] ?? ''));
  return option > 0 && option < words.length - 1 ? words.slice(option + 1) : words;
}

/** Of the words of a simple command: its program is the first that is neither assignment nor launcher. */
export function commandOf(all: readonly string[]): Command {
  const words = scriptWords(all);
  const names = words.map((word) => word.slice(word.lastIndexOf('/') + 1));
  const program = names.find(
    (name, at) => name !== '' && !LAUNCHERS.has(name) && !/^[A-Za-z_]\w*=/.test(words[at] ?? ''),
  );
  return { program: program ?? '', names };
}
