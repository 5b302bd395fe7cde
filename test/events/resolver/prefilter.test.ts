import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RESOLVER } from '#shared/events/resolver/reader.ts';
import { isPublicZoneLine, isResolverLine } from '#shared/events/resolver/recognise.ts';
import { collect, EVERYTHING, interestIn, lineStarts, OPTIONS } from '../vpc-flow/collect.ts';

const LISTED = ['pool.example.org', 'proxy.example.net'];
const INTEREST = interestIn(['203.0.113.9', '2001:db8::9'], LISTED);

/** A text as JSON may write it: as it is, or with characters as escapes, a slash among them. */
function jsonText(text: string, escapes: boolean): fc.Arbitrary<string> {
  if (!escapes) return fc.constant(JSON.stringify(text));
  const forms = [...text].map((character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    const plain = character === '"' || character === '\\' ? `\\${character}` : character;
    const escaped = character === '/' ? '\\/' : `\\u${code}`;
    return fc.oneof({ weight: 12, arbitrary: fc.constant(plain) }, { weight: 1, arbitrary: fc.constant(escaped) });
  });
  return fc.tuple(...forms).map((parts) => `"${parts.join('')}"`);
}

const BLANK = fc.constantFrom('', '', '', ' ', '  ', '\t');

/** A JSON value in any order of keys and with any blanks between its tokens. */
function jsonForm(value: unknown, escapes: boolean): fc.Arbitrary<string> {
  if (typeof value === 'string') return jsonText(value, escapes);
  if (typeof value !== 'object' || value === null) return fc.constant(JSON.stringify(value));
  if (Array.isArray(value)) {
    const items = value.map((item) => jsonForm(item, escapes));
    return fc.tuple(BLANK, ...items).map(([blank, ...texts]) => `[${texts.join(`${blank},`)}${blank}]`);
  }
  const entries = Object.entries(value).map(([key, one]) =>
    fc.tuple(jsonText(key, escapes), BLANK, BLANK, jsonForm(one, escapes)).map(([k, a, b, v]) => `${k}${a}:${b}${v}`),
  );
  return fc
    .tuple(
      fc.shuffledSubarray(entries, { minLength: entries.length }).chain((all) => fc.tuple(...all)),
      BLANK,
    )
    .map(([all, blank]) => `{${blank}${all.join(`${blank},${blank}`)}${blank}}`);
}

/** Most records have no escape at all: those are the ones that the prefilter judges by itself. */
const jsonValue = (value: object): fc.Arbitrary<string> =>
  fc.constantFrom(false, false, true).chain((escapes) => jsonForm(value, escapes));

const anyCase = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((character, index) => (upper[index] ? character.toUpperCase() : character)).join(''));

const LABEL = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
const LISTED_NAME = fc
  .tuple(fc.array(LABEL, { maxLength: 2 }), fc.constantFrom(...LISTED), fc.constantFrom('', '.'))
  .chain(([labels, name, dot]) => anyCase([...labels, `${name}${dot}`].join('.')));
const OTHER_NAME = fc
  .tuple(LABEL, fc.constantFrom('example.com.', 'pool.example.org.evil.example'))
  .map((all) => all.join('.'));
const answer = (data: fc.Arbitrary<string>, ...types: string[]): fc.Arbitrary<object> =>
  fc
    .tuple(fc.constantFrom('Rdata', 'rdata'), data, fc.constantFrom('Type', 'type'), fc.constantFrom(...types))
    .map(([dataKey, value, typeKey, type]) => ({ [dataKey]: value, [typeKey]: type, Class: 'IN' }));
const LISTED_ANSWER = fc.oneof(
  answer(LISTED_NAME, 'CNAME', 'cname'),
  answer(fc.constant('203.0.113.9'), 'A'),
  answer(fc.constantFrom('2001:DB8::9', '2001:db8:0:0:0:0:0:9'), 'AAAA'),
  answer(
    fc.tuple(LISTED_NAME, fc.constantFrom('', ' alpn=h2', ' alpn="h2/a"')).map(([name, rest]) => `1 ${name}${rest}`),
    'HTTPS',
    'SVCB',
  ),
);
const OTHER_ANSWER = fc.oneof(
  answer(OTHER_NAME, 'CNAME'),
  answer(fc.constant('198.51.100.7'), 'A'),
  answer(fc.constantFrom('v=spf1 -all', '"a\\b"'), 'TXT'),
);

const record = (
  name: fc.Arbitrary<string>,
  answers: fc.Arbitrary<unknown>,
  required: 'query_name' | 'answers' = 'query_name',
): fc.Arbitrary<object> =>
  fc.record(
    {
      version: fc.constantFrom('1.1', '1.100000', 1.1),
      account_id: fc.constant('111122223333'),
      query_timestamp: fc.constantFrom('2026-11-24T22:00:00Z', '2026-11-24 22:00:00'),
      query_name: name,
      query_type: fc.constantFrom('A', 'AAAA', 'HTTPS'),
      rcode: fc.constantFrom('NOERROR', 'NXDOMAIN'),
      answers,
      srcaddr: fc.constant('192.0.2.10'),
      srcport: fc.oneof(fc.constant('40000'), fc.constant(40_000)),
      srcids: fc.constantFrom({}, { instance: 'i-0123456789abcdef0' }, { resolver_endpoint: 'rslvr-in-0' }),
      note: fc.constantFrom('query_name', 'a/b', 'Rdata', 'rdata":', '"query_name":"x"'),
      nested: fc.constantFrom({ query_name: 'good.example.' }, { Rdata: 'good.example.' }, { data: 1 }, []),
    },
    { requiredKeys: ['query_timestamp', 'query_name', required] },
  );

