import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Event, type FileActivity, type KernelActivity, type Process } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';
import { holdsNeedle, INTEL, launch } from '../miner/fixture.ts';

const BASE = { time: 0, claims: {}, raw: {}, id: 'test', source: 'test' } as const;

export const shell = (script: string, more: Partial<Process> = {}): Event => launch(['sh', '-c', script], more);

export function file(path: string, actor: Process, activity: FileActivity['activity'] = 'update'): Event {
  return { ...BASE, class: CLASS.file, activity, path, actor };
}

export function kernelMessage(message: string): KernelActivity {
  return { ...BASE, class: CLASS.kernel, activity: 'message', name: 'kernel', message, actor: {} };
}

/** What those of the analyzers say that want events of this class. */
export function decideAll(analyzers: readonly Analyzer[], event: Event): readonly (Verdict & { rule: string })[] {
  return analyzers
    .filter(({ classes }) => classes.includes(event.class))
    .flatMap((one) => one.decide(event, INTEL, EMPTY_WATCH_LIST).map((verdict) => ({ ...verdict, rule: one.id })));
}

/** `rule/part strength` of each verdict, sorted, without repetition; `-` for none. */
export function told(analyzers: readonly Analyzer[], event: Event): string {
  const all = decideAll(analyzers, event).map(
    ({ rule, part, strength }) => `${rule}${part === undefined ? '' : `/${part}`} ${strength}`,
  );
  return [...new Set(all)].sort().join(', ') || '-';
}

/** Makes a test of a table: what `told` says of each line, given to a shell. */
export function tableOf(
  analyzers: readonly Analyzer[],
): (name: string, table: readonly (readonly [string, string])[]) => void {
  return (name, table) => {
    test(name, () => {
      for (const [line, expected] of table) assert.equal(told(analyzers, shell(line)), expected, line);
    });
  };
}

/** All texts of an event as a record may hold them: lists joined, variables as `name=value`. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return [value.filter((one) => typeof one === 'string').join(' ')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

/**
 * Holds analyzers to what readers trust, on command lines made of the words: each answered event has a needle or a run
 * that may be base64, nothing throws, the same is said twice, and no answer is without bounds.
 */
export function holdToContract(
  analyzers: readonly Analyzer[],
  words: readonly string[],
  parents: readonly string[],
): number {
  let answered = 0;
  const word = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...words) },
    { weight: 1, arbitrary: fc.string({ maxLength: 30 }) },
  );
  const event = fc
    .record({
      lead: fc.constantFrom<readonly string[]>([], ['sh', '-c']),
      argv: fc.array(word, { minLength: 1, maxLength: 10 }),
      exact: fc.boolean(),
      parent: fc.constantFrom(...parents),
    })
    .map(({ lead, argv, exact, parent }) =>
      launch([...lead, ...(lead.length > 0 ? [argv.join(' ')] : argv)], { exact, parentName: parent }),
    );
  fc.assert(
    fc.property(event, (one) => {
      const texts = textsOf(one);
      for (const analyzer of analyzers) {
        const verdicts = decideAll([analyzer], one);
        assert.deepEqual(verdicts, decideAll([analyzer], one));
        if (verdicts.length === 0) continue;
        answered++;
        assert.ok(verdicts.length <= 64, analyzer.id);
        for (const { why, artifacts } of verdicts) assert.ok(why.length <= 1024 && artifacts.length <= 64, analyzer.id);
        const isCandidate = texts.some(
          (text) =>
            holdsNeedle(text, analyzer.needles ?? []) ||
            (text.match(/[A-Za-z0-9+/=]{20,}/g) ?? []).some((run) => /[A-Z]/.test(run)),
        );
        assert.ok(isCandidate, `${analyzer.id}: ${texts.join('\n')}`);
      }
    }),
    { numRuns: 2000 },
  );
  for (const { id, needles } of analyzers) {
    for (const needle of needles ?? ['']) {
      assert.ok(needle.length >= 4 && needle === needle.toLowerCase(), `${id} ${needle}`);
    }
  }
  return answered;
}
