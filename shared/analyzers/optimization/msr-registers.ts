import type { Strength } from '#shared/model/groups.ts';

/** What a write to a model-specific register is worth, and why. */
export interface RegisterJudgement {
  readonly strength: Strength;
  readonly reason: string;
}

const PREFETCH_CONTROL = 0x1a4n;

/**
 * Registers that XMRig's RandomX presets set on AMD's families 17h, 19h and 1Ah (xmrig: src/crypto/rx/RxConfig.cpp).
 * No other program is known to write them.
 */
const AMD_PREFETCH = new Set([0xc0011020n, 0xc0011021n, 0xc0011022n, 0xc001102bn]);

/** Cache allocation masks and associations (Intel SDM volume 3, 18.19.4): XMRig's cache-qos option, also `pqos`. */
const CACHE_QOS = (register: bigint): boolean => register === 0xc8fn || (register >= 0xc90n && register <= 0xd8fn);

/** Power, voltage and thermal registers of undervolting and power tools (0x1b0 energy bias, 0x610 power limit). */
const POWER = new Set([0x150n, 0x199n, 0x19an, 0x1a0n, 0x1a2n, 0x1adn, 0x1b0n, 0x1fcn, 0x610n, 0x64cn, 0x770n, 0x774n]);

/** Judges a register and the value written; `undefined` for a value that the record does not tell. */
export function judgeRegister(register: bigint, value: bigint | undefined): RegisterJudgement {
  if (register === PREFETCH_CONTROL) {
    if (value === 0n) return { strength: 'note', reason: 'switches the prefetchers on again' };
    if (value === undefined || value === 0xfn) return { strength: 'strong', reason: 'switches all prefetchers off' };
    return { strength: 'weak', reason: 'switches some prefetchers off' };
  }
  if (AMD_PREFETCH.has(register)) return { strength: 'strong', reason: "a register of RandomX miners' AMD presets" };
  if (CACHE_QOS(register)) return { strength: 'weak', reason: 'reserves cache' };
  if (POWER.has(register)) return { strength: 'note', reason: 'a register of power tools' };
  return { strength: 'note', reason: 'a register that miners are not known to use' };
}

/** Reads a number as strtoull(3) does with base 0: hexadecimal, octal or decimal, at most 64 bits. */
export function parseRegisterNumber(text: string): bigint | undefined {
  if (/^0[xX][0-9a-fA-F]{1,16}$/.test(text)) return BigInt(text);
  if (/^0[0-7]{1,22}$/.test(text)) return BigInt.asUintN(64, BigInt(`0o${text.slice(1)}`));
  if (/^\d{1,20}$/.test(text)) return BigInt.asUintN(64, BigInt(text));
  return undefined;
}

/** `0x1a4`: one spelling for a register whatever the record's. */
export function registerText(register: bigint): string {
  return `0x${register.toString(16)}`;
}
