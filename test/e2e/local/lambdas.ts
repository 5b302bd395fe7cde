import { AsyncInvocations } from './async-invocations.ts';
import type { FailedEvents } from './failed-events.ts';
import type { Outcome } from './function-process.ts';
import type { Gateway } from './gateway.ts';
import { LocalFunction } from './local-function.ts';
import type { Template } from './template.ts';

/** All functions of a template. */
export class Lambdas {
  readonly functions: readonly LocalFunction[];
  /** How much later functions live than the machine; holds for processes that start from then on. */
  clockOffsetMs = 0;
  readonly asynchronous: AsyncInvocations;

  constructor(
    template: Template,
    { gateway, failed, assembly }: { gateway: Gateway; failed: FailedEvents; assembly: string },
  ) {
    this.functions = template
      .ofType('AWS::Lambda::Function')
      .map((one) => new LocalFunction(one, { gateway, assembly, clockOffsetMs: () => this.clockOffsetMs }));
    this.asynchronous = new AsyncInvocations(template, failed);
  }

  /** By ARN or name. */
  find(name: string): LocalFunction | undefined {
    return this.functions.find((one) => one.arn === name || one.name === name);
  }

  /** By a part of the logical id that only one function has, such as `Correlate`. */
  called(part: string): LocalFunction {
    const found = this.functions.filter(({ logicalId }) => logicalId.startsWith(part));
    const [first] = found;
    if (first === undefined || found.length > 1) throw new Error(`${found.length} functions are called ${part}`);
    return first;
  }

  /** What a service does that waits for no answer. */
  invokeLater(fn: LocalFunction, event: unknown): Promise<Outcome> {
    return this.asynchronous.invoke(fn, event);
  }

  async close(): Promise<void> {
    await Promise.all(this.functions.map((one) => one.close()));
  }
}
