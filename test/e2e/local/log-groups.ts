import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { ACCOUNT, arn } from './account.ts';
import type { Gateway, LocalService } from './gateway.ts';
import { ServiceError } from './interventions.ts';
import { type Fields, textOf } from './json.ts';
import type { Lambdas } from './lambdas.ts';
import { modelledService } from './modelled-service.ts';
import { targetJson } from './protocols.ts';
import type { ResourcePolicies } from './resource-policies.ts';
import { ServiceModel } from './service-model.ts';

interface SubscriptionFilter {
  readonly filterName: string;
  readonly filterPattern: string;
  readonly destinationArn: string;
}

/** One event of a log stream; `timestamp` in milliseconds since the epoch. */
interface LogEvent {
  readonly message: string;
  readonly timestamp: number;
}

interface Parts {
  readonly gateway: Gateway;
  readonly policies: ResourcePolicies;
  readonly lambdas: Lambdas;
}

/** CloudWatch Logs: groups whose subscriptions lead to functions. */
export class LogGroups {
  readonly service: LocalService;
  readonly #groups = new Map<string, SubscriptionFilter[]>();
  readonly #parts: Parts;
  readonly #model = new ServiceModel('logs');
  readonly #mostFilters = this.#model.figure(/up to (\w+) subscription filters/, 'PutSubscriptionFilter');

  constructor(parts: Parts) {
    this.#parts = parts;
    // Actions on a group are on its streams without a name, as denials of access show.
    const resources = (input: Fields) => [arn('logs', `log-group:${groupOf(input)}:log-stream:`)];
    this.service = modelledService({
      ...{ name: 'logs', model: this.#model, protocol: targetJson, log: parts.gateway.log },
      invalid: 'InvalidParameterException',
      operations: {
        DescribeSubscriptionFilters: {
          resources,
          run: (input) => ({
            subscriptionFilters: this.filters(groupOf(input)).map((one) => ({
              ...{ logGroupName: groupOf(input), distribution: 'ByLogStream', creationTime: 0 },
              ...one,
            })),
          }),
        },
        PutSubscriptionFilter: { resources, run: (input) => this.#put(input) },
        DeleteSubscriptionFilter: {
          resources,
          run: (input) => {
            const filters = this.#filters(groupOf(input));
            const place = filters.findIndex(({ filterName }) => filterName === input['filterName']);
            if (place < 0) throw new ServiceError('ResourceNotFoundException', 'The specified filter does not exist.');
            filters.splice(place, 1);
            return undefined;
          },
        },
      },
    });
  }

  /** @param filters what others have subscribed to it already */
  add(group: string, filters: readonly SubscriptionFilter[] = []): void {
    this.#groups.set(group, [...filters]);
  }

  remove(group: string): void {
    this.#groups.delete(group);
  }

  filters(group: string): readonly SubscriptionFilter[] {
    return this.#filters(group);
  }

  /** Writes events of one stream, which every subscribed function gets as one envelope. */
  async append(group: string, stream: string, events: readonly LogEvent[]): Promise<void> {
    const { lambdas, gateway } = this.#parts;
    const logEvents = events.map((event, place) => ({ id: idOf([group, stream, event, place]), ...event }));
    for (const { filterName, destinationArn } of this.#filters(group)) {
      const fn = lambdas.find(destinationArn);
      // Filters of others lead to places that are none of the template's.
      if (fn === undefined) continue;
      const refusal = this.#refusal(group, destinationArn);
      if (refusal !== undefined) {
        gateway.log.faults.push(refusal);
        continue;
      }
      await lambdas.invokeLater(fn, envelope(group, stream, filterName, logEvents));
    }
  }

  #filters(group: string): SubscriptionFilter[] {
    const filters = this.#groups.get(group);
    if (filters === undefined)
      throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
    return filters;
  }

  #put(input: Fields): undefined {
    const group = groupOf(input);
    const filters = this.#filters(group);
    const filter = {
      filterName: textOf(input['filterName'], 'filterName'),
      filterPattern: textOf(input['filterPattern'], 'filterPattern'),
      destinationArn: textOf(input['destinationArn'], 'destinationArn'),
    };
    if (filter.filterPattern !== '') throw new TypeError(`no local part filters by ${filter.filterPattern}`);
    const place = filters.findIndex(({ filterName }) => filterName === filter.filterName);
    if (place < 0 && filters.length >= this.#mostFilters)
      throw new ServiceError('LimitExceededException', 'Resource limit exceeded.');
    // The service tries the destination out.
    const refusal = this.#refusal(group, filter.destinationArn);
    if (refusal !== undefined)
      throw new ServiceError('InvalidParameterException', `Could not execute the lambda function: ${refusal}`);
    filters.splice(place < 0 ? filters.length : place, place < 0 ? 0 : 1, filter);
    return undefined;
  }

  #refusal(group: string, destinationArn: string): string | undefined {
    return this.#parts.policies.refusalTo({
      ...{ service: 'logs.amazonaws.com', action: 'lambda:InvokeFunction', resource: destinationArn },
      sourceArn: arn('logs', `log-group:${group}:*`),
    });
  }
}

function groupOf(input: Fields): string {
  return textOf(input['logGroupName'], 'logGroupName');
}

/** 56 digits, the same each time that an event is delivered. */
function idOf(event: unknown): string {
  return `3${BigInt(`0x${hash('sha256', JSON.stringify(event))}`)
    .toString()
    .padStart(55, '0')
    .slice(-55)}`;
}

/** CloudWatch Logs user guide, "Subscription filters with AWS Lambda". */
function envelope(logGroup: string, logStream: string, filter: string, logEvents: readonly object[]): object {
  const data = {
    ...{ messageType: 'DATA_MESSAGE', owner: ACCOUNT, logGroup, logStream, subscriptionFilters: [filter], logEvents },
  };
  return { awslogs: { data: gzipSync(JSON.stringify(data)).toString('base64') } };
}
