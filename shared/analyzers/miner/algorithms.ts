const list = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

/**
 * Mining algorithms whose names no other software uses for a value, in lower case: XMRig's list (src/base/crypto/
 * Algorithm.cpp), cpuminer-opt, and the GPU miners' README tables.
 */
const STRONG = list(`
  rx/0 rx/wow rx/arq rx/graft rx/sfx rx/keva rx/yada rx/xeq rx/loki rx/xla rx/tari
  randomx randomxmonero randomxl randomwow randomarq randomkeva randomgraft randomsfx randomyada randomepic randomnevo
  randomvirel randomscash randomxeq randomhash2 randomjuno panthera
  cn/0 cn/1 cn/2 cn/r cn/fast cn/half cn/xao cn/rto cn/rwz cn/zls cn/double cn/ccx cn/gpu cn/upx2 cn/msr cn/xtl cn/tube
  cn-lite/0 cn-lite/1 cn-heavy/0 cn-heavy/tube cn-heavy/xhv cn-pico cn-pico/tlo cn-femto
  cryptonight cryptonight-lite cryptonight-heavy cryptonight-pico cryptonightr cryptonight_v7 cryptonight_v8 cryptonight_gpu
  cryptonight-upx cryptonight_upx cryptonight_ccx cryptonight_haven cryptonight_heavyx cryptonight_xhv cryptonight_turtle
  argon2/chukwa argon2/chukwav2 argon2/ninja argon2/wrkz argon2d4096 argon2d500 argon2d1000 argon2d16000 argon2id_chukwa
  kawpow ghostrider meowpow evrprogpow firopow vprogpow progpow progpow_zano progpow_sero progpow_veil progpow_ethercore progpowz
  yespower yespowerr16 yespowersugar yespowertide yespowerurx yespowermgpc yespowerltncg yespoweric yespowerlitb yespoweriots
  yespowerarwn yespoweradvc yespowereqpay yespowermwc yescrypt yescryptr8 yescryptr16 yescryptr32 power2b cpupower
  minotaur minotaurx allium lyra2z lyra2z330 lyra2rev2 lyra2rev3 lyra2re lyra2h x16r x16rv2 x16rt x16s x21s x22i x25x
  etchash ethash ethashb3 ubqhash autolykos2 autolykos kheavyhash karlsenhash karlsenhashv2 pyrinhash pyrinhashv2
  heavyhash verushash verthash xelishash xelishashv2 xelishashv3 xelisv2 astrobwt astrobwtv3 dynexsolve sha3x sha3t qhash
  zelhash beamhash beam-iii cuckaroo29s cuckaroo30ctx cuckaroo29b cuckatoo31 cuckatoo32 cuckaroom cuckarooz29 cuckoocycle
  sha256dt sha512256d sha512_256d_radiant radiant nexapow fishhash hoohash walahash spectrex cryptix_ox8 abelhash nimiqhash
  memehash curvehash mike-cpu dynex hashimotos blake3_alephium blake3_decred decred_blake3 kaspa-heavyhash argon2d-dyn
  equihash125 equihash144 equihash150 equihash192 equihash210 equihash200
`);

/** Names of algorithms that hash tools, crackers and libraries use too: they count only beside a pool and a wallet. */
const WEAK: ReadonlySet<string> = new Set(
  list(`auto sha256 sha256d sha512 sha3 keccak keccakc blake blake2b blake2s blake3 argon2 argon2d argon2id scrypt scryptn2
  x11 x11gost x12 x13 x14 x15 x16 x17 c11 c32 skein skein2 groestl myr-gr qubit quark nist5 neoscrypt tribus bmw hmq1725 timetravel
  pentablake sonoa flex gr mike aurum verus octopus zil 144_5 125_4 125,4 144,5 192_7 192,7 210_9 200_9 equihash k12 cn cr29
  dmd-gr lbry jha whirlpool fresh sib polytimos deep`),
);

const STRONG_SET: ReadonlySet<string> = new Set(STRONG);

/** Algorithm literals of four characters or more, for prefilters. */
export const ALGORITHM_NEEDLES: readonly string[] = STRONG.filter(
  (name) => !STRONG.some((other) => other !== name && name.includes(other)),
);

/** What the value of an algorithm option says: `strong` for a name that only mining uses, `weak` for a shared one. */
export function algorithmStrength(value: string): 'strong' | 'weak' | undefined {
  let weak = false;
  const text = value.toLowerCase().replace(/equihash[ ,_/-]?(\d{3})(?:[_,]\d)?/g, 'equihash$1');
  for (const part of text.split(/[+;&|\s]+/, 8)) {
    const name = part.replace(/^\[\d\]/, '');
    if (STRONG_SET.has(name)) return 'strong';
    if (WEAK.has(name)) weak = true;
  }
  return weak ? 'weak' : undefined;
}

/** Coins that miners name by code (`--coin`, `c=`), in lower case. */
const COINS: ReadonlySet<string> = new Set(
  list(`xmr monero zeph zephyr sal salvium wow wownero xhv xla scala sumo sumokoin arq arqma grft xeq rvn raven ravencoin xna neox evr
  clore meowcoin etc ethw eth btc bch ltc doge dash zec flux ergo erg kas kaspa kls pyi alph alephium cfx conflux nexa firo
  dero xel xelis tari xtm qubic dnx dynex vrsc verus beam aeon trtl bloc ccx tube msr yada townforge quai iron ironfish
  sugar uxr tdc epic radiant rxd spr hoo octa ubq zano zil btg kda dcr nim pearl`),
);

/** Whether a value is a coin's code or name as miners take it. */
export function isCoin(value: string): boolean {
  return value.length <= 12 && COINS.has(value.toLowerCase());
}

/** Passwords by which pools are told the coin of the payment: `c=XMR`. */
export const COIN_PASS_NEEDLES: readonly string[] = [...COINS]
  .map((coin) => `c=${coin}`)
  .filter((one) => one.length >= 4);
