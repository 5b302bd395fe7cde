/** Network of a CryptoNote address: what the varint in front of its keys says. */
export interface CryptoNoteNetwork {
  readonly coin: string;
  readonly kind: 'standard' | 'integrated' | 'subaddress';
  readonly network?: 'testnet' | 'stagenet';
}

/**
 * CryptoNote network ids. Monero, Zephyr, Salvium, Loki and Electroneum from the projects' `cryptonote_config.h`
 * (confirmed by decoding published addresses), Wownero's standard id by a published address; Wownero's other ids,
 * Haven, Turtlecoin, Sumokoin and Equilibria by their configuration as commonly documented.
 */
export const CRYPTONOTE: ReadonlyMap<bigint, CryptoNoteNetwork> = new Map<bigint, CryptoNoteNetwork>([
  [18n, { coin: 'XMR', kind: 'standard' }],
  [19n, { coin: 'XMR', kind: 'integrated' }],
  [42n, { coin: 'XMR', kind: 'subaddress' }],
  [53n, { coin: 'XMR', kind: 'standard', network: 'testnet' }],
  [54n, { coin: 'XMR', kind: 'integrated', network: 'testnet' }],
  [63n, { coin: 'XMR', kind: 'subaddress', network: 'testnet' }],
  [24n, { coin: 'XMR', kind: 'standard', network: 'stagenet' }],
  [25n, { coin: 'XMR', kind: 'integrated', network: 'stagenet' }],
  [36n, { coin: 'XMR', kind: 'subaddress', network: 'stagenet' }],
  [0x6241d18c0n, { coin: 'ZEPH', kind: 'standard' }],
  [0xc4f7d18c0n, { coin: 'ZEPH', kind: 'integrated' }],
  [0x8dd58c0n, { coin: 'ZEPH', kind: 'subaddress' }],
  [0x3ef318n, { coin: 'SAL', kind: 'standard' }],
  [0x55ef318n, { coin: 'SAL', kind: 'integrated' }],
  [0xf5ef318n, { coin: 'SAL', kind: 'subaddress' }],
  [0x180c96n, { coin: 'SAL', kind: 'standard' }],
  [4146n, { coin: 'WOW', kind: 'standard' }],
  [6810n, { coin: 'WOW', kind: 'integrated' }],
  [12208n, { coin: 'WOW', kind: 'subaddress' }],
  [0x5af4n, { coin: 'XHV', kind: 'standard' }],
  [18018n, { coin: 'ETN', kind: 'standard' }],
  [114n, { coin: 'OXEN', kind: 'standard' }],
  [3914698n, { coin: 'TRTL', kind: 'standard' }],
  [0x2bb39an, { coin: 'SUMO', kind: 'standard' }],
  [0x154n, { coin: 'XEQ', kind: 'standard' }],
]);

/** Coin label of a valid CryptoNote address whose network id is in no table: one of Monero's many kin. */
export const OTHER_CRYPTONOTE = 'CRYPTONOTE';
/** Coin label of a valid base58check address whose version byte is in no table. */
export const OTHER_BASE58CHECK = 'BASE58CHECK';

/** Version bytes of base58check addresses of 20-byte hashes, in hexadecimal (multicoin-address-validator, chainparams). */
export const BASE58CHECK: ReadonlyMap<string, readonly string[]> = new Map([
  ['00', ['BTC']],
  ['05', ['BTC']],
  ['30', ['LTC']],
  ['32', ['LTC']],
  ['1e', ['DOGE', 'DGB']],
  ['16', ['DOGE']],
  ['4c', ['DASH']],
  ['10', ['DASH']],
  ['3c', ['RVN', 'VRSC']],
  ['7a', ['RVN']],
  ['66', ['VRSC']],
  ['17', ['CLORE', 'BTG']],
  ['26', ['BTG']],
  ['52', ['FIRO']],
  ['47', ['VTC']],
  ['1cb8', ['ZEC', 'FLUX']],
  ['1cbd', ['ZEC', 'FLUX']],
]);

/** Human-readable parts of segregated-witness addresses (BIP-173 and BIP-350). */
export const SEGWIT: ReadonlyMap<string, string> = new Map([
  ['bc', 'BTC'],
  ['ltc', 'LTC'],
  ['vtc', 'VTC'],
  ['sys', 'SYS'],
  ['grs', 'GRS'],
  ['dgb', 'DGB'],
  ['btg', 'BTG'],
]);

/** Other bech32 addresses: coin and the lengths that the whole text may have. */
export const BECH32: ReadonlyMap<string, { readonly coin: string; readonly min: number; readonly max: number }> =
  new Map([
    ['ltcmweb', { coin: 'LTC', min: 100, max: 130 }],
    ['zs', { coin: 'ZEC', min: 78, max: 78 }],
    ['u', { coin: 'ZEC', min: 100, max: 400 }],
    ['zil', { coin: 'ZIL', min: 42, max: 42 }],
    ['dero', { coin: 'DERO', min: 66, max: 66 }],
    ['deroi', { coin: 'DERO', min: 67, max: 300 }],
  ]);

/** CashAddr prefixes (the Bitcoin Cash specification; Kaspa and its twins use the same code). */
export const CASHADDR: ReadonlyMap<string, string> = new Map([
  ['kaspa', 'KAS'],
  ['karlsen', 'KLS'],
  ['pyrin', 'PYI'],
  ['nexellia', 'NXL'],
  ['bugna', 'BUGNA'],
  ['spectre', 'SPR'],
  ['vecno', 'VE'],
  ['cryptix', 'CPAY'],
  ['waglayla', 'WALA'],
  ['hoosat', 'HTN'],
  ['nexa', 'NEXA'],
  ['bitcoincash', 'BCH'],
  ['ecash', 'XEC'],
]);

/** Coins that people also merely pay and hold on servers: their addresses need something of mining beside them. */
const MERELY_PAID: ReadonlySet<string> = new Set(
  'BTC BCH XEC LTC DOGE DGB DASH ZEC BTG VTC SYS GRS ETH ETC SOL ALPH ZIL QUBIC XTM'
    .split(' ')
    .concat(OTHER_BASE58CHECK),
);

/** Whether a wallet of these coins may stand in a command line for payment alone (any of them suffices). */
export function merelyPaid(coins: readonly string[]): boolean {
  return coins.some((coin) => MERELY_PAID.has(coin));
}
