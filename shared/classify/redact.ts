import type { RawPointer } from '#shared/model/event.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { maskAssigned } from './secrets/assigned.ts';
import { maskNamedKeys } from './secrets/aws-keys.ts';
import { maskEncoded } from './secrets/encoded.ts';
import { isNoSecret, maskHeaders, maskNamedValues } from './secrets/named.ts';
import { attachedFrom, type Command, commandOf, isSecretName, isSlashOption, optionSort } from './secrets/names.ts';
import { maskChpasswd, maskOptions, maskPasswordOf, maskUserOption, NO_VALUE } from './secrets/options.ts';
import { maskPiped } from './secrets/piped.ts';
import { maskAfterWallet, maskHtpasswd, maskNetrc, maskNetUser } from './secrets/placed.ts';
import { beforeSeparator } from './secrets/reading.ts';
import { holdsAccessKeyId, type Keep, MASK, maskPrivateKeys, maskSecretKeys, maskShapes } from './secrets/shapes.ts';
import { maskRunsOfWords } from './secrets/split-words.ts';
import { maskUrls } from './secrets/urls.ts';

const MAX_ROUNDS = 4;
/** No wallet is longer: Zcash unified and Cardano Byron addresses stay below it. */
const LONGEST_WALLET = 256;

/**
 * A text without the secrets that it holds: passwords in every dialect of options, URLs, headers, JSON, environment
 * assignments; access keys, tokens, private keys; and base64 that decodes to text. Masked rather than kept where in
 * doubt. `keep` says that a token is a verified wallet, which stays. Linear; redacting again changes nothing.
 */
export function redactText(text: string, keep: Keep): string {
  const keepShort: Keep = (token) => token.length <= LONGEST_WALLET && keep(token);
  const besideId = holdsAccessKeyId(text);
  let before = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let after = maskNamedKeys(maskPrivateKeys(before), keepShort);
    after = maskHeaders(after);
    after = maskNamedValues(after, keepShort);
    after = maskOptions(after, keepShort);
    after = maskUrls(after, keepShort);
    after = maskChpasswd(after, keepShort);
    after = maskNetUser(maskNetrc(maskHtpasswd(maskPiped(after, keepShort))));
    after = maskAfterWallet(after, keepShort);
    after = maskEncoded(maskShapes(after, keepShort, besideId), keepShort);
    after = maskAssigned(text, maskSecretKeys(after, keepShort), keepShort);
    if (after === before) break;
    before = after;
  }
  return before;
}

/** Between arguments while they are read as one text: white space to every pattern, and in no argument. */
const BETWEEN = '\u2028';

/** Where the value begins in an argument such as `--token=x`, `PASS=x`, `-ePASS=x`, `--env=PASS=x`; -1 if none is secret. */
function secretValueAt(argument: string): number {
  const names = /[\w.:-]{1,128}=/y;
  for (let round = 0; round < 2; round++) {
    const name = names.exec(argument)?.[0].slice(0, -1);
    if (name === undefined) return -1;
    const at = names.lastIndex;
    if (isSecretName(name) && at < argument.length && !isNoSecret(name, '=', argument.slice(at, at + 6))) return at;
  }
  return -1;
}

/** One argument, whose own end also ends the value in it. A shell's `-c` takes a script, in which words do. */
function maskArgument(argument: string, previous: string | undefined, command: Command, keep: Keep): string {
  const script = /^-\w*c$/.test(previous ?? '');
  const at = script ? -1 : secretValueAt(argument);
  if (at > 0) return keep(argument.slice(at)) ? argument : `${argument.slice(0, at)}${MASK}`;
  const equals = argument.indexOf('=') + 1;
  if (equals > 0 && !script && optionSort(argument.slice(0, equals - 1), command) === 'user-and-password') {
    return argument.slice(0, equals) + maskUserOption('-u', argument.slice(equals), keep);
  }
  const sort = optionSort(argument, command);
  const from = attachedFrom(argument, command);
  const option = argument.slice(0, from);
  const value = argument.slice(from);
  const letter = `-${option.slice(-1)}`;
  if (sort === 'attached') return option + maskPasswordOf(letter, value, keep);
  if (sort === 'attached-user') return option + maskUserOption(letter, value, keep);
  return option === '-H' ? option + redactText(value, keep) : argument;
}

/**
 * Arguments without the secrets that they hold, as `redactText`, but knowing where each argument ends. Arguments that
 * hold parts of one secret become one, so that fewer may come out.
 * @param exact false where the arguments are words of one string whose quotes were lost: a secret may then be several
 */
