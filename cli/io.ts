import type { Readable, Writable } from 'node:stream';

/** A stream that may be a terminal (node:tty). */
export type TerminalStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
};

/** What a run of the command reads from and writes to beside files. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}
