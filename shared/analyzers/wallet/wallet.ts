import { blake2b } from '@noble/hashes/blake2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { kt128 } from '@noble/hashes/sha3-addons.js';
import { base58, base58xmr, bech32, bech32m } from '@scure/base';
import { verifyBech32Colon, verifyCashAddr, verifyConflux } from './cashaddr.ts';
import { BASE58CHECK, BECH32, CASHADDR, CRYPTONOTE, OTHER_BASE58CHECK, OTHER_CRYPTONOTE, SEGWIT } from './coins.ts';

/** A coin address. Several coins where the text can't tell them apart. */
export interface Wallet {
  readonly coins: readonly string[];
  readonly address: string;
  /** `verified`: its checksum is right. `none`: the form carries no checksum worth the name. */
  readonly checksum: 'verified' | 'none';
  /** `standard`, `integrated`, `subaddress`, `base58check`, `segwit`, `bech32`, `cashaddr`, `eip55`, `hex`, `base58`, `letters`. */
  readonly kind: string;
  /** `testnet` or `stagenet`. */
  readonly network?: string;
}

const BASE58 = /^[1-9A-HJ-NP-Za-km-z]+$/;
const MAX_ADDRESS = 400;

/**
 * The coin address that this whole text is, by the rules of each coin: Monero and its kin, Bitcoin's base58check and
 * segregated-witness families, Ethereum, CashAddr, Ergo, Zcash, Conflux, Qubic and others. Undefined for anything else,
 * a failed checksum above all. Lengths are bounded before base58, whose decoding is quadratic.
 */
export function verifyWallet(token: string): Wallet | undefined {
  if (token.length < 25 || token.length > MAX_ADDRESS) return undefined;
  if (token.startsWith('0x') || token.startsWith('0X')) return ethereum(token);
  const colon = token.lastIndexOf(':');
  if (colon > 0) return prefixed(token, token.slice(0, token.indexOf(':')), token.slice(colon + 1));
  const bech = bech32Family(token);
  if (bech !== undefined) return bech;
  if (/^[A-Z]{60}$/.test(token)) return qubic(token);
  if (/^[qp][02-9ac-hj-np-z]{41}$/.test(token)) return cashAddr('bitcoincash', token, token);
  if (/^[qp][02-9ac-hj-np-z]{60}(?:[02-9ac-hj-np-z]{2})?$/.test(token)) return cashAddr('kaspa', token, token);
  if (!BASE58.test(token)) return undefined;
  if (token.length <= 36) return base58check(token);
  if (token.length === 51) return ergo(token);
  if (token.length >= 43 && token.length <= 45) return bareBase58(token);
  return token.length >= 90 && token.length <= 120 ? cryptoNote(token) : undefined;
}

function attempt(decode: () => Uint8Array): Uint8Array | undefined {
  try {
    return decode();
  } catch {
    // The libraries throw on any text that is not of their code.
    return undefined;
  }
}

