import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { REGION } from './account.ts';
import { CALLER_HEADER, type Call, CallLog } from './calls.ts';
import { Interventions, ServiceError } from './interventions.ts';
import type { Fields } from './json.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

export interface ServiceRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /**
   * To be called once the service knows what is asked, before it does it: records the call and lets planted faults act.
   * @throws ServiceError for what is refused
   */
  enter(action: string, resources: readonly string[], context?: Readonly<Record<string, string>>, input?: Fields): void;
}

/** A service behind the gateway; errors that it throws as `ServiceError` it must render itself. */
export interface LocalService {
  /** The name in the scope of signatures, or the first part of the path of unsigned requests. */
  readonly name: string;
  answer(request: ServiceRequest): Promise<Answer>;
}

/** One process of a function, known by the key that it signs with. */
interface Admitted {
  readonly caller: string;
  readonly kill: () => void;
}

/** The process was killed: there is nobody to answer. */
class Killed extends Error {}

/**
 * One HTTP address for all services: which one a request is for, and which function sent it, its signature tells (Signature
 * Version 4: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`).
 */
export class Gateway {
  readonly log = new CallLog();
  readonly interventions = new Interventions();
  /** Why a call is not allowed, or undefined. */
  authorize: (call: Call) => string | undefined = () => undefined;
  readonly #services = new Map<string, LocalService>();
  readonly #admitted = new Map<string, Admitted>();
  readonly #server: Server;
  #admissions = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.log.faults.push(`the gateway failed: ${error instanceof Error ? error.stack : String(error)}`);
        response.destroy();
      });
    });
  }

  static async open(): Promise<Gateway> {
    const gateway = new Gateway();
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  add(service: LocalService): void {
    this.#services.set(service.name, service);
  }

  /** A key id for one process of the function with this logical id; `kill` ends that process. */
  admit(caller: string, kill: () => void): string {
    this.#admissions += 1;
    const key = `AKIA${hash('sha256', `${caller} ${this.#admissions}`).slice(0, 16).toUpperCase()}`;
    this.#admitted.set(key, { caller, kill });
    return key;
  }

  /** A call that a service makes as the function: by its role, though not by its code. */
  onBehalf(caller: string, action: string, resources: readonly string[], context: Call['context'] = {}): void {
    this.#record({ caller, action, resources, context });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #record(call: Call): void {
    this.log.calls.push(call);
    const refusal = this.authorize(call);
    if (refusal === undefined) return;
    this.log.faults.push(refusal);
    throw new ServiceError('AccessDeniedException', refusal, 403);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const url = new URL(request.url ?? '/', this.url);
    const { key, service: name } = signedBy(headers, url);
    const admitted = this.#admitted.get(key);
    const service = this.#services.get(name);
    if (service === undefined || (admitted === undefined && !UNSIGNED.has(name))) {
      const who = admitted?.caller ?? `nobody known (${key})`;
      this.log.faults.push(`${request.method} ${url.pathname} for service ${name} by ${who}: no local part takes it`);
      response.writeHead(501).end('no local part');
      return;
    }
    let killed = false;
    let killAfter = false;
    const kill = (): void => {
      killed = true;
      admitted?.kill();
    };
    const enter: ServiceRequest['enter'] = (action, resources, context = {}, input = {}) => {
      if (admitted === undefined) return;
      const call: Call = { caller: admitted.caller, action, resources, context };
      const time = this.interventions.at(call, input);
      if (time === 'before') {
        kill();
        throw new Killed();
      }
      killAfter ||= time === 'after';
      this.#record(call);
    };
    try {
      const answer = await service.answer({ method: request.method ?? '', url, headers, body, enter });
      if (killAfter) kill();
      else response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch (error) {
      if (error instanceof ServiceError) response.writeHead(error.status).end(error.code);
      else if (!(error instanceof Killed)) throw error;
    } finally {
      if (killed) response.destroy();
    }
  }
}

/** Services that are told apart by their path, since nobody signs requests to them. */
const UNSIGNED = new Set(['slack', 'cloudformation']);

function signedBy(headers: Readonly<Record<string, string>>, url: URL): { key: string; service: string } {
  const credential = /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(
    headers['authorization'] ?? '',
  );
  const [, key, region, service] = credential ?? [];
  if (key !== undefined && service !== undefined)
    return { key, service: region === REGION ? service : `${service} of ${region}` };
  return { key: headers[CALLER_HEADER] ?? '', service: url.pathname.split('/')[1] ?? '' };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
