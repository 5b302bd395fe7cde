import type { Claims } from '#shared/model/place.ts';
import type { Format, Interest, ReaderOptions, Sink } from '#shared/model/reader.ts';
import type { SinkHolder } from './inner-reader.ts';
import { InnerStream } from './inner-stream.ts';
import { MAX_STREAMS } from './limits.ts';

const NOWHERE: Sink = { event() {}, unreadable() {}, read() {}, time() {}, settled() {} };

/** What can lie in an envelope: further envelopes, while they may nest, and payloads. */
export interface InnerFormats {
  readonly envelopes: readonly Format[];
  readonly payloads: readonly Format[];
}

/** What an envelope knows of one of its streams. */
export interface StreamOrigin {
  readonly claims: Claims;
  /** Its records can't be envelopes any more. */
  readonly payloadOnly?: true;
  readonly logGroup?: string | undefined;
  readonly logStream?: string | undefined;
}

/** The inner streams of one envelope by key, a bounded number of them. */
export class Streams {
  readonly holder: SinkHolder = { sink: NOWHERE };
  readonly options: ReaderOptions;
  readonly formats: InnerFormats;
  readonly #interest: Interest;
  readonly #streams = new Map<string, InnerStream>();
  #last: InnerStream | undefined;
  #lastKey = '';

  constructor(formats: InnerFormats, interest: Interest, options: ReaderOptions) {
    this.formats = formats;
    this.#interest = interest;
    this.options = options;
  }

  /** The stream of a key; `describe` is asked when it is new. What another stream was given is read first. */
  get(key: string, describe: () => StreamOrigin): InnerStream {
    if (this.#last !== undefined && this.#lastKey === key) return this.#last;
    this.#last?.flush();
    const stream = this.#streams.get(key) ?? this.#open(describe());
    this.#streams.delete(key);
    this.#streams.set(key, stream);
    if (this.#streams.size > MAX_STREAMS) this.#closeOldest();
    this.#last = stream;
    this.#lastKey = key;
    return stream;
  }

  /** The first outer line that a later call may name; infinite when nothing is open. */
  openFrom(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const stream of this.#streams.values()) first = Math.min(first, stream.openFrom());
    return first;
  }

  flush(): void {
    this.#last?.flush();
  }

  finish(): void {
    for (const stream of this.#streams.values()) stream.finish();
    this.#streams.clear();
    this.#last = undefined;
  }

  #open(origin: StreamOrigin): InnerStream {
    const { flowFormat, maxLine, raw } = this.options;
    const options: ReaderOptions = {
      ...(flowFormat !== undefined && { flowFormat }),
      maxLine,
      origin: { ...this.options.origin, ...origin.claims },
      raw: {
        ...raw,
        ...(origin.logGroup !== undefined && { logGroup: origin.logGroup }),
        ...(origin.logStream !== undefined && { logStream: origin.logStream }),
      },
    };
    const { envelopes, payloads } = this.formats;
    const formats = origin.payloadOnly ? payloads : [...envelopes, ...payloads];
    return new InnerStream(formats, this.#interest, this.options, options, this.holder);
  }

  #closeOldest(): void {
    const [oldest] = this.#streams;
    if (oldest === undefined) return;
    oldest[1].finish();
    this.#streams.delete(oldest[0]);
  }
}
