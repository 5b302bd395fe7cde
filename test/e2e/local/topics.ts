import { randomUUID } from 'node:crypto';
import { via } from './account.ts';
import { anyOf } from './event-pattern.ts';
import type { Gateway, LocalService } from './gateway.ts';
import { ServiceError } from './interventions.ts';
import { at, type Fields, fieldsOf, isFields, listOf, textOf } from './json.ts';
import { modelledService } from './modelled-service.ts';
import { query } from './protocols.ts';
import { type MessageAttributes, type Queues, UnreachableError } from './queues.ts';
import type { ResourcePolicies } from './resource-policies.ts';
import { ServiceModel } from './service-model.ts';
import type { Resource, Template } from './template.ts';

/** A message as its subscriber's mailbox has it. */
export interface Mail {
  readonly to: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  readonly text: string;
  readonly attributes: MessageAttributes;
}

interface Publication {
  readonly topicArn: string;
  readonly subject: string | undefined;
  /** One text for each protocol, and `default`. */
  readonly texts: Fields;
  readonly attributes: MessageAttributes;
}

/** "Message attributes for raw delivery": a message with more is discarded (SNS developer guide). */
const MOST_RAW_ATTRIBUTES = 10;
/** Model of SNS, PublishInput.Subject: ASCII that begins with a letter, number or punctuation mark, no control characters. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]*$/;

/** SNS: what is published goes to the subscriptions whose filter it passes, as text to mailboxes and raw or wrapped to queues. */
export class Topics {
  readonly outbox: Mail[] = [];
  /** All that was published, whoever takes it. */
  readonly publications: Publication[] = [];
  /** What the chat's service shows: messages of the one form that it knows. */
  readonly chat: Fields[] = [];
  readonly service: LocalService;
  readonly #model = new ServiceModel('sns');
  readonly #mostBytes = this.#model.figure(/\(([\d,]+) bytes/, 'PublishInput', 'Message');
  readonly #subjectEnd = this.#model.figure(/less than ([\d,]+) characters/, 'PublishInput', 'Subject');
  readonly #topics: ReadonlyMap<string, Resource>;
  readonly #policies: ResourcePolicies;
  readonly #subscriptions: readonly Subscription[];
  /** Topics that the chat's service is subscribed to. */
  readonly #chats: readonly string[];
  readonly #deliver: ReturnType<typeof deliverer>;
  readonly #faultsFound: string[];

