import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { detectFormat } from '#shared/events/detect.ts';
import { RESOLVER } from '#shared/events/resolver/reader.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import type { Format } from '#shared/model/reader.ts';

const FORMATS = [RESOLVER, VPC_FLOW];

function detect(text: string, formats: readonly Format[] = FORMATS): string {
  const bytes = Buffer.from(text);
  const found = detectFormat(formats, bytes, 0, bytes.length);
  return typeof found === 'string' ? found : found.name;
}

const FLOW =
  '2 111122223333 eni-0123456789abcdef0 192.0.2.10 203.0.113.9 50112 3333 6 1 40 1795557600 1795557660 ACCEPT OK';
const QUERY = '{"query_timestamp":"2026-11-24T22:00:00Z","query_name":"example.com.","rcode":"NOERROR"}';

for (const [text, format] of [
  [`${FLOW}\n`, 'vpc-flow'],
  ['version account-id interface-id srcaddr dstaddr\n', 'vpc-flow'],
  [`${QUERY}\n`, 'resolver'],
  ['1.0 2017-12-13T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 192.0.2.1 -\n', 'resolver'],
  ['{"class_uid":4003,"rcode":"NOERROR","query":{"hostname":"example.com"}}\n', 'unknown'],
  ['plain text\n', 'unknown'],
  ['', 'blank'],
  [' \r\n\n\t', 'blank'],
  ['\ufeff', 'blank'],
] as const) {
  test(`finds ${format} in ${JSON.stringify(text.slice(0, 32))}`, () => {
    assert.equal(detect(text), format);
  });
}

test('lets the first line that is not blank decide', () => {
  assert.equal(detect(`\ufeff\n\r\n  ${QUERY}\r\n${FLOW}\n`), 'resolver');
  assert.equal(detect(`\n${FLOW}\n${QUERY}\n`), 'vpc-flow');
  assert.equal(detect(`plain text\n${FLOW}\n`), 'unknown');
});

test('asks the formats in the order given', () => {
  const greedy: Format = { ...RESOLVER, name: 'greedy', recognises: () => true };
  assert.equal(detect(FLOW, [greedy, VPC_FLOW]), 'greedy');
  assert.equal(detect(FLOW, [VPC_FLOW, greedy]), 'vpc-flow');
});

test('hands over the line alone', () => {
  const seen: string[] = [];
  const listening: Format = {
    ...RESOLVER,
    recognises: (chunk, from, end) => seen.push(chunk.toString('utf8', from, end)) < 0,
  };
  assert.equal(detect(`\n ${QUERY} \r\n${FLOW}\n`, [listening]), 'unknown');
  assert.deepEqual(seen, [QUERY]);
});

test('never throws on any bytes, within any borders', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(200), (bytes, a, b) => {
      const [from, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
      const found = detectFormat(FORMATS, Buffer.from(bytes), from, end);
      assert.ok(found === 'unknown' || found === 'blank' || FORMATS.includes(found as Format));
    }),
  );
});
