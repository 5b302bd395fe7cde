import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Evidence } from '../model/evidence.ts';
import type { Finding, Head, Unpublished } from '../model/finding.ts';
import type { Place } from '../model/place.ts';
import { hourStart } from '../model/time.ts';
import { evidenceSortKey, headSortKey, hostKey, revisionSortKey, shardOf } from './table.ts';

export type Item = Record<string, AttributeValue>;

/** Bumped when an older reader could not read a newer item. */
const SCHEMA = 1;
/** Evidence, revisions and memberships live ninety days beyond their hour (design). */
const KEEP_MS = 90 * 86_400_000;

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
    ...(open ? { dueAt: number(head.dueAt ?? 0), dueShard: text(shardOf(head.place)) } : {}),
  };
}

export const headOf = (item: Item): Head => fromBody<Head>(item);

/** A revision of a finding, kept when it was published: the snapshot that was sent. */
export function revisionItem(
  place: Place,
  pair: Unpublished,
  snapshot: Finding | undefined,
  publishedAt: number,
): Item {
  return {
    pk: text(hostKey(place)),
    sk: text(revisionSortKey(place.scope, pair.episode, pair.revision)),
    kind: text('revision'),
    schema: number(SCHEMA),
    transition: text(pair.transition),
    publishedAt: number(publishedAt),
    expiresAt: number(Math.floor((hourStart(snapshot?.hours.to ?? 0) + KEEP_MS) / 1000)),
    body: toBody(snapshot ?? null),
  };
}
