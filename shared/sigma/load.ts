import {
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { type CompiledRules, type CompileOptions, compileRuleDocuments } from './compile.ts';
import type { Json, Position, RuleDocument, RuleError } from './document.ts';

/** A rule file as it was read; `path` is only named in messages. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

/** Deeper nesting than any rule has. */
const MAX_DEPTH = 12;
const MAX_FILE = 1_048_576;

/** Reads and compiles rule files: all rules with their cases, or all errors of all files. */
export function compileRules(files: readonly RuleFile[], options: CompileOptions = {}): CompiledRules {
  const { documents, errors } = parseRules(files);
  return compileRuleDocuments(documents, options, errors);
}

/** Reads rule files to plain documents; what is no YAML, or YAML that rules may not use, is an error. */
export function parseRules(files: readonly RuleFile[]): {
  documents: readonly RuleDocument[];
  errors: readonly RuleError[];
} {
  const errors: RuleError[] = [];
  const documents = files.flatMap((file) => parseFile(file, errors));
  return { documents, errors };
}

function parseFile({ path, text }: RuleFile, errors: RuleError[]): readonly RuleDocument[] {
  const lines = new LineCounter();
  const fail = (message: string, offset = 0) => {
    const { line, col } = lines.linePos(offset);
    errors.push({ path, line: Math.max(line, 1), column: Math.max(col, 1), message });
  };
  if (text.length > MAX_FILE) {
    fail(`larger than ${MAX_FILE} characters`);
    return [];
  }
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  if (parsed.length === 0) {
    fail('the file holds no rule');
    return [];
  }
  return parsed.flatMap((document) => {
    const faults = [...document.errors, ...document.warnings];
    for (const { message, pos } of faults) fail(message, pos[0]);
    if (faults.length > 0) return [];
    const before = errors.length;
    const reader = new YamlReader(lines, text, fail);
    const rule = reader.read(document.contents, '', 0);
    return errors.length > before ? [] : [{ path, rule, positions: reader.positions }];
  });
}

/** Turns YAML nodes into plain data and notes where each of them stands. */
class YamlReader {
  readonly positions: Record<string, Position> = {};
  readonly #lines: LineCounter;
  readonly #text: string;
  readonly #fail: (message: string, offset: number) => void;

  constructor(lines: LineCounter, text: string, fail: (message: string, offset: number) => void) {
    this.#lines = lines;
    this.#text = text;
    this.#fail = fail;
  }

  read(node: ParsedNode | null, pointer: string, depth: number): Json {
    if (node === null) return null;
    const [start] = node.range;
    this.#note(`${pointer}=`, start, node);
    if (isAlias(node)) return this.#refuse('YAML aliases are not supported', start);
    if (node.anchor !== undefined) return this.#refuse('YAML anchors are not supported', start);
    if (depth > MAX_DEPTH) return this.#refuse(`nested deeper than ${MAX_DEPTH}`, start);
    if (isScalar(node)) return this.#scalar(node, start);
    if (isMap(node)) return this.#map(node, pointer, depth);
    return node.items.map((item, index) => {
      const at = `${pointer}/${index}`;
      this.#note(at, item.range[0]);
      return this.read(item, at, depth + 1);
    });
  }

  #map(node: YAMLMap.Parsed, pointer: string, depth: number): Json {
    const map: Record<string, Json> = Object.create(null);
    for (const { key, value } of node.items) {
      const [start] = key.range;
      if (!isScalar(key) || typeof key.value !== 'string') {
        this.#refuse('keys are text: quote it', start);
        continue;
      }
      const at = `${pointer}/${key.value}`;
      this.#note(at, start);
      map[key.value] = this.read(value, at, depth + 1);
    }
    return map;
  }

  #scalar(node: Scalar.Parsed, start: number): Json {
    const { value, source } = node;
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value === 'number' && String(value) === source) return value;
    return this.#refuse(`'${source}' is no plain decimal number: quote it if it is text`, start);
  }

  #note(pointer: string, offset: number, node?: ParsedNode): void {
    const { line, col } = this.#lines.linePos(offset);
    if (node === undefined || !isScalar(node)) {
      this.positions[pointer] = [line, col];
      return;
    }
    const quoted = node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE' ? 1 : 0;
    const [, end] = node.range;
    const asWritten = this.#text.slice(offset + quoted, end - quoted) === node.value;
    this.positions[pointer] = asWritten ? [line, col + quoted] : [line, col, 0];
  }

  #refuse(message: string, offset: number): null {
    this.#fail(message, offset);
    return null;
  }
}
