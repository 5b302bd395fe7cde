import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { at, type Fields, fieldsOf, isFields, textOf } from './json.ts';

/** Where Debian's package python3-botocore keeps the models of the services. */
const PACKAGE = '/usr/lib/python3/dist-packages/botocore';

const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five'];

/** One operation of a service as its model names it. */
export interface Operation {
  readonly name: string;
  readonly method: string;
  readonly uri: string;
  /** Names of shapes; undefined where there is nothing to send or to answer. */
  readonly input: string | undefined;
  readonly output: string | undefined;
  /** The element around the answer of the query protocol. */
  readonly wrapper: string | undefined;
  readonly documentation: string;
}

/** The models are absent; the message says how to get them. */
export class MissingModelsError extends Error {
  override readonly name = 'MissingModelsError';
}

/** The limits of a service as AWS publishes them for its own clients. */
export class ServiceModel {
  readonly name: string;
  readonly #model: Fields;

  /** @param name the folder of the service, such as `sns` */
  constructor(name: string, folder = PACKAGE) {
    this.name = name;
    this.#model = modelOf(name, folder);
  }

  get namespace(): string {
    return textOf(at(this.#model, 'metadata', 'xmlNamespace'), `${this.name}: xmlNamespace`);
  }

  get targetPrefix(): string {
    return textOf(at(this.#model, 'metadata', 'targetPrefix'), `${this.name}: targetPrefix`);
  }

  operation(name: string): Operation | undefined {
    const operation = at(this.#model, 'operations', name);
    if (!isFields(operation)) return undefined;
    const optional = (...path: string[]): string | undefined => {
      const value = at(operation, ...path);
      return typeof value === 'string' ? value : undefined;
    };
    return {
      name,
      method: textOf(at(operation, 'http', 'method'), name),
      uri: textOf(at(operation, 'http', 'requestUri'), name),
      input: optional('input', 'shape'),
      output: optional('output', 'shape'),
      wrapper: optional('output', 'resultWrapper'),
      documentation: optional('documentation') ?? '',
    };
  }

  shape(name: string): Fields {
    return fieldsOf(at(this.#model, 'shapes', name), `the shape ${name} of ${this.name}`);
  }

  /**
   * A figure that the model states in words alone, such as `/([\d,]+) bytes/` in the text of a member.
   * @throws Error where the words are not there any more, so that no figure is ever remembered from elsewhere
   */
  figure(words: RegExp, shape: string, member?: string): number {
    const text = textOf(
      member === undefined
        ? (this.operation(shape)?.documentation ?? this.shape(shape)['documentation'])
        : at(this.shape(shape), 'members', member, 'documentation'),
      `the documentation of ${shape}`,
    );
    const found = words.exec(text)?.[1]?.replaceAll(',', '');
    if (found === undefined) throw new Error(`the model of ${this.name} no longer states ${words} of ${shape}`);
    const word = NUMBERS.indexOf(found);
    return word < 0 ? Number(found) : word;
  }
}

/** The version of the package that the figures come from. @throws MissingModelsError */
export function modelsVersion(folder = PACKAGE): string {
  const source = `${folder}/__init__.py`;
  const version = existsSync(source) ? /__version__ = '([^']+)'/.exec(readFileSync(source, 'utf8'))?.[1] : undefined;
  if (version === undefined) throw missing(folder);
  return `python3-botocore ${version}`;
}

function modelOf(name: string, folder: string): Fields {
  const versions = `${folder}/data/${name}`;
  if (!existsSync(versions)) throw missing(versions);
  const newest = readdirSync(versions)
    .filter((version) => /^\d{4}-/.test(version))
    .sort()
    .at(-1);
  const path = `${versions}/${newest}/service-2.json`;
  // Debian 12 ships them plain, later versions compressed.
  const bytes = existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
  return fieldsOf(JSON.parse(bytes.toString()), path);
}

function missing(folder: string): MissingModelsError {
  return new MissingModelsError(
    `${folder} does not exist: the end-to-end tests check each request by the services' own models. ` +
      'Install them with: apt-get install python3-botocore',
  );
}
