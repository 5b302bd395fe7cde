/** A published image that mines, whose name says too little by its words. */
export interface MinerImage {
  /** Account and repository in lower case, without registry and tag; with a star at its end, how the name begins. */
  readonly name: string;
  /** The listed program that it holds, where that is known. */
  readonly program?: string;
  readonly source: string;
}

const IMAGES: readonly MinerImage[] = [
  { name: 'qliplatform/qubic-client', program: 'qli-client', source: 'qubic-li/client: README.md' },
  { name: 'regolith-labs/ore', program: 'ore', source: 'regolith-labs/ore-cli: README.md' },
  { name: 'metal3d/xmrig', program: 'xmrig', source: 'metal3d/docker-xmrig: README.md' },
  { name: 'kannix/monero-miner', source: 'Intezer on Argo Workflows, 2021; its Dockerfile' },
  { name: 'servethehome/monero_*', source: 'Docker Hub: the account servethehome' },
  { name: 'delbidaluan/epicx', source: 'Sysdig on AMBERSQUID, 2023' },
  { name: 'yenik65958/secret', program: 'srbminer-multi', source: 'AWS on mining in ECS and EC2, 2025' },
  { name: 'pauseyyf/pause', source: 'Wiz on Dero mining in Kubernetes, 2024' },
];

const EXACT: ReadonlyMap<string, MinerImage> = new Map(IMAGES.map((image) => [image.name, image]));
const PREFIXES: readonly (readonly [string, MinerImage])[] = IMAGES.filter(({ name }) => name.endsWith('*')).map(
  (image) => [image.name.slice(0, -1), image],
);

/** The list's image of a name `account/repository`, in any case. */
export function publishedImage(name: string): MinerImage | undefined {
  const lower = name.toLowerCase();
  return EXACT.get(lower) ?? PREFIXES.find(([start]) => lower.startsWith(start))?.[1];
}

const either = (words: string): string => words.trim().split(/\s+/).join('|');

/** Coins and algorithms that are mined; names that everyday words share are left out. */
const COIN = either(`
  monero xmr aeon wownero zephyr zeph dero bitcoin btc litecoin ltc dogecoin doge zcash zec ethereum eth ravencoin rvn kaspa
  raptoreum rtm verus veruscoin vrsc ergo turtlecoin bytecoin electroneum duinocoin qubic crypto coin cryptonight
  randomx ethash kawpow`);
/** What else such a name holds: hardware, systems, versions. Any other word (exporter, detector, pool) says another thing. */
const BESIDE = either(
  'cpu gpu cuda opencl nvidia amd amd64 arm arm64 armhf docker alpine ubuntu debian linux solo image',
);
const PART = new RegExp(`^(?:(${COIN})?((?:cpu|gpu)?min(?:ers?|erd|ing))?|(?:${BESIDE})|v?\\d{1,8})$`);
/** Longest base name that is read. */
const MAX_NAME = 128;

/**
 * Whether an image's base name is made of a coin and mining alone: `monero-miner`, `xmr_cpu_miner`, `bitcoinminer`.
 * What watches, shows or studies miners (`monero-miner-exporter`) has other words too.
 */
export function isCoinMinerName(base: string): boolean {
  if (base.length > MAX_NAME) return false;
  let coin = false;
  let mining = false;
  for (const word of base.toLowerCase().split(/[._-]/)) {
    const match = PART.exec(word);
    if (match === null) return false;
    coin ||= match[1] !== undefined;
    mining ||= match[2] !== undefined;
  }
  return coin && mining;
}

/** Literals one of which stands in every image reference that only this file tells. */
export const IMAGE_NEEDLES: readonly string[] = [...IMAGES.map(({ name }) => name.replace('*', '')), 'miner', 'mining'];
