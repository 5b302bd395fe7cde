import { type Membership, type Memberships, widened } from '#shared/model/membership.ts';
import type { Host } from '#shared/model/place.ts';

const textOf = ({ account, region, host }: Host): string => JSON.stringify([account, region, host]);

/** Memberships in memory: what the contract means. */
export function memoryMemberships(): Memberships {
  const kept = new Map<string, Membership>();
  return {
    canonicals: async (member) => [...kept.values()].filter((one) => textOf(one.member) === textOf(member)),
    members: async (host) =>
      [...kept.values()].filter(({ member, host: of }) => textOf({ ...member, host: of }) === textOf(host)),
    remember: async (membership) => {
      const key = JSON.stringify([textOf(membership.member), membership.host, membership.vpc]);
      const known = kept.get(key);
      kept.set(key, known === undefined ? membership : widened(known, membership));
    },
  };
}
