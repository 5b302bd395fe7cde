import { at, fieldsOf, isFields, textOf } from './json.ts';
import type { ServiceModel } from './service-model.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

/** The members of a structure as elements, in the order and under the names of the model. */
export function toXml(value: unknown, model: ServiceModel, shape: string): string {
  const definition = model.shape(shape);
  switch (definition['type']) {
    case 'structure':
      return Object.entries(fieldsOf(definition['members'], shape))
        .map(([name, member]) => {
          const one = at(value, name);
          if (one === undefined) return '';
          const element = textOf(at(member, 'locationName') ?? name, shape);
          return `<${element}>${toXml(one, model, textOf(at(member, 'shape'), shape))}</${element}>`;
        })
        .join('');
    case 'list': {
      const element = textOf(at(definition, 'member', 'locationName') ?? 'member', shape);
      const inner = textOf(at(definition, 'member', 'shape'), shape);
      if (!Array.isArray(value)) throw new TypeError(`${shape} must be a list`);
      return value.map((one) => `<${element}>${toXml(one, model, inner)}</${element}>`).join('');
    }
    case 'map':
      throw new TypeError(`${shape}: maps in answers are not written`);
    default:
      if (isFields(value) || Array.isArray(value)) throw new TypeError(`${shape} must be a single value`);
      return escaped(String(value));
  }
}
