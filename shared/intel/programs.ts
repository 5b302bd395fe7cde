import type { MinerEntry } from '#shared/model/intel.ts';

const MAX_NAME = 256;

/** What `#` and `?` at the end of a listed name stand for: a version's number, one more letter. */
const MARKS: ReadonlyMap<string, RegExp> = new Map([
  ['*', /^/],
  ['#', /^\d{1,4}$/],
  ['?', /^[a-z]$/],
]);

/** What builds and loaders put behind a program's name to tell machines apart, as `uname -m`, Go and Debian call them. */
const MACHINE =
  /[._-]?(?:32|64|32bit|64bit|x86|x64|x86_64|x86-64|amd64|i[3-6]86|386|arm|arm64|armhf|armv?[5-8]l?|aarch64|mips(?:el|64)?|ppc64(?:le)?|riscv64|s390x)$/;

/** Programs of others whose names are a listed one with a machine behind it: Cisco's TRex traffic generator. */
const OTHERS: ReadonlySet<string> = new Set(['t-rex-64']);

/**
 * Finds the listed program that a base name names: in any case, behind a dot that hides it, before the name of a machine
 * (`.xmrig`, `xmrigARM64`, `redtail.x86_64`), and by patterns at a listed name's end: `*` for anything, `#` for a number
 * of up to four digits, `?` for one letter.
 */
export class ProgramIndex {
  readonly #exact = new Map<string, MinerEntry>();
  readonly #patterns: { readonly prefix: string; readonly rest: RegExp; readonly entry: MinerEntry }[] = [];

  constructor(entries: readonly MinerEntry[]) {
    for (const entry of entries) {
      const name = entry.name.toLowerCase();
      const rest = MARKS.get(name.slice(-1));
      if (rest === undefined) this.#exact.set(name, entry);
      else this.#patterns.push({ prefix: name.slice(0, -1), rest, entry });
    }
  }

  /** Linear in the name's length, which is bounded. */
  find(baseName: string): MinerEntry | undefined {
    if (baseName.length > MAX_NAME) return undefined;
    const lower = baseName.toLowerCase();
    // Windows keeps the suffix in a program's name.
    const name = lower.endsWith('.exe') ? lower.slice(0, -4) : lower;
    const shown = name.startsWith('.') ? name.slice(1) : name;
    if (OTHERS.has(shown)) return undefined;
    return this.#find(name) ?? this.#find(shown) ?? this.#find(shown.replace(MACHINE, ''));
  }

  #find(name: string): MinerEntry | undefined {
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    return this.#patterns.find(({ prefix, rest }) => name.startsWith(prefix) && rest.test(name.slice(prefix.length)))
      ?.entry;
  }

  /** What every name that is found holds, in lower case. */
  literals(): readonly string[] {
    return [...this.#exact.keys(), ...this.#patterns.map(({ prefix }) => prefix)];
  }
}