export function redactCommandLine(argv: readonly string[], keep: Keep, exact = true): string[] {
  if (argv.length === 0) return [];
  const text = argv.map((argument) => argument.replaceAll(BETWEEN, ' ')).join(BETWEEN);
  const known = redactText(text, keep).split(BETWEEN);
  const command = commandOf(known);
  let wants = 'none';
  const masked = known.map((word, index) => {
    const argument = exact ? word : beforeSeparator(word);
    const rest = word.slice(argument.length);
    const previous = known[index - 1];
    const wanted = NO_VALUE.test(argument) || isSlashOption(previous ?? '', argument) ? 'none' : wants;
    wants = wanted === 'none' ? optionSort(argument, command) : 'none';
    if (wanted === 'secret') return maskPasswordOf(previous ?? '', argument, keep) + rest;
    if (wanted === 'user-and-password') return maskUserOption(previous ?? '', argument, keep) + rest;
    return maskArgument(argument, previous, command, keep) + rest;
  });
  if (exact) return masked;
  const whole = argv.length === known.length ? argv : known;
  const separators = (index: number): string => /[;|&]{1,3}$/.exec(whole[index] ?? '')?.[0] ?? '';
  const mayGoOn = (index: number): boolean => !/["'`]$/.test(known[index] ?? '') && separators(index) === '';
  return maskRunsOfWords(masked, mayGoOn, command, keep, separators);
}

/** The size of a stored sample as JSON in UTF-8. */
export const MAX_SAMPLE_BYTES = 2048;

type Draft = { -readonly [K in keyof Sample]: Sample[K] };

const TEXT_FIELDS = [
  ...(['id', 'source', 'executable', 'commandLine', 'workingDirectory', 'uid', 'auid', 'session', 'tty'] as const),
  ...(['parentName', 'path', 'container', 'image', 'pod', 'task', 'remote', 'query', 'answer'] as const),
] as const satisfies readonly (keyof Sample)[];
type TextField = (typeof TEXT_FIELDS)[number];

const RAW_FIELDS = [
  'file',
  'bucket',
  'key',
  'logGroup',
  'logStream',
  'eventId',
] as const satisfies readonly (keyof RawPointer)[];

/** Bytes that a field may take at first: together they may exceed the whole, which `SHORTENING` then settles. */
const FIRST_LIMIT = 256;
const FIRST_LIMITS: { readonly [K in TextField]?: number } = { commandLine: 1024, id: 192, source: 64 };
const MAX_ANCESTORS = 8;

/** What gives way when a sample is too large, in this order: what other fields or the raw record tell as well goes first. */
const SHORTENING: readonly (readonly [TextField | 'ancestors', number])[] = [
  ...([
    ['ancestors', 0],
    ['answer', 64],
    ['workingDirectory', 96],
    ['image', 96],
    ['query', 128],
    ['task', 64],
  ] as const),
  ...([
    ['pod', 64],
    ['container', 64],
    ['tty', 16],
    ['parentName', 32],
    ['session', 16],
    ['auid', 16],
  ] as const),
  ...([
    ['uid', 16],
    ['remote', 64],
    ['path', 128],
    ['executable', 128],
    ['commandLine', 512],
    ['id', 96],
  ] as const),
  ...([
    ['commandLine', 256],
    ['answer', 0],
    ['workingDirectory', 0],
    ['image', 0],
    ['query', 64],
    ['path', 64],
  ] as const),
  ...([
    ['executable', 64],
    ['commandLine', 96],
    ['task', 0],
    ['pod', 0],
  ] as const),
];

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** A text of at most `limit` bytes as JSON writes it, cut between characters and never inside a mask. */
function cut(text: string, limit: number): string {
  if (text.length <= limit && jsonBytes(text) - 2 <= limit) return text;
  let bytes = 3;
  let end = 0;
  for (const char of text) {
    bytes += jsonBytes(char) - 2;
    if (bytes > limit) break;
    end += char.length;
  }
  const open = text.lastIndexOf('[', end);
  const mask =
    open < 0 ? null : /^\[(?:redacted|(?:base64|hex|escapes), \d+ characters)\]/.exec(text.slice(open, open + 48));
  const inside = mask !== null && open + mask[0].length > end;
  return `${text.slice(0, inside ? open : end)}…`;
}

/** Digits that CloudWatch Logs numbers a log event with (56 of them): by chance they are the bytes of a text, but no secret. */
const EVENT_NUMBER = /^\d{1,64}$/;

function redactRaw(raw: RawPointer, limit: number, keep: Keep): RawPointer {
  const out: RawPointer = { ...raw };
  for (const field of RAW_FIELDS) {
    const text = out[field];
    if (text === undefined) continue;
    const isNumber = field === 'eventId' && EVENT_NUMBER.test(text);
    out[field] = cut(isNumber ? text : redactText(text, keep), limit);
  }
  return out;
}

/** A sample without secrets, of at most `MAX_SAMPLE_BYTES`: fields are shortened, then dropped, in a fixed order. */
export function redactSample(sample: Sample, keep: Keep): Sample {
  const draft: Draft = { ...sample, raw: redactRaw(sample.raw, FIRST_LIMIT, keep) };
  for (const field of TEXT_FIELDS) {
    const text = draft[field];
    if (text !== undefined) draft[field] = cut(redactText(text, keep), FIRST_LIMITS[field] ?? FIRST_LIMIT);
  }
  if (draft.ancestors !== undefined) {
    draft.ancestors = draft.ancestors.slice(0, MAX_ANCESTORS).map((name) => cut(redactText(name, keep), 64));
  }
  for (const [field, limit] of SHORTENING) {
    if (jsonBytes(draft) <= MAX_SAMPLE_BYTES) return draft;
    if (limit === 0) delete draft[field as 'answer' | 'ancestors'];
    else {
      const text = draft[field as TextField];
      if (text !== undefined) draft[field as TextField] = cut(text, limit);
    }
  }
  if (jsonBytes(draft) > MAX_SAMPLE_BYTES) draft.raw = redactRaw(draft.raw, 96, keep);
  return draft;
}
