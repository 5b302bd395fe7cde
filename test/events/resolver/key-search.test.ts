import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeySearch } from '#shared/events/resolver/key-search.ts';

/** Pieces of both keys, so that a search meets many half matches. */
const PIECES = [
  '"query_name"',
  '"Query_Name"',
  '"rdata"',
  '"RData"',
  '"quer',
  'y_name',
  '"',
  'rdat',
  'a"',
  'e"',
  ' ',
  ':',
];
const TEXT = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join(''));

/** Ends of all keys in a text, and whether each is that of the name, by a plain search. */
function keysIn(text: string): [end: number, isName: boolean][] {
  return [...text.matchAll(/(?="query_name"|"[rR][dD][aA][tT][aA]")/g)]
    .map(({ index }): [number, boolean] => {
      const isName = text.startsWith('"query_name"', index);
      return [index + (isName ? '"query_name"'.length : '"rdata"'.length), isName];
    })
    .sort(([a], [b]) => a - b);
}

test('finds each key that a plain search finds, in turn', () => {
  let found = 0;
  fc.assert(
    fc.property(TEXT, (text) => {
      const search = new KeySearch();
      const bytes = Buffer.from(text);
      const keys: [number, boolean][] = [];
      for (let end = search.find(bytes, 0, bytes.length); end >= 0; end = search.find(bytes, end - 1, bytes.length)) {
        keys.push([end, search.isName]);
      }
      found += keys.length;
      assert.deepEqual(keys, keysIn(text));
    }),
    { numRuns: 3_000 },
  );
  assert.ok(found > 3_000);
});

test('finds no key that does not lie whole within the borders', () => {
  const bytes = Buffer.from('x"query_name""rdata"y');
  const search = new KeySearch();
  assert.equal(search.find(bytes, 0, 12), -1);
  assert.equal(search.find(bytes, 0, 13), 13);
  assert.equal(search.find(bytes, 2, 19), -1);
  assert.equal(search.find(bytes, 2, 20), 20);
  assert.equal(search.find(bytes, 14, 21), -1);
});
