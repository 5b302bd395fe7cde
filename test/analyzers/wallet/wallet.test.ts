import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blake2b } from '@noble/hashes/blake2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256, sha3_256 } from '@noble/hashes/sha3.js';
import { base58, base58xmr, bech32, bech32m, createBase58check } from '@scure/base';
import fc from 'fast-check';
import { merelyPaid } from '#shared/analyzers/wallet/coins.ts';
import { findWallets } from '#shared/analyzers/wallet/find.ts';
import { verifyWallet } from '#shared/analyzers/wallet/wallet.ts';

const XMR = '48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD';
const KAS = 'kaspa:qpauqsvk7yf9unexwmxsnmg547mhyga37csh0kj53q6xxgl24ydxjsgzthw5j';
const CFX = 'CFX:TYPE.USER:AARC9ABYCUE0HHZGYRR53M6CXEDGCCRMMYYBJGH4XG';

/** Published addresses: donation, governance and treasury addresses, and examples of the specifications. */
const PUBLISHED: readonly (readonly [string, string, string])[] = [
  ['XMR', 'standard', XMR],
  [
    'XMR',
    'standard',
    '44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A',
  ],
  [
    'XMR',
    'standard',
    '44SQVPGLufPasUcuUQSZiF5c9BFzjcP8ucDxzzFDgLf1VkCEFaidJ3u2AhSKMhPLKA3jc2iS8wQHFcaigM6fXmo6AnFRn5B',
  ],
  [
    'XMR',
    'subaddress',
    '888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H',
  ],
  [
    'WOW',
    'standard',
    'Wo3MWeKwtA918DU4c69hVSNgejdWFCRCuWjShRY66mJkU2Hv58eygJWDJS1MNa2Ge5M1WjUkGHuLqHkweDxwZZU42d16v94mP',
  ],
  [
    'ZEPH',
    'standard',
    'ZEPHYR2jZrZXenfKejCcCmEkRzUYwXjgWfJF4yzdCznKQ8yQ3g3PsWUbZjzfzHbeTPMgXVmEuDKQUB9rPkgtVwyWRh9knU4EpfJ57',
  ],
  [
    'SAL',
    'standard',
    'SaLvdZR6w1A21sf2Wh6jYEh1wzY4GSbT7RX6FjyPsnLsffWLrzFQeXUXJcmBLRWDzZC2YXeYe5t7qKsnrg9FpmxmEcxPHsEYfqA',
  ],
  [
    'OXEN',
    'standard',
    'LCFxT37LAogDn1jLQKf4y7aAqfi21DjovX9qyijaLYQSdrxY1U5VGcnMJMjWrD9RhjeK5Lym67wZ73uh9AujXLQ1RKmXEyL',
  ],
  ['BTC', 'base58check', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
  ['BTC', 'base58check', '3P14159f73E4gFr7JterCCQh9QjiTjiZrG'],
  ['BTC', 'segwit', 'BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4'],
  ['BTC', 'segwit', 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0'],
  ['LTC', 'segwit', 'ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9'],
  ['ETH', 'eip55', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
  ['ETH', 'eip55', '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'],
  ['ETH', 'eip55', '0x4121c43205D4244cb6395B2318d711a73fc1a6DE'],
  ['ETH', 'eip55', '0x0924EF9ecBcC1287047cAFd2EAD3A133313eE6A2'],
  ['ERG', 'standard', '9gpNWA3LVic14cMmWHmKGZyiGqrxPaSEvGsdyt7jt2DDAWDQyc9'],
  ['KAS', 'cashaddr', 'kaspa:precqv0krj3r6uyyfa36ga7s0u9jct0v4wg8ctsfde2gkrsgwgw8jgxfzfc98'],
  ['KAS', 'cashaddr', KAS],
  ['BCH', 'cashaddr', 'bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a'],
  ['CFX', 'cashaddr', 'cfx:aarc9abycue0hhzgyrr53m6cxedgccrmmyybjgh4xg'],
  ['CFX', 'cashaddr', CFX],
  ['DERO', 'bech32', 'dero1qyvqpdftj8r6005xs20rnflakmwa5pdxg9vcjzdcuywq2t8skqhvwqglt6x0g'],
  ['XEL', 'bech32', 'xel:vs3mfyywt0fjys0rgslue7mm4wr23xdgejsjk0ld7f2kxng4d4nqqnkdufz'],
  ['ZIL', 'bech32', 'zil1fwh4ltdguhde9s7nysnp33d5wye6uqpugufkz7'],
  ['ZEC', 'base58check', 't1Hsc1LR8yKnbbe3twRp88p6vFfC5t7DLbs'],
  [
    'ZEC',
    'bech32',
    'u1l8xunezsvhq8fgzfl7404m450nwnd76zshscn6nfys7vyz2ywyh4cc5daaq0c7q2su5lqfh23sp7fkf3kt27ve5948mzpfdvckzaect2jtte308mkwlycj2u0eac077wu70vqcetkxf',
  ],
  ['QUBIC', 'letters', 'BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAARMID'],
];

const NO_CHECKSUM: readonly (readonly [string, string])[] = [
  ['ALPH', '1qUuxVuXN2Pk4nnYTbL4qihjLWyRkVMQVYQDAajCcuPq'],
  ['ETH', '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'],
  ['SOL', base58.encode(new Uint8Array(32).fill(7))],
];

function varint(id: bigint): number[] {
  const bytes: number[] = [];
  let rest = id;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

function cryptoNote(id: bigint, keys = 64, digest = keccak_256): string {
  const body = Uint8Array.from([...varint(id), ...new Uint8Array(keys).fill(0x5a)]);
  return base58xmr.encode(Uint8Array.from([...body, ...digest(body).subarray(0, 4)]));
}

const check = createBase58check(sha256);
const hash = new Uint8Array(20).fill(0x42);
const versioned = (...version: number[]): string => check.encode(Uint8Array.from([...version, ...hash]));

/** Made by the coin's own rule from fixed bytes. */
const MADE: readonly (readonly [string, string, string])[] = [
  ['XMR', 'integrated', cryptoNote(19n, 72)],
  ['ZEPH', 'integrated', cryptoNote(0xc4f7d18c0n, 72)],
  ['ZEPH', 'subaddress', cryptoNote(0x8dd58c0n)],
  ['SAL', 'subaddress', cryptoNote(0xf5ef318n)],
  ['WOW', 'subaddress', cryptoNote(12208n)],
  ['XHV', 'standard', cryptoNote(0x5af4n)],
  ['ETN', 'standard', cryptoNote(18018n)],
  ['SUMO', 'standard', cryptoNote(0x2bb39an)],
  ['CRYPTONOTE', 'standard', cryptoNote(178n)],
  ['LTC', 'base58check', versioned(0x30)],
  ['LTC', 'base58check', versioned(0x32)],
  ['DOGE', 'base58check', versioned(0x1e)],
  ['DASH', 'base58check', versioned(0x4c)],
  ['RVN', 'base58check', versioned(0x3c)],
  ['VRSC', 'base58check', versioned(0x66)],
  ['CLORE', 'base58check', versioned(0x17)],
  ['BTG', 'base58check', versioned(0x26)],
  ['FIRO', 'base58check', versioned(0x52)],
  ['ZEC', 'base58check', versioned(0x1c, 0xbd)],
  ['BASE58CHECK', 'base58check', versioned(0x41)],
  ['ZEC', 'bech32', bech32.encode('zs', bech32.toWords(new Uint8Array(43).fill(9)), false)],
  ['DERO', 'bech32', bech32.encode('deroi', bech32.toWords(new Uint8Array(60).fill(1)), false)],
];

test('recognises published addresses of each coin', () => {
  for (const [coin, kind, address] of PUBLISHED) {
    const wallet = verifyWallet(address);
    assert.ok(wallet?.coins.includes(coin), `${coin} ${address}`);
    assert.deepEqual([wallet?.kind, wallet?.checksum, wallet?.address], [kind, 'verified', address]);
  }
});

test('recognises addresses made by the rule of each coin', () => {
  for (const [coin, kind, address] of MADE) {
    const wallet = verifyWallet(address);
    assert.ok(wallet?.coins.includes(coin), `${coin} ${address} ${wallet?.coins}`);
    assert.deepEqual([wallet?.kind, wallet?.checksum], [kind, 'verified']);
  }
});

test('says of forms without a checksum that they have none', () => {
  for (const [coin, address] of NO_CHECKSUM) {
    assert.deepEqual([verifyWallet(address)?.coins, verifyWallet(address)?.checksum], [[coin], 'none']);
  }
});

test('refuses every address with one character changed', () => {
  for (const [coin, , address] of [...PUBLISHED, ...MADE]) {
    const from = address.includes(':') ? address.lastIndexOf(':') + 1 : 4;
    for (let at = from; at < address.length; at += 5) {
      const now = address[at] ?? '';
      // A letter and a digit of every alphabet in use; the case is that of the address.
      const other = /[0-9]/.test(now) ? (now === '7' ? '8' : '7') : now.toUpperCase() === 'S' ? 'T' : 'S';
      const put = now === now.toLowerCase() ? other.toLowerCase() : other;
      const changed = address.slice(0, at) + put + address.slice(at + 1);
      if (coin === 'ETH' && put.toLowerCase() === now.toLowerCase()) continue;
      assert.notEqual(verifyWallet(changed)?.checksum, 'verified', `${coin} ${changed}`);
    }
  }
});

test('refuses a Monero address whose checksum is SHA3-256 instead of Keccak-256', () => {
  assert.equal(verifyWallet(cryptoNote(18n, 64, sha3_256)), undefined);
});

test('tells test networks of Monero apart', () => {
  const networks: readonly (readonly [bigint, string])[] = [
    [53n, 'testnet'],
    [63n, 'testnet'],
    [24n, 'stagenet'],
    [36n, 'stagenet'],
  ];
  for (const [id, network] of networks) assert.equal(verifyWallet(cryptoNote(id))?.network, network);
});

test("takes a Conflux user's account, and neither a contract nor a built-in one", () => {
  // The same twenty bytes but for the four bits of the type, and CIP-37's internal contract; checksums right.
  assert.equal(verifyWallet('cfx:acfc9abycue0hhzgyrr53m6cxedgccrmmyhhf449pz'), undefined);
  assert.equal(verifyWallet('cfx:aaejuaaaaaaaaaaaaaaaaaaaaaaaaaaaajrwuc9jnb'), undefined);
  assert.equal(verifyWallet('cfxtest:aarc9abycue0hhzgyrr53m6cxedgccrmmy8m50bu1p')?.network, 'testnet');
});

test('refuses a taproot address in bech32 and a version 0 address in bech32m', () => {
  const words = bech32.toWords(new Uint8Array(32).fill(3));
  assert.equal(verifyWallet(bech32.encode('bc', [1, ...words])), undefined);
  assert.equal(verifyWallet(bech32m.encode('bc', [0, ...words])), undefined);
  assert.equal(verifyWallet(bech32m.encode('bc', [1, ...words]))?.kind, 'segwit');
});

test('refuses an Ergo address whose checksum is not BLAKE2b-256', () => {
  const body = Uint8Array.from([1, ...new Uint8Array(33).fill(2)]);
  const address = (digest: Uint8Array): string => base58.encode(Uint8Array.from([...body, ...digest.subarray(0, 4)]));
  assert.deepEqual(verifyWallet(address(blake2b(body, { dkLen: 32 })))?.coins, ['ERG']);
  assert.equal(verifyWallet(address(sha256(body))), undefined);
});

test('takes no ordinary identifier for an address', () => {
  for (const text of [
    'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKS6Qo',
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'AKIAIOSFODNN7EXAMPLEAKIAIOSFODNN7EXAMPLE',
    'kaspa:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq',
    'bitcoincash:notanaddressbutlongenoughtolooklikeonexx',
    '4'.repeat(95),
  ]) {
    assert.equal(verifyWallet(text), undefined, text);
  }
});

test('finds an address among what pools put around it, and returns the worker', () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    [XMR, XMR, undefined],
    [`${XMR}.rig1`, XMR, 'rig1'],
    [`${XMR}/rig1/mail@example.com`, XMR, 'rig1'],
    [`${XMR}+25000`, XMR, undefined],
    [`${XMR}.rig+25000`, XMR, 'rig'],
    [`${XMR}:pass`, XMR, undefined],
    [`${XMR}~rx/0`, XMR, undefined],
    [`XMR:${XMR}.rig#ab12-cd34`, XMR, 'rig'],
    [`solo:${XMR}@5000`, XMR, undefined],
    [`{"user":"${XMR}","pass":"x"}`, XMR, undefined],
    [`--user=${XMR}%2Brig`, XMR, undefined],
    [`${KAS}.rig`, KAS, 'rig'],
    [`-u ${CFX}`, CFX, undefined],
    [`KAS:${KAS}`, KAS, undefined],
    [`stratum+tcp://${XMR}.w:x@pool.example.com:3333`, XMR, 'w'],
  ];
  for (const [text, address, worker] of cases) {
    const found = findWallets(text);
    assert.deepEqual([found.length, found[0]?.address, found[0]?.worker], [1, address, worker], text);
  }
});

test('finds no address inside a longer word', () => {
  assert.deepEqual(findWallets(`x${XMR} ${XMR}x`), []);
});

test('knows the coins whose addresses are merely paid', () => {
  assert.ok(merelyPaid(['BTC']) && merelyPaid(['DOGE', 'DGB']) && merelyPaid(['ETH']) && merelyPaid(['BASE58CHECK']));
  assert.ok(!merelyPaid(['XMR']) && !merelyPaid(['RVN', 'VRSC']) && !merelyPaid(['KAS']) && !merelyPaid(['ERG']));
  assert.ok(!merelyPaid(['CFX']));
});

test('never throws, and finds the same in any surroundings', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 500 }), (text) => findWallets(text).length >= 0 && verifyWallet(text) !== null),
  );
  fc.assert(
    fc.property(
      fc.string({ maxLength: 60 }),
      fc.string({ maxLength: 60 }),
      fc.constantFrom(...PUBLISHED),
      (before, after, [, , address]) => {
        const found = findWallets(`${before} ${address} ${after}`);
        assert.ok(found.some((wallet) => wallet.address === address));
      },
    ),
  );
});
