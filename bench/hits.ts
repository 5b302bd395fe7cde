import { classifierOf } from '#shared/classify/classify.ts';
import { compileInterest, EVERYTHING } from '#shared/classify/interest.ts';
import { StreamReader } from '#shared/events/stream.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';
import type { Interest, Sink } from '#shared/model/reader.ts';
import { loadDetector } from '../cli/detector.ts';
import { formatsNamed } from '../cli/formats.ts';
import { readChunks } from '../cli/input/read-chunks.ts';
import type { Kind } from './generate.ts';

const FORMAT_OF: Readonly<Record<Kind, string>> = { flow: 'vpc-flow', resolver: 'resolver', auditd: 'auditd' };

/** How many events of a file give indicators, with the prefilter and without it: the two must be equal. */
export async function compareHits(kind: Kind, file: string): Promise<{ fast: number; slow: number }> {
  const detector = loadDetector([]);
  const classify = classifierOf(detector.analyzers, detector.intel);
  const count = async (interest: Interest): Promise<number> => {
    let hits = 0;
    const reader = new StreamReader(formatsNamed(FORMAT_OF[kind]), interest, {
      origin: {},
      raw: {},
      maxLine: 1_048_576,
    });
    const sink: Sink = {
      event: (event) => {
        if (classify(event, EMPTY_WATCH_LIST).length > 0) hits += 1;
      },
      unreadable: (error, line) => {
        throw new Error(`line ${line}: ${error.kind}`);
      },
      read: () => {},
      time: () => {},
      settled: () => {},
    };
    for await (const chunk of readChunks({ path: file, file, kind: 'file', named: true, size: 0 }))
      reader.read(chunk, sink);
    reader.finish(sink);
    return hits;
  };
  return { fast: await count(compileInterest(detector.analyzers, detector.intel)), slow: await count(EVERYTHING) };
}
