import { type CommonFlags, flowFormatNotices } from './arguments.ts';
import { type ClassifyOptions, classifyLines } from './commands/classify.ts';
import { FORMAT_NAMES, formatsNamed } from './formats.ts';
import { firstLine } from './input/flow-time.ts';
import type { Input } from './input/list-inputs.ts';
import { readChunks } from './input/read-chunks.ts';
import type { Io } from './io.ts';
import { MAX_LINE } from './looks.ts';
import { openInputs } from './open-inputs.ts';
import type { Output } from './output.ts';
import { checkRuleFolders } from './rules.ts';
import { UsageError } from './usage-error.ts';

/** `davylamp classify`: answers to `out`, all else to `err`; gives the exit code. */
export async function runClassify(path: string, flags: CommonFlags, io: Io, out: Output, err: Output): Promise<number> {
  checkRuleFolders(flags.rules);
  for (const notice of flowFormatNotices(flags)) err.line(notice);
  const { loadDetector } = await import('./detector.ts');
  const detector = loadDetector(flags.rules);
  const { inputs, errors, remove } = await openInputs([path], io, err);
  try {
    const [input] = inputs;
    if (errors > 0) return 2;
    if (input === undefined || !input.named) throw new UsageError(`${path} is a folder: classify takes one file`);
    const chunks = readChunks(input, { maxLine: MAX_LINE });
    await classifyLines(detector, chunks, { ...flags, ...(await flowTime(input, flags)) }, out);
    if (chunks.error === undefined) return 0;
    err.line(`davylamp: ${path}: ${chunks.error.message}`);
    return 2;
  } finally {
    remove();
  }
}

/** When flow records were written that name no time; nothing of what is no log. */
async function flowTime(
  input: Input,
  { format, flowFormat }: CommonFlags,
): Promise<Pick<ClassifyOptions, 'writtenAt'>> {
  if (format !== 'auto' && !FORMAT_NAMES.includes(format)) return {};
  const { writtenAt } = await firstLine(input, formatsNamed(format), flowFormat, { maxLine: MAX_LINE });
  return writtenAt === undefined ? {} : { writtenAt };
}
