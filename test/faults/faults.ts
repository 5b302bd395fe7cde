/** A mistake that somebody could make, and the test file that must turn red when it is made. */
export interface Fault {
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  readonly test: string;
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'the version check of a write is skipped',
    file: 'shared/aws/dynamodb-store.ts',
    find: "const IS_VERSION_READ = '#version = :read';",
    replace: "const IS_VERSION_READ = '#version <> :read OR #version = :read';",
    test: 'test/aws/dynamodb-store.test.ts',
  },
  {
    name: 'samples of merged evidence depend on the order of arrival',
    file: 'shared/model/evidence.ts',
    find: 'const sorted = [...byId.values()].sort(before);',
    replace: 'const sorted = [...byId.values()];',
    test: 'test/model/evidence.test.ts',
  },
  {
    name: 'overflow of a set is forgotten',
    file: 'shared/model/evidence.ts',
    find: 'more: a.more || b.more || artifacts.cut || events.cut,',
    replace: 'more: artifacts.cut || events.cut,',
    test: 'test/model/evidence.test.ts',
  },
  {
    name: 'a link by artifact is lost',
    file: 'shared/correlate/linked-sets.ts',
    find: 'if (linkable(a)) artifacts.add(a);',
    replace: 'if (!linkable(a)) artifacts.add(a);',
    test: 'test/correlate/links.test.ts',
  },
  {
    name: 'another session counts as the same',
    file: 'shared/correlate/linked-sets.ts',
    find: "return key === '-' || keys.has(key) ? items : [];",
    replace: 'return items;',
    test: 'test/correlate/links.test.ts',
  },
  {
    name: 'the window is an hour too wide',
    file: 'shared/correlate/fold.ts',
    find: 'one.hour >= span.from - window && one.hour <= span.to + window;\n  const within',
    replace: 'one.hour >= span.from - window - 1 && one.hour <= span.to + window + 1;\n  const within',
    test: 'test/correlate/timelines.test.ts',
  },
  {
    name: 'severity falls with the evidence',
    file: 'shared/correlate/correlate.ts',
    find: 'const severity = highest([view.severity, known?.severity,',
    replace: 'const severity = highest([view.severity,',
    test: 'test/correlate/timelines.test.ts',
  },
  {
    name: 'a session needs no answer',
    file: 'shared/correlate/session.ts',
    find: 'if (!touched.some((hour) => (byHour.get(hour)?.back ?? 0n) !== 0n)) continue;',
    replace: '',
    test: 'test/correlate/links.test.ts',
  },
];
