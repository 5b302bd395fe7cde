import * as v from 'valibot';
import type { AddressEntry, MinerEntry, NameEntry } from '#shared/model/intel.ts';

/**
 * The shapes of the list files under `intel/`. A file is an array; each item is one entry, or a group of entries that
 * share kind, source and date, so that a list of hundreds of names stays readable.
 */
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(300));
const isoDate = v.pipe(
  v.string(),
  v.isoDate(),
  v.check((day) => new Date(`${day}T00:00:00Z`).getUTCDate() === Number(day.slice(8)), 'No day of the calendar'),
);
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const nameKind = v.picklist(['pool', 'proxy', 'coin_site', 'browser_miner', 'wallet_site']);
const coins = v.array(text);
const only = v.exactOptional(v.literal(true));

const nameEntry = v.strictObject({
  name: text,
  kind: nameKind,
  operator: text,
  source: text,
  date: isoDate,
  coins: v.exactOptional(coins),
  siteIsPool: only,
});
const nameInGroup = v.union([text, v.strictObject({ name: text, coins: v.exactOptional(coins), siteIsPool: only })]);
const nameGroup = v.strictObject({
  kind: nameKind,
  source: text,
  date: isoDate,
  siteIsPool: only,
  /** Operator to his names. */
  operators: v.record(text, v.pipe(v.array(nameInGroup), v.minLength(1))),
});

const addressEntry = v.strictObject({
  address: text,
  port: v.exactOptional(port),
  operator: text,
  source: text,
  date: isoDate,
});

const minerKind = v.picklist(['miner', 'malware']);
const minerEntry = v.strictObject({ name: text, kind: minerKind, generic: only, source: text, date: isoDate });
const minerGroup = v.strictObject({
  kind: minerKind,
  generic: only,
  source: text,
  date: isoDate,
  programs: v.pipe(v.array(text), v.minLength(1)),
});

const rangeGroup = v.strictObject({
  provider: text,
  source: text,
  date: isoDate,
  ranges: v.pipe(v.array(text), v.minLength(1)),
});

export interface RangeEntry {
  readonly range: string;
  readonly provider: string;
  readonly source: string;
}

type Item<T> = { readonly values: readonly T[] } | { readonly fault: string };

/** Reads a list of names: entries in file order, and a line for each item that is neither an entry nor a group. */
export function readNames(list: unknown): Read<NameEntry> {
  return read('names', list, (item) => {
    if (!isGroup(item, 'operators')) return one(nameEntry, item, (entry) => [dropAbsent(entry)]);
    return one(nameGroup, item, ({ kind, source, date, siteIsPool, operators }) =>
      Object.entries(operators).flatMap(([operator, names]) =>
        names.map((name) => {
          const own = typeof name === 'string' ? { name } : name;
          return dropAbsent({ kind, operator, source, date, siteIsPool, ...own });
        }),
      ),
    );
  });
}

/** Reads a list of addresses. */
export function readAddresses(list: unknown): Read<AddressEntry> {
  return read('addresses', list, (item) => one(addressEntry, item, (entry) => [dropAbsent(entry)]));
}

/** Reads a list of programs. */
export function readPrograms(list: unknown): Read<MinerEntry> {
  return read('programs', list, (item) => {
    if (!isGroup(item, 'programs')) {
      return one(minerEntry, item, ({ name, kind, generic, source }) => [dropAbsent({ name, kind, generic, source })]);
    }
    return one(minerGroup, item, ({ kind, generic, source, programs }) =>
      programs.map((name) => dropAbsent({ name, kind, generic, source })),
    );
  });
}

/** Reads a list of shared ranges. */
export function readRanges(list: unknown): Read<RangeEntry> {
  return read('ranges', list, (item) =>
    one(rangeGroup, item, ({ provider, source, ranges }) => ranges.map((range) => ({ range, provider, source }))),
  );
}

export interface Read<T> {
  readonly entries: readonly T[];
  readonly errors: readonly string[];
}

function read<T>(list: string, value: unknown, parse: (item: unknown) => Item<T>): Read<T> {
  if (!Array.isArray(value)) return { entries: [], errors: [`${list}: not an array`] };
  const entries: T[] = [];
  const errors: string[] = [];
  for (const [at, item] of value.entries()) {
    const found = parse(item);
    if ('fault' in found) errors.push(`${list}[${at}]: ${found.fault}`);
    else entries.push(...found.values);
  }
  return { entries, errors };
}

function one<S extends v.GenericSchema, T>(
  schema: S,
  item: unknown,
  expand: (value: v.InferOutput<S>) => readonly T[],
): Item<T> {
  const parsed = v.safeParse(schema, item);
  if (parsed.success) return { values: expand(parsed.output) };
  return { fault: parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'item'}: ${issue.message}`).join('; ') };
}

function isGroup(item: unknown, key: string): boolean {
  return typeof item === 'object' && item !== null && key in item;
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same object without properties that are `undefined`. */
function dropAbsent<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Present<T>;
}
