/** Environment variables that the stack gives to functions; each function asks for those that it needs. */
export type VariableName =
  | 'DAVYLAMP_TABLE'
  | 'DAVYLAMP_WINDOW_HOURS'
  | 'DAVYLAMP_FINDINGS_TOPIC_ARN'
  | 'DAVYLAMP_OPERATIONS_TOPIC_ARN'
  | 'DAVYLAMP_EVENT_BUS'
  | 'DAVYLAMP_ACCOUNT'
  | 'DAVYLAMP_OWN_LOG_PREFIX'
  | 'DAVYLAMP_FLOW_FORMAT'
  | 'DAVYLAMP_TEST_LOG_GROUP'
  | 'DAVYLAMP_SLACK_SECRET'
  | 'DAVYLAMP_CHAT_TOPIC_ARN'
  | 'AWS_REGION';

type Source = Readonly<Record<string, string | undefined>>;

/**
 * The named variables, each a text that is not empty.
 * @throws Error that names every absent one
 */
export function requiredVariables<Name extends VariableName>(
  names: readonly Name[],
  source: Source = process.env,
): Readonly<Record<Name, string>> {
  const found = names.map((name) => [name, source[name]?.trim() ?? ''] as const);
  const absent = found.filter(([, value]) => value === '').map(([name]) => name);
  if (absent.length > 0) throw new Error(`missing in the environment of this function: ${absent.join(', ')}`);
  return Object.fromEntries(found) as Record<Name, string>;
}

/** A variable that may be absent or empty. */
export function optionalVariable(name: VariableName, source: Source = process.env): string | undefined {
  const value = source[name]?.trim() ?? '';
  return value === '' ? undefined : value;
}

/**
 * The correlation window in whole hours.
 * @throws Error for text that is no whole number of hours from 1 to 720
 */
export function windowHours(text: string): number {
  const hours = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (!(hours >= 1 && hours <= 720)) throw new Error('DAVYLAMP_WINDOW_HOURS must be a whole number from 1 to 720');
  return hours;
}
