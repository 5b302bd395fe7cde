import { canonicalAddress } from '#shared/model/address.ts';
import { isMap, type RuleNode } from './document.ts';
import { encode } from './encode.ts';
import { type Expression, type FieldTest, joined } from './expression.ts';
import {
  cidrTest,
  fieldrefTest,
  keywordTest,
  type NumberOperator,
  numberTest,
  patternTest,
  presenceTest,
  regexTest,
  type TextOperator,
} from './field-tests.ts';
import type { Category, Field } from './fields.ts';
import { type Modifiers, nameFault, readModifiers } from './modifiers.ts';
import { literalPattern, openAt, type Pattern, parsePattern, plainText, withAnyDash } from './pattern.ts';
import { compileRegex } from './regex.ts';

/** Shorter pieces of base64 would be found in any base64 text. */
const MIN_BASE64 = 4;

/**
 * Compiles one selection: a map (AND), a list of maps (OR) or keywords. Undefined after errors, which are recorded.
 */
export function compileSelection(node: RuleNode, category: Category): Expression | undefined {
  if (isMap(node.value)) return compileMap(node, category);
  const values = node.values();
  if (values.length === 0) return node.fail('an empty selection');
  const maps = values.filter((value) => isMap(value.value));
  if (maps.length === 0) return compileKeywords(node, category, { all: false, cased: false });
  if (maps.length < values.length) return node.fail('a list holds either maps or keywords, not both');
  const branches = maps.map((map) => compileMap(map, category));
  return whole('or', branches);
}

function compileMap(node: RuleNode, category: Category): Expression | undefined {
  const entries = node.entries();
  if (entries.length === 0) return node.fail('an empty selection');
  return whole(
    'and',
    entries.map(([key, value]) => compileEntry(key, value, category)),
  );
}

/** Joined, unless one of the parts had an error. */
function whole(kind: 'and' | 'or', parts: readonly (Expression | undefined)[]): Expression | undefined {
  const good = parts.filter((part) => part !== undefined);
  return good.length < parts.length ? undefined : joined(kind, good);
}

function compileEntry(key: string, node: RuleNode, category: Category): Expression | undefined {
  const [name = '', ...names] = key.split('|');
  if (name === '') {
    const wrong = names.find((modifier) => modifier !== 'all' && modifier !== 'cased');
    if (wrong !== undefined || names.length === 0) return node.failKey("keywords take only '|all' and '|cased'");
    return compileKeywords(node, category, { all: names.includes('all'), cased: names.includes('cased') });
  }
  const field = category.fields.get(name);
  if (field === undefined) {
    const fault = nameFault(names);
    if (fault !== undefined) node.failKey(fault);
    return node.failKey(unknownField(name, category));
  }
  const modifiers = readModifiers(names, field.kind);
  if (typeof modifiers === 'string') return node.failKey(modifiers);
  return compileValues(field, modifiers, node, category);
}

function unknownField(name: string, category: Category): string {
  return `'${name}' is no field of ${category.name} (there are: ${[...category.fields.keys()].join(', ')})`;
}

function compileKeywords(
  node: RuleNode,
  category: Category,
  modifiers: { all: boolean; cased: boolean },
): Expression | undefined {
  const patterns = node.values().map((value) => {
    const text = typeof value.value === 'number' ? String(value.value) : value.text();
    if (text === '') value.fail('an empty keyword is in every event');
    return text === undefined || text === '' ? undefined : parsePattern(text);
  });
  const good = patterns.filter((pattern) => pattern !== undefined);
  if (good.length < patterns.length) return undefined;
  if (modifiers.all && good.length < 2) return node.fail("'all' needs two values or more");
  const test = (some: readonly Pattern[]) => testOf(keywordTest(category.fields.values(), some, modifiers.cased));
  return modifiers.all
    ? joined(
        'and',
        good.map((pattern) => test([pattern])),
      )
    : test(good);
}

function testOf(test: FieldTest): Expression {
  return { kind: 'test', test };
}

function compileValues(field: Field, modifiers: Modifiers, node: RuleNode, category: Category): Expression | undefined {
  const values = node.values();
  if (values.length === 0) return node.fail('an empty list of values');
  if (modifiers.all && values.length < 2) return node.fail("'all' needs two values or more");
  if (modifiers.operator === 'exists' && Array.isArray(node.value)) return node.fail('expected true or false');
  const parts = values.map((value) => readValue(field, modifiers, value, category));
  const good = parts.filter((part) => part !== undefined);
  if (good.length < parts.length) return undefined;
  const joint = modifiers.all
    ? joined(
        'and',
        good.map((part) => toExpression(field, modifiers, [part])),
      )
    : toExpression(field, modifiers, good);
  return modifiers.negated ? { kind: 'not', of: joint } : joint;
}

