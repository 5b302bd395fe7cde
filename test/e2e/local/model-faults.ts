import { type Fields, fieldsOf, isFields, listOf, textOf } from './json.ts';
import type { ServiceModel } from './service-model.ts';

/** Members that services took after this version of their models was written. */
const NEWER: ReadonlySet<string> = new Set([
  // "PutItem", "UpdateItem": gives back the item of a failed condition, since 2023.
  'dynamodb.PutItemInput.ReturnValuesOnConditionCheckFailure',
  'dynamodb.UpdateItemInput.ReturnValuesOnConditionCheckFailure',
]);

/**
 * What is wrong with `value` by the model: members that are missing or unknown, types, lengths, patterns and enumerations.
 * Each fault names its path.
 */
export function modelFaults(model: ServiceModel, shape: string, value: unknown, path = shape): readonly string[] {
  const definition = model.shape(shape);
  const type = textOf(definition['type'], shape);
  const check = CHECKS[type];
  if (check === undefined) throw new Error(`${model.name}.${shape}: the type ${type} of the model is not understood`);
  return check({ model, shape, definition, path }, value);
}

interface Here {
  readonly model: ServiceModel;
  readonly shape: string;
  readonly definition: Fields;
  readonly path: string;
}

type Check = (here: Here, value: unknown) => readonly string[];

const CHECKS: Readonly<Record<string, Check>> = {
  structure: structureFaults,
  list: ({ model, definition, path }, value) => {
    if (!Array.isArray(value)) return [`${path} must be a list`];
    const member = memberOf(definition['member'], path);
    return [
      ...rangeFaults(definition, value.length, `${path} has ${value.length} entries`),
      ...value.flatMap((one, place) => modelFaults(model, member, one, `${path}[${place}]`)),
    ];
  },
  map: ({ model, definition, path }, value) => {
    if (!isFields(value)) return [`${path} must be an object`];
    const entries = Object.entries(value);
    const [key, member] = [memberOf(definition['key'], path), memberOf(definition['value'], path)];
    return [
      ...rangeFaults(definition, entries.length, `${path} has ${entries.length} entries`),
      ...entries.flatMap(([name, one]) => [
        ...modelFaults(model, key, name, `a key of ${path}`),
        ...modelFaults(model, member, one, `${path}.${name}`),
      ]),
    ];
  },
  string: stringFaults,
  character: stringFaults,
  integer: wholeFaults,
  long: wholeFaults,
  float: numberFaults,
  double: numberFaults,
  boolean: ({ path }, value) => (typeof value === 'boolean' ? [] : [`${path} must be true or false`]),
  // On the wire a text in base64, or the body itself.
  blob: ({ path }, value) =>
    Buffer.isBuffer(value) || typeof value === 'string' ? [] : [`${path} must be a blob and is ${typeof value}`],
  timestamp: ({ path }, value) =>
    typeof value === 'number' || (typeof value === 'string' && Number.isFinite(Date.parse(value)))
      ? []
      : [`${path} must be a time`],
};

function structureFaults({ model, shape, definition, path }: Here, value: unknown): readonly string[] {
  if (!isFields(value)) return [`${path} must be an object`];
  const members = fieldsOf(definition['members'], shape);
  const required = listOf(definition['required'] ?? [], shape).map(String);
  const given = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
  const names = new Set(given.map(([name]) => name));
  return [
    ...required.filter((name) => !names.has(name)).map((name) => `${path}.${name} is missing`),
    ...given.flatMap(([name, one]) => {
      if (Object.hasOwn(members, name))
        return modelFaults(model, memberOf(members[name], path), one, `${path}.${name}`);
      return NEWER.has(`${model.name}.${shape}.${name}`) ? [] : [`${path}.${name} is not known to the service`];
    }),
  ];
}

function stringFaults({ definition, path }: Here, value: unknown): readonly string[] {
  if (typeof value !== 'string') return [`${path} must be a text and is ${typeof value}`];
  const faults = [...rangeFaults(definition, value.length, `${path} has ${value.length} characters`)];
  const { pattern } = definition;
  if (typeof pattern === 'string' && !compiled(pattern).test(value)) faults.push(`${path} does not match ${pattern}`);
  const allowed = definition['enum'];
  if (Array.isArray(allowed) && !allowed.includes(value)) faults.push(`${path} is none of ${allowed.join(', ')}`);
  return faults;
}

function wholeFaults(here: Here, value: unknown): readonly string[] {
  return Number.isInteger(value) ? numberFaults(here, value) : [`${here.path} must be a whole number`];
}

function numberFaults({ definition, path }: Here, value: unknown): readonly string[] {
  if (typeof value !== 'number') return [`${path} must be a number`];
  return rangeFaults(definition, value, `${path} is ${value}`);
}

function rangeFaults(definition: Fields, size: number, says: string): readonly string[] {
  const { min, max } = definition;
  const faults: string[] = [];
  if (typeof min === 'number' && size < min) faults.push(`${says}, fewer than ${min}`);
  if (typeof max === 'number' && size > max) faults.push(`${says}, more than ${max}`);
  return faults;
}

function memberOf(member: unknown, path: string): string {
  return textOf(fieldsOf(member, path)['shape'], path);
}

const patterns = new Map<string, RegExp>();

/** The whole text must match; line breaks count as characters, as findings with them are taken. */
function compiled(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const whole = `^(?:${pattern})$`;
  let made: RegExp;
  try {
    made = new RegExp(whole, 'su');
  } catch {
    // Some hold escapes that only the lenient grammar knows.
    made = new RegExp(whole, 's');
  }
  patterns.set(pattern, made);
  return made;
}
