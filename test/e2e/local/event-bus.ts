import { randomUUID } from 'node:crypto';
import { ACCOUNT, arn, REGION } from './account.ts';
import { rulePattern } from './event-pattern.ts';
import type { Gateway, LocalService } from './gateway.ts';
import { at, type Fields, fieldsOf, isFields, listOf, textOf } from './json.ts';
import type { Lambdas } from './lambdas.ts';
import { modelledService } from './modelled-service.ts';
import { targetJson } from './protocols.ts';
import { type Queues, UnreachableError } from './queues.ts';
import type { ResourcePolicies } from './resource-policies.ts';
import { ServiceModel } from './service-model.ts';
import type { Resource, Template } from './template.ts';

/** What a function put on a bus. */
interface BusEvent {
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: Fields;
}

interface Parts {
  readonly gateway: Gateway;
  readonly queues: Queues;
  readonly policies: ResourcePolicies;
  readonly lambdas: Lambdas;
}

interface Rule {
  readonly logicalId: string;
  readonly arn: string;
  readonly matches: ((event: unknown) => boolean) | undefined;
  readonly schedule: string | undefined;
  readonly targets: readonly Fields[];
}

/** Room of one entry, which the model does not state (EventBridge user guide, "PutEvents event entry size"). */
const MOST_BYTES = 256 * 1024;
const TARGET_PARTS = new Set(['Arn', 'DeadLetterConfig', 'Id', 'Input', 'RetryPolicy']);
const SCHEDULE = /^rate\(\d+ (?:minutes?|hours?|days?)\)$|^cron\([^)]+\)$/;

/** EventBridge: buses that keep what is put on them, rules of the default bus, and schedules that a test lets run. */
export class EventBus {
  /** What was put on the template's own buses, in its order. */
  readonly events: BusEvent[] = [];
  /** Entries that are refused next, though their request is answered with status 200. */
  refuseEntries = 0;
  readonly service: LocalService;
  readonly #rules: readonly Rule[];
  readonly #parts: Parts;

