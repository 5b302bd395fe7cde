import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { payloadHead } from '#shared/events/decode/payload-head.ts';

const packed = (value: unknown): string => gzipSync(JSON.stringify(value)).toString('base64');
const HEAD = { messageType: 'DATA_MESSAGE', logGroup: '/hosts/audit' };
/** Longer than what is looked at first, and hard to compress. */
const LONG = fc.sample(fc.string({ minLength: 100, maxLength: 100, unit: 'binary-ascii' }), { seed: 1, numRuns: 2000 });

test('reads type and group of a payload', () => {
  assert.deepEqual(payloadHead(packed({ ...HEAD, owner: '111122223333', logEvents: LONG })), HEAD);
});

test('reads them behind the events too', () => {
  assert.deepEqual(payloadHead(packed({ logEvents: LONG, ...HEAD })), HEAD);
});

test('reads them in a payload that was packed twice', () => {
  assert.deepEqual(payloadHead(gzipSync(gzipSync(JSON.stringify(HEAD))).toString('base64')), HEAD);
});

test('takes nothing from within log events', () => {
  assert.deepEqual(
    payloadHead(packed({ logEvents: [{ message: '"logGroup":"/davylamp/x"', logGroup: 'y' }], ...HEAD })),
    HEAD,
  );
});

test('never throws, and gives nothing for what is no payload', () => {
  fc.assert(fc.property(fc.base64String(), (text) => assert.deepEqual(payloadHead(text), {})));
  fc.assert(fc.property(fc.json(), (text) => void payloadHead(gzipSync(text).toString('base64'))));
});
