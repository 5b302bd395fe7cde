import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Publication } from '../correlate/outbox.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Head } from '../model/finding.ts';
import { hourStart } from '../model/time.ts';
import { evidenceSortKey, headSortKey, hostKey, revisionSortKey, shardOf } from './table.ts';

export type Item = Record<string, AttributeValue>;

/** Bumped when an older reader could not read a newer item. */
const SCHEMA = 1;
/** Evidence, revisions and memberships live ninety days beyond their hour (design). */
const KEEP_MS = 90 * 86_400_000;
/** A head counts its scope's episodes: it outlives their revisions, so that no number is given twice while one is left. */
const KEEP_HEAD_MS = 2 * KEEP_MS;

const text = (value: string): AttributeValue => ({ S: value });
const number = (value: number): AttributeValue => ({ N: String(value) });

/** JSON in which bit sets stand as `{"$bits":"hex"}`; the inverse of `fromBody`. */
function toBody(value: unknown): AttributeValue {
  return text(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? { $bits: part.toString(16) } : part)),
  );
}

function fromBody<T>(item: Item): T {
  return JSON.parse(item['body']?.S ?? 'null', (_, part: unknown) =>
    typeof part === 'object' && part !== null && '$bits' in part ? BigInt(`0x${String(part.$bits)}`) : part,
  ) as T;
}

export function evidenceItem(evidence: Evidence, version: number): Item {
  return {
    pk: text(hostKey(evidence.place)),
    sk: text(evidenceSortKey(evidence)),
    kind: text('evidence'),
    schema: number(SCHEMA),
    version: number(version),
    group: text(evidence.group),
    expiresAt: number(Math.floor((hourStart(evidence.hour) + KEEP_MS) / 1000)),
    body: toBody(evidence),
  };
}

export const evidenceOf = (item: Item): Evidence => fromBody<Evidence>(item);
export const versionOf = (item: Item): number => Number(item['version']?.N ?? 0);

export function headItem(head: Head, writtenAt: number): Item {
  const open = head.dueAt !== undefined;
  const over = !open && head.unpublished.length === 0;
  return {
    pk: text(hostKey(head.place)),
    sk: text(headSortKey(head.place.scope)),
    kind: text('head'),
    schema: number(SCHEMA),
    version: number(head.version),
    writtenAt: number(writtenAt),
    body: toBody(head),
    ...(head.unpublished.length === 0
      ? {}
      : { unpublished: number(head.unpublished.length), unpublishedShard: text(shardOf(head.place)) }),
    ...(over ? { expiresAt: number(Math.floor((writtenAt + KEEP_HEAD_MS) / 1000)) } : {}),
    ...(open ? { dueAt: number(head.dueAt ?? 0), dueShard: text(shardOf(head.place)) } : {}),
  };
}

export const headOf = (item: Item): Head => fromBody<Head>(item);

/** A transition and the finding at that revision, as they are told; `publishedAt` is added once they were accepted. */
export function revisionItem({ finding, ...pair }: Publication): Item {
  return {
    pk: text(hostKey(finding.place)),
    sk: text(revisionSortKey(finding.place.scope, pair.episode, pair.revision)),
    kind: text('revision'),
    schema: number(SCHEMA),
    transition: text(pair.transition),
    severity: text(pair.severity),
    delivery: text(pair.delivery),
    recordedAt: number(pair.at),
    expiresAt: number(Math.floor((hourStart(finding.hours.to) + KEEP_MS) / 1000)),
    body: toBody({ ...pair, finding }),
  };
}

export const publicationOf = (item: Item): Publication => fromBody<Publication>(item);
export const isPublished = (item: Item): boolean => item['publishedAt'] !== undefined;
