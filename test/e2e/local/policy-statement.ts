import { type Fields, fieldsOf, isFields, listOf, manyOf, textOf } from './json.ts';

/** One statement of a policy, as IAM reads it. */
export interface Statement {
  /** Where it stands: the policy's logical id and the statement's place or name. */
  readonly origin: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  /** Absent in policies of functions, of whose own document they are. */
  readonly resources: readonly string[];
  /** Who it is about, such as `Service logs.amazonaws.com`; undefined in policies of roles. */
  readonly principals: readonly string[] | undefined;
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface Question {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
  /** Asked of resource policies only. */
  readonly principal?: string;
}

const PARTS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition']);

/** @throws TypeError for a part or condition operator that is not understood */
export function statementsOf(document: unknown, origin: string): readonly Statement[] {
  const statements = manyOf(fieldsOf(document, origin)['Statement']);
  return statements.map((one, place) => {
    const source = fieldsOf(one, origin);
    const where = `${origin}[${typeof source['Sid'] === 'string' ? source['Sid'] : place}]`;
    const strange = Object.keys(source).find((part) => !PARTS.has(part));
    if (strange !== undefined) throw new TypeError(`${where}: ${strange} is not understood`);
    const effect = textOf(source['Effect'], where);
    if (effect !== 'Allow' && effect !== 'Deny') throw new TypeError(`${where}: no effect is called ${effect}`);
    return {
      origin: where,
      effect,
      actions: manyOf(source['Action']).map((action) => textOf(action, where)),
      resources: manyOf(source['Resource'] ?? []).map((resource) => textOf(resource, where)),
      principals: source['Principal'] === undefined ? undefined : principalsOf(source['Principal'], where),
      conditions: conditionsOf(source['Condition'] ?? {}, where),
    };
  });
}

function principalsOf(principal: unknown, where: string): readonly string[] {
  if (principal === '*') return ['*'];
  return Object.entries(fieldsOf(principal, where)).flatMap(([kind, names]) =>
    manyOf(names).map((name) => (name === '*' ? '*' : `${kind} ${textOf(name, where)}`)),
  );
}

function conditionsOf(source: unknown, where: string): readonly Condition[] {
  return Object.entries(fieldsOf(source, where)).flatMap(([operator, keys]) => {
    if (!Object.hasOwn(OPERATORS, operator))
      throw new TypeError(`${where}: the condition ${operator} is not understood`);
    return Object.entries(fieldsOf(keys, where)).map(([key, values]) => ({
      operator,
      key,
      values: manyOf(values).map(String),
    }));
  });
}

const OPERATORS: Readonly<
  Record<string, { readonly negated?: boolean; test(value: string, wanted: string): boolean }>
> = {
  StringEquals: { test: (value, wanted) => value === wanted },
  StringNotEquals: { negated: true, test: (value, wanted) => value === wanted },
  StringLike: { test: (value, wanted) => isLike(value, wanted) },
  // "ArnEquals and ArnLike behave identically" (IAM user guide, condition operators).
  ArnEquals: { test: (value, wanted) => isLike(value, wanted) },
  ArnLike: { test: (value, wanted) => isLike(value, wanted) },
  ArnNotEquals: { negated: true, test: (value, wanted) => isLike(value, wanted) },
  ArnNotLike: { negated: true, test: (value, wanted) => isLike(value, wanted) },
  Bool: { test: (value, wanted) => value.toLowerCase() === wanted.toLowerCase() },
  NumericLessThan: { test: (value, wanted) => Number(value) < Number(wanted) },
};

/** A key that the request lacks meets no condition but a negated one. */
function isMet({ operator, key, values }: Condition, context: Question['context']): boolean {
  const rule = OPERATORS[operator];
  if (rule === undefined) return false;
  const value = context[key];
  if (value === undefined) return rule.negated === true;
  const some = values.some((wanted) => rule.test(value, wanted));
  return rule.negated === true ? !some : some;
}

/** `*` stands for any text, `?` for one character. */
export function isLike(text: string, pattern: string): boolean {
  const source = pattern
    .split(/([*?])/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part.replaceAll(/[\\^$.+()[\]{}|]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 's').test(text);
}

export function speaksOfAction(statement: Statement, action: string): boolean {
  return statement.actions.some((pattern) => isLike(action.toLowerCase(), pattern.toLowerCase()));
}

export function appliesTo(statement: Statement, question: Question): boolean {
  const { principals, resources, conditions } = statement;
  const { action, resource, context, principal } = question;
  return (
    speaksOfAction(statement, action) &&
    (resources.length === 0 || resources.some((pattern) => isLike(resource, pattern))) &&
    (principals === undefined ||
      principals.includes('*') ||
      (principal !== undefined && principals.includes(principal))) &&
    conditions.every((condition) => isMet(condition, context))
  );
}

/** `none`: nothing is said, which denies unless another policy allows. */
export function decision(statements: readonly Statement[], question: Question): 'allow' | 'deny' | 'none' {
  const applying = statements.filter((statement) => appliesTo(statement, question));
  if (applying.some(({ effect }) => effect === 'Deny')) return 'deny';
  return applying.length > 0 ? 'allow' : 'none';
}

/** Each action, resource and value of a condition of an allowing statement that no question needed, in words. */
export function unusedOf(statement: Statement, questions: readonly Question[]): readonly string[] {
  const { origin, effect, actions, resources, conditions } = statement;
  if (effect === 'Deny') return [];
  const applying = questions.filter((question) => appliesTo(statement, question));
  const isUsed = (narrowed: Partial<Statement>): boolean =>
    applying.some((question) => appliesTo({ ...statement, ...narrowed }, question));
  const only = (value: string, condition: Condition): Partial<Statement> => ({
    conditions: conditions.map((one) => (one === condition ? { ...one, values: [value] } : one)),
  });
  return [
    ...actions
      .filter((action) => !isUsed({ actions: [action] }))
      .map((action) => `${origin}: ${action} was never used`),
    ...resources
      .filter((resource) => !isUsed({ resources: [resource] }))
      .map((resource) => `${origin}: nothing was done with ${resource}`),
    ...conditions.flatMap((condition) =>
      condition.values
        .filter((value) => !isUsed(only(value, condition)))
        .map((value) => `${origin}: nothing was done where ${condition.key} is ${value}`),
    ),
  ];
}

/** Policies written inside a role. */
export function inlinePolicies(properties: Fields, origin: string): readonly Statement[] {
  return listOf(properties['Policies'] ?? [], origin).flatMap((policy) =>
    statementsOf(isFields(policy) ? policy['PolicyDocument'] : policy, `${origin}.Policies`),
  );
}
