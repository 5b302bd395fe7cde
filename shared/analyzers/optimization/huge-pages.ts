/** Pages of 2 MiB of one RandomX dataset (2,080 MiB) and cache (256 MiB), docs of XMRig's RandomX guide. */
const PAGES_PER_NODE = 1168;
/** One page for the scratchpad of each thread: as many more as the largest instances have threads for a node. */
const MAX_THREADS = 256;
const DOCUMENTED = 1280;
const MAX_NODES = 4;

/**
 * Whether a number of 2 MiB huge pages is one that a RandomX miner or its set-up script asks for: 1,168 for each NUMA
 * node and one for each thread, or the guide's 1,280. Powers of two are left to databases and packet processing.
 */
export function isRandomXPageCount(pages: number): boolean {
  if (pages === DOCUMENTED) return true;
  for (let nodes = 1; nodes <= MAX_NODES; nodes *= 2) {
    const base = nodes * PAGES_PER_NODE;
    if (pages >= base && pages <= base + MAX_THREADS) return true;
  }
  return false;
}

/** The number in a huge page setting; shell arithmetic such as `$((1168+$(nproc)))` gives its largest literal. */
export function pageCount(text: string): { readonly pages: number; readonly computed: boolean } | undefined {
  const plain = /^\s*"?(\d{1,9})"?\s*$/.exec(text)?.[1];
  if (plain !== undefined) return { pages: Number(plain), computed: false };
  const literals = text.slice(0, 200).match(/(?<![\w.])\d{1,9}(?![\w.])/g);
  if (!/[$`]/.test(text)) return undefined;
  return { pages: Math.max(0, ...(literals ?? []).map(Number)), computed: true };
}
