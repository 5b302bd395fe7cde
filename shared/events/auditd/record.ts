import { type Fields, parseFields } from './fields.ts';
import type { RecordType } from './record-type.ts';

/** One record of an event, its body parsed. */
export interface AuditRecord {
  readonly type: RecordType;
  readonly fields: Fields;
}

/** What the reader kept of one line. */
export interface KeptLine {
  readonly type: RecordType;
  readonly body: Buffer;
  readonly interpreted: boolean;
}

/**
 * The records of an event. A line that came twice counts once, and the order in which lines arrived tells nothing:
 * records are ordered by their own text.
 */
export function parseRecords(lines: readonly KeptLine[]): AuditRecord[] {
  const unique = new Map<string, { readonly line: KeptLine; readonly body: string }>();
  for (const line of lines) {
    const body = line.body.toString('latin1').trimEnd();
    unique.set(`${line.type} ${body}`, { line, body });
  }
  return [...unique]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, { line, body }]) => ({ type: line.type, fields: parseFields(body, line.interpreted) }));
}

/** The first record of a type. */
export function recordOf(records: readonly AuditRecord[], type: RecordType): AuditRecord | undefined {
  return records.find((record) => record.type === type);
}
