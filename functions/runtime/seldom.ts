/**
 * The same work, done at most once in so many milliseconds of the clock, however often it is asked for: hundreds of
 * messages that wait for one cause are one piece of news. What failed may be tried again at once.
 */
export function seldom<Arguments extends readonly unknown[]>(
  work: (...all: Arguments) => Promise<void>,
  clock: () => number,
  everyMs: number,
): (...all: Arguments) => Promise<void> {
  let notBefore = Number.NEGATIVE_INFINITY;
  return async (...all) => {
    const now = clock();
    if (now < notBefore) return;
    const before = notBefore;
    notBefore = now + everyMs;
    try {
      await work(...all);
    } catch (error) {
      notBefore = before;
      throw error;
    }
  };
}
