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
    file: 'shared/aws/versioned.ts',
    find: "const IS_VERSION_READ = '#version = :read';",
    replace: "const IS_VERSION_READ = '#version <> :read OR #version = :read';",
    test: 'test/aws/dynamodb-store.test.ts',
  },
  {
    name: 'samples of merged evidence depend on the order of arrival',
    file: 'shared/model/evidence.ts',
    find: 'const sorted = [...byId.values()].sort(bySample);',
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
  {
    name: 'hexadecimal arguments of auditd are not decoded before they are tested',
    file: 'shared/events/auditd/field-tester.ts',
    find: 'if (length > 0 && length % 2 === 0 && length <= 2 * SCRATCH && endsValue(bytes, digits, to)) {',
    replace: 'if (length < 0) {',
    test: 'test/events/auditd/prefilter.test.ts',
  },
  {
    name: "a miner's needles are dropped",
    file: 'shared/analyzers/miner/miner-program.ts',
    find: 'minimalNeedles([...literals(programs), ...COMMAND_NEEDLES,',
    replace: 'minimalNeedles([...COMMAND_NEEDLES,',
    test: 'test/analyzers/miner/miner-program.test.ts',
  },
  {
    name: 'a longer name that merely ends with a listed one matches',
    file: 'shared/intel/names.ts',
    find: "const dot = name.indexOf('.', from);",
    replace: 'const dot = from < name.length ? from : -1;',
    test: 'test/intel/compile.test.ts',
  },
  {
    name: 'the NTP pool may be listed as a mining pool',
    file: 'shared/intel/compile.ts',
    find: "if (isBelow(name, 'ntp.org'))",
    replace: "if (name === 'ntp.org')",
    test: 'test/intel/compile.test.ts',
  },
  {
    name: 'wallets are taken without their checksum',
    file: 'shared/analyzers/wallet/wallet.ts',
    find: 'if ((keys !== 64 && keys !== 72) || !endsWith(bytes, keccak_256(bytes.subarray(0, -4)))) return undefined;',
    replace: 'if (keys !== 64 && keys !== 72) return undefined;',
    test: 'test/analyzers/wallet/wallet.test.ts',
  },
  {
    name: 'both directions of a flow are taken for the same side',
    file: 'shared/events/vpc-flow/record.ts',
    find: "direction === 'ingress' ? 'dst' : undefined",
    replace: "direction === 'ingress' ? 'src' : undefined",
    test: 'test/events/vpc-flow/reader.test.ts',
  },
  {
    name: 'a needle in another case is missed',
    file: 'shared/classify/text-matcher.ts',
    find: 'byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte',
    replace: 'byte',
    test: 'test/classify/text-matcher.test.ts',
  },
  {
    name: 'what a container heard once it never hears again',
    file: 'functions/runtime/knowledge.ts',
    find: 'now - last.at >= REFRESH_MS',
    replace: 'false',
    test: 'test/functions/shared-knowledge.test.ts',
  },
  {
    name: 'a finding under an earlier name stays beside that of the host',
    file: 'shared/correlate/identified-hosts.ts',
    find: 'await supersedeLeft(store, known, host, context);',
    replace: 'void supersedeLeft;',
    test: 'test/correlate/identified-hosts.test.ts',
  },
  {
    name: 'an address counts for one host for all time',
    file: 'shared/correlate/identified-hosts.ts',
    find: 'await this.#hostAt(one.place, one.first)',
    replace: 'await this.#hostAt(one.place, 0)',
    test: 'test/correlate/identified-hosts.test.ts',
  },
  {
    name: 'own log groups are read when they are subscribed',
    file: 'functions/runtime/classify-handler.ts',
    find: 'logGroup?.startsWith(parts.intake.ownLogPrefix) === true',
    replace: 'logGroup === undefined',
    test: 'test/functions/classify-handler.test.ts',
  },
  {
    name: 'a transition is marked as published before it is told',
    file: 'shared/correlate/outbox.ts',
    find: '      await send(kept);\n      sent.push(kept);\n      await outbox.confirm(head.place, pair.episode, pair.revision);',
    replace:
      '      await outbox.confirm(head.place, pair.episode, pair.revision);\n      await send(kept);\n      sent.push(kept);',
    test: 'test/functions/correlate.test.ts',
  },
  {
    name: 'a channel forgets what it told',
    file: 'functions/import-security-hub.ts',
    find: '    await parts.markDelivered(pointer);',
    replace: '    void pointer;',
    test: 'test/functions/import-security-hub.test.ts',
  },
];
