import { at, fieldsOf, textOf } from './json.ts';
import type { ServiceModel } from './service-model.ts';

type Dialect = 'query' | 'ec2';
/** A form's names split at their dots. */
interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/** Names of the form that are no members of the input. */
const ENVELOPE = new Set(['Action', 'Version']);

/** The input of an operation as the query protocol, or EC2's dialect of it, writes it in a form. */
export function fromForm(form: URLSearchParams, model: ServiceModel, shape: string, dialect: Dialect): unknown {
  const root: Node = { children: new Map() };
  for (const [name, value] of form) {
    if (ENVELOPE.has(name)) continue;
    let node = root;
    for (const part of name.split('.')) {
      const next = node.children.get(part) ?? { children: new Map() };
      node.children.set(part, next);
      node = next;
    }
    node.value = value;
  }
  return read(root, model, shape, dialect);
}

function read(node: Node, model: ServiceModel, shape: string, dialect: Dialect): unknown {
  const definition = model.shape(shape);
  switch (definition['type']) {
    case 'structure': {
      const known = new Map(
        Object.entries(fieldsOf(definition['members'], shape)).map(([name, member]) => [
          nameIn(name, member, dialect),
          { name, shape: textOf(at(member, 'shape'), shape) },
        ]),
      );
      // What the model does not know keeps its name, so that the check of the model names it.
      return Object.fromEntries(
        [...node.children].map(([name, child]) => {
          const member = known.get(name);
          return member === undefined
            ? [name, child.value ?? '']
            : [member.name, read(child, model, member.shape, dialect)];
        }),
      );
    }
    case 'list': {
      const element = textOf(at(definition, 'member', 'shape'), shape);
      const flat = dialect === 'ec2' || definition['flattened'] === true;
      return inOrder(flat ? node : child(node, 'member')).map((one) => read(one, model, element, dialect));
    }
    case 'map': {
      const key = textOf(at(definition, 'key', 'locationName') ?? 'key', shape);
      const value = textOf(at(definition, 'value', 'locationName') ?? 'value', shape);
      const inner = textOf(at(definition, 'value', 'shape'), shape);
      const entries = inOrder(definition['flattened'] === true ? node : child(node, 'entry'));
      return Object.fromEntries(
        entries.map((one) => [child(one, key).value ?? '', read(child(one, value), model, inner, dialect)]),
      );
    }
    case 'boolean':
      return node.value === 'true' ? true : node.value === 'false' ? false : node.value;
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return node.value === undefined || node.value === '' ? node.value : Number(node.value);
    default:
      return node.value ?? '';
  }
}

function nameIn(name: string, member: unknown, dialect: Dialect): string {
  if (dialect === 'query') return textOf(at(member, 'locationName') ?? name, name);
  const queryName = at(member, 'queryName');
  if (typeof queryName === 'string') return queryName;
  const located = textOf(at(member, 'locationName') ?? name, name);
  return located.charAt(0).toUpperCase() + located.slice(1);
}

function child(node: Node, name: string): Node {
  return node.children.get(name) ?? { children: new Map() };
}

function inOrder(node: Node): readonly Node[] {
  return [...node.children].sort(([a], [b]) => Number(a) - Number(b)).map(([, one]) => one);
}
