/** A value as JSON has it: what is left of YAML once it is read. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Line and column, both from 1; the third part is 0 where offsets into the text can't be added to the column. */
export type Position = readonly [line: number, column: number, plain?: 0];

/**
 * One rule as plain data, so that functions can compile rules without a YAML parser. `positions` maps a path such as
 * `/detection/sel/0` to where its key or list item begins, and the same with `=` at its end to where its value begins.
 */
export interface RuleDocument {
  readonly path: string;
  readonly rule: Json;
  readonly positions?: Readonly<Record<string, Position>>;
}

/** What is wrong with a rule file; line and column count from 1. */
export interface RuleError {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Whether a value is a map, by JSON's meaning. */
export function isMap(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON type's name as messages use it. */
function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return isMap(value) ? 'a map' : `a ${typeof value}`;
}

/**
 * A value of a rule document that knows where it stands. Reading it with the wrong type records an error, so that a
 * compiler can go on and all errors of all files come at once.
 */
export class RuleNode {
  readonly value: Json;
  /** Where this node stands: `/detection/selection`. */
  readonly pointer: string;
  readonly #document: RuleDocument;
  readonly #errors: RuleError[];

  constructor(document: RuleDocument, errors: RuleError[], value: Json = document.rule, pointer = '') {
    this.#document = document;
    this.#errors = errors;
    this.value = value;
    this.pointer = pointer;
  }

  get path(): string {
    return this.#document.path;
  }

  /** Where the key of this node begins; the file's beginning where positions are not known. */
  get position(): Position {
    return this.#find([this.pointer, `${this.pointer}=`]);
  }

  /** Records an error at the value, `offset` characters into its text. */
  fail(message: string, offset = 0): undefined {
    const [line, column, plain] = this.#find([`${this.pointer}=`, this.pointer]);
    this.#errors.push({ path: this.path, line, column: plain === 0 ? column : column + offset, message });
  }

  /** Records an error at the key. */
  failKey(message: string): undefined {
    const [line, column] = this.position;
    this.#errors.push({ path: this.path, line, column, message });
  }

  child(key: string | number, value: Json): RuleNode {
    return new RuleNode(this.#document, this.#errors, value, `${this.pointer}/${key}`);
  }

  /** The node under a key of a map; undefined where it is absent. */
  get(key: string): RuleNode | undefined {
    if (!isMap(this.value) || !Object.hasOwn(this.value, key)) return undefined;
    return this.child(key, this.value[key] ?? null);
  }

  /** The entries of a map, in order; an error and none for anything else. */
  entries(): readonly (readonly [string, RuleNode])[] {
    if (!isMap(this.value)) {
      this.fail(`expected a map, found ${typeOf(this.value)}`);
      return [];
    }
    return Object.entries(this.value).map(([key, value]) => [key, this.child(key, value)]);
  }

  /** The elements of a list; an error and none for anything else. */
  items(): readonly RuleNode[] {
    if (!Array.isArray(this.value)) {
      this.fail(`expected a list, found ${typeOf(this.value)}`);
      return [];
    }
    return this.value.map((value: Json, index: number) => this.child(index, value));
  }

  /** The elements of a list, or the value itself as the only one. */
  values(): readonly RuleNode[] {
    return Array.isArray(this.value) ? this.items() : [this];
  }

  text(): string | undefined {
    return typeof this.value === 'string'
      ? this.value
      : this.fail(`expected text, found ${typeOf(this.value)}${typeof this.value === 'number' ? ': quote it' : ''}`);
  }

  boolean(): boolean | undefined {
    return typeof this.value === 'boolean'
      ? this.value
      : this.fail(`expected true or false, found ${typeOf(this.value)}`);
  }

  describe(): string {
    return typeOf(this.value);
  }

  #find(pointers: readonly string[]): Position {
    const known = this.#document.positions ?? {};
    for (const pointer of pointers) {
      const position = known[pointer];
      if (position !== undefined) return position;
    }
    return [1, 1, 0];
  }
}
