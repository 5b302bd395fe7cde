import * as v from 'valibot';
import { type Pointer, readPointer } from '#shared/aws/pointer.ts';
import { parsed } from './foreign-event.ts';

/** Lambda developer guide, "Using Lambda with Amazon SQS". */
const Batch = v.looseObject({
  Records: v.array(v.looseObject({ messageId: v.pipe(v.string(), v.minLength(1)), body: v.string() })),
});
const TAKEN = 'a batch of records of an SQS queue ({"Records":[{"messageId","body"}]})';

/** The newest revision of one finding in a batch, and every message of the queue that it answers. */
export interface ToldPointer {
  readonly pointer: Pointer;
  readonly messageIds: readonly string[];
}

/**
 * For each finding in a batch its pointer of the highest revision: an older one has nothing more to say and shares its
 * fate.
 * @param unreadable is told of each message that holds no pointer
 * @throws ForeignEventError for an event that is no batch of a queue
 */
export function toldPointers(
  event: unknown,
  unreadable: (messageId: string, error: unknown) => void,
): readonly ToldPointer[] {
  const told = new Map<string, ToldPointer>();
  for (const { messageId, body } of parsed(Batch, event, TAKEN).Records) {
    try {
      const pointer = readPointer(body);
      const known = told.get(pointer.finding);
      const newest = known !== undefined && known.pointer.revision >= pointer.revision ? known.pointer : pointer;
      told.set(pointer.finding, { pointer: newest, messageIds: [...(known?.messageIds ?? []), messageId] });
    } catch (error) {
      unreadable(messageId, error);
    }
  }
  return [...told.values()];
}
