import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Store } from '#shared/correlate/store.ts';
import { type Evidence, evidenceText, join, normalized } from '#shared/model/evidence.ts';
import type { Head, Unpublished } from '#shared/model/finding.ts';
import type { Place } from '#shared/model/place.ts';
import { evidenceOf } from '../factories.ts';

/** What every store must do. `open` gives an empty store and what closes it. */
export function storeContract(name: string, open: () => Promise<{ store: Store; close: () => Promise<void> }>): void {
  describe(`the ${name} store`, () => {
    let store: Store;
    let close: () => Promise<void>;
    before(async () => {
      ({ store, close } = await open());
    });
    after(async () => close());

    let counter = 0;
    const freshPlace = (scope = 'host'): Place => ({
      account: '111122223333',
      region: 'us-east-1',
      host: `i-${counter++}`,
      scope,
    });
    const all = (place: Place, scopes: readonly string[] = [place.scope]): Promise<readonly Evidence[]> =>
      store.evidence(place, scopes, 0, 1_000_000);
    const head = (place: Place, version: number, change: Partial<Head> = {}): Head => ({
      place,
      version,
      episodes: [],
      groups: [],
      lastEpisode: 0,
      unpublished: [],
      ...change,
    });

    test('puts new evidence, joins what is stored, and says when nothing grew', async () => {
      const place = freshPlace();
      const one = evidenceOf({ place, events: ['a'] });
      const two = evidenceOf({ place, events: ['b'], first: one.first + 5 });
      assert.equal(await store.merge(one), 'new');
      assert.equal(await store.merge(one), 'same');
      assert.equal(await store.merge(two), 'grown');
      assert.equal(await store.merge(one), 'same');
      const [stored] = await all(place);
      assert.ok(stored);
      assert.equal(evidenceText(stored), evidenceText(join(one, two)));
    });

    test('loses nothing when many write one item at once', async () => {
      const place = freshPlace();
      const parts = Array.from({ length: 8 }, (_, index) =>
        evidenceOf({ place, events: [`event-${index}`], artifacts: [`path:/tmp/${index}`] }),
      );
      await Promise.all(parts.map((part) => store.merge(part)));
      const [stored] = await all(place);
      assert.ok(stored);
      assert.equal(evidenceText(stored), evidenceText(parts.reduce(join)));
    });

    test('keeps minutes to the bit', async () => {
      const place = freshPlace('network');
      const minutes = { out: (1n << 59n) | 1n, back: 0n };
      await store.merge(evidenceOf({ place, minutes }));
      assert.deepEqual((await all(place))[0]?.minutes, minutes);
    });

    test('gives the evidence of the named scopes and hours alone, both ends included', async () => {
      const place = freshPlace();
      for (const hour of [10, 11, 12, 13]) await store.merge(evidenceOf({ place, hour }));
      await store.merge(evidenceOf({ place: { ...place, scope: 'hostile' }, hour: 11 }));
      const found = await store.evidence(place, ['host'], 11, 12);
      assert.deepEqual(
        found.map((one) => [one.place.scope, one.hour]),
        [
          ['host', 11],
          ['host', 12],
        ],
      );
    });

    test('keeps apart scopes, rules and keys whose names hold separators or are very long', async () => {
      const place = freshPlace();
      const odd = ['a#b', 'a%23b', 'a', `${'x'.repeat(300)}1`, `${'x'.repeat(300)}2`, 'ünïcode', '#', '%'];
      for (const scope of odd) await store.merge(evidenceOf({ place: { ...place, scope }, rule: `rule#${scope}` }));
      for (const scope of odd) {
        const found = await all({ ...place, scope });
        assert.deepEqual(
          found.map((one) => [one.place.scope, one.rule]),
          [[scope, `rule#${scope}`]],
        );
      }
    });

    test('reads more evidence than one page holds', async () => {
      const place = freshPlace();
      const why = 'w'.repeat(20_000);
      const count = 64;
      await Promise.all(
        Array.from({ length: count }, (_, index) => store.merge(evidenceOf({ place, rule: `rule_${index}`, why }))),
      );
      assert.equal((await all(place)).length, count);
    });

    test('refuses a head that is not the next version of the stored one', async () => {
      const place = freshPlace();
      assert.equal(await store.head(place), undefined);
      assert.equal(await store.putHead(head(place, 2)), false);
      assert.equal(await store.putHead(head(place, 1, { dueAt: 5 })), true);
      assert.equal(await store.putHead(head(place, 1)), false);
      assert.equal(await store.putHead(head(place, 2, { lastEpisode: 7 })), true);
      assert.deepEqual(await store.head(place), head(place, 2, { lastEpisode: 7 }));
    });

    test('lists the heads of one host', async () => {
      const place = freshPlace();
      await store.putHead(head(place, 1));
      await store.putHead(head({ ...place, scope: 'network' }, 1));
      await store.putHead(head({ ...place, host: `${place.host}0` }, 1));
      assert.deepEqual((await store.heads(place)).map((one) => one.place.scope).sort(), ['host', 'network']);
    });

    test('takes a published revision off the head and leaves the others', async () => {
      const place = freshPlace();
      const pairs = [1, 2].map(
        (revision): Unpublished => ({
          ...{ episode: 1, revision, at: revision },
          ...{ transition: 'opened', severity: 'High', delivery: 'single' },
        }),
      );
      await store.putHead(head(place, 1, { unpublished: pairs }));
      await store.markPublished(place, 1, 1);
      await store.markPublished(place, 1, 1);
      const after = await store.head(place);
      assert.deepEqual(after?.unpublished, pairs.slice(1));
      assert.equal(after?.version, 2);
    });

    test('merging is the join whatever the order', async () => {
      const [a, b, c] = ['a', 'b', 'c'].map((id) => evidenceOf({ events: [id] }));
      assert.ok(a && b && c);
      const place = freshPlace();
      const other = freshPlace();
      for (const one of [a, b, c]) await store.merge({ ...one, place });
      for (const one of [c, a, b, a]) await store.merge({ ...one, place: other });
      const [first] = await all(place);
      const [second] = await all(other);
      assert.ok(first && second);
      assert.equal(evidenceText({ ...first, place: other }), evidenceText(second));
      assert.equal(evidenceText(normalized(second)), evidenceText(second));
    });
  });
}
