import { EVERYTHING } from '#shared/classify/interest.ts';
import { StreamReader } from '#shared/events/stream.ts';
import { CLASS, type Event } from '#shared/model/event.ts';
import type { Indicator } from '#shared/model/indicator.ts';
import type { ParseError, Sink } from '#shared/model/reader.ts';
import { classifyAlone, type Detector } from '#shared/pipeline.ts';
import { jsonText } from '#shared/report/escape.ts';
import { artifactsJson } from '#shared/report/json.ts';
import { formatsNamed } from '../formats.ts';

const MAX_LINE = 1_048_576;
const LINE_FEED = 10;

export interface ClassifyOptions {
  readonly format: string;
  readonly flowFormat?: readonly string[];
}

/**
 * Classifies each line by itself, without a watch list: one JSON object for each input line, in the order of lines. Of
 * a record that spans lines, the indicators stand on its last line.
 * @param chunks the input, each chunk ending at a line end
 */
export async function classifyLines(
  detector: Detector,
  chunks: AsyncIterable<Buffer>,
  options: ClassifyOptions,
  out: (line: string) => void,
): Promise<void> {
  const classify = classifyAlone(detector);
  const answers = new Answers(classify, out);
  if (options.format === 'cmdline' || options.format === 'domain') {
    let line = 0;
    for await (const chunk of chunks) {
      for (const text of linesOf(chunk)) {
        line += 1;
        const event = options.format === 'cmdline' ? commandEvent(text, line) : domainEvent(text, line);
        if (event !== undefined) answers.event(event, [line]);
        answers.settled(line);
      }
    }
    return;
  }
  const reader = new StreamReader(formatsNamed(options.format), EVERYTHING, {
    origin: {},
    raw: {},
    maxLine: MAX_LINE,
    ...(options.flowFormat === undefined ? {} : { flowFormat: options.flowFormat }),
  });
  let lines = 0;
  for await (const chunk of chunks) {
    reader.read(chunk, answers);
    lines += linesOf(chunk).length;
  }
  reader.finish(answers);
  answers.settled(lines);
}

/** Holds what is known of lines until no more can come for them. */
class Answers implements Sink {
  readonly #classify: (event: Event) => readonly Indicator[];
  readonly #out: (line: string) => void;
  readonly #indicators = new Map<number, object[]>();
  readonly #errors = new Map<number, string>();
  #written = 0;

  constructor(classify: (event: Event) => readonly Indicator[], out: (line: string) => void) {
    this.#classify = classify;
    this.#out = out;
  }

  event(event: Event, lines: readonly number[]): void {
    const last = Math.max(...lines);
    this.#indicators.set(last, [...(this.#indicators.get(last) ?? []), ...this.#classify(event).map(indicatorJson)]);
  }

  unreadable(error: ParseError, line: number): void {
    this.#errors.set(line, error.kind);
  }

  settled(line: number): void {
    for (let at = this.#written + 1; at <= line; at++) {
      const error = this.#errors.get(at);
      const answer =
        error === undefined ? { line: at, indicators: this.#indicators.get(at) ?? [] } : { line: at, error };
      this.#out(jsonText(answer));
      this.#errors.delete(at);
      this.#indicators.delete(at);
    }
    this.#written = Math.max(this.#written, line);
  }

  read(): void {}
  time(): void {}
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

function linesOf(chunk: Buffer): string[] {
  const text = chunk.toString('utf8');
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  return chunk.at(-1) === LINE_FEED ? lines.slice(0, -1) : lines;
}

function commandEvent(text: string, line: number): Event | undefined {
  const argv = text.trim().slice(0, MAX_LINE).split(/\s+/).filter(Boolean);
  if (argv.length === 0) return undefined;
  return {
    class: CLASS.process,
    time: 0,
    claims: {},
    raw: { line },
    id: `line ${line}`,
    source: 'cmdline',
    process: { argv, exact: false },
  };
}

function domainEvent(text: string, line: number): Event | undefined {
  const query = text.trim().toLowerCase().replace(/\.$/, '').slice(0, 255);
  if (query === '') return undefined;
  return {
    class: CLASS.dns,
    time: 0,
    claims: { network: true },
    raw: { line },
    id: `line ${line}`,
    source: 'domain',
    query,
    type: 'A',
    rcode: 'NOERROR',
    answers: [],
  };
}
