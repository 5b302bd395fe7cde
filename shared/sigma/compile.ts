import type { Analyzer } from '#shared/model/analyzer.ts';
import { type Expand, rememberViews, toAnalyzer } from './analyzer.ts';
import { type RuleCase, readCases } from './cases.ts';
import { parseCondition, RESERVED } from './condition.ts';
import { isMap, type Json, type RuleDocument, type RuleError, RuleNode } from './document.ts';
import { type Expression, joined } from './expression.ts';
import type { Category } from './fields.ts';
import { checkAttributes, readCategory, readMetadata } from './metadata.ts';
import { compileSelection } from './selections.ts';

export interface CompileOptions {
  /** Gives an event and one for each command inside it; by default the event alone. */
  readonly expand?: Expand;
}

/** All rules with their cases, or all errors of all rules. */
export type CompiledRules =
  | { readonly rules: readonly Analyzer[]; readonly cases: readonly RuleCase[] }
  | { readonly errors: readonly RuleError[] };

/**
 * Compiles rule documents, as `parseRules` gives them or as a bundle carries them in JSON, to analyzers in the same
 * order. `known` are errors found before, to be reported with the rest.
 */
export function compileRuleDocuments(
  documents: readonly RuleDocument[],
  options: CompileOptions = {},
  known: readonly RuleError[] = [],
): CompiledRules {
  const errors: RuleError[] = [...known];
  const views = rememberViews(options.expand ?? ((event) => [event]));
  const rules: Analyzer[] = [];
  const cases: RuleCase[] = [];
  const taken = new Map<string, string>();
  for (const document of documents) {
    const rule = new RuleNode(document, errors);
    checkUnique(rule, taken);
    const compiled = compileRule(rule);
    if (compiled === undefined) continue;
    rules.push(toAnalyzer(compiled.metadata, compiled.category, compiled.expression, views));
    cases.push(...compiled.cases);
  }
  return errors.length > 0 ? { errors: errors.sort(byPlace) } : { rules, cases };
}

/** The same document without cases and positions, which functions don't need. */
export function forBundle(document: RuleDocument): RuleDocument {
  if (!isMap(document.rule)) return { path: document.path, rule: document.rule };
  const { cases: _, ...rule } = document.rule;
  return { path: document.path, rule };
}

function byPlace(a: RuleError, b: RuleError): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

/** Two rules of one id or name would become one in the evidence. */
function checkUnique(rule: RuleNode, taken: Map<string, string>): void {
  for (const key of ['id', 'name']) {
    const node = rule.get(key);
    if (typeof node?.value !== 'string') continue;
    const other = taken.get(`${key} ${node.value.toLowerCase()}`);
    if (other !== undefined) node.fail(`the ${key} '${node.value}' is also that of ${other}`);
    else taken.set(`${key} ${node.value.toLowerCase()}`, rule.path);
  }
}

function compileRule(rule: RuleNode) {
  if (!isMap(rule.value)) return rule.fail(`expected a rule, found ${rule.describe()}`);
  checkAttributes(rule);
  const category = readCategory(rule);
  const metadata = readMetadata(rule, category);
  const detection = rule.get('detection') ?? rule.failKey("'detection' is missing");
  if (category === undefined || detection === undefined) return undefined;
  const expression = compileDetection(detection, category);
  const cases = readCases(rule.get('cases'), metadata?.name ?? '', category);
  return metadata === undefined || expression === undefined ? undefined : { metadata, category, expression, cases };
}

function compileDetection(node: RuleNode, category: Category): Expression | undefined {
  const selections = new Map<string, Expression>();
  let good = true;
  for (const [name, selection] of node.entries()) {
    if (name === 'condition') continue;
    const fault = nameFault(name);
    if (fault !== undefined) selection.failKey(fault);
    const expression = fault === undefined ? compileSelection(selection, category) : undefined;
    if (expression === undefined) good = false;
    // A selection with an error still has a name that the condition may use.
    if (fault === undefined) selections.set(name, expression ?? { kind: 'or', of: [] });
  }
  const condition = isMap(node.value) ? (node.get('condition') ?? node.failKey("'condition' is missing")) : undefined;
  if (condition === undefined) return undefined;
  const used = new Set<string>();
  const branches = condition.values().map((one) => parseCondition(one, selections, used));
  const parsed = branches.filter((branch) => branch !== undefined);
  if (branches.length === 0) return condition.fail('an empty list of conditions');
  if (parsed.length < branches.length) return undefined;
  for (const name of selections.keys()) {
    if (!used.has(name)) node.get(name)?.failKey(`the condition never uses the selection '${name}'`);
  }
  return good ? joined('or', parsed) : undefined;
}

function nameFault(name: string): string | undefined {
  if (name === 'timeframe') return "'timeframe' is not supported: a rule sees one event";
  if (RESERVED.has(name.toLowerCase())) return `'${name}' has a meaning of its own in conditions`;
  return /^\w[\w.-]*$/.test(name) ? undefined : `'${name}' can't be the name of a selection`;
}

/** Whether a value has the shape of a rule document: for JSON that comes from elsewhere. */
export function isRuleDocument(value: unknown): value is RuleDocument {
  return isMap(value) && typeof value['path'] === 'string' && (value['rule'] as Json | undefined) !== undefined;
}
