import { eventPattern } from './event-pattern.ts';
import { at, type Fields, fieldsOf, listOf, textOf } from './json.ts';

/** The filter criteria of a mapping: one pattern must match; none takes all. */
export function filterOf(properties: Fields, path: string): (record: unknown) => boolean {
  const filters = at(properties, 'FilterCriteria', 'Filters');
  if (filters === undefined) return () => true;
  const tests = listOf(filters, path).map((one, place) => {
    const where = `${path}.FilterCriteria[${place}]`;
    return eventPattern(JSON.parse(textOf(fieldsOf(one, where)['Pattern'], where)), where);
  });
  return (record) => tests.some((test) => test(record));
}

/** Whether the function's answer names what failed of a batch. */
export function reportsItems(properties: Fields, path: string): boolean {
  const types = listOf(properties['FunctionResponseTypes'] ?? [], path);
  const strange = types.find((type) => type !== 'ReportBatchItemFailures');
  if (strange !== undefined) throw new TypeError(`${path}: the response type ${String(strange)} is not understood`);
  return types.length > 0;
}
