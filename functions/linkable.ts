import { linkableBy } from '#shared/context/linkable.ts';
import type { Linkable } from '#shared/correlate/linked-sets.ts';
import { compileIntel } from '#shared/intel/compile.ts';
import addresses from '../intel/addresses.json' with { type: 'json' };
import names from '../intel/names.json' with { type: 'json' };
import programs from '../intel/programs.json' with { type: 'json' };
import ranges from '../intel/shared-ranges.json' with { type: 'json' };

/** Which artifacts link, by the lists of the bundle. */
export function deployedLinkable(): Linkable {
  const lists = compileIntel({ names, addresses, programs, ranges });
  if ('errors' in lists) throw new Error(lists.errors.join('\n'));
  return linkableBy(lists.intel);
}
