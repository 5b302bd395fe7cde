import { hash } from 'node:crypto';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { Evidence } from '../model/evidence.ts';
import type { Membership } from '../model/membership.ts';
import type { Host, Place } from '../model/place.ts';
import { hourText } from '../model/time.ts';

/** Longest part of a sort key in UTF-8 bytes; DynamoDB allows 1,024 for the whole key. */
const MAX_PART_BYTES = 128;
const SHARDS = 4;
/** Every value of a sparse index's partition key. */
export const SHARD_NAMES: readonly string[] = Array.from({ length: SHARDS }, (_, shard) => String(shard));

/** One part of a key: `%` and `#` percent-encoded, so that parts can't run into one another; long ones as their hash. */
export function keyPart(text: string): string {
  const encoded = text.replaceAll('%', '%25').replaceAll('#', '%23');
  return Buffer.byteLength(encoded) <= MAX_PART_BYTES ? encoded : `~${hash('sha256', text)}`;
}

const digits = (value: number, width: number): string => String(value).padStart(width, '0');

/** Partition key of everything about one host. */
export function hostKey(host: Host): string {
  return ['ctx', host.account, host.region, host.host].map(keyPart).join('#');
}

/** Sort key of an evidence item: the hour comes before what attackers can multiply. */
export function evidenceSortKey(of: Evidence): string {
  return [
    'ev',
    keyPart(of.place.scope),
    hourText(of.hour),
    keyPart(of.group),
    keyPart(of.rule),
    keyPart(of.linkKey),
  ].join('#');
}

/** First and last sort key of a scope's evidence in a range of hours, inclusive. */
export function evidenceRange(scope: string, fromHour: number, toHour: number): { from: string; to: string } {
  const prefix = `ev#${keyPart(scope)}#`;
  return { from: `${prefix}${hourText(fromHour)}`, to: `${prefix}${hourText(toHour)}#\uffff` };
}

export const HEAD_PREFIX = 'head#';

export function headSortKey(scope: string): string {
  return `${HEAD_PREFIX}${keyPart(scope)}`;
}

/** In a host's partition: the hosts that were found to be it. */
export const MEMBER_PREFIX = 'member#';
/** In a member's partition: the hosts that it was found to be. */
export const CANONICAL_PREFIX = 'canonical#';

export function memberSortKey({ member, vpc }: Membership): string {
  return `${MEMBER_PREFIX}${keyPart(member.host)}#${keyPart(vpc ?? '-')}`;
}

export function canonicalSortKey({ host, vpc }: Membership): string {
  return `${CANONICAL_PREFIX}${keyPart(host)}#${keyPart(vpc ?? '-')}`;
}

/** Sort key of a revision; numbers are padded so that they sort. */
export function revisionSortKey(scope: string, episode: number, revision: number): string {
  return ['rev', keyPart(scope), digits(episode, 10), digits(revision, 10)].join('#');
}

const TIME_DIGITS = 15;

/** Partition key of an account's storms of one kind. */
export function stormKey(account: string, kind: string): string {
  return ['storm', keyPart(account), kind].join('#');
}

/** Sort key of what counts towards a storm: by the time it was recorded, in milliseconds. */
export function stormMemberKey(at: number, finding: string, revision: number): string {
  return ['at', digits(at, TIME_DIGITS), finding, digits(revision, 10)].join('#');
}

/** First and last sort key of what was recorded from `from` to `to` milliseconds, inclusive. */
export function stormMemberRange(from: number, to: number): { from: string; to: string } {
  return { from: `at#${digits(Math.max(0, from), TIME_DIGITS)}`, to: `at#${digits(to, TIME_DIGITS)}#\uffff` };
}

/** Sort key of the one message of a storm; `slot` numbers spans of time. */
export function stormMessageKey(slot: number): string {
  return `told#${digits(Math.max(0, slot), TIME_DIGITS)}`;
}

/** Partition key of the digest of a day, `yyyy-mm-dd` in UTC. */
export function digestKey(day: string): string {
  return `digest#${day}`;
}

export const DIGEST_ENTRY_PREFIX = 'finding#';
/** Sort key of the item that records the digest's one message. */
export const DIGEST_MESSAGE = 'message';

/** The shard of a place in a sparse index, so that no single key takes all heads. */
export function shardOf(place: Place): string {
  const first = hash('sha256', `${hostKey(place)}#${place.scope}`).slice(0, 2);
  return String(Number.parseInt(first, 16) % SHARDS);
}

/** Sparse indexes of heads: those with something unpublished, and those with an open episode by when it is due. */
export const UNPUBLISHED_INDEX = 'unpublished';
export const DUE_INDEX = 'due';

/** The table as the local engine and the tests create it; the deployed one has the same keys and indexes. */
export function tableDefinition(name: string): CreateTableCommandInput {
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
      { AttributeName: 'unpublishedShard', AttributeType: 'S' },
      { AttributeName: 'writtenAt', AttributeType: 'N' },
      { AttributeName: 'dueShard', AttributeType: 'S' },
      { AttributeName: 'dueAt', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: UNPUBLISHED_INDEX,
        KeySchema: [
          { AttributeName: 'unpublishedShard', KeyType: 'HASH' },
          { AttributeName: 'writtenAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: DUE_INDEX,
        KeySchema: [
          { AttributeName: 'dueShard', KeyType: 'HASH' },
          { AttributeName: 'dueAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  };
}