/** A value as the modifiers make it: patterns, which are joined to one test, or a test of its own. */
type ReadValue = { readonly patterns: readonly Pattern[]; readonly exactCase: boolean } | FieldTest;

function toExpression(field: Field, modifiers: Modifiers, values: readonly ReadValue[]): Expression {
  const tests: FieldTest[] = [];
  const plain: Pattern[] = [];
  const exactCase: Pattern[] = [];
  for (const value of values) {
    if (!('patterns' in value)) tests.push(value);
    else (value.exactCase || modifiers.cased ? exactCase : plain).push(...value.patterns);
  }
  if (plain.length > 0) tests.push(patternTest(field, plain, false));
  if (exactCase.length > 0) tests.push(patternTest(field, exactCase, true));
  return joined('or', tests.map(testOf));
}

function readValue(field: Field, modifiers: Modifiers, node: RuleNode, category: Category): ReadValue | undefined {
  const { operator } = modifiers;
  if (node.value === null && operator === 'equals' && !modifiers.fieldref) return presenceTest(field, false);
  switch (operator) {
    case 'exists': {
      const present = node.boolean();
      return present === undefined ? undefined : presenceTest(field, present);
    }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return readNumber(field, operator, node);
    case 'cidr': {
      const range = node.text();
      if (range === undefined) return undefined;
      return cidrTest(field, range) ?? node.fail(`'${range}' is no range of addresses, as 192.0.2.0/24`);
    }
    case 're': {
      const source = node.text();
      if (source === undefined) return undefined;
      const regex = compileRegex(source, modifiers.flags);
      return 'message' in regex ? node.fail(regex.message, regex.at) : regexTest(field, regex);
    }
    default:
      return modifiers.fieldref
        ? readReference(field, operator, modifiers.cased, node, category)
        : readPlain(field, modifiers, operator, node);
  }
}

function readNumber(field: Field, operator: NumberOperator, node: RuleNode) {
  return typeof node.value === 'number'
    ? numberTest(field, operator, node.value)
    : node.fail(`expected a number, found ${node.describe()}`);
}

function readReference(
  field: Field,
  operator: TextOperator,
  cased: boolean,
  node: RuleNode,
  category: Category,
): FieldTest | undefined {
  const name = node.text();
  if (name === undefined) return undefined;
  const other = category.fields.get(name);
  if (other === undefined) return node.fail(unknownField(name, category));
  const lists = [field, other].find(({ kind }) => kind === 'list' || kind === 'addresses');
  if (lists !== undefined) return node.fail(`'fieldref' can't be asked of a list field (${lists.name})`);
  return fieldrefTest(field, other, operator, cased);
}

/** A value without an operator of its own type: by the kind of its field. */
function readPlain(field: Field, modifiers: Modifiers, operator: TextOperator, node: RuleNode): ReadValue | undefined {
  if (field.kind === 'number') return readNumber(field, 'equals', node);
  if (field.kind === 'flag') {
    const flag = node.boolean();
    return flag === undefined ? undefined : { patterns: [literalPattern(String(flag))], exactCase: true };
  }
  const text = typeof node.value === 'number' ? String(node.value) : node.text();
  if (text === undefined) return undefined;
  if (modifiers.encodings.length > 0) return readEncoded(text, modifiers, operator, node);
  const pattern = parsePattern(text);
  const plain = plainText(pattern);
  if (plain === '' && operator !== 'equals') return node.fail(`'${operator}' with an empty text holds always`);
  if (operator === 'equals' && plain !== undefined) {
    if (field.words !== undefined && !field.words.includes(plain)) {
      return node.fail(`'${plain}' is no value of ${field.name} (there are: ${field.words.join(', ')})`);
    }
    const address = field.kind.startsWith('address') ? canonicalAddress(plain) : undefined;
    if (address !== undefined) return { patterns: [literalPattern(address)], exactCase: false };
    if (field.kind === 'address') return node.fail(`'${plain}' is no address`);
  }
  return { patterns: [opened(modifiers.windash ? withAnyDash(pattern) : pattern, operator)], exactCase: false };
}

function opened(pattern: Pattern, operator: TextOperator): Pattern {
  const anywhere = operator === 'contains';
  return openAt(pattern, { start: anywhere || operator === 'endswith', end: anywhere || operator === 'startswith' });
}

function readEncoded(
  text: string,
  modifiers: Modifiers,
  operator: TextOperator,
  node: RuleNode,
): ReadValue | undefined {
  const plain = plainText(parsePattern(text));
  if (plain === undefined) return node.fail("a wildcard can't be encoded; write it as a character: \\*, \\?");
  const encoded = encode(plain, modifiers.encodings);
  if (encoded.some((one) => one.length < MIN_BASE64)) return node.fail('too short to be told from any other base64');
  return { patterns: encoded.map((one) => opened(literalPattern(one), operator)), exactCase: true };
}
