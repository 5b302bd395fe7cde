import * as v from 'valibot';
import type { Head } from '../model/finding.ts';
import type { Host, Place } from '../model/place.ts';
import { evidenceOf, headOf, type Item } from './items.ts';
import { membershipOf } from './memberships.ts';
import { CANONICAL_PREFIX, HEAD_PREFIX } from './table.ts';

/** What a stream record of the table brings to the correlator. */
export type Change =
  | { readonly kind: 'evidence'; readonly place: Place; readonly hour: number }
  | { readonly kind: 'head'; readonly head: Head }
  /** A host was found to be another. */
  | { readonly kind: 'membership'; readonly member: Host };

const placeSchema = v.object({ account: v.string(), region: v.string(), host: v.string(), scope: v.string() });
const evidenceSchema = v.object({ place: placeSchema, hour: v.pipe(v.number(), v.safeInteger()) });
const headSchema = v.object({ place: placeSchema, unpublished: v.array(v.unknown()), episodes: v.array(v.unknown()) });

/**
 * The change that a new image tells of; `undefined` for items that the correlator has no use for.
 * @throws Error where the image is not one that this version writes
 */
export function changeOf(image: Item): Change | undefined {
  const key = image['sk']?.S ?? '';
  if (key.startsWith('ev#')) {
    const evidence = v.safeParse(evidenceSchema, evidenceOf(image));
    if (!evidence.success) throw new Error('a stream record is not evidence as this version writes it');
    return { kind: 'evidence', ...evidence.output };
  }
  if (key.startsWith(CANONICAL_PREFIX)) {
    const membership = membershipOf(image);
    if (membership === undefined) throw new Error('a stream record is not a membership as this version writes it');
    return { kind: 'membership', member: membership.member };
  }
  if (!key.startsWith(HEAD_PREFIX)) return undefined;
  const head = headOf(image);
  if (!v.is(headSchema, head)) throw new Error('a stream record is not a head as this version writes it');
  return { kind: 'head', head };
}
