import { readFileSync } from 'node:fs';
import { type References, resolved, TemplateError } from './intrinsics.ts';
import { type Fields, fieldsOf, isFields, manyOf, textOf } from './json.ts';
import { chosenName, type Named, resourceType } from './resource-types.ts';

/** One resource with its properties as CloudFormation would hand them to the service. */
export interface Resource extends Named {
  readonly type: string;
  readonly properties: Fields;
  readonly metadata: Fields;
  /** Whether it stays when the stack goes. */
  readonly isKept: boolean;
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives. @throws TemplateError for an attribute that the type does not have */
  attribute(name: string): string;
}

const TEMPLATE_PARTS = new Set(['Description', 'Resources', 'Outputs', 'Parameters', 'Rules']);
const RESOURCE_PARTS = new Set([
  ...['Type', 'Properties', 'DependsOn', 'Metadata', 'UpdateReplacePolicy', 'DeletionPolicy'],
]);
/** The CDK's check of its own bootstrap, which says nothing of the stack. */
const BOOTSTRAP = new Set(['BootstrapVersion', 'CheckBootstrapVersion']);

/**
 * A synthesized template, resolved without an account. Strict: a part, resource type, property or function that the local
 * parts do not know is an error that names it, since they would deploy something else than what was written.
 */
export class Template {
  readonly resources: readonly Resource[];
  readonly #outputs: Fields;
  readonly #references: References;

  /** @throws TemplateError */
  constructor(source: unknown) {
    const template = fieldsOf(source, 'the template');
    for (const part of Object.keys(template)) {
      if (!TEMPLATE_PARTS.has(part)) throw new TemplateError(`${part}: this part of a template is not understood`);
    }
    for (const part of ['Parameters', 'Rules']) {
      const unknown = Object.keys(fieldsOf(template[part] ?? {}, part)).find((name) => !BOOTSTRAP.has(name));
      if (unknown !== undefined) throw new TemplateError(`${part}.${unknown} is not understood`);
    }
    const declared = fieldsOf(template['Resources'], 'Resources');
    this.#references = referencesTo(declared);
    this.resources = Object.entries(declared).map(([id, one]) => this.#resource(id, fieldsOf(one, `Resources.${id}`)));
    this.#outputs = fieldsOf(template['Outputs'] ?? {}, 'Outputs');
  }

  static read(path: string): Template {
    return new Template(JSON.parse(readFileSync(path, 'utf8')));
  }

  ofType(type: string): readonly Resource[] {
    if (resourceType(type) === undefined) throw new TemplateError(`no local part knows the resource type ${type}`);
    return this.resources.filter((one) => one.type === type);
  }

  /** The only resource of `type` whose path in the tree of constructs, or logical id, holds `part`. */
  only(type: string, part = ''): Resource {
    const found = this.ofType(type).filter(
      ({ logicalId, metadata }) =>
        logicalId.includes(part) || String(metadata['aws:cdk:path'] ?? '').includes(`/${part}`),
    );
    const [first] = found;
    if (first === undefined || found.length > 1)
      throw new TemplateError(`${found.length} resources of type ${type} are called ${part}`);
    return first;
  }

  /** The resource of `type` whose ARN, or `Ref`, is `name`. */
  named(type: string, name: string): Resource | undefined {
    return this.ofType(type).find((one) => one.ref === name || one.name === name || arnOf(one) === name);
  }

  /** @param custom what custom resources answered, by logical id */
  outputs(custom: ReadonlyMap<string, Fields>): Readonly<Record<string, string>> {
    const references: References = {
      ...this.#references,
      attribute: (id, name, path) => custom.get(id)?.[name] ?? this.#references.attribute(id, name, path),
    };
    return Object.fromEntries(
      Object.entries(this.#outputs).map(([name, output]) => {
        const value = resolved(fieldsOf(output, `Outputs.${name}`)['Value'], references, `Outputs.${name}.Value`);
        return [name, textOf(value, `Outputs.${name}`)];
      }),
    );
  }

