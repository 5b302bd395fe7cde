import type { Event } from '#shared/model/event.ts';
import type { Field } from './fields.ts';
import { fold } from './fold.ts';

/** The texts of one field: one for a plain field, any number for a list, none where it is absent. */
export type FieldValues = readonly string[];

/** Longer texts are cut: what comes after is not looked at. */
const MAX_TEXT = 65_536;
const MAX_ELEMENTS = 4_096;

/** One event as tests see it: each field is read and folded once, however many rules ask for it. */
export class View {
  readonly event: Event;
  readonly #texts = new Map<Field, FieldValues>();
  readonly #folded = new Map<Field, FieldValues>();

  constructor(event: Event) {
    this.event = event;
  }

  texts(field: Field): FieldValues {
    let texts = this.#texts.get(field);
    if (texts === undefined) {
      texts = bounded(field.read(this.event));
      this.#texts.set(field, texts);
    }
    return texts;
  }

  /** The same texts in lower case, index by index. */
  folded(field: Field): FieldValues {
    let folded = this.#folded.get(field);
    if (folded === undefined) {
      folded = this.texts(field).map(fold);
      this.#folded.set(field, folded);
    }
    return folded;
  }
}

function bounded(value: ReturnType<Field['read']>): FieldValues {
  if (value === undefined) return [];
  if (typeof value !== 'object') return [String(value).slice(0, MAX_TEXT)];
  return value.slice(0, MAX_ELEMENTS).map((text) => text.slice(0, MAX_TEXT));
}
