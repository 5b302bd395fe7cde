import { startsWith } from '#shared/events/byte-lines.ts';
import type { Interest } from '#shared/model/reader.ts';
import { workingDirectoryRange } from './event-lines.ts';
import { FieldTester } from './field-tester.ts';
import type { Header } from './header.ts';
import type { RecentLines } from './recent-lines.ts';
import { TYPE } from './record-type.ts';
import { SeenExecution } from './seen-execution.ts';

const SPACE = 32;
const QUOTE = 0x22;
const SLASH = 0x2f;
const DOT = 0x2e;
/**
 * From `arch=` to the blank before `comm=` in a SYSCALL record with the shortest value in each field of the oldest
 * kernel that logs sessions: `arch=… syscall=1 … ses=1`.
 */
const SHORTEST_BEFORE_COMM = 100;

/**
 * Says from a line's bytes whether its event may matter: whether a text that an event would carry holds something of
 * interest. In doubt it says yes: the full path decides. No string and no object is made for a line that is refused.
 */
export class Prefilter {
  readonly #everything: boolean;
  readonly #fields: FieldTester;
  readonly #execution = new SeenExecution();

  constructor(interest: Interest) {
    this.#everything = interest.everything;
    this.#fields = new FieldTester(interest);
  }

  /** The lines that follow lie in other bytes. */
  open(): void {
    this.#execution.forget();
  }

  /** `header` is that of the line which ends at `to`; `recent` holds the lines before it. */
  wants(bytes: Buffer, header: Header, to: number, recent: RecentLines): boolean {
    if (this.#everything) return true;
    switch (header.type) {
      case TYPE.other:
      case TYPE.endOfEvent:
      case TYPE.openHow:
        return false;
      default:
        if (header.interpreted) return true;
    }
    const from = header.bodyFrom;
    switch (header.type) {
      case TYPE.syscall:
        return this.#call(bytes, from, to, header);
      case TYPE.path:
        return !this.#execution.isOf(bytes, header) && this.#path(bytes, from, to, header, recent);
      case TYPE.execArguments:
        return this.#arguments(bytes, from, to, header);
      case TYPE.processTitle:
        return !this.#execution.isTold(bytes, header) && this.#only(bytes, from, to, 'proctitle=');
      case TYPE.workingDirectory:
        return this.#only(bytes, from, to, 'cwd=');
      case TYPE.socketAddress:
        return this.#fields.address(bytes, from, to);
      default:
        return this.#fields.any(bytes, from, to);
    }
  }

  /** A record of one field. */
  #only(bytes: Buffer, from: number, to: number, key: string): boolean {
    if (!startsWith(bytes, from, to, key)) return this.#fields.any(bytes, from, to);
    return this.#fields.value(bytes, from + key.length, to);
  }

  /** The kernel writes comm, exe, perhaps subj, and key in this order behind a run of numbers, which is skipped. */
  #call(bytes: Buffer, from: number, to: number, header: Header): boolean {
    if (!startsWith(bytes, from, to, 'arch=')) return this.#fields.any(bytes, from, to);
    const comm = findField(bytes, from + SHORTEST_BEFORE_COMM, to, 0x63, 'comm=');
    if (comm < 0) return this.#fields.any(bytes, from, to);
    const name = comm + 5;
    const nameEnd = bytes[name] === QUOTE ? quoteEnd(bytes, name + 1, to) : spaceEnd(bytes, name, to);
    const exe = nameEnd + 1;
    if (!startsWith(bytes, exe, to, 'exe=')) return this.#fields.any(bytes, from, to);
    const path = exe + 4;
    const pathEnd = bytes[path] === QUOTE ? quoteEnd(bytes, path + 1, to) : spaceEnd(bytes, path, to);
    const key = findField(bytes, pathEnd, to, 0x6b, 'key=');
    if (key >= 0 && this.#fields.value(bytes, key + 4, to)) return true;
    if (bytes[name] === QUOTE && bytes[path] === QUOTE) {
      if (this.#fields.literal(bytes, name + 1, pathEnd - 1)) return true;
      this.#execution.call(bytes, header, to, path);
      return false;
    }
    return this.#fields.value(bytes, name, to) || this.#fields.value(bytes, path, to);
  }

  #arguments(bytes: Buffer, from: number, to: number, header: Header): boolean {
    if (this.#fields.argumentsOf(bytes, from, to)) return true;
    this.#execution.argumentsOf(bytes, header);
    return false;
  }

  #path(bytes: Buffer, from: number, to: number, header: Header, recent: RecentLines): boolean {
    if (!startsWith(bytes, from, to, 'item=')) return true;
    let at = from + 5;
    while (at < to && bytes[at] !== SPACE) at += 1;
    if (!startsWith(bytes, at, to, ' name=')) return true;
    at += 6;
    const range = this.#fields.decoded(bytes, at, to);
    if (range === undefined) return false;
    if (range.unclear) return true;
    const { source, start, end } = range;
    if (this.#fields.literal(source, start, end)) return true;
    if (start === end) return false;
    if (source[start] === SLASH) return hasDetour(source, start, end);
    return this.#relative(source, start, end, bytes, header, recent);
  }

  /** A relative name is what it is joined with: the working directory, which its event may have brought already. */
  #relative(
    source: Uint8Array,
    start: number,
    end: number,
    bytes: Buffer,
    header: Header,
    recent: RecentLines,
  ): boolean {
    const skipped = source[start] === DOT && source[start + 1] === SLASH ? start + 2 : start;
    if (!hasSlash(source, skipped, end) || source[skipped] === DOT || hasDetour(source, skipped, end)) return true;
    const name = source.subarray(skipped, end);
    const directory = workingDirectoryRange(bytes, header, recent);
    if (directory === undefined) return true;
    return this.#fields.joined(directory.bytes, directory.from, directory.to, name);
  }
}

/** Offset of a field's key, after a blank, at or behind `from`; -1 where there is none. */
function findField(bytes: Buffer, from: number, to: number, first: number, key: string): number {
  for (let at = from; at < to; at += 1) {
    if (bytes[at] === SPACE && bytes[at + 1] === first && startsWith(bytes, at + 1, to, key)) return at + 1;
  }
  return -1;
}

/** Offset behind the quote that closes the value, or `to`. */
function quoteEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== QUOTE) at += 1;
  return Math.min(to, at + 1);
}

function spaceEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== SPACE) at += 1;
  return at;
}

function hasSlash(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] === SLASH) return true;
  return false;
}

/** Whether normalizing the path may bring together what stands apart: `//`, `/./`, `/../`. */
function hasDetour(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at + 1 < to; at += 1) {
    if (bytes[at] !== SLASH) continue;
    const next = bytes[at + 1];
    if (next === SLASH) return true;
    if (next === DOT && (at + 2 >= to || bytes[at + 2] === SLASH || bytes[at + 2] === DOT)) return true;
  }
  return false;
}
