import type { FieldValues, View } from './view.ts';

/** One question to a field (or, for keywords, to all text), compiled. */
export interface FieldTest {
  /** The field's name as reports show it; `text` for keywords. */
  readonly label: string;
  /**
   * Needles: lower-case literals of which every event that passes holds at least one; `null` where none can be named.
   */
  readonly needles: readonly string[] | null;
  passes(view: View): boolean;
  /** The texts of the field that passed, once `passes` said so; empty where the test is not about text. */
  hits(view: View): readonly string[];
}

/** A rule's logic: what the condition makes of the selections. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'test'; readonly test: FieldTest };

/** Joins expressions, leaving out the joint where there is only one. */
export function joined(kind: 'and' | 'or', of: readonly Expression[]): Expression {
  const [only, ...rest] = of;
  return only !== undefined && rest.length === 0 ? only : { kind, of };
}

/** Compiles to one closure: nothing is allocated while it runs. */
export function compileExpression(expression: Expression): (view: View) => boolean {
  switch (expression.kind) {
    case 'test': {
      const { test } = expression;
      return (view) => test.passes(view);
    }
    case 'not': {
      const inner = compileExpression(expression.of);
      return (view) => !inner(view);
    }
    case 'and': {
      const parts = expression.of.map(compileExpression);
      return (view) => parts.every((part) => part(view));
    }
    case 'or': {
      const parts = expression.of.map(compileExpression);
      return (view) => parts.some((part) => part(view));
    }
  }
}

export interface Matched {
  readonly label: string;
  readonly texts: FieldValues;
}

/** What makes an event pass: each test that holds and is not negated, with its texts; undefined when it does not pass. */
export function matchedBy(expression: Expression, view: View): readonly Matched[] | undefined {
  switch (expression.kind) {
    case 'test': {
      const { test } = expression;
      return test.passes(view) ? [{ label: test.label, texts: test.hits(view) }] : undefined;
    }
    case 'not':
      return matchedBy(expression.of, view) === undefined ? [] : undefined;
    default: {
      const parts = expression.of.map((part) => matchedBy(part, view));
      const held = parts.filter((part) => part !== undefined);
      const needed = expression.kind === 'and' ? parts.length : 1;
      return held.length < needed ? undefined : held.flat();
    }
  }
}
