import { isFields } from './json.ts';

type Test = (value: unknown) => boolean;

/**
 * A pattern of EventBridge or of an event source mapping ("Amazon EventBridge event patterns"), compiled: names lead to
 * lists of which one must match; a list in the event matches by any of its values.
 * @throws TypeError for an operator that is not understood
 */
export function eventPattern(pattern: unknown, path = 'pattern'): Test {
  if (!isFields(pattern) || Object.keys(pattern).length === 0) throw new TypeError(`${path} must name fields`);
  const tests = Object.entries(pattern).map(([name, inner]): Test => {
    if (name.startsWith('$')) throw new TypeError(`${path}.${name} is not understood`);
    const here = `${path}.${name}`;
    const test = Array.isArray(inner) ? anyOf(inner, here) : nested(inner, here);
    return (event) => test(isFields(event) ? event[name] : undefined);
  });
  return (event) => tests.every((test) => test(event));
}

function nested(inner: unknown, path: string): Test {
  const test = eventPattern(inner, path);
  return (value) => (Array.isArray(value) ? value.some(test) : test(value));
}

/** One of the listed values or operators must match. */
export function anyOf(alternatives: readonly unknown[], path: string): Test {
  if (alternatives.length === 0) throw new TypeError(`${path} lists nothing`);
  const tests = alternatives.map((one) => alternative(one, path));
  return (value) => tests.some((test) => (Array.isArray(value) && value.length > 0 ? value.some(test) : test(value)));
}

function alternative(wanted: unknown, path: string): Test {
  if (!isFields(wanted)) {
    if (Array.isArray(wanted)) throw new TypeError(`${path} lists a list`);
    return (value) => value === wanted;
  }
  const [operator, ...more] = Object.keys(wanted);
  if (operator === undefined || more.length > 0) throw new TypeError(`${path} must have one operator in each object`);
  const compile = OPERATORS[operator];
  if (compile === undefined) throw new TypeError(`${path}: the operator ${operator} is not understood`);
  return compile(wanted[operator], path);
}

const OPERATORS: Readonly<Record<string, (argument: unknown, path: string) => Test>> = {
  prefix: (argument, path) => onText(argument, path, (value, wanted) => value.startsWith(wanted)),
  suffix: (argument, path) => onText(argument, path, (value, wanted) => value.endsWith(wanted)),
  exists: (argument, path) => {
    if (typeof argument !== 'boolean') throw new TypeError(`${path}: exists takes true or false`);
    return (value) => (value !== undefined) === argument;
  },
  'anything-but': (argument, path) => {
    const excluded = isFields(argument) ? alternative(argument, path) : anyOf([argument].flat(), path);
    return (value) => value !== undefined && !excluded(value);
  },
  numeric: (argument, path) => {
    if (!Array.isArray(argument) || argument.length % 2 !== 0) throw new TypeError(`${path}: numeric takes pairs`);
    const pairs: readonly unknown[] = argument;
    const tests = pairs.flatMap((name, place) => (place % 2 === 0 ? [comparison(name, pairs[place + 1], path)] : []));
    return (value) => typeof value === 'number' && tests.every((test) => test(value));
  },
};

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
