import type { Header } from './header.ts';
import { WINDOW } from './recent-lines.ts';
import type { KeptLine } from './record.ts';
import { TYPE } from './record-type.ts';

/** What one event keeps at most: the kernel's own limits on arguments and paths lie below. */
const MAX_EVENT_BYTES = 1024 * 1024;
/** What all unsettled events keep together at most. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;
/** What a line costs besides its bytes: duplicates and empty lines are bounded too. */
const LINE_COST = 64;

/** An event that may matter and of which lines may still come. */
export class PendingEvent {
  readonly hash: number;
  readonly node: Buffer;
  readonly key: Buffer;
  readonly kept: KeptLine[] = [];
  readonly lines: number[] = [];
  bytes = 0;
  truncated = false;
  /** Place of its last line in the sequence of records. */
  last = 0;
  firstLine = Number.POSITIVE_INFINITY;
  lastLine = 0;
  /** As the envelope around its last line had them. */
  envelopeTime: number | undefined;
  eventId: string | undefined;
  next: PendingEvent | undefined;

  constructor(bytes: Buffer, header: Header) {
    this.hash = header.hash;
    this.node = Buffer.from(bytes.subarray(header.nodeFrom, header.nodeTo));
    this.key = Buffer.from(bytes.subarray(header.keyFrom, header.keyTo));
  }

  is(bytes: Buffer, header: Header): boolean {
    return (
      this.hash === header.hash &&
      holds(this.key, bytes, header.keyFrom, header.keyTo) &&
      holds(this.node, bytes, header.nodeFrom, header.nodeTo)
    );
  }

  /** Keeps a copy of the line's body; beyond the limit only counts the line. Gives the bytes that it took. */
  take(bytes: Buffer, header: Header, to: number, line: number): number {
    const cost = to - header.bodyFrom + LINE_COST;
    this.firstLine = Math.min(this.firstLine, line);
    this.lastLine = Math.max(this.lastLine, line);
    if (this.bytes + cost > MAX_EVENT_BYTES) {
      this.truncated = true;
      return 0;
    }
    this.bytes += cost;
    this.lines.push(line);
    if (header.type === TYPE.other || header.type === TYPE.endOfEvent) return cost;
    const body = bytes.toString('latin1', header.bodyFrom, to);
    this.kept.push({ type: header.type, body, interpreted: header.interpreted });
    return cost;
  }
}

function holds(whole: Buffer, bytes: Buffer, from: number, to: number): boolean {
  return whole.length === to - from && bytes.compare(whole, 0, whole.length, from, to) === 0;
}

/** The events that are not settled yet, in the order of their last lines. */
export class PendingEvents {
  readonly #byHash = new Map<number, PendingEvent>();
  readonly #ordered = new Set<PendingEvent>();
  #bytes = 0;
  /** No event is due before the sequence of records reaches this. */
  #due = Number.POSITIVE_INFINITY;

  find(bytes: Buffer, header: Header): PendingEvent | undefined {
    if (this.#byHash.size === 0) return undefined;
    let event = this.#byHash.get(header.hash);
    while (event !== undefined && !event.is(bytes, header)) event = event.next;
    return event;
  }

  open(bytes: Buffer, header: Header): PendingEvent {
    const event = new PendingEvent(bytes, header);
    event.next = this.#byHash.get(header.hash);
    this.#byHash.set(header.hash, event);
    return event;
  }

  /** Adds a line to its event, whose last line is now at `sequence`. */
  join(event: PendingEvent, bytes: Buffer, header: Header, to: number, line: number, sequence: number): void {
    this.#bytes += event.take(bytes, header, to, line);
    event.last = sequence;
    this.#ordered.delete(event);
    this.#ordered.add(event);
    this.#due = Math.min(this.#due, sequence + WINDOW);
  }

  /**
   * Takes out the next event of which the last 4,096 lines brought none. With more bytes pending than the bound, the
   * event with the oldest last line goes early: `early`.
   */
  nextDue(sequence: number): { readonly event: PendingEvent; readonly early: boolean } | undefined {
    if (sequence < this.#due && this.#bytes <= MAX_PENDING_BYTES) return undefined;
    const [event] = this.#ordered;
    if (event === undefined) {
      this.#due = Number.POSITIVE_INFINITY;
      return undefined;
    }
    this.#due = event.last + WINDOW;
    const early = sequence < this.#due;
    if (early && this.#bytes <= MAX_PENDING_BYTES) return undefined;
    this.#remove(event);
    return { event, early };
  }

  /** All that is left, oldest first; nothing is pending afterwards. */
  drain(): PendingEvent[] {
    const all = [...this.#ordered];
    this.#ordered.clear();
    this.#byHash.clear();
    this.#bytes = 0;
    this.#due = Number.POSITIVE_INFINITY;
    return all;
  }

  /** The first line, by number, that a pending event holds; infinity where there is none. */
  firstLine(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const event of this.#ordered) first = Math.min(first, event.firstLine);
    return first;
  }

  #remove(event: PendingEvent): void {
    this.#ordered.delete(event);
    this.#bytes -= event.bytes;
    const head = this.#byHash.get(event.hash);
    if (head === event) {
      if (event.next === undefined) this.#byHash.delete(event.hash);
      else this.#byHash.set(event.hash, event.next);
      return;
    }
    for (let at = head; at !== undefined; at = at.next) if (at.next === event) at.next = event.next;
  }
}
