import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFields, listOf } from '../local/json.ts';
import { FLOW_GROUP, RESOLVER_GROUP, RUNTIME_GROUP } from './attack.ts';
import type { Suite } from './suite.ts';
import { mailsTo, OPERATIONS } from './told.ts';

const FOREIGN = {
  ...{
    filterName: 'another-team',
    filterPattern: '',
    destinationArn: 'arn:aws:lambda:eu-west-1:111122223333:function:theirs',
  },
};

export function reconciler(suite: () => Suite): void {
  test('attaches, moves and removes its own filters, and never touches those of others', async (t) => {
    const deployment = await suite().deploy(t, { attached: false });
    const { logs, customResources, template } = deployment;
    logs.add(RUNTIME_GROUP, [FOREIGN]);
    logs.add(RESOLVER_GROUP, [FOREIGN, { ...FOREIGN, filterName: 'a-third' }]);
    logs.remove(FLOW_GROUP);
    const { SourceWarnings = '' } = await deployment.createCustomResources();
    assert.match(SourceWarnings, /\/vpc\/flow does not exist/);
    assert.match(SourceWarnings, /\/vpc\/resolver.*another-team.*a-third/s);
    const names = (group: string) => logs.filters(group).map(({ filterName }) => filterName);
    assert.deepEqual(names(RUNTIME_GROUP), ['another-team', 'davylamp']);
    assert.deepEqual(names(RESOLVER_GROUP), ['another-team', 'a-third']);
    assert.equal(mailsTo(deployment, OPERATIONS).length, 1);

    // The group is made, and the schedule attaches it.
    logs.add(FLOW_GROUP);
    await deployment.bus.runSchedules(deployment.lambdas.called('ReconcileSubscriptions').logicalId);
    assert.deepEqual(names(FLOW_GROUP), ['davylamp']);

    const resource = template.only('Custom::LogSubscriptions');
    const Subscriptions = listOf(resource.properties['Subscriptions'], 'Subscriptions').filter(
      (one) => isFields(one) && one['LogGroupName'] !== RUNTIME_GROUP,
    );
    const smaller = { ...resource, properties: { ...resource.properties, Subscriptions } };
    await customResources.request('Update', smaller, resource.properties);
    assert.deepEqual(names(RUNTIME_GROUP), ['another-team']);
    assert.deepEqual(names(FLOW_GROUP), ['davylamp']);
    await customResources.request('Delete', smaller);
    assert.deepEqual(names(FLOW_GROUP), []);
    assert.deepEqual(names(RESOLVER_GROUP), ['another-team', 'a-third']);
    assert.deepEqual(logs.filters(RUNTIME_GROUP), [FOREIGN]);
  });
}
