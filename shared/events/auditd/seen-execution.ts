import { startsWith } from '#shared/events/byte-lines.ts';
import { sameEvent } from './event-lines.ts';
import type { Header } from './header.ts';

const QUOTE = 0x22;
const SLASH = 0x2f;
/** How the body of a SYSCALL record begins that tells of an execve that succeeded, on x86_64 and on aarch64. */
const EXECUTIONS = ['arch=c000003e syscall=59 success=yes ', 'arch=c00000b7 syscall=221 success=yes '];

/**
 * The execution whose SYSCALL record was read last. What an execution gives is said by the arguments and the program's
 * path alone (`execution` in to-events.ts): where these were looked at, the event's further records say nothing.
 */
export class SeenExecution {
  readonly #key = { keyFrom: 0, keyTo: 0, nodeFrom: 0, nodeTo: 0 };
  #chunk: Buffer | undefined;
  #hash = 0;
  #arguments = false;

  /** The bytes that offsets stand for are about to change. */
  forget(): void {
    this.#chunk = undefined;
  }

  /** Takes note of a SYSCALL record that was refused, whose value of `exe` stands at `program`. */
  call(bytes: Buffer, header: Header, to: number, program: number): void {
    const from = header.bodyFrom;
    const isExecution = EXECUTIONS.some((beginning) => startsWith(bytes, from, to, beginning));
    if (!isExecution || bytes[program] !== QUOTE || bytes[program + 1] !== SLASH) {
      this.#chunk = undefined;
      return;
    }
    this.#chunk = bytes;
    this.#hash = header.hash;
    this.#arguments = false;
    this.#key.keyFrom = header.keyFrom;
    this.#key.keyTo = header.keyTo;
    this.#key.nodeFrom = header.nodeFrom;
    this.#key.nodeTo = header.nodeTo;
  }

  /** Takes note of an EXECVE record that was refused. */
  argumentsOf(bytes: Buffer, header: Header): void {
    if (this.isOf(bytes, header)) this.#arguments = true;
  }

  /** Whether the line is of this execution, whose program was looked at. */
  isOf(bytes: Buffer, header: Header): boolean {
    return this.#chunk === bytes && this.#hash === header.hash && sameEvent(bytes, header, bytes, this.#key);
  }

  /** As `isOf`, and its arguments were looked at too. */
  isTold(bytes: Buffer, header: Header): boolean {
    return this.#arguments && this.isOf(bytes, header);
  }
}
