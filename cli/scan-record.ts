import { shownBy } from '#shared/correlate/coverage.ts';
import type { Coverage } from '#shared/model/coverage.ts';
import type { Format, ParseError } from '#shared/model/reader.ts';

interface Unreadable {
  count: number;
  readonly firstLine: number;
  lastLine: number;
}

interface Source {
  records: number;
  from: number;
  to: number;
}

/** What was read of one file: the totals of its first look alone, since a second look reads the same lines again. */
export class FileRecord {
  readonly name: string;
  readonly sources = new Map<string, Source>();
  readonly unreadable = new Map<ParseError['kind'], Unreadable>();
  /** Why reading ended early, or why the file could not be opened. */
  failure: string | undefined;
  /** What the user should know although nothing is lost. */
  readonly notices: string[] = [];
  /** The folder that the user named, where it was found below one; without it the user named the file itself. */
  readonly folder: string | undefined;

  /** Lines of which something could not be read. */
  unreadableLines = 0;
  #lastUnreadable = 0;

  constructor(name: string, folder?: string) {
    this.name = name;
    this.folder = folder;
  }

  /** It holds lines and not one of them could be read. */
  get unreadableWhole(): boolean {
    return this.records === 0 && this.unreadableLines > 0;
  }

  /** Found in a folder, read to its end, and nothing in it is of a known format. */
  get passedOver(): boolean {
    if (this.folder === undefined || this.failure !== undefined) return false;
    return this.unreadableWhole && [...this.unreadable.keys()].every((kind) => kind === 'unknown-format');
  }

  /** It could not be read to its end, or not at all. */
  get broken(): boolean {
    return this.failure !== undefined || (this.unreadableWhole && !this.passedOver);
  }

  read(format: string, records: number): void {
    this.#source(format).records += records;
  }

  time(format: string, at: number): void {
    const source = this.#source(format);
    source.from = Math.min(source.from, at);
    source.to = Math.max(source.to, at);
  }

  /** Of an envelope's line each record may be unreadable: the line is counted once. */
  countUnreadable(kind: ParseError['kind'], line: number): void {
    const known = this.unreadable.get(kind);
    if (known === undefined) this.unreadable.set(kind, { count: 1, firstLine: line, lastLine: line });
    else if (known.lastLine !== line) {
      known.count += 1;
      known.lastLine = line;
    }
    if (this.#lastUnreadable !== line) this.unreadableLines += 1;
    this.#lastUnreadable = line;
  }

  get records(): number {
    return [...this.sources.values()].reduce((sum, source) => sum + source.records, 0);
  }

  #source(format: string): Source {
    const known = this.sources.get(format);
    if (known !== undefined) return known;
    const source = { records: 0, from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
    this.sources.set(format, source);
    return source;
  }
}

/** A folder that the user named and of whose lines not one could be read. */
export interface UnreadableFolder {
  readonly name: string;
  readonly lines: number;
}

/** The named folders of which nothing could be read although there was something; that one is empty is no fault. */
export function unreadableFolders(files: readonly FileRecord[]): UnreadableFolder[] {
  const byFolder = Map.groupBy(files, (file) => file.folder);
  return [...byFolder].flatMap(([name, inside]) => {
    const lines = inside.reduce((sum, file) => sum + file.unreadableLines, 0);
    return name === undefined || lines === 0 || inside.some((file) => file.records > 0) ? [] : [{ name, lines }];
  });
}

/** What the files together can show. */
export function coverageOf(files: readonly FileRecord[], formats: readonly Format[]): Coverage {
  const merged = new Map<string, Source>();
  for (const [format, source] of files.flatMap((file) => [...file.sources])) {
    if (source.records === 0) continue;
    const known = merged.get(format);
    merged.set(format, {
      records: (known?.records ?? 0) + source.records,
      from: Math.min(known?.from ?? source.from, source.from),
      to: Math.max(known?.to ?? source.to, source.to),
    });
  }
  return {
    sources: [...merged]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([format, { records, from, to }]) => ({
        format,
        records,
        ...(from <= to ? { from, to } : {}),
      })),
    // What is of no known format shows nothing.
    ...shownBy(formats.map((format) => format.name).filter((name) => merged.has(name))),
  };
}
