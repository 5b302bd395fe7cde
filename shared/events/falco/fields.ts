/** What Falco prints for a field that it could not extract (libs: eventformatter.cpp). */
const UNKNOWN = '<NA>';
const MAX_INDEX = 64;

/** The output fields of an alert by name. Which there are depends on the rule; null and `<NA>` are unknown. */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  /** Whether any field's name begins so, whatever its value. */
  names(prefix: string): boolean {
    for (const name of this.#values.keys()) if (name.startsWith(prefix)) return true;
    return false;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Whether any field's value holds the lower-case word, in any case. */
  holdsWord(word: string): boolean {
    for (const value of this.#values.values()) {
      const parts = textOf(value)
        ?.toLowerCase()
        .split(/[^a-z]+/);
      if (parts?.includes(word)) return true;
    }
    return false;
  }

  /** The first of the named fields that is known and not empty, as text. */
  text(...names: readonly string[]): string | undefined {
    for (const name of names) {
      const text = textOf(this.#values.get(name));
      if (text !== undefined) return text;
    }
    return undefined;
  }

  /** A whole number that a double holds exactly. */
  number(name: string): number | undefined {
    const text = this.text(name);
    const value = text !== undefined && /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    return Number.isSafeInteger(value) ? value : undefined;
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase();
    return text === 'true' ? true : text === 'false' ? false : undefined;
  }

  /** The known values of `name[0]`, `name[1]`, … sorted by index; gaps are allowed. */
  indexed(name: string): { readonly index: number; readonly text: string }[] {
    const found: { index: number; text: string }[] = [];
    for (const [key, value] of this.#argumentsOf(name)) {
      const text = textOf(value);
      if (text !== undefined && /^\d{1,3}$/.test(key)) found.push({ index: Number(key), text });
    }
    return found.sort((a, b) => a.index - b.index).slice(0, MAX_INDEX);
  }

  /** The known values of `name[KEY]`. */
  keyed(name: string): { readonly key: string; readonly text: string }[] {
    const found: { key: string; text: string }[] = [];
    for (const [key, value] of this.#argumentsOf(name)) {
      const text = textOf(value);
      if (text !== undefined) found.push({ key, text });
    }
    return found.slice(0, MAX_INDEX);
  }

  *#argumentsOf(name: string): Iterable<[string, unknown]> {
    for (const [key, value] of this.#values) {
      if (key.startsWith(`${name}[`) && key.endsWith(']')) yield [key.slice(name.length + 1, -1), value];
    }
  }
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' || value === UNKNOWN ? undefined : value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return Array.isArray(value) ? textOf(value.filter((one) => typeof one === 'string').join(' ')) : undefined;
  }
}
