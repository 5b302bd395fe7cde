import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, isEffect } from '../local/calls.ts';
import type { Deployment } from '../local/deployment.ts';
import { at, type Fields } from '../local/json.ts';
import type { Mail } from '../local/topics.ts';
import { attack, auditLines, lookup, RESOLVER_GROUP, RUNTIME_GROUP, type Victim, VPC, victim } from './attack.ts';
import { failures } from './failures.ts';
import type { Suite } from './suite.ts';
import { later, runSweep } from './sweeping.ts';
import { EVERYBODY, importedStates, mailsTo, onBus, once, subjectsTo, toldToSlack } from './told.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Of a storm the fewest (docs/decisions/0007). */
const STORM_SIZE = 20;
/** Longer than two storms may lie apart and be one. */
const CALM_MS = 25 * MINUTE_MS;

/** What an effect is for: its action, and which item or message it is about. */
function kindOf({ action }: Call, input: Fields): string {
  const item = at(input, 'Item') ?? at(input, 'Key');
  const key = (name: string): string => /^[a-z-]*/.exec(String(at(item, name, 'S') ?? ''))?.[0] ?? '';
  const delivery = at(input, 'MessageAttributes', 'delivery', 'StringValue');
  return [action, key('pk'), key('sk'), delivery].filter((part) => part !== undefined && part !== '').join(' ');
}

/** Where the correlator is to die. */
interface Death {
  readonly kind: string;
  readonly when: 'after' | 'before';
}

const isSent = (kind: string): boolean => !kind.startsWith('dynamodb:');
const isSummary = (kind: string): boolean => kind.endsWith('storm-summary');

/** The miners of so many hosts, and what they looked up, at once. */
async function storm(deployment: Deployment, victims: readonly Victim[]): Promise<void> {
  const lookups = victims.map(({ address, instance, start }) => lookup({ address, instance, at: start + 61_000 }));
  await deployment.logs.append(RESOLVER_GROUP, VPC, lookups);
  const miners = victims.flatMap(({ start, instance }) => auditLines('miner', start, instance));
  await deployment.logs.append(RUNTIME_GROUP, 'relay', miners);
  for (const stream of deployment.streams) await stream.drain();
}

/** Ids of the summaries that people got, and each in one form. */
function summaryIds(deployment: Deployment, delivery: string): readonly string[] {
  const sent = deployment.topics.publications.filter(
    ({ attributes }) => attributes['delivery']?.StringValue === delivery,
  );
  const texts = new Map<string, string>();
  for (const { texts: forms, subject } of sent) {
    const id = String(at(JSON.parse(String(forms['default'])), 'id'));
    const whole = JSON.stringify([subject, forms]);
    assert.equal(texts.get(id) ?? whole, whole, 'a summary that is repeated is the same to the byte');
    texts.set(id, whole);
  }
  return sent.map(({ texts: forms }) => String(at(JSON.parse(String(forms['default'])), 'id')));
}

const summaries = (deployment: Deployment, subject: RegExp): readonly Mail[] =>
  mailsTo(deployment, EVERYBODY).filter((mail) => subject.test(mail.subject ?? ''));

/** What the sweeper does for a digest: it claims the day, sends, and records that it did. `times`: how often people get it. */
const DIGEST_DEATHS = [
  { nth: 0, when: 'after', times: 1 },
  { nth: 1, when: 'before', times: 1 },
  // Nobody can know that it came.
  { nth: 1, when: 'after', times: 2 },
  { nth: 2, when: 'after', times: 1 },
] as const;

/** A storm, where its correlator died, and what people were sent of it. */
interface Told {
  readonly deaths: readonly Death[];
  readonly victims: readonly Victim[];
  readonly ids: readonly string[];
  readonly mail: string;
}

/** Each host is told of, to people alone or in the summary; what came again is the same, and came no more often than deaths. */
function assertTold(deployment: Deployment, { deaths, victims, ids, mail }: Told): void {
  const where = deaths.map(({ kind, when }) => `${when} ${kind}`).join(', ');
  assert.equal(new Set(ids).size, 1, `${where}: one storm has one summary`);
  assert.ok(ids.length <= 1 + deaths.length, `${where}: ${ids.length} summaries`);
  const unknown = deaths.some(({ kind, when }) => when === 'after' && isSummary(kind));
  if (unknown) assert.equal(ids.length, 2, 'nobody can know that it came');
  for (const { instance } of victims) {
    const bus = onBus(deployment, instance);
    assert.deepEqual(once(bus), ['Medium opened 1'], `${where}: ${instance}`);
    assert.ok(bus.length <= 1 + deaths.length, `${where}: ${instance} came ${bus.length} times`);
    assert.deepEqual(importedStates(deployment, instance), ['MEDIUM ACTIVE']);
    assert.deepEqual(toldToSlack(deployment, instance), ['MEDIUM opened']);
    const alone = once(subjectsTo(deployment, EVERYBODY, instance)).length;
    assert.ok(alone === 1 || mail.includes(instance), `${where}: nobody was told of ${instance}`);
  }
}

