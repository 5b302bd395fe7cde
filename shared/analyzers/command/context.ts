import type { Output } from './output.ts';
import type { ContainerStart, Program } from './program.ts';
import type { Node, Pipeline } from './script.ts';

export type Source = Program['source'];

/** Where a command stands: what started it. */
export interface Context {
  readonly source: Source;
  readonly depth: number;
  readonly via: readonly string[];
  readonly remote: boolean;
  readonly container?: ContainerStart;
}

/** What following a launcher gave. */
export interface Followed {
  readonly starts: boolean;
  readonly output?: Output | undefined;
}

export const NOTHING: Followed = { starts: false };

/** Whether a command is a process of its own: in parentheses, and in a pipe. */
export function isApart(node: Node, pipeline: Pipeline): boolean {
  return pipeline.length > 1 || (node.kind === 'group' && node.subshell === true);
}

/** A program named in shell text is `shell` even where that text stands in an executed argv. */
export function inner(source: Source): Source {
  return source === 'decoded' ? 'decoded' : 'shell';
}
