import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Refusal } from '#shared/aws/security-hub.ts';
import type { Finding } from '#shared/model/finding.ts';
import type { AsffFinding } from '#shared/report/asff-format.ts';
import { type ImportParts, type ImportTold, importBatch, notEnabledText } from '../../functions/import-security-hub.ts';
import { assertAsff } from '../report/asff-model.ts';
import { BY_SEVERITY, PLACE, START } from '../report/findings.ts';

const ACCOUNT = '444455556666';
const AT = START + 60_000;

const idOf = (number: number): string => String(number).padStart(32, '0');

const pointer = (number: number, revision = 1, fields: object = {}): object => ({
  ...{ finding: idOf(number), place: PLACE, episode: 1, revision, transition: 'opened', severity: 'High', at: AT },
  ...fields,
});

const queue = (...bodies: readonly unknown[]): object => ({
  Records: bodies.map((body, at) => ({
    messageId: `m${at}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })),
});

interface Fake {
  readonly parts: ImportParts;
  readonly imported: AsffFinding[];
  readonly marked: string[];
  readonly alarms: number[];
  readonly told: ImportTold[];
}

/** Parts that import everything, but for what is given; a revision shifts the first rise, as late evidence may. */
function fake(fields: Partial<ImportParts> = {}): Fake {
  const imported: AsffFinding[] = [];
  const marked: string[] = [];
  const alarms: number[] = [];
  const told: ImportTold[] = [];
  const parts: ImportParts = {
    ...{ account: ACCOUNT, region: 'eu-west-1', sources: ['auditd', 'resolver'] },
    overtaken: async () => false,
    markDelivered: async ({ finding, revision }) => {
      marked.push(`${finding} ${revision}`);
    },
    readRevision: async ({ finding }, revision) => revisionOf(finding, revision),
    importFindings: async (findings) => {
      imported.push(...findings);
      return [];
    },
    alarm: async (waiting) => {
      alarms.push(waiting);
    },
    told: (what) => told.push(what),
    ...fields,
  };
  return { parts, imported, marked, alarms, told };
}

function revisionOf(id: string, revision: number): Finding {
  const { finding } = BY_SEVERITY.High;
  return { ...finding, id, revision, rises: [{ severity: 'High', at: START - (revision - 1) * 1000 }] };
}

const failures = (answer: { batchItemFailures: { itemIdentifier: string }[] }): string[] =>
  answer.batchItemFailures.map((one) => one.itemIdentifier);

test('imports the finding of each pointer for the central account, and remembers it', async () => {
  const { parts, imported, marked, told } = fake();
  assert.deepEqual(failures(await importBatch(queue(pointer(1), pointer(2)), parts)), []);
  assert.deepEqual(
    imported.map(({ Id }) => Id),
    [`davylamp/${idOf(1)}`, `davylamp/${idOf(2)}`],
  );
  for (const one of imported) {
    assertAsff(one);
    assert.equal(one.AwsAccountId, ACCOUNT);
    assert.equal(one.ProductFields['davylamp/account'], PLACE.account);
  }
  assert.deepEqual(marked, [`${idOf(1)} 1`, `${idOf(2)} 1`]);
  assert.deepEqual(told, [{ kind: 'imported', findings: 2 }]);
});

test('keeps the creation of the first revision in a later one, and lets the update rise', async () => {
  const { parts, imported } = fake();
  await importBatch(queue(pointer(1)), parts);
  await importBatch(queue(pointer(1, 3, { transition: 'escalated', at: AT + 1 })), parts);
  const [first, third] = imported;
  assert.equal(first?.CreatedAt, new Date(START).toISOString());
  assert.equal(third?.CreatedAt, first?.CreatedAt);
  assert.ok((first?.UpdatedAt ?? '') < (third?.UpdatedAt ?? ''));
});

for (const state of ['archived', 'superseded'] as const) {
  test(`archives a finding whose episode is ${state}, and makes a new one of the next episode`, async () => {
    const { parts, imported } = fake({
      readRevision: async ({ finding, episode }, revision) => ({
        ...revisionOf(finding, revision),
        ...{ episode, state: episode === 1 && revision === 2 ? state : 'open' },
      }),
    });
    await importBatch(queue(pointer(1)), parts);
    await importBatch(queue(pointer(1, 2, { transition: state, at: AT + 1 })), parts);
    await importBatch(queue(pointer(2, 1, { episode: 2, at: AT + 2 })), parts);
    for (const one of imported) assertAsff(one);
    assert.deepEqual(
      imported.map(({ Id, RecordState }) => [Id, RecordState]),
      [
        [`davylamp/${idOf(1)}`, 'ACTIVE'],
        [`davylamp/${idOf(1)}`, 'ARCHIVED'],
        [`davylamp/${idOf(2)}`, 'ACTIVE'],
      ],
    );
  });
}

test('imports of one finding its newest revision alone, for all its messages', async () => {
  const { parts, imported, marked } = fake();
  const batch = queue(pointer(1, 2), pointer(1, 4), pointer(1, 3));
  assert.deepEqual(failures(await importBatch(batch, parts)), []);
  assert.deepEqual(
    imported.map((one) => one.ProductFields['davylamp/revision']),
    ['4'],
  );
  assert.deepEqual(marked, [`${idOf(1)} 4`]);
  const bad = fake({ importFindings: async ([one]) => [{ id: one?.Id ?? '', kind: 'later', why: 'x' }] });
  assert.deepEqual(failures(await importBatch(batch, bad.parts)), ['m0', 'm1', 'm2']);
  assert.deepEqual(bad.marked, []);
});

test('skips what Security Hub has already, without a request', async () => {
  const { parts, imported, told } = fake({ overtaken: async () => true });
  assert.deepEqual(failures(await importBatch(queue(pointer(1)), parts)), []);
  assert.deepEqual([imported, told], [[], [{ kind: 'skipped', findings: 1 }]]);
});

test('formats 15: makes the findings alone come again that an answer names as failed', async () => {
  const refusal: Refusal = { id: `davylamp/${idOf(2)}`, kind: 'refused', why: 'InvalidInput: x' };
  const { parts, marked, alarms, told } = fake({ importFindings: async () => [refusal] });
  assert.deepEqual(failures(await importBatch(queue(pointer(1), pointer(2), pointer(3)), parts)), ['m1']);
  assert.deepEqual(marked, [`${idOf(1)} 1`, `${idOf(3)} 1`]);
  assert.deepEqual(alarms, []);
  assert.ok(told.some((one) => one.kind === 'failed' && one.refusal === refusal));
});

test('tells operations once that CSPM is not enabled, and loses nothing', async () => {
  const refuse = async (findings: readonly AsffFinding[]): Promise<Refusal[]> =>
    findings.map(({ Id }) => ({ id: Id, kind: 'not-enabled', why: 'InvalidAccessException: x' }));
  const { parts, marked, alarms } = fake({ importFindings: refuse });
  assert.deepEqual(failures(await importBatch(queue(pointer(1), pointer(2)), parts)), ['m0', 'm1']);
  assert.deepEqual([marked, alarms], [[], [2]]);
  const mute = fake({
    importFindings: refuse,
    alarm: async () => {
      throw new Error('no topic');
    },
  });
  assert.deepEqual(failures(await importBatch(queue(pointer(1)), mute.parts)), ['m0']);
  assert.ok(mute.told.some(({ kind }) => kind === 'unalarmed'));
});

test('fails messages that are no pointer or whose revision cannot be read, and imports their neighbours', async () => {
  const { parts, imported, told } = fake({
    readRevision: async ({ finding }, revision) => {
      if (finding === idOf(2)) throw new Error('throttled');
      return finding === idOf(3) ? undefined : revisionOf(finding, revision);
    },
  });
  const batch = queue('{', pointer(2), pointer(3), pointer(4), { finding: 'x' });
  assert.deepEqual(failures(await importBatch(batch, parts)).sort(), ['m0', 'm1', 'm2', 'm4']);
  assert.deepEqual(
    imported.map(({ Id }) => Id),
    [`davylamp/${idOf(4)}`],
  );
  assert.equal(told.filter(({ kind }) => kind === 'unreadable').length, 4);
});

test('imports with the creation of the revision itself where the first one has expired', async () => {
  const { parts, imported } = fake({
    readRevision: async ({ finding }, revision) => (revision === 1 ? undefined : revisionOf(finding, revision)),
  });
  await importBatch(queue(pointer(1, 2)), parts);
  assert.equal(imported[0]?.CreatedAt, new Date(START - 1000).toISOString());
});

test('does not fail what was imported and could not be recorded', async () => {
  const { parts, told } = fake({
    markDelivered: async () => {
      throw new Error('throttled');
    },
  });
  assert.deepEqual(failures(await importBatch(queue(pointer(1)), parts)), []);
  assert.ok(told.some(({ kind }) => kind === 'unrecorded'));
});

for (const event of [undefined, {}, { Records: [{}] }, { Records: [{ messageId: '', body: '' }] }, 'text']) {
  test(`refuses ${JSON.stringify(event)}, which is no batch of a queue`, async () => {
    await assert.rejects(
      importBatch(event, fake().parts),
      /^ForeignEventError: expected a batch of records of an SQS queue .* is not /,
    );
  });
}

test('names CSPM, the account and the way out within the limits of a subject', () => {
  const { Subject, Message } = notEnabledText(ACCOUNT, 'eu-west-1', 3);
  assert.match(Subject, /^[\x20-\x7e]{1,99}$/);
  for (const part of ['CSPM', ACCOUNT, 'eu-west-1', '3 findings', 'enable-security-hub', 'dead letter queue']) {
    assert.ok(Message.includes(part), part);
  }
});
