import { stat } from 'node:fs/promises';
import { lineEnd } from '#shared/events/byte-lines.ts';
import { detectFormat } from '#shared/events/detect.ts';
import { namesTime } from '#shared/events/vpc-flow/fields.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import { flowHeader } from '#shared/events/vpc-flow/recognise.ts';
import type { Format } from '#shared/model/reader.ts';
import type { ReadOptions } from './chunk-stream.ts';
import type { Input } from './list-inputs.ts';
import { readChunks } from './read-chunks.ts';

/** What is known of an input by its first line that is not blank. */
export interface FirstLine {
  readonly format: Format | 'unknown' | 'blank';
  /** When a flow log was written whose fields name no time, in milliseconds: the best that is known of its records. */
  readonly writtenAt?: number;
}

/** Reads the beginning of an input. */
export async function firstLine(
  input: Input,
  formats: readonly Format[],
  flowFormat: readonly string[] | undefined,
  options: ReadOptions,
): Promise<FirstLine> {
  for await (const chunk of readChunks(input, options)) {
    const format = detectFormat(formats, chunk, 0, chunk.length, flowFormat);
    if (format === 'blank') continue;
    const isFlow = typeof format === 'object' && format.name === VPC_FLOW.name;
    const isUntimed = isFlow && !toldFields(chunk, flowFormat).every(namesTime);
    return { format, ...(isUntimed ? await writtenAt(input) : {}) };
  }
  return { format: 'blank' };
}

/** The order of a flow log's fields by its header, else by what the user named; none where neither is there. */
function toldFields(chunk: Buffer, flowFormat: readonly string[] | undefined): readonly (readonly string[])[] {
  const told = flowHeader(chunk, 0, lineEnd(chunk, 0, chunk.length)) ?? flowFormat;
  return told === undefined ? [] : [told];
}

async function writtenAt({ file }: Input): Promise<Pick<FirstLine, 'writtenAt'>> {
  try {
    const { mtimeMs } = await stat(file);
    return { writtenAt: Math.floor(mtimeMs) };
  } catch {
    // A file that went away since it was listed is told when it is read.
    return {};
  }
}
