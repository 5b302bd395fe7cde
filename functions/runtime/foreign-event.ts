import * as v from 'valibot';

/** A trigger sent what the function does not take. Its text names the place of the first fault, never a value. */
export class ForeignEventError extends Error {
  override readonly name = 'ForeignEventError';
}

/**
 * The value as the schema has it.
 * @param what one phrase that says what was expected
 * @throws ForeignEventError
 */
export function parsed<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? 'the event itself';
  throw new ForeignEventError(`expected ${what}; ${path} is not ${issue.expected ?? 'of that shape'}`);
}

/** JSON of a text, or an error that does not repeat the text. */
export function parsedJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ForeignEventError(`expected ${what}; the text is no JSON`);
  }
}
