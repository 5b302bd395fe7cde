import ipaddr from 'ipaddr.js';
import type { FieldTest } from './expression.ts';
import type { Field } from './fields.ts';
import { fold } from './fold.ts';
import { eitherOf, needleOf, regexNeedles } from './needles.ts';
import { compilePattern, literalRuns, openAt, type Pattern, plainText } from './pattern.ts';
import type { Regex } from './regex.ts';
import type { View } from './view.ts';

/** So many matched texts of one field are kept for the report. */
const MAX_HITS = 8;

/** A test of the single texts of a field: it passes when any does. */
function ofTexts(
  field: Field,
  needles: readonly string[] | null,
  cased: boolean,
  matches: (text: string) => boolean,
): FieldTest {
  const look = (view: View) => (cased ? view.texts(field) : view.folded(field));
  return {
    label: field.name,
    needles,
    passes: (view) => look(view).some(matches),
    hits: (view) => {
      const texts = view.texts(field).filter((text) => matches(cased ? text : fold(text)));
      return texts.slice(0, MAX_HITS);
    },
  };
}

/** The field is any of these patterns. Those without wildcards are one look-up. */
export function patternTest(field: Field, patterns: readonly Pattern[], cased: boolean): FieldTest {
  return ofTexts(field, patternNeedles(patterns, field), cased, matcherOf(patterns, cased));
}

function matcherOf(patterns: readonly Pattern[], cased: boolean): (text: string) => boolean {
  const exact = new Set<string>();
  const others: ((text: string) => boolean)[] = [];
  for (const pattern of patterns) {
    const plain = plainText(pattern);
    if (plain === undefined) others.push(compilePattern(pattern, cased));
    else exact.add(cased ? plain : fold(plain));
  }
  return (text) => exact.has(text) || others.some((matches) => matches(text));
}

function patternNeedles(patterns: readonly Pattern[], { needle: policy }: Pick<Field, 'needle'>) {
  return eitherOf(
    patterns.map((pattern) => {
      const needle = needleOf(literalRuns(pattern), policy);
      return needle === undefined ? null : [needle];
    }),
  );
}

/** Any of these patterns stands anywhere in the event's own text: the fields whose text is in the raw record. */
export function keywordTest(fields: Iterable<Field>, patterns: readonly Pattern[], cased: boolean): FieldTest {
  const open = patterns.map((pattern) => openAt(pattern, { start: true, end: true }));
  const parts = [...fields]
    .filter(({ name, needle }) => needle !== 'none' && name !== 'Program' && name !== 'Argument')
    .map((field) => ofTexts(field, null, cased, matcherOf(open, cased)));
  return {
    label: 'text',
    needles: patternNeedles(open, { needle: 'path' }),
    passes: (view) => parts.some((part) => part.passes(view)),
    hits: (view) => parts.flatMap((part) => part.hits(view)).slice(0, MAX_HITS),
  };
}

/** The regular expression is found in the field. */
export function regexTest(field: Field, regex: Regex): FieldTest {
  return ofTexts(field, regexNeedles(regex.tree, field.needle), true, (text) => regex.test(text));
}

/** The field is present, or absent; an empty list is absent. */
export function presenceTest(field: Field, present: boolean): FieldTest {
  return {
    label: field.name,
    needles: null,
    passes: (view) => view.texts(field).length > 0 === present,
    hits: () => [],
  };
}

const DECIMAL = /^-?\d{1,15}(?:\.\d{1,6})?$/;
export type NumberOperator = 'equals' | 'gt' | 'gte' | 'lt' | 'lte';
const COMPARE: Readonly<Record<NumberOperator, (a: number, b: number) => boolean>> = {
  equals: (a, b) => a === b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
};

/** The field, where it is a decimal number, compares so with the value. */
export function numberTest(field: Field, operator: NumberOperator, value: number): FieldTest {
  const compare = COMPARE[operator];
  return ofTexts(field, null, true, (text) => DECIMAL.test(text) && compare(Number(text), value));
}

/** The field is an address of the range; undefined when the text is no range or has bits set beyond its prefix. */
export function cidrTest(field: Field, range: string): FieldTest | undefined {
  if (!ipaddr.isValidCIDR(range)) return undefined;
  const [network, bits] = ipaddr.parseCIDR(range);
  const family = network.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  if (family.networkAddressFromCIDR(range).toString() !== network.toString()) return undefined;
  return ofTexts(field, null, true, (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.parse(text);
    return address.kind() === network.kind() && address.match(network, bits);
  });
}

export type TextOperator = 'equals' | 'contains' | 'startswith' | 'endswith';

/**
 * The field is, begins or ends with what another field of the same event holds. Neither is a list, and `contains`
 * never comes here: searching one text of an attacker's in another is not linear.
 */
export function fieldrefTest(field: Field, other: Field, operator: TextOperator, cased: boolean): FieldTest {
  const passes = (view: View) => {
    const [text] = cased ? view.texts(field) : view.folded(field);
    const [reference] = cased ? view.texts(other) : view.folded(other);
    if (text === undefined || reference === undefined) return false;
    if (operator === 'startswith') return text.startsWith(reference);
    return operator === 'endswith' ? text.endsWith(reference) : text === reference;
  };
  return { label: field.name, needles: null, passes, hits: (view) => view.texts(field) };
}
