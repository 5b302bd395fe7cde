import type { Format } from '#shared/model/reader.ts';
import { EnvelopeReader, type Unwrapper } from './envelope-reader.ts';
import { pathClaims } from './stream-claims.ts';
import { type InnerFormats, type StreamOrigin, Streams } from './streams.ts';
import { readInstant } from './timestamp.ts';

const SHAPE = '0000-00-00T00:00:00.000Z ';
const SECOND_MS = 1000;

/** Whether [from, to) begins as a line of an export does: a UTC time in milliseconds and a space. */
function hasStamp(chunk: Uint8Array, from: number, to: number): boolean {
  if (to - from < SHAPE.length - 1) return false;
  for (let i = 0; i < SHAPE.length && from + i < to; i++) {
    const byte = chunk[from + i] ?? 0;
    const shape = SHAPE.charCodeAt(i);
    if (shape === 0x30 ? byte < 0x30 || byte > 0x39 : byte !== shape) return false;
  }
  return true;
}

class S3ExportUnwrapper implements Unwrapper {
  readonly #streams: Streams;
  readonly #origin: StreamOrigin;
  #time: number | undefined;
  #begun = false;

  constructor(streams: Streams) {
    this.#streams = streams;
    this.#origin = { claims: pathClaims(streams.options.raw) };
  }

  line(chunk: Buffer, from: number, to: number, line: number): boolean {
    const stamped = hasStamp(chunk, from, to);
    if (!stamped && !this.#begun) return false;
    if (stamped) {
      const instant = readInstant(chunk, from, from + SHAPE.length - 1);
      // The envelope's time is held to the second: lines of one second are read together, wherever a chunk ends.
      this.#time = instant && instant.ms - (instant.ms % SECOND_MS);
      this.#begun = true;
    }
    const text = stamped ? Math.min(from + SHAPE.length, to) : from;
    this.#streams.get('', () => this.#origin).append(chunk, text, to, { line, time: this.#time });
    return true;
  }

  waitingFrom(): number {
    return Number.POSITIVE_INFINITY;
  }

  finish(): void {}
}

/**
 * CloudWatch Logs exported to S3 (CreateExportTask): each message after its time; what has no time continues the
 * message before.
 */
export function s3Export(inner: () => InnerFormats): Format {
  return {
    name: 's3-export',
    look: 'process',
    recognises: hasStamp,
    make(interest, options) {
      const streams = new Streams(inner(), interest, options);
      return new EnvelopeReader(new S3ExportUnwrapper(streams), streams, options.maxLine + SHAPE.length);
    },
  };
}
