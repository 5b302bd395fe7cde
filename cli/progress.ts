import { Presets, SingleBar } from 'cli-progress';
import type { Input } from './input/list-inputs.ts';
import type { TerminalStream } from './io.ts';

/** A bar on standard error while files are read; nothing where that is no terminal. */
export class Progress {
  readonly #bar: SingleBar | undefined;
  readonly #done = new Map<Input, number>();

  constructor(inputs: readonly Input[], stream: TerminalStream) {
    if (stream.isTTY !== true) return;
    const total = inputs.reduce((sum, input) => sum + input.size, 0);
    const format = '  {bar} {percentage} % of {megabytes} MB';
    this.#bar = new SingleBar({ stream, format, clearOnComplete: true, hideCursor: true }, Presets.shades_classic);
    this.#bar.start(total, 0, { megabytes: (total / 1e6).toFixed(1) });
  }

  /** Bytes of the stored file that were read. */
  told(input: Input, done: number): void {
    this.#done.set(input, done);
    this.#bar?.update([...this.#done.values()].reduce((sum, one) => sum + one, 0));
  }

  end(): void {
    this.#bar?.stop();
  }
}
