import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

/** What events of this product are called on the bus. */
const SOURCE = 'davylamp';
const DETAIL_TYPE = 'Detection Finding';

/**
 * The values of the attribute `delivery`, on which each subscription of the topic filters, by who subscribes. A transition
 * is `single`, or waits for the `digest`, or is part of a `storm`; what people are told of the latter two comes as a
 * message of its own, `storm-summary` or `digest-summary`, which holds no pointer and is for people alone. A summary's
 * `severity` is the highest among its findings: who asks for `Low` gets every digest.
 */
export const DELIVERIES = {
  people: ['single', 'storm-summary', 'digest-summary'],
  /** Chat joins what comes at once by itself, and does without what merely stays active. */
  chat: ['single', 'storm'],
  /** Every transition. */
  machines: ['single', 'storm', 'digest'],
} as const;

/** One message as SNS takes it: a text for each protocol, and the attributes that subscriptions filter on. */
export interface TopicMessage {
  readonly subject: string;
  /** For machines, and each protocol without a text of its own. */
  readonly default: string;
  readonly email: string;
  readonly sqs: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Room of one publication, attributes included (SNS API reference, Publish). */
export const TOPIC_BYTES = 262_144;
/** Room of one entry: source, detail type, detail and time (EventBridge user guide, "PutEvents event entry size"). */
export const BUS_BYTES = 262_144;

/** The text of the parameter `Message` for `MessageStructure: json`. */
function topicText(message: TopicMessage): string {
  return JSON.stringify({ default: message.default, email: message.email, sqs: message.sqs });
}

/** Bytes that a message takes of `TOPIC_BYTES`: its text, its subject, and name, type and value of each attribute. */
export function topicBytes(message: TopicMessage): number {
  const attributes = Object.entries(message.attributes).flatMap(([key, value]) => [key, 'String', value]);
  return Buffer.byteLength([topicText(message), message.subject, ...attributes].join(''));
}

/** The two channels of the correlator. Each call resolves once the service has accepted. */
export interface Publisher {
  /** `detail` is the text of a JSON object. */
  toBus(detail: string): Promise<void>;
  toTopic(message: TopicMessage): Promise<void>;
}

export function publisher(
  clients: { readonly sns: SNSClient; readonly events: EventBridgeClient },
  names: { readonly topicArn: string; readonly eventBus: string },
): Publisher {
  return {
    toBus: async (detail) => {
      const answer = await clients.events.send(
        new PutEventsCommand({
          Entries: [{ EventBusName: names.eventBus, Source: SOURCE, DetailType: DETAIL_TYPE, Detail: detail }],
        }),
      );
      // A refused entry comes with status 200.
      const [entry] = answer.Entries ?? [];
      if (entry?.EventId === undefined) throw new Error(`the event bus refused an entry: ${entry?.ErrorCode ?? '?'}`);
    },
    toTopic: async (message) => {
      await clients.sns.send(
        new PublishCommand({
          TopicArn: names.topicArn,
          MessageStructure: 'json',
          Message: topicText(message),
          Subject: message.subject,
          MessageAttributes: Object.fromEntries(
            Object.entries(message.attributes).map(([key, value]) => [key, { DataType: 'String', StringValue: value }]),
          ),
        }),
      );
    },
  };
}