function endsWith(bytes: Uint8Array, digest: Uint8Array): boolean {
  return bytes.subarray(-4).every((byte, index) => byte === digest[index]);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** CryptoNote: varint network id, two keys of 32 bytes, perhaps 8 bytes of payment id, 4 bytes of Keccak-256. */
function cryptoNote(address: string): Wallet | undefined {
  const bytes = attempt(() => base58xmr.decode(address));
  if (bytes === undefined || bytes.length < 69) return undefined;
  let id = 0n;
  let at = 0;
  for (let shift = 0n; at < 10; shift += 7n) {
    const byte = bytes[at++] ?? 0;
    id |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const keys = bytes.length - at - 4;
  if ((keys !== 64 && keys !== 72) || !endsWith(bytes, keccak_256(bytes.subarray(0, -4)))) return undefined;
  const known = CRYPTONOTE.get(id);
  return {
    coins: [known?.coin ?? OTHER_CRYPTONOTE],
    address,
    checksum: 'verified',
    kind: known?.kind ?? (keys === 72 ? 'integrated' : 'standard'),
    ...(known?.network === undefined ? {} : { network: known.network }),
  };
}

function base58check(address: string): Wallet | undefined {
  const bytes = attempt(() => base58.decode(address));
  if (bytes === undefined || (bytes.length !== 25 && bytes.length !== 26)) return undefined;
  if (!endsWith(bytes, sha256(sha256(bytes.subarray(0, -4))))) return undefined;
  const known = BASE58CHECK.get(hex(bytes.subarray(0, bytes.length - 24)));
  if (known === undefined && bytes.length === 26) return undefined;
  return { coins: known ?? [OTHER_BASE58CHECK], address, checksum: 'verified', kind: 'base58check' };
}

/** Ergo: network and type byte, 33-byte key, 4 bytes of BLAKE2b-256 (https://docs.ergoplatform.com/dev/wallet/address). */
function ergo(address: string): Wallet | undefined {
  const bytes = attempt(() => base58.decode(address));
  if (bytes?.length !== 38 || (bytes[0] !== 0x01 && bytes[0] !== 0x11)) return undefined;
  if (!endsWith(bytes, blake2b(bytes.subarray(0, -4), { dkLen: 32 }))) return undefined;
  return {
    coins: ['ERG'],
    address,
    checksum: 'verified',
    kind: 'standard',
    ...(bytes[0] === 0x11 ? { network: 'testnet' } : {}),
  };
}

/** Alephium (33 bytes, type 0) and Solana (32 bytes) have no checksum. */
function bareBase58(address: string): Wallet | undefined {
  const bytes = attempt(() => base58.decode(address));
  if (bytes?.length === 33 && bytes[0] === 0) return { coins: ['ALPH'], address, checksum: 'none', kind: 'base58' };
  return bytes?.length === 32 ? { coins: ['SOL'], address, checksum: 'none', kind: 'base58' } : undefined;
}

/** EIP-55: the case of each letter is a bit of the Keccak-256 of the lower-case digits. One case alone says nothing. */
function ethereum(address: string): Wallet | undefined {
  if (!/^0[xX][0-9a-fA-F]{40}$/.test(address)) return undefined;
  const digits = address.slice(2);
  const lower = digits.toLowerCase();
  if (digits === lower || digits === digits.toUpperCase()) {
    return { coins: ['ETH'], address, checksum: 'none', kind: 'hex' };
  }
  const digest = hex(keccak_256(Buffer.from(lower, 'ascii')));
  for (let at = 0; at < 40; at++) {
    const upper = parseInt(digest[at] ?? '0', 16) >= 8;
    const char = lower[at] ?? '';
    if (digits[at] !== (upper ? char.toUpperCase() : char)) return undefined;
  }
  return { coins: ['ETH'], address, checksum: 'verified', kind: 'eip55' };
}

function cashAddr(prefix: string, payload: string, address: string): Wallet | undefined {
  const coin = CASHADDR.get(prefix);
  if (coin === undefined || !verifyCashAddr(prefix, payload)) return undefined;
  return { coins: [coin], address, checksum: 'verified', kind: 'cashaddr' };
}

/** Addresses that carry their coin before a colon. Mixed case is no address of this kind. */
function prefixed(address: string, prefix: string, payload: string): Wallet | undefined {
  if (address !== address.toLowerCase() && address !== address.toUpperCase()) return undefined;
  const name = prefix.toLowerCase();
  const body = payload.toLowerCase();
  if (name === 'cfx' || name === 'cfxtest') {
    if (!verifyConflux(name, body)) return undefined;
    const network = name === 'cfxtest' ? { network: 'testnet' } : {};
    return { coins: ['CFX'], address, checksum: 'verified', kind: 'cashaddr', ...network };
  }
  if (name === 'xel') {
    return body.length >= 50 && body.length <= 80 && verifyBech32Colon(name, body)
      ? { coins: ['XEL'], address, checksum: 'verified', kind: 'bech32' }
      : undefined;
  }
  return cashAddr(name, body, address);
}

function bech32Family(address: string): Wallet | undefined {
  const one = address.lastIndexOf('1');
  if (one < 1 || one > 8 || (address !== address.toLowerCase() && address !== address.toUpperCase())) return undefined;
  const text = address.toLowerCase();
  const part = text.slice(0, one);
  const coin = SEGWIT.get(part);
  if (coin !== undefined) return segwit(text, coin, address);
  const other = BECH32.get(part);
  if (other === undefined || text.length < other.min || text.length > other.max) return undefined;
  if (bech32Words(text, 'bech32') === undefined && bech32Words(text, 'bech32m') === undefined) return undefined;
  return { coins: [other.coin], address, checksum: 'verified', kind: 'bech32' };
}

function bech32Words(text: string, code: 'bech32' | 'bech32m'): readonly number[] | undefined {
  const decoded = (code === 'bech32' ? bech32 : bech32m).decodeUnsafe(text, false);
  return decoded?.words;
}

/** Version 0 takes bech32, later ones bech32m; the program has 20 or 32 bytes in every version in use. */
function segwit(text: string, coin: string, address: string): Wallet | undefined {
  if (text.length > 90) return undefined;
  const words = bech32Words(text, 'bech32') ?? bech32Words(text, 'bech32m');
  const version = words?.[0];
  if (words === undefined || version === undefined || version > 16) return undefined;
  if (bech32Words(text, version === 0 ? 'bech32' : 'bech32m') === undefined) return undefined;
  const program = bech32.fromWordsUnsafe(words.slice(1));
  if (!(program instanceof Uint8Array) || (program.length !== 20 && program.length !== 32)) return undefined;
  return { coins: [coin], address, checksum: 'verified', kind: 'segwit' };
}

/** Qubic: four times 14 letters of a 64-bit little-endian number, then 18 bits of KangarooTwelve as four letters. */
function qubic(address: string): Wallet | undefined {
  const key = new Uint8Array(32);
  const view = new DataView(key.buffer);
  const letter = (at: number): number => address.charCodeAt(at) - 65;
  for (let part = 0; part < 4; part++) {
    let value = 0n;
    for (let at = 13; at >= 0; at--) value = value * 26n + BigInt(letter(part * 14 + at));
    if (value > 0xffffffffffffffffn) return undefined;
    view.setBigUint64(part * 8, value, true);
  }
  const [low = 0, middle = 0, high = 0] = kt128(key, { dkLen: 3 });
  let checksum = (low | (middle << 8) | (high << 16)) & 0x3ffff;
  for (let at = 56; at < 60; at++) {
    if (checksum % 26 !== letter(at)) return undefined;
    checksum = Math.floor(checksum / 26);
  }
  return { coins: ['QUBIC'], address, checksum: 'verified', kind: 'letters' };
}
