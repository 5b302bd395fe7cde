import assert from 'node:assert/strict';
import type { Analyzer } from '#shared/model/analyzer.ts';
import type { Event } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { EMPTY_WATCH_LIST, type Intel } from '#shared/model/intel.ts';
import { type FieldValue, makeEvent } from '#shared/sigma/case-events.ts';
import type { CompileOptions } from '#shared/sigma/compile.ts';
import { CATEGORIES, type Category } from '#shared/sigma/fields.ts';
import { compileRules } from '#shared/sigma/load.ts';

export const NO_INTEL: Intel = {
  name: () => undefined,
  address: () => undefined,
  miner: () => undefined,
  shared: () => false,
};

/** The line on which the detection of `ruleText` begins. */
export const DETECTION_LINE = 12;

/** A whole rule around a detection, whose lines are indented by two; the detection's first line is `DETECTION_LINE`. */
export function ruleText(detection: string, category = 'process_creation', more = ''): string {
  return `title: A rule of a test
id: 00000000-0000-4000-8000-000000000001
name: test_rule
tags:
  - attack.t1496
  - davylamp.miner_execution
davylamp:
  strength: strong
logsource:
  category: ${category}
detection:
${detection}
${more}`;
}

/** A rule with one selection that is the condition; the selection's first line is `DETECTION_LINE` + 1. */
export function selectionText(selection: string, category?: string): string {
  const lines = selection.split('\n').map((line) => `    ${line}`);
  return ruleText(['  condition: sel', '  sel:', ...lines].join('\n'), category);
}

/** Compiles a text of one rule that must be right. */
export function compileOne(text: string, options?: CompileOptions): Analyzer {
  const compiled = compileRules([{ path: 'rule.yml', text }], options);
  assert.deepEqual('errors' in compiled ? compiled.errors : [], []);
  const [rule] = 'rules' in compiled ? compiled.rules : [];
  assert.ok(rule);
  return rule;
}

/** The errors of a text as `line:column: message`. */
export function errorsOf(text: string): readonly string[] {
  const compiled = compileRules([{ path: 'rule.yml', text }]);
  assert.ok('errors' in compiled, 'no error');
  return compiled.errors.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

export function categoryOf(name: string): Category {
  const category = CATEGORIES.get(name);
  assert.ok(category);
  return category;
}

/** The event of a category whose fields read as given. */
export function eventOf(fields: Readonly<Record<string, FieldValue>>, category = 'process_creation'): Event {
  const event = makeEvent(categoryOf(category), new Map(Object.entries(fields)));
  assert.ok(typeof event !== 'string', String(event));
  return event;
}

export function verdictsOf(rule: Analyzer, event: Event): readonly Verdict[] {
  return rule.decide(event, NO_INTEL, EMPTY_WATCH_LIST);
}

export function matches(rule: Analyzer, event: Event): boolean {
  return verdictsOf(rule, event).length > 0;
}