export function killsAmidSummaries(suite: () => Suite): void {
  test('loses nothing of a storm when the correlator is killed at each kind of write and send in it', async (t) => {
    const deployment = await suite().deploy(t);
    const correlate = deployment.lambdas.called('Correlate');
    const { interventions } = deployment.gateway;
    const effects = (act: (kind: string) => boolean) => (call: Call, input: Fields) =>
      call.caller === correlate.logicalId && isEffect(call) && act(kindOf(call, input));
    let turns = 0;
    /** One storm, of a correlator that lives so much later than all before. */
    const turn = async (deaths: readonly Death[]): Promise<Told> => {
      const victims = Array.from({ length: STORM_SIZE }, (_, place) => victim(2000 + turns * STORM_SIZE + place));
      turns += 1;
      await correlate.close();
      const planted = deaths.map(({ kind, when }) =>
        interventions.add({ on: effects((one) => one === kind), times: 1, act: { kill: when } }),
      );
      const before = summaryIds(deployment, 'storm-summary').length;
      await later(deployment, turns * CALM_MS, () => storm(deployment, victims));
      interventions.clear();
      for (const [place, { acted }] of planted.entries()) assert.equal(acted, 1, JSON.stringify(deaths[place]));
      return {
        ...{ deaths, victims, ids: summaryIds(deployment, 'storm-summary').slice(before) },
        mail: summaries(deployment, /^STORM/).at(-1)?.text ?? '',
      };
    };
    const kinds = new Set<string>();
    const noted = (kind: string): boolean => kinds.add(kind).size === 0;
    interventions.add({ on: effects(noted), act: { kill: 'after' } });
    const calm = await turn([]);
    assert.equal(calm.ids.length, 1);
    for (const { instance } of calm.victims) assert.deepEqual(subjectsTo(deployment, EVERYBODY, instance), []);

    const [sends, writes] = [[...kinds].filter(isSent), [...kinds].filter((kind) => !isSent(kind))];
    assert.ok(sends.length === 3 && writes.length >= 7, [...kinds].join());
    const [summary = '', ...others] = sends.toSorted((a, b) => Number(isSummary(b)) - Number(isSummary(a)));
    const at = (when: Death['when'], some: readonly string[]) => some.map((kind): Death => ({ kind, when }));
    const storms = [calm];
    const all = [...at('before', sends), ...at('after', [...writes, ...others])];
    for (const deaths of [at('after', [summary]), all]) storms.push(await turn(deaths));
    await deployment.settle();
    for (const told of storms) assertTold(deployment, told);
    assert.deepEqual(failures(deployment), [], 'nothing was given up');
  });

  test('loses no digest when the sweeper is killed after each write for it, or before or after it sends it', async (t) => {
    const deployment = await suite().deploy(t);
    const { lambdas, gateway } = deployment;
    const { logicalId } = lambdas.called('Sweep');
    const today = Date.now() - (Date.now() % DAY_MS);
    /** How much later it is at a time of a day to come. */
    const until = (day: number, ms: number): number => today + day * DAY_MS + ms - Date.now();
    // The digests of days without news are done with.
    await runSweep(deployment, until(1, 30 * MINUTE_MS));
    const told: { readonly one: Victim; readonly day: string; readonly times: number }[] = [];
    for (const [place, { nth, when, times }] of DIGEST_DEATHS.entries()) {
      const day = place + 1;
      const noon = until(day, 12 * 60 * MINUTE_MS);
      const one = victim(2900 + place);
      told.push({ one, times, day: new Date(today + day * DAY_MS).toISOString().slice(0, 10) });
      for (const part of ['Classifyruntime', 'Correlate']) await lambdas.called(part).close();
      await later(deployment, noon, async () => {
        await attack(deployment, { ...one, start: one.start + noon }, ['miner', 'persistence']);
        for (const stream of deployment.streams) await stream.drain();
      });
      const killed = gateway.interventions.add({
        on: (call, input) => call.caller === logicalId && isEffect(call) && kindOf(call, input).includes('digest'),
        ...{ skip: nth, times: 1, act: { kill: when } },
      });
      await runSweep(deployment, until(day + 1, 30 * MINUTE_MS));
      assert.equal(killed.acted, 1, `${when} ${nth}`);
      gateway.interventions.clear();
      // Once a claim has grown old.
      await runSweep(deployment, until(day + 1, 45 * MINUTE_MS));
    }
    const ids = summaryIds(deployment, 'digest-summary');
    assert.equal(new Set(ids).size, told.length, 'each day has one digest');
    for (const { one, day, times } of told) {
      const mails = summaries(deployment, new RegExp(`^Digest of ${day}`));
      assert.equal(mails.length, times, `the digest of ${day}`);
      for (const { text } of mails) assert.ok(text.includes(one.instance), `the digest of ${day} names its finding`);
    }
  });
}
