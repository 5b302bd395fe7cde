import type { Call } from './calls.ts';
import type { Fields } from './json.ts';

/** What a service answers instead of doing what it was asked to. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** `before`: the request never arrived. `after`: it was carried out, and its answer never came. */
type KillTime = 'before' | 'after';

interface Intervention {
  /** `input`: what is asked, where the service knows it. */
  readonly on: (call: Call, input: Fields) => boolean;
  /** Calls that match and pass before it acts. */
  readonly skip?: number;
  /** How often it acts; for ever where absent. */
  readonly times?: number;
  readonly act: { readonly kill: KillTime } | { readonly error: ServiceError };
}

/** Faults that a test plants: kills and refusals, each at a chosen call. */
export class Interventions {
  readonly #planted: { readonly intervention: Intervention; seen: number; acted: number }[] = [];

  /** @returns tells how often it acted */
  add(intervention: Intervention): { readonly acted: number } {
    const planted = { intervention, seen: 0, acted: 0 };
    this.#planted.push(planted);
    return planted;
  }

  clear(): void {
    this.#planted.length = 0;
  }

  /** What is to happen at this call. @throws ServiceError for a planted refusal */
  at(call: Call, input: Fields = {}): KillTime | undefined {
    for (const planted of this.#planted) {
      const { on, skip = 0, times = Number.POSITIVE_INFINITY, act } = planted.intervention;
      if (!on(call, input)) continue;
      planted.seen += 1;
      if (planted.seen <= skip || planted.acted >= times) continue;
      planted.acted += 1;
      if ('error' in act) throw act.error;
      return act.kill;
    }
    return undefined;
  }
}

/** How each service says that it has had too many requests. */
const THROTTLES: Readonly<Record<string, readonly [string, number]>> = {
  dynamodb: ['ThrottlingException', 400],
  ec2: ['RequestLimitExceeded', 503],
  events: ['ThrottlingException', 400],
  logs: ['ThrottlingException', 400],
  s3: ['SlowDown', 503],
  secretsmanager: ['ThrottlingException', 400],
  securityhub: ['TooManyRequestsException', 429],
  sns: ['Throttling', 400],
};

export function throttled(service: string): ServiceError {
  const [code, status] = THROTTLES[service] ?? [];
  if (code === undefined) throw new Error(`nobody knows how ${service} throttles`);
  return new ServiceError(code, 'Rate exceeded', status);
}