const OTHER_ANSWERS = fc.oneof(fc.array(OTHER_ANSWER, { maxLength: 3 }), OTHER_ANSWER);
const LISTED_ANSWERS = fc.oneof(
  LISTED_ANSWER,
  fc.tuple(fc.array(OTHER_ANSWER, { maxLength: 2 }), LISTED_ANSWER).map(([others, one]) => [...others, one]),
);
const MATCHING = fc.oneof(record(LISTED_NAME, OTHER_ANSWERS), record(OTHER_NAME, LISTED_ANSWERS, 'answers'));
const BENIGN = record(OTHER_NAME, OTHER_ANSWERS);

test('the prefilter loses no matching query, however its JSON is written', () => {
  fc.assert(
    fc.property(MATCHING.chain(jsonValue), (text) => {
      const full = collect(RESOLVER, text);
      const got = collect(RESOLVER, text, INTEREST);
      assert.equal(full.events.length, 1);
      assert.deepEqual([got.events, got.lines, got.records], [full.events, full.lines, 1]);
    }),
    { numRuns: 1_000 },
  );
});

test('a query of no interest gives no event, however its JSON is written', () => {
  fc.assert(
    fc.property(BENIGN.chain(jsonValue), (text) => {
      const got = collect(RESOLVER, text, INTEREST);
      assert.deepEqual([got.events, got.errors, got.records], [[], [], 1]);
    }),
    { numRuns: 1_000 },
  );
});

test('matching queries among others are found alike for any cut at line ends', () => {
  const lines = fc.array(fc.oneof(MATCHING, BENIGN).chain(jsonValue), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(lines, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (texts, keep) => {
      const input = texts.join('\n');
      const whole = collect(RESOLVER, input, INTEREST);
      const cut = collect(
        RESOLVER,
        input,
        INTEREST,
        OPTIONS,
        lineStarts(input, (index) => keep[index] === true),
      );
      assert.deepEqual([cut.events, cut.lines, cut.records], [whole.events, whole.lines, whole.records]);
      assert.equal(whole.records, texts.length);
    }),
    { numRuns: 150 },
  );
});

/** Bytes that are nearly a query log: pieces of one in any order, cut anywhere, among arbitrary bytes. */
const BYTES = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(
        '{',
        '}',
        '"query_name":"pool.example.org."',
        '"query_timestamp":"2026-11-24T22:00:00Z"',
        ',',
        '\n',
        '"Rdata"',
      ),
      fc.constantFrom(
        '"rcode":"',
        '"class_uid":1',
        '[',
        '\\',
        '\u0000',
        '{"query_name":"a."}\n',
        '1.0 2017-12-13T08:16:02.130Z Z1 ',
      ),
    ),
    { maxLength: 24 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));

test('never throws on any bytes, and stops only before a line that it does not recognise', () => {
  fc.assert(
    fc.property(BYTES, fc.boolean(), (bytes, everything) => {
      const got = collect(RESOLVER, bytes, everything ? EVERYTHING : INTEREST);
      const feed = bytes.indexOf(10, got.stopped);
      const line = [bytes, got.stopped, feed < 0 ? bytes.length : feed] as const;
      if (got.stopped < bytes.length) assert.ok(!RESOLVER.recognises(...line));
    }),
    { numRuns: 1_000 },
  );
});

test('recognises a query by its keys in any order, and no OCSF record', () => {
  const recognised = (text: string): boolean => isResolverLine(Buffer.from(text), 0, Buffer.byteLength(text));
  assert.ok(recognised('{"rcode": "NOERROR", "query_name" : "example.com."}'));
  assert.ok(!recognised('{"rcode":"NOERROR","query":{"hostname":"example.com"},"class_uid":4003}'));
  assert.ok(!recognised('{"query_name":"example.com.","rcode":"NOERROR","class_uid":4003}'));
  assert.ok(!recognised('{"query_name":"example.com."}'));
  assert.ok(!recognised('"query_name" "rcode"'));
});

test('recognises a query log of a public zone', () => {
  const recognised = (text: string): boolean => isPublicZoneLine(Buffer.from(text), 0, Buffer.byteLength(text));
  const line = '1.0 2017-12-13T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 192.0.2.1 -';
  assert.ok(recognised(line));
  assert.ok(recognised(line.replace('192.0.2.1 -', '2001:db8::1 2001:db8:abcd::/48')));
  assert.ok(!recognised(line.replace('1.0', '2')));
  assert.ok(!recognised('2 111122223333 eni-0123456789abcdef0 192.0.2.10 203.0.113.9 50112 3333 6 1 1 1 1 ACCEPT OK'));
});
