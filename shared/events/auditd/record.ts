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
  /** As Latin-1, so that each byte is one character. */
  readonly body: string;
  readonly interpreted: boolean;
}

/**
 * The records of an event. A line that came twice counts once, and the order in which lines arrived tells nothing:
 * records are ordered by their own text.
 */
export function parseRecords(lines: readonly KeptLine[]): AuditRecord[] {
  const sorted = lines
    .map((line) => ({ line, body: line.body.trimEnd() }))
    .sort((a, b) => a.line.type - b.line.type || (a.body < b.body ? -1 : a.body > b.body ? 1 : 0));
  return sorted
    .filter(({ line, body }, index) => {
      const before = sorted[index - 1];
      return before === undefined || before.line.type !== line.type || before.body !== body;
    })
    .map(({ line, body }) => ({ type: line.type, fields: parseFields(body, line.interpreted) }));
}

/** The first record of a type. */
export function recordOf(records: readonly AuditRecord[], type: RecordType): AuditRecord | undefined {
  return records.find((record) => record.type === type);
}