  constructor(template: Template, parts: Parts) {
    this.#parts = parts;
    const buses = new Map(template.ofType('AWS::Events::EventBus').map((bus) => [bus.name, bus.attribute('Arn')]));
    this.#rules = template.ofType('AWS::Events::Rule').map(ruleOf);
    const entriesOf = (input: Fields) => listOf(input['Entries'], 'Entries').map((one) => fieldsOf(one, 'Entries'));
    const busOf = (entry: Fields): string => String(entry['EventBusName'] ?? 'default').replace(/^.*event-bus\//, '');
    this.service = modelledService({
      ...{ name: 'events', model: new ServiceModel('events'), protocol: targetJson, log: parts.gateway.log },
      invalid: 'ValidationException',
      operations: {
        PutEvents: {
          resources: (input) => [...new Set(entriesOf(input).map((one) => arn('events', `event-bus/${busOf(one)}`)))],
          faults: (input) =>
            entriesOf(input).flatMap((one, place) => [
              ...entryFaults(one, `Entries[${place}]`),
              ...(buses.has(busOf(one)) ? [] : [`Entries[${place}]: there is no bus ${busOf(one)}`]),
            ]),
          run: (input) => {
            const Entries = entriesOf(input).map((entry) => this.#take(busOf(entry), entry));
            return { FailedEntryCount: Entries.filter((one) => 'ErrorCode' in one).length, Entries };
          },
        },
      },
    });
  }

  /** An event of a service of AWS on the default bus, to the targets of every rule that matches. */
  async emit(source: string, detailType: string, detail: Fields, resources: readonly string[] = []): Promise<void> {
    const event = {
      ...{ version: '0', id: randomUUID(), 'detail-type': detailType, source, account: ACCOUNT, region: REGION },
      ...{ time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'), resources, detail },
    };
    for (const rule of this.#rules) if (rule.matches?.(event) === true) await this.#send(rule, event);
  }

  /** Lets every schedule whose target is `functionId` run once. @returns how many did */
  async runSchedules(functionId: string): Promise<number> {
    let ran = 0;
    for (const rule of this.#rules) {
      const toIt = rule.targets.some((one) => this.#parts.lambdas.find(String(one['Arn']))?.logicalId === functionId);
      if (rule.schedule === undefined || !toIt) continue;
      ran += 1;
      await this.#send(rule, { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [rule.arn] });
    }
    return ran;
  }

  #take(bus: string, entry: Fields): Fields {
    if (this.refuseEntries > 0) {
      this.refuseEntries -= 1;
      return { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' };
    }
    this.events.push({
      bus,
      source: String(entry['Source']),
      detailType: String(entry['DetailType']),
      detail: fieldsOf(JSON.parse(String(entry['Detail'])), 'Detail'),
    });
    return { EventId: randomUUID() };
  }

  async #send(rule: Rule, event: Fields): Promise<void> {
    const { lambdas, gateway } = this.#parts;
    for (const target of rule.targets) {
      const targetArn = textOf(target['Arn'], rule.logicalId);
      const fn = lambdas.find(targetArn);
      const input: unknown =
        target['Input'] === undefined ? event : JSON.parse(textOf(target['Input'], rule.logicalId));
      const refusal = this.#refusal(rule, targetArn, fn === undefined ? 'sqs:SendMessage' : 'lambda:InvokeFunction');
      if (refusal !== undefined) {
        gateway.log.faults.push(refusal);
        this.#setAside(rule, target, input);
      } else if (fn === undefined) {
        try {
          this.#parts.queues.byArn(targetArn).send(JSON.stringify(input));
        } catch (error) {
          if (!(error instanceof UnreachableError)) throw error;
          this.#setAside(rule, target, input);
        }
      } else {
        await lambdas.invokeLater(fn, input);
      }
    }
  }

  /** What could not be delivered, for the queue that the target names. */
  #setAside(rule: Rule, target: Fields, input: unknown): void {
    const queue = at(target, 'DeadLetterConfig', 'Arn');
    if (queue === undefined) return;
    const queueArn = textOf(queue, rule.logicalId);
    const refusal = this.#refusal(rule, queueArn, 'sqs:SendMessage');
    if (refusal === undefined) this.#parts.queues.byArn(queueArn).send(JSON.stringify(input));
    else this.#parts.gateway.log.faults.push(refusal);
  }

  #refusal(rule: Rule, resource: string, action: string): string | undefined {
    const question = { service: 'events.amazonaws.com', action, resource, sourceArn: rule.arn };
    const refusal = this.#parts.policies.refusalTo(question);
    return refusal === undefined ? undefined : `${rule.logicalId}: ${refusal}`;
  }
}

function ruleOf(resource: Resource): Rule {
  const { properties, logicalId } = resource;
  const pattern = properties['EventPattern'];
  const schedule = properties['ScheduleExpression'];
  if (schedule !== undefined && !SCHEDULE.test(textOf(schedule, logicalId)))
    throw new TypeError(`${logicalId}: ${String(schedule)} is no schedule`);
  const targets = listOf(properties['Targets'], logicalId).map((one) => fieldsOf(one, `${logicalId}.Targets`));
  const strange = targets.flatMap((one) => Object.keys(one)).find((part) => !TARGET_PARTS.has(part));
  if (strange !== undefined) throw new TypeError(`${logicalId}: a target with ${strange} is not understood`);
  const enabled = properties['State'] !== 'DISABLED';
  return {
    ...{ logicalId, targets, arn: resource.attribute('Arn') },
    matches: pattern === undefined || !enabled ? undefined : rulePattern(pattern, logicalId),
    schedule: schedule === undefined || !enabled ? undefined : textOf(schedule, logicalId),
  };
}

function entryFaults(entry: Fields, path: string): readonly string[] {
  const faults: string[] = [];
  const { Source: source, DetailType: type, Detail: detail } = entry;
  for (const [name, value] of Object.entries({ Source: source, DetailType: type, Detail: detail })) {
    if (typeof value !== 'string' || value === '') faults.push(`${path}.${name} is missing`);
  }
  if (String(source).startsWith('aws.')) faults.push(`${path}: nobody but AWS may be a source called aws`);
  const resources = listOf(entry['Resources'] ?? [], path);
  const bytes =
    Buffer.byteLength([source, type, detail, ...resources].join('')) + (entry['Time'] === undefined ? 0 : 14);
  if (bytes > MOST_BYTES) faults.push(`${path} has ${bytes} bytes, more than ${MOST_BYTES}`);
  try {
    if (!isFields(JSON.parse(String(detail)))) faults.push(`${path}.Detail is no object`);
  } catch {
    faults.push(`${path}.Detail is no JSON`);
  }
  return faults;
}

/** S3's announcement of an object on the default bus (S3 user guide, "EventBridge event message structure"). */
export function objectCreated(
  bucket: string,
  object: {
    readonly key: string;
    readonly body: Buffer;
    readonly etag: string;
    readonly versionId: string | undefined;
  },
): { readonly detail: Fields; readonly resources: readonly string[] } {
  const { key, body, etag, versionId } = object;
  return {
    detail: {
      ...{ version: '0', bucket: { name: bucket }, reason: 'PutObject', requester: ACCOUNT },
      object: {
        ...{ key, size: body.length, etag: etag.replaceAll('"', ''), sequencer: '00' },
        ...(versionId === undefined ? {} : { 'version-id': versionId }),
      },
    },
    resources: [arn('s3', bucket, 'none')],
  };
}
