import { answerKey, lessonKey, type WatchItems } from '#shared/aws/watch-items.ts';
import type { Knowledge } from '#shared/model/intel.ts';

/** What a container knows of the watch list is at most this old. */
const REFRESH_MS = 60_000;
const MAX_TOLD = 8192;

/** What runs tell one another, as one container sees it. */
export interface SharedKnowledge {
  /** What others learned. */
  known(): Promise<Knowledge>;
  /** Tells others; what this container told already is not told again. */
  tell(learned: Knowledge): Promise<void>;
}

/** The watch list of the table, read once a minute. */
export function sharedKnowledge(items: WatchItems, clock: () => number): SharedKnowledge {
  let last: { readonly at: number; readonly knowledge: Knowledge } | undefined;
  const told = new Set<string>();
  return {
    known: async () => {
      const now = clock();
      if (last === undefined || now - last.at >= REFRESH_MS) last = { at: now, knowledge: await items.read(now) };
      return last.knowledge;
    },
    tell: async ({ lessons, answers }) => {
      const fresh = {
        lessons: lessons.filter((lesson) => !told.has(lessonKey(lesson))),
        answers: answers.filter((answer) => !told.has(answerKey(answer))),
      };
      if (fresh.lessons.length + fresh.answers.length === 0) return;
      await items.write(fresh, clock());
      if (told.size > MAX_TOLD) told.clear();
      for (const key of [...fresh.lessons.map(lessonKey), ...fresh.answers.map(answerKey)]) told.add(key);
      last = undefined;
    },
  };
}
