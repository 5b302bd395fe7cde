import { randomUUID } from 'node:crypto';
import { arn, STACK } from './account.ts';
import type { Gateway, LocalService } from './gateway.ts';
import { type Fields, fieldsOf, isFields, textOf } from './json.ts';
import type { Lambdas } from './lambdas.ts';
import type { Resource } from './template.ts';

/** Largest answer that CloudFormation takes ("Custom resource response objects"). */
const MOST_BYTES = 4096;

/** CloudFormation's side of custom resources: it asks a function and waits for the answer at an address of its own. */
export class CustomResources {
  readonly service: LocalService;
  readonly #gateway: Gateway;
  readonly #lambdas: Lambdas;
  readonly #waiting = new Map<string, (answer: Fields) => void>();

  constructor(gateway: Gateway, lambdas: Lambdas) {
    this.#gateway = gateway;
    this.#lambdas = lambdas;
    this.service = {
      name: 'cloudformation',
      answer: async ({ method, url, headers, body }) => {
        const waiting = this.#waiting.get(url.pathname);
        const fine = method === 'PUT' && (headers['content-type'] ?? '') === '' && body.length <= MOST_BYTES;
        if (!fine) gateway.log.faults.push(`cloudformation: ${method} with ${body.length} bytes is no answer`);
        if (!fine || waiting === undefined) return { status: 403, headers: {}, body: '' };
        waiting(fieldsOf(JSON.parse(body.toString()), 'the answer of a custom resource'));
        return { status: 200, headers: {}, body: '' };
      },
    };
  }

  /** @returns the data of the answer. @throws Error where the function says that it failed, or says nothing */
  async request(kind: 'Create' | 'Update' | 'Delete', resource: Resource, old?: Fields): Promise<Fields> {
    const { ServiceToken, ServiceTimeout: _, ...properties } = resource.properties;
    const fn = this.#lambdas.find(textOf(ServiceToken, `${resource.logicalId}.ServiceToken`));
    if (fn === undefined) throw new Error(`${resource.logicalId}: its function is not part of the template`);
    const path = `/cloudformation/${randomUUID()}`;
    const { promise, resolve } = Promise.withResolvers<Fields>();
    this.#waiting.set(path, resolve);
    const id = {
      ...{ StackId: arn('cloudformation', `stack/${STACK}/0`), RequestId: randomUUID() },
      LogicalResourceId: resource.logicalId,
    };
    const outcome = await this.#lambdas.invokeLater(fn, {
      ...{ RequestType: kind, ResponseURL: `${this.#gateway.url}${path}`, ...id, ResourceType: resource.type },
      ...(kind === 'Create' ? {} : { PhysicalResourceId: resource.ref }),
      ResourceProperties: { ServiceToken, ...asTexts(properties) },
      ...(old === undefined ? {} : { OldResourceProperties: { ServiceToken, ...asTexts(old) } }),
    });
    this.#waiting.delete(path);
    // The answer is put before the function ends.
    const answer = await Promise.race([promise, Promise.resolve(undefined)]);
    if (answer === undefined) throw new Error(`${resource.logicalId} got no answer: ${JSON.stringify(outcome)}`);
    for (const [name, value] of Object.entries(id)) {
      if (answer[name] !== value) throw new Error(`${resource.logicalId}: the answer's ${name} is another's`);
    }
    if (answer['Status'] !== 'SUCCESS') throw new Error(`${resource.logicalId} failed: ${String(answer['Reason'])}`);
    return isFields(answer['Data']) ? answer['Data'] : {};
  }
}

/** CloudFormation hands numbers and truth values on as text. */
function asTexts(value: Fields): Fields {
  const one = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(one);
    if (isFields(inner)) return asTexts(inner);
    return typeof inner === 'number' || typeof inner === 'boolean' ? String(inner) : inner;
  };
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, one(inner)]));
}