  constructor(
    template: Template,
    { gateway, queues, policies }: { gateway: Gateway; queues: Queues; policies: ResourcePolicies },
  ) {
    const topics = new Map(template.ofType('AWS::SNS::Topic').map((topic) => [topic.ref, topic]));
    this.#topics = topics;
    this.#policies = policies;
    this.#faultsFound = gateway.log.faults;
    this.#deliver = deliverer(queues, policies, this.outbox, gateway.log.faults);
    this.#subscriptions = template.ofType('AWS::SNS::Subscription').map(subscriptionOf);
    this.#chats = template
      .ofType('AWS::Chatbot::SlackChannelConfiguration')
      .flatMap(({ properties, logicalId }) =>
        listOf(properties['SnsTopicArns'] ?? [], logicalId).map((one) => textOf(one, logicalId)),
      );
    this.service = modelledService({
      ...{ name: 'sns', model: this.#model, protocol: query, log: gateway.log, invalid: 'InvalidParameter' },
      operations: {
        Publish: {
          resources: (input) => [textOf(input['TopicArn'], 'TopicArn')],
          faults: (input) => this.#faults(input),
          run: (input, request) => {
            const topic = topics.get(textOf(input['TopicArn'], 'TopicArn'));
            if (topic === undefined) throw new ServiceError('NotFound', 'Topic does not exist', 404);
            useKey(topic, (action, key) => request.enter(action, [key], via('sns')));
            this.#handOn(publicationOf(input));
            return { MessageId: randomUUID() };
          },
        },
      },
    });
  }

  /**
   * What another service publishes as itself: by the policies of the topic and of the topic's key.
   * @returns why it may not; nothing where the message was handed on
   */
  publishAs(
    { service, sourceArn, sourceAccount }: { service: string; sourceArn: string; sourceAccount: string },
    input: { readonly TopicArn: string; readonly Subject: string; readonly Message: string },
  ): readonly string[] {
    const topic = this.#topics.get(input.TopicArn);
    if (topic === undefined) return [`there is no topic ${input.TopicArn}`];
    const refusals: string[] = [];
    const ask = (action: string, resource: string): void => {
      const refusal = this.#policies.refusalTo({ service, action, resource, sourceArn, sourceAccount });
      if (refusal !== undefined) refusals.push(refusal);
    };
    ask('sns:Publish', topic.ref);
    useKey(topic, ask);
    const faults = this.#faults(input);
    this.#faultsFound.push(...faults.map((fault) => `sns:Publish by ${service}: ${fault}`));
    if (refusals.length === 0 && faults.length === 0) this.#handOn(publicationOf(input));
    return [...refusals, ...faults];
  }

  #handOn(publication: Publication): void {
    this.publications.push(publication);
    for (const one of this.#subscriptions) {
      if (one.topicArn === publication.topicArn && one.takes(publication.attributes)) this.#deliver(one, publication);
    }
    for (const one of this.#chats) if (one === publication.topicArn) this.#show(publication, this.#faultsFound);
  }

  /** "Custom notifications using Amazon Q Developer in chat applications": what is of another form is dropped unseen. */
  #show({ texts }: Publication, faults: string[]): void {
    const message: unknown = JSON.parse(textOf(texts['default'], 'the message for the chat'));
    const isCustom = at(message, 'version') === '1.0' && at(message, 'source') === 'custom';
    if (isFields(message) && isCustom && typeof at(message, 'content', 'description') === 'string')
      this.chat.push(message);
    else faults.push('chat: a message is no custom notification');
  }

