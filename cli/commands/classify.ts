import { EVERYTHING } from '#shared/classify/interest.ts';
import { StreamReader } from '#shared/events/stream.ts';
import type { Event } from '#shared/model/event.ts';
import { classifyAlone, type Detector } from '#shared/pipeline.ts';
import { formatsNamed } from '../formats.ts';
import { MAX_LINE } from '../looks.ts';
import type { Output } from '../output.ts';
import { Answers } from './answers.ts';
import { commandEvent, domainEvent } from './bare-text.ts';

export interface ClassifyOptions {
  readonly format: string;
  readonly flowFormat?: readonly string[];
  /** When flow records were written whose fields name no time, in milliseconds. */
  readonly writtenAt?: number;
}

/** Formats that are no logs: the text of the line alone. */
const BARE: Readonly<Record<string, (text: string, line: number) => Event | undefined>> = {
  cmdline: commandEvent,
  domain: domainEvent,
};

/**
 * Classifies each line by itself, without a watch list: one JSON object for each input line, in the order of lines. Of
 * a record that spans lines, the indicators stand on its last line. Stops when nobody takes the answers any more.
 * @param chunks the input, each chunk ending at a line end
 */
export async function classifyLines(
  detector: Detector,
  chunks: AsyncIterable<Buffer>,
  options: ClassifyOptions,
  out: Output,
): Promise<void> {
  const answers = new Answers(classifyAlone(detector), (answer) => out.write(`${answer}\n`));
  const reader = readerOf(options);
  for await (const chunk of chunks) {
    reader.read(chunk, answers);
    await out.settled();
    if (out.closed) return;
  }
  reader.finish(answers);
  answers.settled(reader.lines);
}

function readerOf({ format, flowFormat, writtenAt }: ClassifyOptions): Pick<StreamReader, 'read' | 'finish' | 'lines'> {
  const bare = BARE[format];
  if (bare !== undefined) return new BareReader(bare);
  return new StreamReader(formatsNamed(format), EVERYTHING, {
    origin: {},
    raw: {},
    maxLine: MAX_LINE,
    ...(flowFormat === undefined ? {} : { flowFormat }),
    ...(writtenAt === undefined ? {} : { envelopeTime: writtenAt }),
  });
}

/** Reads lines of bare text. */
class BareReader {
  readonly #eventOf: (text: string, line: number) => Event | undefined;
  lines = 0;

  constructor(eventOf: (text: string, line: number) => Event | undefined) {
    this.#eventOf = eventOf;
  }

  read(chunk: Buffer, answers: Answers): void {
    for (let at = 0; at < chunk.length; ) {
      const feed = chunk.indexOf(0x0a, at);
      const end = feed < 0 ? chunk.length : feed;
      this.lines += 1;
      this.#line(chunk, at, end, answers);
      answers.settled(this.lines);
      at = end + 1;
    }
  }

  finish(): void {}

  #line(chunk: Buffer, from: number, to: number, answers: Answers): void {
    if (to - from > MAX_LINE) {
      answers.unreadable({ kind: 'too-long', bytes: new Uint8Array(chunk.subarray(from, from + 256)) }, this.lines);
      return;
    }
    const event = this.#eventOf(chunk.toString('utf8', from, to), this.lines);
    if (event !== undefined) answers.event(event, [this.lines]);
  }
}
