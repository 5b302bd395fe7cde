import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pointerText } from '#shared/aws/pointer.ts';
import { type ChatParts, notifyChat } from '../../functions/notify-chat.ts';
import { BY_SEVERITY, START } from '../report/findings.ts';

const FINDING = BY_SEVERITY.High.finding;
const record = (messageId: string, revision = 1) => ({
  messageId,
  body: pointerText({
    ...{ episode: 1, revision, transition: 'opened', severity: 'High', at: START, delivery: 'single' },
    finding: { ...FINDING, revision },
  }),
});

interface Seen {
  readonly sent: string[];
  readonly marked: number[];
  readonly told: string[];
}

function parts(change: Partial<ChatParts> = {}): { readonly seen: Seen; readonly parts: ChatParts } {
  const seen: Seen = { sent: [], marked: [], told: [] };
  return {
    seen,
    parts: {
      sources: ['auditd'],
      overtaken: async ({ revision }) => Math.max(0, ...seen.marked) >= revision,
      markDelivered: async ({ revision }) => void seen.marked.push(revision),
      readRevision: async ({ revision }) => ({ ...FINDING, revision }),
      send: async (message) => void seen.sent.push(JSON.parse(message).id),
      told: (what) => void seen.told.push(what),
      ...change,
    },
  };
}

const failing = async (): Promise<never> => {
  throw new Error('made up');
};

test('sends each transition once, in order, and skips what a later one has overtaken', async () => {
  const { seen, parts: all } = parts();
  const event = { Records: [record('a', 1), record('b', 3), record('c', 2), record('d', 3)] };
  assert.deepEqual(await notifyChat(event, all), { batchItemFailures: [] });
  assert.deepEqual(seen.sent, [`${FINDING.id}-1`, `${FINDING.id}-3`]);
  assert.deepEqual(seen.told, ['sent', 'sent', 'skipped', 'skipped']);
});

test('fails alone what it can not read or send, and goes on', async () => {
  const { seen, parts: all } = parts({
    readRevision: async ({ revision }) => (revision === 2 ? undefined : { ...FINDING, revision }),
  });
  const event = { Records: [{ messageId: 'a', body: 'x' }, record('b', 2), record('c', 3)] };
  const failed = { batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'b' }] };
  assert.deepEqual(await notifyChat(event, all), failed);
  assert.deepEqual(seen.sent, [`${FINDING.id}-3`]);
  const down = parts({ send: failing });
  assert.deepEqual(await notifyChat({ Records: [record('a')] }, down.parts), {
    batchItemFailures: [{ itemIdentifier: 'a' }],
  });
  assert.deepEqual([down.seen.marked, down.seen.told], [[], ['failed']]);
});

test('does not tell again what was sent and could not be recorded', async () => {
  const { seen, parts: all } = parts({ markDelivered: failing });
  assert.deepEqual(await notifyChat({ Records: [record('a')] }, all), { batchItemFailures: [] });
  assert.deepEqual(seen.told, ['sent', 'unrecorded']);
});

test('refuses an event that is no batch of a queue', () =>
  assert.rejects(
    notifyChat({ awslogs: { data: '' } }, parts().parts),
    /expected a batch of records of an SQS queue; Records is not /,
  ));
