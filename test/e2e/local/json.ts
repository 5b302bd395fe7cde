/** What a JSON object holds before it was looked at. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param what names the value in the error, such as `Queue.RedrivePolicy` */
export function fieldsOf(value: unknown, what: string): Fields {
  if (!isFields(value)) throw new TypeError(`${what} must be an object and is ${JSON.stringify(value)}`);
  return value;
}

export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new TypeError(`${what} must be a text and is ${JSON.stringify(value)}`);
  return value;
}

/** CloudFormation takes numbers as text too. */
export function numberOf(value: unknown, what: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw new TypeError(`${what} must be a number and is ${JSON.stringify(value)}`);
  return number;
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${what} must be a list and is ${JSON.stringify(value)}`);
  return value;
}

/** One value or a list of values, as policies write them. */
export function manyOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** The value at a path of names; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const name of path) {
    if (!isFields(here)) return undefined;
    here = here[name];
  }
  return here;
}
