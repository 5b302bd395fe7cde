import type { RuleNode } from './document.ts';
import { type Expression, joined } from './expression.ts';
import { compilePattern, parsePattern } from './pattern.ts';

interface Token {
  readonly text: string;
  readonly at: number;
}

/** Words with a meaning of their own in a condition: no selection may be called so. */
export const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', 'of', 'all', '1', 'them', 'near']);

/** Deeper nesting of parentheses and `not` is refused, so that no rule exhausts the stack. */
const MAX_DEPTH = 32;

/**
 * Reads a condition (Sigma rules specification 2.1, "Condition"): `or` binds least, then `and`, `not`, `1 of …`,
 * parentheses. Undefined after an error, which is recorded with its column. `used` takes the names of the selections.
 */
export function parseCondition(
  node: RuleNode,
  selections: ReadonlyMap<string, Expression>,
  used: Set<string>,
): Expression | undefined {
  const text = node.text();
  return text === undefined ? undefined : new ConditionParser(node, text, selections, used).parse();
}

class ConditionParser {
  readonly #node: RuleNode;
  readonly #tokens: readonly Token[];
  readonly #end: number;
  readonly #selections: ReadonlyMap<string, Expression>;
  readonly #used: Set<string>;
  #next = 0;

  constructor(node: RuleNode, text: string, selections: ReadonlyMap<string, Expression>, used: Set<string>) {
    this.#node = node;
    this.#tokens = [...text.matchAll(/[()|]|[^\s()|]+/g)].map((match) => ({ text: match[0], at: match.index }));
    this.#end = text.length;
    this.#selections = selections;
    this.#used = used;
  }

  parse(): Expression | undefined {
    const expression = this.#or(0);
    const rest = this.#peek();
    if (expression === undefined || rest === undefined) return expression;
    if (rest.text === '|') return this.#fail('aggregations are not supported: a rule sees one event', rest);
    if (rest.text === 'near') return this.#fail("'near' is not supported: a rule sees one event", rest);
    return this.#fail(`expected 'and', 'or' or the end, found '${rest.text}'`, rest);
  }

  #or(depth: number): Expression | undefined {
    return this.#chain('or', () => this.#chain('and', () => this.#unary(depth)));
  }

  #chain(kind: 'and' | 'or', part: () => Expression | undefined): Expression | undefined {
    const parts: Expression[] = [];
    do {
      const one = part();
      if (one === undefined) return undefined;
      parts.push(one);
    } while (this.#take(kind));
    return joined(kind, parts);
  }

  #unary(depth: number): Expression | undefined {
    const token = this.#peek();
    if (token === undefined) return this.#fail('expected a selection, found the end of the condition');
    if (depth > MAX_DEPTH) return this.#fail(`nested deeper than ${MAX_DEPTH}`, token);
    this.#next += 1;
    if (token.text === 'not') {
      const inner = this.#unary(depth + 1);
      return inner === undefined ? undefined : { kind: 'not', of: inner };
    }
    if (token.text === '(') {
      const inner = this.#or(depth + 1);
      if (inner === undefined) return undefined;
      return this.#take(')') ? inner : this.#fail("expected ')'", this.#peek());
    }
    if (this.#peek()?.text === 'of') return this.#quantified(token);
    return this.#selection(token);
  }

  #selection(token: Token): Expression | undefined {
    const selection = this.#selections.get(token.text);
    if (selection === undefined) {
      const known = [...this.#selections.keys()].join(', ');
      return RESERVED.has(token.text) || /[()|]/.test(token.text)
        ? this.#fail(`expected a selection, found '${token.text}'`, token)
        : this.#fail(`there is no selection '${token.text}' (there are: ${known})`, token);
    }
    this.#used.add(token.text);
    return selection;
  }

  /** `1 of …` or `all of …`: the quantifier is read, `of` is next. */
  #quantified(quantifier: Token): Expression | undefined {
    this.#next += 1;
    if (quantifier.text !== '1' && quantifier.text !== 'all') {
      return this.#fail(`expected '1 of' or 'all of', found '${quantifier.text} of'`, quantifier);
    }
    const target = this.#peek();
    if (target === undefined) return this.#fail("expected 'them' or a pattern of names after 'of'");
    this.#next += 1;
    const names = this.#named(target.text);
    if (names.length === 0) return this.#fail(`no selection matches '${target.text}'`, target);
    for (const [name] of names) this.#used.add(name);
    return joined(
      quantifier.text === 'all' ? 'and' : 'or',
      names.map(([, expression]) => expression),
    );
  }

  /** The selections of a name pattern; those that begin with `_` only when the pattern does too. */
  #named(pattern: string): readonly (readonly [string, Expression])[] {
    const matches = compilePattern(parsePattern(pattern === 'them' ? '*' : pattern), true);
    return [...this.#selections].filter(
      ([name]) => matches(name) && (!name.startsWith('_') || pattern.startsWith('_')),
    );
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(text: string): boolean {
    if (this.#peek()?.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #fail(message: string, token?: Token): undefined {
    return this.#node.fail(message, token?.at ?? this.#end);
  }
}
