import type { Claims } from '#shared/model/place.ts';

/** Who taught an endpoint: the host as its claims name it, so that one liar can't fill the list of another. */
export function learnerOf(claims: Claims): string {
  return claims.instance ?? claims.hostName ?? claims.eni ?? claims.address ?? claims.stream ?? '-';
}

/**
 * Under what a watch list's `name` holds the pools that a program of one host named: no DNS name has such a text.
 * @param path the program's absolute path as the kernel says it
 */
export function programKey(learner: string, path: string): string {
  return `program\u0000${learner}\u0000${path.replace(/ \(deleted\)$/, '')}`;
}
