import type { FieldKind } from './fields.ts';

/** How a value is compared with a field. */
const OPERATORS = ['contains', 'startswith', 'endswith', 're', 'cidr', 'gt', 'gte', 'lt', 'lte', 'exists'] as const;
type Operator = (typeof OPERATORS)[number];

/** What becomes of a text value before it is compared. */
export type Encoding = 'utf16le' | 'utf16be' | 'utf16' | 'base64' | 'base64offset';

/** The modifiers of one field, understood and found to go together. */
export interface Modifiers {
  readonly operator: Operator | 'equals';
  readonly all: boolean;
  readonly cased: boolean;
  readonly negated: boolean;
  readonly fieldref: boolean;
  readonly windash: boolean;
  readonly encodings: readonly Encoding[];
  /** Of `re`. */
  readonly flags: { readonly ignoreCase: boolean; readonly multiline: boolean; readonly dotAll: boolean };
}

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  wide: 'utf16le',
  utf16le: 'utf16le',
  utf16be: 'utf16be',
  utf16: 'utf16',
  base64: 'base64',
  base64offset: 'base64offset',
};
const REGEX_FLAGS = ['i', 'm', 's'];
const PLAIN = ['all', 'cased', 'neq', 'fieldref', 'windash'];
const KNOWN: ReadonlySet<string> = new Set([...OPERATORS, ...Object.keys(ENCODINGS), ...REGEX_FLAGS, ...PLAIN]);
const TIME = new Set(['minute', 'hour', 'day', 'week', 'month', 'year']);

const TEXT_KINDS: readonly FieldKind[] = ['text', 'list', 'address', 'addresses'];
/** Which fields an operator can be asked of; `exists` of all. */
const KINDS: Readonly<Record<Exclude<Operator, 'exists'>, readonly FieldKind[]>> = {
  contains: TEXT_KINDS,
  startswith: TEXT_KINDS,
  endswith: TEXT_KINDS,
  re: TEXT_KINDS,
  cidr: ['address', 'addresses'],
  gt: ['number', 'text', 'list'],
  gte: ['number', 'text', 'list'],
  lt: ['number', 'text', 'list'],
  lte: ['number', 'text', 'list'],
};

/**
 * Reads a chain of modifiers (Sigma appendix "Modifiers", 2.1), or says why it can't be: the first reason, in words
 * for the rule's author. The order matters only where the specification makes it matter: encodings before the
 * operator, the flags of `re` behind it.
 */
export function readModifiers(names: readonly string[], kind: FieldKind): Modifiers | string {
  const fault = nameFault(names);
  if (fault !== undefined) return fault;
  const operators = OPERATORS.filter((name) => names.includes(name));
  const [operator = 'equals', second] = operators;
  if (second !== undefined) return `'${operator}' and '${second}' exclude each other`;
  if (operator !== 'equals' && operator !== 'exists' && !KINDS[operator].includes(kind)) {
    return `'${operator}' can't be asked of ${KIND_NAMES[kind]}`;
  }
  const operatorAt = operator === 'equals' ? names.length : names.indexOf(operator);
  const flag = names.find((name, at) => REGEX_FLAGS.includes(name) && !(operator === 're' && at > operatorAt));
  if (flag !== undefined) return `'${flag}' is a flag of 're' and stands after it`;
  const encodings = names.flatMap((name) => ENCODINGS[name] ?? []);
  return (
    encodingFault(names, encodings, operator, operatorAt) ??
    combinationFault(names, operator, encodings, kind) ?? {
      operator,
      all: names.includes('all'),
      cased: names.includes('cased'),
      negated: names.includes('neq'),
      fieldref: names.includes('fieldref'),
      windash: names.includes('windash'),
      encodings,
      flags: { ignoreCase: names.includes('i'), multiline: names.includes('m'), dotAll: names.includes('s') },
    }
  );
}

/** What is wrong with a chain whatever the field: a modifier that there is none of, or one given twice. */
export function nameFault(names: readonly string[]): string | undefined {
  const unknown = names.find((name) => !KNOWN.has(name));
  if (unknown !== undefined) return unknownModifier(unknown);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return twice === undefined ? undefined : `the modifier '${twice}' stands twice`;
}

const KIND_NAMES: Readonly<Record<FieldKind, string>> = {
  text: 'a text field',
  list: 'a list field',
  number: 'a number field',
  flag: 'a field that is true or false',
  address: 'an address field',
  addresses: 'a list of addresses',
};

function unknownModifier(name: string): string {
  if (name === 'expand') return "'expand' is not supported: placeholders have no values here";
  if (TIME.has(name)) return `'${name}' is not supported: no field holds a date`;
  return `there is no modifier '${name}' (there are: ${[...KNOWN].join(', ')})`;
}

function encodingFault(
  names: readonly string[],
  encodings: readonly Encoding[],
  operator: string,
  operatorAt: number,
): string | undefined {
  const late = names.find((name, at) => name in ENCODINGS && at > operatorAt);
  if (late !== undefined) return `'${late}' stands before '${operator}', since it changes the value`;
  const base64 = encodings.findIndex((encoding) => encoding.startsWith('base64'));
  if (base64 >= 0 && base64 < encodings.length - 1) return 'a base64 modifier is the last of the encodings';
  if (encodings.length > 0 && base64 < 0) return 'a UTF-16 modifier needs a base64 modifier after it';
  if (encodings.length > 2) return 'at most one UTF-16 modifier';
  if (encodings.includes('base64offset') && operator !== 'contains') return "'base64offset' needs 'contains' after it";
  return undefined;
}

function combinationFault(
  names: readonly string[],
  operator: Operator | 'equals',
  encodings: readonly Encoding[],
  kind: FieldKind,
): string | undefined {
  const textual = ['equals', 'contains', 'startswith', 'endswith'].includes(operator);
  const both = (a: string, b: string) => `'${a}' can't be combined with '${b}'`;
  const encoding = names.find((name) => name in ENCODINGS);
  const onlyTextual = names.find((name) => name === 'windash' || name === 'fieldref' || name in ENCODINGS);
  if (!textual && onlyTextual !== undefined) return both(onlyTextual, operator);
  if (!textual && operator !== 're' && names.includes('cased')) return both('cased', operator);
  if (operator === 're' && names.includes('cased')) return "'re' is with regard to case unless 'i' is given";
  if (operator === 'exists' && names.includes('all')) return both('all', 'exists');
  if (operator === 'exists' && names.includes('neq')) return both('neq', 'exists');
  if (names.includes('neq') && names.includes('all')) return both('neq', 'all');
  if (operator === 'contains' && names.includes('fieldref')) return both('fieldref', 'contains');
  if (encodings.length > 0 && names.includes('windash')) return both('windash', encoding ?? '');
  if (encodings.length > 0 && names.includes('fieldref')) return both('fieldref', encoding ?? '');
  if (names.includes('fieldref') && names.includes('windash')) return both('fieldref', 'windash');
  const needsText = names.find((name) => name === 'windash' || name === 'cased' || name in ENCODINGS);
  if (needsText !== undefined && (kind === 'number' || kind === 'flag')) {
    return `'${needsText}' can't be asked of ${KIND_NAMES[kind]}`;
  }
  return undefined;
}