  #faults(input: Fields): readonly string[] {
    const faults: string[] = [];
    const { Message: message, Subject: subject, MessageStructure: structure } = input;
    const attributes = attributesOf(input);
    const named = Object.entries(attributes).flatMap(([name, one]) => [name, one.DataType, one.StringValue]);
    const bytes = Buffer.byteLength([String(message), ...named].join(''));
    if (bytes > this.#mostBytes)
      faults.push(`message and attributes have ${bytes} bytes, more than ${this.#mostBytes}`);
    if (subject !== undefined && !(SUBJECT.test(String(subject)) && String(subject).length < this.#subjectEnd))
      faults.push(`the subject ${JSON.stringify(subject)} is none`);
    if (structure !== undefined && structure !== 'json') faults.push(`MessageStructure can't be ${String(structure)}`);
    if (structure === 'json') {
      const texts: unknown = JSON.parse(String(message));
      if (typeof at(texts, 'default') !== 'string') faults.push('the message has no text called default');
    }
    for (const [name, { DataType, StringValue }] of Object.entries(attributes)) {
      if (!/^(?!aws\.|amazon\.)[\w.-]{1,256}$/i.test(name)) faults.push(`no attribute may be called ${name}`);
      if (DataType === '' || StringValue === '') faults.push(`the attribute ${name} is empty`);
    }
    return faults;
  }
}

interface Subscription {
  readonly logicalId: string;
  readonly topicArn: string;
  readonly protocol: 'email' | 'sqs';
  readonly endpoint: string;
  readonly raw: boolean;
  readonly deadLetterArn: string | undefined;
  readonly takes: (attributes: MessageAttributes) => boolean;
}

function subscriptionOf({ logicalId, properties }: Resource): Subscription {
  const protocol = textOf(properties['Protocol'], logicalId);
  if (protocol !== 'email' && protocol !== 'sqs') throw new TypeError(`${logicalId}: no local part takes ${protocol}`);
  const deadLetterArn = at(properties['RedrivePolicy'], 'deadLetterTargetArn');
  return {
    ...{ logicalId, protocol },
    topicArn: textOf(properties['TopicArn'], logicalId),
    endpoint: textOf(properties['Endpoint'], logicalId),
    raw: properties['RawMessageDelivery'] === true,
    deadLetterArn: deadLetterArn === undefined ? undefined : textOf(deadLetterArn, logicalId),
    takes: filterOf(properties['FilterPolicy'], `${logicalId}.FilterPolicy`),
  };
}

/** A filter on attributes: every name must be there with one of the listed values (SNS developer guide, filter policies). */
function filterOf(policy: unknown, path: string): Subscription['takes'] {
  if (policy === undefined) return () => true;
  const tests = Object.entries(fieldsOf(policy, path)).map(([name, alternatives]) => {
    const test = anyOf(listOf(alternatives, `${path}.${name}`), `${path}.${name}`);
    return (attributes: MessageAttributes): boolean => test(filteredValue(attributes[name]));
  });
  return (attributes) => tests.every((test) => test(attributes));
}

function filteredValue(attribute: MessageAttributes[string] | undefined): unknown {
  if (attribute === undefined) return undefined;
  if (attribute.DataType === 'Number') return Number(attribute.StringValue);
  return attribute.DataType === 'String.Array' ? JSON.parse(attribute.StringValue) : attribute.StringValue;
}

function deliverer(
  queues: Queues,
  policies: ResourcePolicies,
  outbox: Mail[],
  faults: string[],
): (subscription: Subscription, publication: Publication) => void {
  return ({ protocol, endpoint, raw, topicArn, deadLetterArn, logicalId }, publication) => {
    const { subject, attributes, texts } = publication;
    const text = textOf(texts[protocol] ?? texts['default'], logicalId);
    if (protocol === 'email') {
      outbox.push({ to: endpoint, topicArn, subject, text, attributes });
      return;
    }
    const to = (arn: string): void => {
      const refusal = policies.refusalTo({
        ...{ service: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: arn, sourceArn: topicArn },
      });
      if (refusal !== undefined) throw new RangeError(refusal);
      if (raw && Object.keys(attributes).length > MOST_RAW_ATTRIBUTES)
        throw new RangeError(`more than ${MOST_RAW_ATTRIBUTES} attributes do not go with raw delivery`);
      if (raw) queues.byArn(arn).send(text, attributes);
      else queues.byArn(arn).send(wrapped(text, publication));
    };
    try {
      to(endpoint);
    } catch (error) {
      if (error instanceof RangeError) faults.push(`${logicalId}: ${error.message}`);
      else if (!(error instanceof UnreachableError)) throw error;
      if (deadLetterArn !== undefined) to(deadLetterArn);
    }
  };
}

/** What a queue gets without raw delivery (SNS developer guide, "Amazon SNS message and JSON formats"). */
function wrapped(text: string, { topicArn, subject, attributes }: Publication): string {
  return JSON.stringify({
    ...{ Type: 'Notification', MessageId: randomUUID(), TopicArn: topicArn, Message: text },
    ...(subject === undefined ? {} : { Subject: subject }),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { DataType, StringValue }]) => [
        name,
        { Type: DataType, Value: StringValue },
      ]),
    ),
  });
}

function useKey(topic: Resource, use: (action: string, key: string) => void): void {
  const key = topic.properties['KmsMasterKeyId'];
  if (key === undefined) return;
  for (const action of ['kms:GenerateDataKey', 'kms:Decrypt']) use(action, textOf(key, topic.logicalId));
}

function attributesOf(input: Fields): MessageAttributes {
  const attributes = input['MessageAttributes'];
  if (!isFields(attributes)) return {};
  return Object.fromEntries(
    Object.entries(attributes).map(([name, one]) => [
      name,
      { DataType: String(at(one, 'DataType') ?? ''), StringValue: String(at(one, 'StringValue') ?? '') },
    ]),
  );
}

function publicationOf(input: Fields): Publication {
  const message = textOf(input['Message'], 'Message');
  const subject = input['Subject'];
  return {
    topicArn: textOf(input['TopicArn'], 'TopicArn'),
    subject: subject === undefined ? undefined : textOf(subject, 'Subject'),
    texts: input['MessageStructure'] === 'json' ? fieldsOf(JSON.parse(message), 'Message') : { default: message },
    attributes: attributesOf(input),
  };
}