  #resource(logicalId: string, source: Fields): Resource {
    const path = `Resources.${logicalId}`;
    const type = textOf(source['Type'], `${path}.Type`);
    const known = resourceType(type);
    if (known === undefined) throw new TemplateError(`${path}: the resource type ${type} is not understood`);
    const foreign = Object.keys(source).find((part) => !RESOURCE_PARTS.has(part));
    if (foreign !== undefined) throw new TemplateError(`${path}.${foreign} is not understood`);
    const properties = fieldsOf(source['Properties'] ?? {}, `${path}.Properties`);
    const all = new Set([...known.enacted, ...(known.idle ?? []), ...(known.named === undefined ? [] : [known.named])]);
    const strange = Object.keys(properties).find((name) => !all.has(name));
    if (strange !== undefined) throw new TemplateError(`${path}.${strange}: ${type} is not understood with it`);
    for (const needed of manyOf(source['DependsOn'] ?? [])) this.#references.ref(textOf(needed, path), path);
    return {
      logicalId,
      type,
      name: nameOf(logicalId, type, properties, this.#references),
      isKept: isKept(source, path),
      metadata: isFields(source['Metadata']) ? source['Metadata'] : {},
      properties: fieldsOf(resolved(properties, this.#references, path), path),
      ref: textOf(this.#references.ref(logicalId, path), path),
      attribute: (name) => textOf(this.#references.attribute(logicalId, name, path), path),
    };
  }
}

/** "DeletionPolicy attribute", CloudFormation user guide; what is kept must be kept by a replacement too. */
function isKept(source: Fields, path: string): boolean {
  const { DeletionPolicy: policy = 'Delete', UpdateReplacePolicy: replaced = 'Delete' } = source;
  if ((policy !== 'Delete' && policy !== 'Retain') || policy !== replaced)
    throw new TemplateError(`${path}: the policies ${String(policy)} and ${String(replaced)} are not understood`);
  return policy === 'Retain';
}

function arnOf(resource: Resource): string | undefined {
  return resourceType(resource.type)?.attributes?.['Arn']?.(resource);
}

function nameOf(logicalId: string, type: string, properties: Fields, references: References): string {
  const known = resourceType(type);
  const given = known?.named === undefined ? undefined : properties[known.named];
  if (given === undefined) return chosenName(logicalId, known?.longest);
  return textOf(resolved(given, references, logicalId), `${logicalId}.${known?.named}`);
}

function referencesTo(declared: Fields): References {
  const resolving = new Set<string>();
  const named = (logicalId: string, path: string): { type: string; resource: Named } => {
    if (!Object.hasOwn(declared, logicalId)) throw new TemplateError(`${path}: there is no resource ${logicalId}`);
    const source = fieldsOf(declared[logicalId], logicalId);
    const type = textOf(source['Type'], `${logicalId}.Type`);
    if (resolving.has(logicalId)) throw new TemplateError(`${path}: the name of ${logicalId} depends on itself`);
    resolving.add(logicalId);
    try {
      const properties = fieldsOf(source['Properties'] ?? {}, logicalId);
      return { type, resource: { logicalId, name: nameOf(logicalId, type, properties, references) } };
    } finally {
      resolving.delete(logicalId);
    }
  };
  const references: References = {
    ref: (logicalId, path) => {
      const { type, resource } = named(logicalId, path);
      const known = resourceType(type);
      if (known === undefined) throw new TemplateError(`${path}: Ref of the type ${type} is not understood`);
      return known.ref(resource);
    },
    attribute: (logicalId, name, path) => {
      const { type, resource } = named(logicalId, path);
      const attribute = resourceType(type)?.attributes?.[name];
      if (attribute === undefined)
        throw new TemplateError(`${path}: the attribute ${name} of ${logicalId} (${type}) is not understood`);
      return attribute(resource);
    },
  };
  return references;
}
