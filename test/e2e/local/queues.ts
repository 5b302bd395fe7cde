import { hash, randomUUID } from 'node:crypto';
import { ACCOUNT, REGION } from './account.ts';
import type { CallLog } from './calls.ts';
import { at, numberOf, textOf } from './json.ts';
import { modelFaults } from './model-faults.ts';
import { ServiceModel } from './service-model.ts';
import type { Resource, Template } from './template.ts';

/** Attributes of a message, as SNS hands them on. */
export type MessageAttributes = Readonly<Record<string, { readonly DataType: string; readonly StringValue: string }>>;

interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sentAt: number;
  firstReceivedAt: number | undefined;
  visibleAt: number;
  received: number;
  receipt: string;
}

/** A record of a queue as an event source mapping hands it to a function. */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly [name: string]: unknown;
}

/** SQS: seconds for which a message stays hidden where its queue says nothing (CreateQueue, VisibilityTimeout). */
const DEFAULT_VISIBILITY = 30;
/** Characters that a message may hold (SQS model, SendMessage). */
const ALLOWED = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;

/** A queue takes nothing now; who sends must keep the message. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** One queue. Time stands still but for `advance`, so that no test waits for a message to come back. */
export class Queue {
  readonly arn: string;
  readonly url: string;
  /** Whether services get through to it. */
  reachable = true;
  readonly #queues: Queues;
  readonly #visibilityMs: number;
  readonly #redrive: { readonly arn: string; readonly after: number } | undefined;
  #messages: Message[] = [];

  constructor(resource: Resource, queues: Queues) {
    const { properties, logicalId } = resource;
    this.arn = resource.attribute('Arn');
    this.url = resource.ref;
    this.#queues = queues;
    this.#visibilityMs = numberOf(properties['VisibilityTimeout'] ?? DEFAULT_VISIBILITY, logicalId) * 1000;
    const redrive = properties['RedrivePolicy'];
    if (redrive !== undefined) {
      this.#redrive = {
        arn: textOf(at(redrive, 'deadLetterTargetArn'), logicalId),
        after: numberOf(at(redrive, 'maxReceiveCount'), logicalId),
      };
    }
  }

  /** Bodies of all messages, visible or not, in the order in which they came. */
  get bodies(): readonly string[] {
    return this.#messages.map(({ body }) => body);
  }

  /** When the next hidden message shows itself, in the time of the queues. */
  get nextVisibleAt(): number | undefined {
    const times = this.#messages.map(({ visibleAt }) => visibleAt).filter((time) => time > this.#queues.now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** @throws RangeError for a message that SQS would not take; UnreachableError */
  send(body: string, attributes: MessageAttributes = {}): void {
    if (!this.reachable) throw new UnreachableError(`${this.arn} can't be reached`);
    const faults = this.#queues.faultsOf(this.url, body, attributes);
    if (faults.length > 0) throw new RangeError(`${this.arn}: ${faults.join('; ')}`);
    this.#messages.push({
      ...{ id: randomUUID(), body, attributes, sentAt: this.#queues.now, firstReceivedAt: undefined },
      ...{ visibleAt: this.#queues.now, received: 0, receipt: '' },
    });
  }

  /** Takes up to `most` visible messages; those that were received too often go to the queue of dead letters instead. */
  receive(most: number): readonly QueueRecord[] {
    const { now } = this.#queues;
    const taken: QueueRecord[] = [];
    for (const message of [...this.#messages]) {
      if (taken.length >= most) break;
      if (message.visibleAt > now) continue;
      if (this.#redrive !== undefined && message.received >= this.#redrive.after) {
        this.#remove(message);
        this.#queues.byArn(this.#redrive.arn).#adopt(message);
        continue;
      }
      message.received += 1;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + this.#visibilityMs;
      message.receipt = randomUUID();
      taken.push(recordOf(message, this.arn));
    }
    return taken;
  }

  delete(receipt: string): void {
    this.#messages = this.#messages.filter((message) => message.receipt !== receipt);
  }

  #remove(message: Message): void {
    this.#messages = this.#messages.filter((one) => one !== message);
  }

  /** A dead letter keeps its id and its time. */
  #adopt(message: Message): void {
    this.#messages.push({ ...message, received: 0, visibleAt: this.#queues.now, receipt: '' });
  }
}

/** All queues, and their time. */
export class Queues {
  /** Milliseconds since the epoch. */
  now = Date.now();
  readonly #model = new ServiceModel('sqs');
  readonly #most = this.#model.figure(/maximum size is (\d+) KB/, 'SendMessageRequest', 'MessageBody') * 1024;
  readonly #queues: readonly Queue[];
  readonly #log: CallLog;

  constructor(template: Template, log: CallLog) {
    this.#log = log;
    this.#queues = template.ofType('AWS::SQS::Queue').map((resource) => new Queue(resource, this));
  }

  byArn(arn: string): Queue {
    const queue = this.#queues.find((one) => one.arn === arn);
    if (queue === undefined) throw new Error(`there is no queue ${arn}`);
    return queue;
  }

  advance(ms: number): void {
    this.now += ms;
  }

  faultsOf(url: string, body: string, attributes: MessageAttributes): readonly string[] {
    const faults = [...modelFaults(this.#model, 'SendMessageRequest', sendRequest(url, body, attributes))];
    const named = Object.entries(attributes).flatMap(([name, one]) => [name, one.DataType, one.StringValue]);
    const bytes = Buffer.byteLength([body, ...named].join(''));
    if (body === '') faults.push('a message must hold a character');
    if (bytes > this.#most) faults.push(`the message has ${bytes} bytes, more than ${this.#most}`);
    if (!ALLOWED.test(body)) faults.push('the message holds characters that no message may hold');
    this.#log.faults.push(...faults.map((fault) => `sqs:SendMessage: ${fault}`));
    return faults;
  }
}

function sendRequest(url: string, body: string, attributes: MessageAttributes): object {
  const some = Object.keys(attributes).length > 0;
  return { QueueUrl: url, MessageBody: body, ...(some ? { MessageAttributes: attributes } : {}) };
}

/** Lambda developer guide, "Using Lambda with Amazon SQS", example message event. */
function recordOf(message: Message, arn: string): QueueRecord {
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.received),
      SentTimestamp: String(message.sentAt),
      SenderId: ACCOUNT,
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { DataType, StringValue }]) => [
        name,
        { stringValue: StringValue, stringListValues: [], binaryListValues: [], dataType: DataType },
      ]),
    ),
    md5OfBody: hash('md5', message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: REGION,
  };
}
