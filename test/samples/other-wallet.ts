import { blake2b } from '@noble/hashes/blake2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { base58, base58xmr, bech32, bech32m, createBase58check } from '@scure/base';

/** What the made-up wallets hold in place of a key. */
const NOBODY = 0x11;
const KASPA_OTHER = 'kaspa:precqv0krj3r6uyyfa36ga7s0u9jct0v4wg8ctsfde2gkrsgwgw8jgxfzfc98';

/** Another valid wallet of the same coin and form, of nobody's keys. */
export function otherWallet(wallet: string): string {
  if (wallet.startsWith('0x')) return checksummed('ab'.repeat(20));
  // The development fund's, since CashAddr is in neither library.
  if (wallet.startsWith('kaspa:')) return KASPA_OTHER;
  if (wallet.startsWith('bc1q')) return segwit(wallet as Bech32Text, bech32);
  if (wallet.startsWith('bc1p')) return segwit(wallet as Bech32Text, bech32m);
  if (wallet.length === 51) return ergo(wallet);
  return wallet.length < 40 ? bitcoin(wallet) : cryptoNote(wallet);
}

type Bech32Text = `${string}1${string}`;

function segwit(wallet: Bech32Text, code: typeof bech32): string {
  const { prefix, words } = code.decode(wallet);
  const [version, ...program] = words;
  const other = code.toWords(code.fromWords(program).fill(NOBODY));
  return code.encode(prefix, [version ?? 0, ...other]);
}

function bitcoin(wallet: string): string {
  const code = createBase58check(sha256);
  const payload = code.decode(wallet);
  return code.encode(payload.fill(NOBODY, 1));
}

/** EIP-55. */
function checksummed(hex: string): string {
  const digest = Buffer.from(keccak_256(Buffer.from(hex))).toString('hex');
  return `0x${[...hex].map((digit, at) => (Number.parseInt(digest.charAt(at), 16) > 7 ? digit.toUpperCase() : digit)).join('')}`;
}

function ergo(wallet: string): string {
  const body = base58.decode(wallet).subarray(0, -4).fill(NOBODY, 2);
  return base58.encode(Buffer.concat([body, blake2b(body, { dkLen: 32 }).subarray(0, 4)]));
}

/** Network id as a varint, two keys of 32 bytes, four bytes of Keccak. */
function cryptoNote(wallet: string): string {
  const body = base58xmr.decode(wallet).subarray(0, -4);
  body.fill(NOBODY, body.length - 64);
  return base58xmr.encode(Buffer.concat([body, keccak_256(body).subarray(0, 4)]));
}
