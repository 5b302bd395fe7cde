import { ACCOUNT, PARTITION, REGION, STACK } from './account.ts';
import { isFields, listOf, textOf } from './json.ts';

/** What references are resolved against. Both throw for what the template does not declare. */
export interface References {
  ref(logicalId: string, path: string): unknown;
  attribute(logicalId: string, name: string, path: string): unknown;
}

/** A template says something that the local parts do not understand. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

const PSEUDO: ReadonlyMap<string, string> = new Map([
  ['AWS::AccountId', ACCOUNT],
  ['AWS::Region', REGION],
  ['AWS::Partition', PARTITION],
  ['AWS::URLSuffix', 'amazonaws.com'],
  ['AWS::StackName', STACK],
]);

type Intrinsic = (argument: unknown, references: References, path: string) => unknown;

const INTRINSICS: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ['Ref', (argument, references, path) => reference(textOf(argument, path), references, path)],
  [
    'Fn::GetAtt',
    (argument, references, path) => {
      const [logicalId, name, ...rest] = listOf(argument, path).map((part) => textOf(part, path));
      if (logicalId === undefined || name === undefined || rest.length > 0)
        throw new TemplateError(`${path}: Fn::GetAtt takes a resource and an attribute`);
      return references.attribute(logicalId, name, path);
    },
  ],
  [
    'Fn::Join',
    (argument, references, path) => {
      const [between, parts, ...rest] = listOf(argument, path);
      if (rest.length > 0) throw new TemplateError(`${path}: Fn::Join takes a text and a list`);
      return listOf(parts, path)
        .map((part, place) => textOf(resolved(part, references, `${path}[${place}]`), path))
        .join(textOf(between, path));
    },
  ],
  [
    'Fn::Sub',
    (argument, references, path) =>
      textOf(argument, `${path}: Fn::Sub with names of its own is not understood;`).replaceAll(
        /\$\{([^}]*)\}/g,
        (_, inner: string) => substituted(inner, references, path),
      ),
  ],
]);

/** The value with every intrinsic function replaced by what it gives. @throws TemplateError for any other function */
export function resolved(value: unknown, references: References, path: string): unknown {
  if (Array.isArray(value)) return value.map((one, place) => resolved(one, references, `${path}[${place}]`));
  if (!isFields(value)) return value;
  const entries = Object.entries(value);
  const called = entries.find(([name]) => name === 'Ref' || name.startsWith('Fn::'));
  if (called === undefined)
    return Object.fromEntries(entries.map(([name, one]) => [name, resolved(one, references, `${path}.${name}`)]));
  const [name, argument] = called;
  if (entries.length !== 1) throw new TemplateError(`${path}: ${name} stands beside other names`);
  const intrinsic = INTRINSICS.get(name);
  if (intrinsic === undefined) throw new TemplateError(`${path}: the intrinsic function ${name} is not understood`);
  return intrinsic(argument, references, `${path}.${name}`);
}

function reference(name: string, references: References, path: string): unknown {
  const pseudo = PSEUDO.get(name);
  if (pseudo !== undefined) return pseudo;
  if (name.startsWith('AWS::')) throw new TemplateError(`${path}: the pseudo parameter ${name} is not understood`);
  return references.ref(name, path);
}

function substituted(inner: string, references: References, path: string): string {
  if (inner.startsWith('!')) return `\${${inner.slice(1)}}`;
  const dot = inner.indexOf('.');
  const value =
    dot < 0
      ? reference(inner, references, path)
      : references.attribute(inner.slice(0, dot), inner.slice(dot + 1), path);
  return textOf(value, path);
}
