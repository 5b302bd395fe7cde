import type { CallLog } from './calls.ts';
import type { Answer, LocalService, ServiceRequest } from './gateway.ts';
import { ServiceError } from './interventions.ts';
import { type Fields, fieldsOf } from './json.ts';
import { modelFaults } from './model-faults.ts';
import type { Protocol } from './protocols.ts';
import type { ServiceModel } from './service-model.ts';

export interface LocalOperation {
  /** ARNs that the caller must be allowed to act on. */
  readonly resources: (input: Fields) => readonly string[];
  /** Limits that the model states in words alone; each fault in one text. */
  readonly faults?: (input: Fields) => readonly string[];
  /** @throws ServiceError */
  readonly run: (input: Fields, request: ServiceRequest) => unknown;
}

interface ModelledService {
  /** The name in signatures and policies. */
  readonly name: string;
  readonly model: ServiceModel;
  readonly protocol: Protocol;
  readonly log: CallLog;
  /** How this service names a request that is not valid. */
  readonly invalid: string;
  readonly operations: Readonly<Record<string, LocalOperation>>;
}

/** A service that checks each request by its own model before it carries it out. */
export function modelledService(service: ModelledService): LocalService {
  const { name, protocol, log } = service;
  return {
    name,
    answer: async (request) => {
      try {
        return await answered(service, request);
      } catch (error) {
        if (error instanceof ServiceError) return protocol.error(error);
        if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
        log.faults.push(`${name}: a request can't be read: ${error.message}`);
        return protocol.error(new ServiceError(service.invalid, error.message));
      }
    },
  };
}

async function answered(service: ModelledService, request: ServiceRequest): Promise<Answer> {
  const { name, model, protocol, log, invalid } = service;
  const called = protocol.operation(request, model) ?? `${request.method} ${request.url.pathname}`;
  const operation = model.operation(called);
  const local = Object.hasOwn(service.operations, called) ? service.operations[called] : undefined;
  if (operation === undefined || local === undefined) {
    log.faults.push(`${name}:${called} is asked for, and no local part provides it`);
    throw new ServiceError('InvalidAction', `${called} is not provided here`);
  }
  const input = fieldsOf(protocol.input(request, model, operation), called);
  request.enter(`${name}:${called}`, local.resources(input), {}, input);
  const faults = [
    ...(operation.input === undefined ? [] : modelFaults(model, operation.input, input)),
    ...(local.faults?.(input) ?? []),
  ];
  if (faults.length > 0) {
    log.faults.push(...faults.map((fault) => `${name}:${called}: ${fault}`));
    throw new ServiceError(invalid, faults.join('; '));
  }
  return protocol.output(await local.run(input, request), model, operation);
}
