import { canonicalAddress } from '#shared/model/address.ts';
import { CLASS, type Event } from '#shared/model/event.ts';
import { type FieldMap, type FieldValue, makeEvent } from './case-events.ts';
import type { RuleNode } from './document.ts';
import type { Category, Field } from './fields.ts';

/** An event beside a rule, and whether the rule shall match it. */
export interface RuleCase {
  /** The rule's name. */
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly match: boolean;
  readonly note: string;
  readonly event: Event;
}

/** The field that `command_line` stands for. */
const COMMAND_FIELDS: ReadonlyMap<number, string> = new Map([
  [CLASS.process, 'CommandLine'],
  [CLASS.scheduledJob, 'JobCommand'],
]);

/** Reads the cases of a rule; what is wrong with them is recorded. */
export function readCases(node: RuleNode | undefined, rule: string, category: Category): readonly RuleCase[] {
  return (node?.items() ?? []).flatMap((item) => {
    const keys = ['match', 'note', 'command_line', 'event'];
    for (const [key, child] of item.entries()) {
      if (!keys.includes(key)) child.failKey(`'${key}' is no part of a case (there are: ${keys.join(', ')})`);
    }
    const match = (item.get('match') ?? item.failKey("'match' is missing"))?.boolean();
    const note = (item.get('note') ?? item.failKey("'note' is missing"))?.text();
    const event = readEvent(item, category);
    if (match === undefined || note === undefined || event === undefined) return [];
    const [line, column] = item.position;
    return [{ rule, path: item.path, line, column, match, note, event }];
  });
}

function readEvent(item: RuleNode, category: Category): Event | undefined {
  const commandLine = item.get('command_line');
  const fields = item.get('event');
  if (commandLine !== undefined && fields !== undefined) {
    return item.failKey("a case has either 'command_line' or 'event'");
  }
  if (commandLine !== undefined) {
    const field = COMMAND_FIELDS.get(category.class);
    if (field === undefined)
      return commandLine.failKey(`'command_line' makes no event of ${category.name}: give 'event'`);
    const text = commandLine.text();
    return text === undefined ? undefined : eventOf(new Map([[field, text]]), commandLine, category);
  }
  if (fields === undefined) return item.failKey("'command_line' or 'event' is missing");
  const values = readFields(fields, category);
  return values === undefined ? undefined : eventOf(values, fields, category);
}

/** The event, unless the rule's category would never show it to the rule. */
function eventOf(values: FieldMap, node: RuleNode, category: Category): Event | undefined {
  const event = makeEvent(category, values);
  if (typeof event === 'string') return node.failKey(event);
  return category.accepts(event) ? event : node.failKey(`rules of ${category.name} never see such an event`);
}

function readFields(node: RuleNode, category: Category): FieldMap | undefined {
  const values = new Map<string, FieldValue>();
  let good = true;
  for (const [name, child] of node.entries()) {
    const field = category.fields.get(name);
    const value =
      field === undefined ? child.failKey(`'${name}' is no field of ${category.name}`) : readField(field, child);
    if (value === undefined) good = false;
    else values.set(name, value);
  }
  return good ? values : undefined;
}

function readField(field: Field, node: RuleNode): FieldValue | undefined {
  if (field.name === 'Program') return node.failKey('Program is made of Image, Argument and ProcessName: give these');
  switch (field.kind) {
    case 'number':
      return typeof node.value === 'number' ? node.value : node.fail(`expected a number, found ${node.describe()}`);
    case 'flag':
      return node.boolean();
    case 'list':
    case 'addresses': {
      const items = node.items();
      const texts = items.map((item) => item.text()).filter((text) => text !== undefined);
      return texts.length < items.length ? undefined : texts;
    }
    case 'address': {
      const text = node.text();
      return text === undefined ? undefined : (canonicalAddress(text) ?? node.fail(`'${text}' is no address`));
    }
    case 'text': {
      const text = node.text();
      if (text === undefined || field.words === undefined || field.words.includes(text)) return text;
      return node.fail(`'${text}' is no value of ${field.name} (there are: ${field.words.join(', ')})`);
    }
  }
}
