import { isFields } from './json.ts';

type Test = (value: unknown) => boolean;

type Operators = Readonly<Record<string, (argument: unknown, path: string) => Test>>;

/**
 * The filter of an event source mapping, compiled: names lead to lists of which one must match; a list in the event matches
 * by any of its values. It knows less than a rule does (Lambda developer guide, "Filter rule syntax").
 * @throws TypeError for an operator that is not understood
 */
export function eventPattern(pattern: unknown, path = 'pattern'): Test {
  return compiled(pattern, path, OPERATORS);
}

/**
 * The pattern of a rule, which buses take ("Comparison operators for use in event patterns", EventBridge user guide).
 * @throws TypeError for an operator that is not understood
 */
export function rulePattern(pattern: unknown, path = 'pattern'): Test {
  return compiled(pattern, path, RULE_OPERATORS);
}

function compiled(pattern: unknown, path: string, operators: Operators): Test {
  if (!isFields(pattern) || Object.keys(pattern).length === 0) throw new TypeError(`${path} must name fields`);
  const tests = Object.entries(pattern).map(([name, inner]): Test => {
    if (name.startsWith('$')) throw new TypeError(`${path}.${name} is not understood`);
    const here = `${path}.${name}`;
    const test = Array.isArray(inner) ? anyOf(inner, here, operators) : nested(inner, here, operators);
    return (event) => test(isFields(event) ? event[name] : undefined);
  });
  return (event) => tests.every((test) => test(event));
}

function nested(inner: unknown, path: string, operators: Operators): Test {
  const test = compiled(inner, path, operators);
  return (value) => (Array.isArray(value) ? value.some(test) : test(value));
}

/** One of the listed values or operators must match. */
export function anyOf(alternatives: readonly unknown[], path: string, operators: Operators = OPERATORS): Test {
  if (alternatives.length === 0) throw new TypeError(`${path} lists nothing`);
  const tests = alternatives.map((one) => alternative(one, path, operators));
  return (value) => tests.some((test) => (Array.isArray(value) && value.length > 0 ? value.some(test) : test(value)));
}

function alternative(wanted: unknown, path: string, operators: Operators): Test {
  if (!isFields(wanted)) {
    if (Array.isArray(wanted)) throw new TypeError(`${path} lists a list`);
    return (value) => value === wanted;
  }
  const [operator, ...more] = Object.keys(wanted);
  if (operator === undefined || more.length > 0) throw new TypeError(`${path} must have one operator in each object`);
  const compile = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (compile === undefined) throw new TypeError(`${path}: the operator ${operator} is not understood`);
  return compile(wanted[operator], path);
}

const OPERATORS: Operators = {
  prefix: (argument, path) => onText(argument, path, (value, wanted) => value.startsWith(wanted)),
  suffix: (argument, path) => onText(argument, path, (value, wanted) => value.endsWith(wanted)),
  exists: (argument, path) => {
    if (typeof argument !== 'boolean') throw new TypeError(`${path}: exists takes true or false`);
    return (value) => (value !== undefined) === argument;
  },
  'anything-but': anythingBut(() => OPERATORS),
  numeric: (argument, path) => {
    if (!Array.isArray(argument) || argument.length % 2 !== 0) throw new TypeError(`${path}: numeric takes pairs`);
    const pairs: readonly unknown[] = argument;
    const tests = pairs.flatMap((name, place) => (place % 2 === 0 ? [comparison(name, pairs[place + 1], path)] : []));
    return (value) => typeof value === 'number' && tests.every((test) => test(value));
  },
};

const RULE_OPERATORS: Operators = {
  ...OPERATORS,
  'anything-but': anythingBut(() => RULE_OPERATORS),
  wildcard: (argument, path) => {
    if (typeof argument !== 'string') throw new TypeError(`${path}: this operator takes a text`);
    const [first = '', ...others] = literalsOf(argument, path);
    return (value) => typeof value === 'string' && isWild(value, first, others);
  },
};

function anythingBut(operators: () => Operators): Operators[string] {
  return (argument, path) => {
    const excluded = isFields(argument)
      ? alternative(argument, path, operators())
      : anyOf([argument].flat(), path, operators());
    return (value) => value !== undefined && !excluded(value);
  };
}

/** What stands between the `*` of a wildcard pattern: `\\*` and `\\\\` are the characters themselves. */
function literalsOf(pattern: string, path: string): readonly string[] {
  const literals = [''];
  for (const [token] of pattern.matchAll(/\\?./gs)) {
    if (token === '*') literals.push('');
    else if (token.length === 1 && token !== '\\') literals.push((literals.pop() ?? '') + token);
    else if (token === '\\*' || token === '\\\\') literals.push((literals.pop() ?? '') + token.slice(1));
    else throw new TypeError(`${path}: a backslash escapes itself and the wildcard alone`);
  }
  if (literals.slice(1, -1).includes('')) throw new TypeError(`${path}: no two wildcards may stand side by side`);
  return literals;
}

/** `*` stands for any characters, none too: each literal is looked for where the one before it ended. */
function isWild(text: string, first: string, others: readonly string[]): boolean {
  const last = others.at(-1);
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let end = first.length;
  for (const literal of others.slice(0, -1)) {
    const found = text.indexOf(literal, end);
    if (found < 0) return false;
    end = found + literal.length;
  }
  return text.length - last.length >= end && text.endsWith(last);
}

function onText(argument: unknown, path: string, test: (value: string, wanted: string) => boolean): Test {
  if (typeof argument !== 'string') throw new TypeError(`${path}: this operator takes a text`);
  return (value) => typeof value === 'string' && test(value, argument);
}

function comparison(name: unknown, limit: unknown, path: string): (value: number) => boolean {
  if (typeof limit !== 'number') throw new TypeError(`${path}: numeric compares with numbers`);
  switch (name) {
    case '=':
      return (value) => value === limit;
    case '<':
      return (value) => value < limit;
    case '<=':
      return (value) => value <= limit;
    case '>':
      return (value) => value > limit;
    case '>=':
      return (value) => value >= limit;
    default:
      throw new TypeError(`${path}: numeric does not know ${String(name)}`);
  }
}
