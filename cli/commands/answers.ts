import type { Event } from '#shared/model/event.ts';
import type { Indicator } from '#shared/model/indicator.ts';
import type { ParseError, Sink } from '#shared/model/reader.ts';
import { jsonText } from '#shared/report/escape.ts';
import { artifactsJson } from '#shared/report/json.ts';

/** Makes one answer for each line, in their order: holds what is known of lines until no more can come for them. */
export class Answers implements Sink {
  readonly #classify: (event: Event) => readonly Indicator[];
  readonly #out: (answer: string) => void;
  readonly #indicators = new Map<number, object[]>();
  readonly #errors = new Map<number, ParseError['kind']>();
  #written = 0;

  constructor(classify: (event: Event) => readonly Indicator[], out: (answer: string) => void) {
    this.#classify = classify;
    this.#out = out;
  }

  event(event: Event, lines: readonly number[]): void {
    const found = this.#classify(event);
    if (found.length === 0) return;
    const last = lines.reduce((a, b) => Math.max(a, b), this.#written + 1);
    this.#indicators.set(last, [...(this.#indicators.get(last) ?? []), ...found.map(indicatorJson)]);
  }

  unreadable(error: ParseError, line: number): void {
    if (!this.#errors.has(line)) this.#errors.set(line, error.kind);
  }

  settled(line: number): void {
    for (let at = this.#written + 1; at <= line; at++) {
      this.#out(jsonText(this.#answer(at)));
      this.#errors.delete(at);
      this.#indicators.delete(at);
    }
    this.#written = Math.max(this.#written, line);
  }

  read(): void {}
  time(): void {}

  /** A line of which a part could be read, as a cut record, has both. */
  #answer(line: number): object {
    const error = this.#errors.get(line);
    const indicators = this.#indicators.get(line);
    if (error === undefined) return { line, indicators: indicators ?? [] };
    return indicators === undefined ? { line, error } : { line, indicators, error };
  }
}

function indicatorJson(one: Indicator): object {
  return {
    group: one.group,
    rule: one.rule,
    technique: one.technique,
    strength: one.strength,
    artifacts: artifactsJson(one.artifacts),
    flags: one.flags,
    why: one.why,
  };
}
