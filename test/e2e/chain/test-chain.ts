import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../local/deployment.ts';
import { at, type Fields } from '../local/json.ts';
import { auditLines, CHAIN, executed, minerOf, RUNTIME_GROUP, victim } from './attack.ts';
import type { Suite } from './suite.ts';
import { EVERYBODY, imported, importedStates, mailsTo, onBus, slackTexts, subjectsTo, toldToSlack } from './told.ts';

/** The stack's own log group for tests, and the host that no account has (docs/deploy.md, "A test is told"). */
const TEST_GROUP = '/davylamp-test/davylamp';
const TEST_HOST = 'i-00000000000000000';

const isOfTestHost = ({ detail }: { readonly detail: Fields }): boolean =>
  String(detail['message']).includes(TEST_HOST);

const chatTitles = ({ topics }: Deployment, host: string): readonly string[] =>
  topics.chat.map((one) => String(at(one, 'content', 'title'))).filter((title) => title.includes(` ${host} `));

/** All acts of an intruder as a relay writes them, with the name of a host in each line. */
const wholeChain = (start: number, node: string) => [
  ...CHAIN.flatMap((act) => auditLines(act, start, node)),
  ...executed(['dig', '+short', 'pool.supportxmr.com'], { at: start + 61_000, serial: 150, node, exe: '/usr/bin/dig' }),
];

export function testChain(suite: () => Suite): void {
  test('tells a chain that came by the log group for tests as a test in each channel, whatever host it claims', async () => {
    const deployment = await suite().shared();
    const one = victim(721);
    await deployment.logs.append(TEST_GROUP, one.instance, wholeChain(one.start, `ip-${one.address}`));
    await deployment.settle();
    const mails = mailsTo(deployment, EVERYBODY).filter(({ subject = '' }) => subject.includes(TEST_HOST));
    assert.deepEqual(subjectsTo(deployment, EVERYBODY, TEST_HOST), ['[TEST] CRITICAL opened']);
    assert.ok(mails[0]?.text.startsWith('[TEST]'), 'the text says it first');
    assert.deepEqual(mails[0]?.attributes['synthetic'], { DataType: 'String', StringValue: 'true' });
    assert.deepEqual(toldToSlack(deployment, TEST_HOST), ['CRITICAL opened']);
    assert.ok(
      slackTexts(deployment).some((text) => text.includes('[TEST] CRITICAL opened') && text.includes(TEST_HOST)),
    );
    assert.ok(chatTitles(deployment, TEST_HOST).every((title) => title.startsWith('[TEST]')));
    assert.equal(chatTitles(deployment, TEST_HOST).length, 1);
    assert.deepEqual(onBus(deployment, TEST_HOST), ['Critical opened 1']);
    const [event] = deployment.bus.events.filter(isOfTestHost);
    assert.equal(at(event?.detail, 'unmapped', 'synthetic'), true);
    assert.deepEqual(importedStates(deployment, TEST_HOST), ['CRITICAL ARCHIVED'], 'nobody is paged');
    assert.equal(imported(deployment, TEST_HOST)[0]?.['Sample'], true);
    assert.deepEqual(onBus(deployment, one.instance), [], 'no real host is accused');
  });

  test('takes nothing for a test that came by another log group, whatever it says of itself', async () => {
    const deployment = await suite().shared();
    const [named, marked] = [victim(722), victim(723)];
    const testsBefore = deployment.bus.events.filter(isOfTestHost).length;
    await deployment.logs.append(RUNTIME_GROUP, named.instance, wholeChain(named.start, TEST_HOST));
    await deployment.logs.append(RUNTIME_GROUP, TEST_HOST, wholeChain(marked.start, `ip-${marked.address}`));
    const claim = [...minerOf('pool.supportxmr.com:3333'), '[TEST]', TEST_GROUP, '{"synthetic":true}'];
    const lines = executed(claim, { at: marked.start + 60_000, serial: 100 });
    await deployment.logs.append(RUNTIME_GROUP, marked.instance, lines);
    for (const act of ['persistence', 'optimization', 'pool'] as const)
      await deployment.logs.append(RUNTIME_GROUP, marked.instance, auditLines(act, marked.start));
    const dig = executed(['dig', 'pool.supportxmr.com'], {
      at: marked.start + 61_000,
      serial: 150,
      exe: '/usr/bin/dig',
    });
    await deployment.logs.append(RUNTIME_GROUP, marked.instance, dig);
    await deployment.settle();
    assert.equal(deployment.bus.events.filter(isOfTestHost).length, testsBefore);
    for (const host of [named.instance, marked.instance]) {
      assert.deepEqual(importedStates(deployment, host), ['CRITICAL ACTIVE'], host);
      assert.deepEqual(subjectsTo(deployment, EVERYBODY, host), ['CRITICAL opened']);
      assert.equal(imported(deployment, host)[0]?.['Sample'], undefined);
      assert.deepEqual(toldToSlack(deployment, host), ['CRITICAL opened']);
      assert.ok(chatTitles(deployment, host).every((title) => !title.includes('[TEST]')));
    }
  });
}
