import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from '../local/json.ts';
import { type StreamRecord, TableStream } from '../local/table-stream.ts';
import { attack, CHAIN, victim } from './attack.ts';
import type { Suite } from './suite.ts';
import { EVERYBODY, importedStates, onBus, once, subjectsTo } from './told.ts';

export function correlators(suite: () => Suite): void {
  test('comes to one finding when correlators work on one host at once', async () => {
    const deployment = await suite().shared();
    const one = victim(301);
    await attack(deployment, one, CHAIN);
    const stream = new TableStream(suite().engineUrl, deployment.table);
    const read = async (): Promise<readonly StreamRecord[]> =>
      (await stream.read(deployment.template.only('AWS::DynamoDB::Table').attribute('StreamArn')))
        .flatMap(({ records }) => records)
        .filter(({ dynamodb }) => String(at(dynamodb, 'Keys', 'pk', 'S')).includes(one.instance));
    const correlate = deployment.lambdas.called('Correlate');
    const atOnce = async (batches: readonly (readonly StreamRecord[])[]): Promise<void> => {
      const outcomes = await Promise.all(batches.map((Records) => correlate.invoke({ Records })));
      for (const outcome of outcomes) assert.deepEqual(outcome, { result: { batchItemFailures: [] } });
    };
    const evidence = await read();
    const sees = (scope: string) =>
      evidence.filter(({ dynamodb }) => String(at(dynamodb, 'Keys', 'sk', 'S')).startsWith(`ev#${scope}#`));
    assert.ok(sees('host').length >= 3 && sees('network').length >= 1, 'the wire and the host have evidence');
    await atOnce([sees('host'), sees('network'), evidence]);
    const heads = await read();
    assert.ok(heads.length > 0);
    await atOnce([heads, heads]);
    await deployment.settle();

    const told = onBus(deployment, one.instance);
    const distinct = once(told);
    assert.match(distinct.at(-1) ?? '', /^Critical (?:opened|escalated) \d$/);
    assert.deepEqual(
      distinct.map((event) => Number(event.at(-1))),
      distinct.map((_, place) => place + 1),
      'revisions follow one another',
    );
    assert.equal(subjectsTo(deployment, EVERYBODY, one.instance).at(-1)?.split(' ')[0], 'CRITICAL');
    assert.deepEqual(importedStates(deployment, one.instance), ['CRITICAL ACTIVE']);
  });
}
