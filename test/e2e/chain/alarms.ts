import assert from 'node:assert/strict';
import { test } from 'node:test';
import { raise } from '../local/alarms.ts';
import type { Suite } from './suite.ts';
import { mailsTo, OPERATIONS } from './told.ts';

const ANOTHER = '777788889999';

export function alarms(suite: () => Suite): void {
  test('lets CloudWatch tell operations of each alarm of this account, and of no other account', async () => {
    const { topics, template } = await suite().shared();
    const earlier = topics.outbox.length;
    const all = template.ofType('AWS::CloudWatch::Alarm');
    assert.ok(all.length > 10, `${all.length} alarms`);
    for (const alarm of all) {
      for (const source of [{ owner: ANOTHER, account: ANOTHER }, { owner: ANOTHER }])
        assert.match(raise(topics, alarm, source).join('\n'), /may not sns:Publish on .*Operations.*: none/);
      const refusals = raise(topics, alarm, { account: ANOTHER }).join('\n');
      for (const action of ['sns:Publish', 'kms:GenerateDataKey', 'kms:Decrypt'])
        assert.match(refusals, new RegExp(`cloudwatch\\.amazonaws\\.com may not ${action} on `));
    }
    assert.equal(topics.outbox.length, earlier, 'of another account nobody hears');
    for (const alarm of all) assert.deepEqual(raise(topics, alarm), [], alarm.logicalId);
    const told = mailsTo({ topics }, OPERATIONS).slice(-all.length);
    assert.deepEqual(
      told.map(({ text }) => JSON.parse(text).AlarmName),
      all.map(({ name }) => name),
    );
    assert.equal(topics.outbox.length, earlier + all.length, 'and nobody else hears of them');
  });
}
