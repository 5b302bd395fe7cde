import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  BROKEN,
  CUT,
  keyText,
  objectSpans,
  skipValue,
  spanDigits,
  spanText,
  spanValue,
  stringInside,
} from '#shared/events/decode/json.ts';
import { Scratch } from '#shared/events/decode/scratch.ts';

/** JSON as others may write it: with white space, and any character escaped. */
const jsonText = fc.tuple(fc.json(), fc.constantFrom(undefined, 1, '\t'), fc.boolean()).map(([text, space, coded]) => {
  const spaced = JSON.stringify(JSON.parse(text), null, space);
  return coded
    ? spaced.replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : spaced;
});

test('finds where any JSON value ends', () => {
  fc.assert(
    fc.property(jsonText, fc.constantFrom(',', '}', ' ', ']'), (text, behind) => {
      const bytes = Buffer.from(`${text}${behind}rest`);
      assert.equal(skipValue(bytes, 0, bytes.length), Buffer.byteLength(text));
    }),
    { numRuns: 2000 },
  );
});

test('a value that is cut anywhere is cut, never shorter', () => {
  fc.assert(
    fc.property(jsonText, fc.nat(), (text, at) => {
      const bytes = Buffer.from(text);
      const cut = 1 + (at % bytes.length);
      if (cut < bytes.length) assert.equal(skipValue(bytes, 0, cut), CUT);
    }),
    { numRuns: 2000 },
  );
});

test('gives the members of an object as JSON.parse does', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z.[\]_ ]{0,40}$/), fc.jsonValue()),
      fc.boolean(),
      (object, spaced) => {
        const bytes = Buffer.from(JSON.stringify(object, null, spaced ? 2 : undefined));
        const { spans, after } = objectSpans(bytes, 0, bytes.length);
        assert.equal(after, bytes.length);
        const read = [...spans].map(([key, span]) => [key, spanValue(bytes, span)]);
        assert.deepEqual(Object.fromEntries(read), JSON.parse(bytes.toString()));
      },
    ),
    { numRuns: 1000 },
  );
});

test('gives the members before the cut, and the cut one as such', () => {
  const bytes = Buffer.from('{"a":1,"b":"x","c":"cut of');
  const { spans, after } = objectSpans(bytes, 0, bytes.length);
  assert.equal(after, CUT);
  assert.deepEqual([...spans.keys()], ['a', 'b', 'c']);
  assert.deepEqual([spanText(bytes, spans.get('b')), spanText(bytes, spans.get('c'))], ['x', undefined]);
  const inside = stringInside(bytes, spans.get('c'));
  assert.equal(bytes.toString('utf8', inside?.from, inside?.to), 'cut of');
});

for (const text of ['{"a" 1}', '{a:1}', '{"a":1 "b":2}', '{"a":}', '{,}', '{"a":1,,}', '[1]', '1', 'x']) {
  test(`${text} is no object`, () => {
    const bytes = Buffer.from(text);
    assert.equal(objectSpans(bytes, 0, bytes.length).after, BROKEN);
  });
}

test('unescapes strings as JSON.parse does', () => {
  const unit = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\\', '"', '/', '\b', '\f', '\n', '\r', '\t', '\ud83d', '\ude00', '\u0000', '\u2028'),
  );
  const escaped = (text: string, all: boolean): string => {
    const json = JSON.stringify(text).slice(1, -1);
    const code = (one: string): string => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
    return all ? json.replace(/\\u[0-9a-f]{4}|\\.|[^\\]/gs, (part) => (part.length > 1 ? part : code(part))) : json;
  };
  fc.assert(
    fc.property(
      fc.array(unit).map((parts) => parts.join('')),
      fc.boolean(),
      (text, all) => {
        const json = escaped(text, all);
        const bytes = Buffer.from(json);
        const scratch = new Scratch();
        scratch.appendJsonString(bytes, 0, bytes.length);
        const expected = Buffer.from(JSON.parse(`"${bytes.toString()}"`)).toString();
        assert.equal(scratch.bytes.toString('utf8', 0, scratch.length), expected);
      },
    ),
    { numRuns: 2000 },
  );
});

for (const [json, expected] of [
  ['a\\', 'a'],
  ['a\\u12', 'a'],
  ['a\\u12zz.', 'a\\u12zz.'],
  ['a\\q', 'a\\q'],
  ['\\ud83d', '\ufffd'],
  ['\\ud83d\\u0041', '\ufffdA'],
  ['\\/', '/'],
] as const) {
  test(`the string ${json} reads as ${expected}`, () => {
    const scratch = new Scratch();
    scratch.appendJsonString(Buffer.from(json), 0, json.length);
    assert.equal(scratch.bytes.toString('utf8', 0, scratch.length), expected);
  });
}

test('keys keep their text, whatever came before them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.stringMatching(/^[ab]{1,3}$/), fc.string({ minLength: 30 }))),
      (keys) => {
        for (const key of keys) {
          const bytes = Buffer.from(`"${key}"`);
          assert.equal(keyText(bytes, 1, bytes.length - 1), Buffer.from(key).toString());
        }
      },
    ),
  );
});

for (const [text, expected] of [
  ['1795557600000', 1_795_557_600_000],
  ['0', 0],
  ['-1', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['9999999999999999', undefined],
  ['"1"', undefined],
] as const) {
  test(`the digits ${text} are ${expected}`, () => {
    assert.equal(spanDigits(Buffer.from(text), { from: 0, to: text.length, cut: false }), expected);
  });
}
