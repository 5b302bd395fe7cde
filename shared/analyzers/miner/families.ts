/**
 * Options that other programs have too, one by one, but that stand together in the words of one miner alone. Sources:
 * xmr-stak (xmrstak/cli/cli-miner.cpp), GMiner (README.md), p2pool (src/main.cpp).
 */
export interface Family {
  readonly miner: string;
  /** Names of long options, without dashes. */
  readonly words: ReadonlySet<string>;
  /** How many different ones are enough. */
  readonly together: number;
  /** They prove a miner only beside a verified wallet: other nodes of a chain take such options too. */
  readonly wallet: boolean;
}

const family = (miner: string, together: number, wallet: boolean, words: string): Family => ({
  miner,
  together,
  wallet,
  words: new Set(words.split(/\s+/)),
});

const FAMILIES: readonly Family[] = [
  family(
    'xmr-stak',
    2,
    false,
    `noCPU noAMD noNVIDIA noUAC noAMDCache openCLVendor amdGpus nvidiaGpus amdCacheDir poolconf currency benchwait
     benchwork`,
  ),
  family('GMiner', 2, false, 'maintenance_server maintenance_user maintenance_fee'),
  family(
    'p2pool',
    2,
    true,
    'zmq-port rpc-port p2p addpeers mini nano light-mode data-api local-api stratum-api no-randomx',
  ),
];

/** Literals one of which stands in every line of a family that needs no wallet: all its words but the shared `currency`. */
export const FAMILY_NEEDLES: readonly string[] = FAMILIES.filter(({ wallet }) => !wallet).flatMap(({ words }) =>
  [...words].filter((word) => word !== 'currency').map((word) => word.toLowerCase()),
);

/** What the options' names say together: each family of which enough are there, with the words found. */
export function familiesOf(
  names: ReadonlySet<string>,
): readonly { readonly family: Family; readonly found: readonly string[] }[] {
  return FAMILIES.map((one) => ({ family: one, found: [...one.words].filter((word) => names.has(word)) })).filter(
    ({ family: { together }, found }) => found.length >= together,
  );
}
