/** The alphabet of bech32 and CashAddr, and that of Conflux (CIP-37). */
const BECH32_ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const CONFLUX_ALPHABET = 'abcdefghjkmnprstuvwxyz0123456789';

const GENERATORS = [0x98f2bc8e61n, 0x79b76d99e2n, 0xf33e5fb3c4n, 0xae2eabe2a8n, 0x1e4f43e470n] as const;
const LOW_35_BITS = 0x07ffffffffn;

/** The 40-bit checksum polynomial of the CashAddr specification (Bitcoin Cash, 2018). */
function polymod(values: readonly number[]): bigint {
  let state = 1n;
  for (const value of values) {
    const top = state >> 35n;
    state = ((state & LOW_35_BITS) << 5n) ^ BigInt(value);
    for (const [bit, generator] of GENERATORS.entries()) if ((top >> BigInt(bit)) & 1n) state ^= generator;
  }
  return state ^ 1n;
}

function verify(prefix: string, payload: string, alphabet: string): boolean {
  const values = [...prefix].map((char) => char.charCodeAt(0) & 31);
  values.push(0);
  for (const char of payload) {
    const value = alphabet.indexOf(char);
    if (value < 0) return false;
    values.push(value);
  }
  return polymod(values) === 0n;
}

/** Whether `prefix:payload` (lower case) has a valid CashAddr checksum. */
export function verifyCashAddr(prefix: string, payload: string): boolean {
  return payload.length >= 42 && payload.length <= 120 && verify(prefix, payload, BECH32_ALPHABET);
}

/**
 * The same for Conflux base32 addresses of 20 bytes, by CIP-37: version byte 0, then an address whose first four bits
 * are 1 for a user's account. Contracts (8) and built-in ones (0) are nobody's wallet.
 */
export function verifyConflux(prefix: string, payload: string): boolean {
  return payload.length === 42 && /^aa[jkmnprst]/.test(payload) && verify(prefix, payload, CONFLUX_ALPHABET);
}

const BECH32_GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;

/** BIP-173's checksum over any prefix, for addresses that put `:` in place of `1` (XELIS). */
export function verifyBech32Colon(prefix: string, payload: string): boolean {
  const values = [...prefix].map((char) => char.charCodeAt(0) >> 5);
  values.push(0, ...[...prefix].map((char) => char.charCodeAt(0) & 31));
  for (const char of payload) values.push(BECH32_ALPHABET.indexOf(char));
  if (values.includes(-1)) return false;
  let state = 1;
  for (const value of values) {
    const top = state >>> 25;
    state = ((state & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of BECH32_GENERATORS.entries()) if ((top >>> bit) & 1) state ^= generator;
  }
  return state === 1;
}
