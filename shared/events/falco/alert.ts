import { hash } from 'node:crypto';
import { CUT, objectSpans, parseJson, type Span, spanValue, stringInside } from '../decode/json.ts';
import { Scratch } from '../decode/scratch.ts';
import { Fields } from './fields.ts';
import { textHead } from './priority.ts';
import { textFields } from './text-fields.ts';

/** One alert of Falco, from JSON or text, before its time is known. */
export interface Alert {
  readonly rule: string;
  /** In lower case. */
  readonly priority: string;
  readonly source: string | undefined;
  readonly hostName: string | undefined;
  readonly output: string;
  /** The output without its time and priority. */
  readonly message: string;
  readonly tags: readonly string[];
  readonly fields: Fields;
  /** The alert's own time as text, from `time` or from the beginning of the output. */
  readonly time: string | undefined;
  /** The digits of `evt.time`, nanoseconds since the epoch, never read as a double. */
  readonly nanoseconds: string | undefined;
  readonly truncated: boolean;
  /** A short hash of the text, for alerts whose time does not make them their own. */
  readonly digest: string;
}

const MAX_TAGS = 64;
const EVENT_TIME = /"(?:evt\.time|evt\.time\.iso8601|evt\.rawtime|jevt\.rawtime)"\s{0,8}:\s{0,8}"?(\d{16,19})[",}\s]/;

/** The alert in a JSON text, also a cut one, or why there is none. */
export function jsonAlert(chunk: Buffer, from: number, to: number): Alert | 'not-json' | 'missing-field' {
  const text = chunk.toString('utf8', from, to);
  const whole = parseJson(text);
  if (isObject(whole)) return alertOf(new Map(Object.entries(whole)), fieldsOf(whole['output_fields']), text, 'json');
  const { spans, after } = objectSpans(chunk, from, to);
  if (after !== CUT || spans.size === 0) return 'not-json';
  const inner = spans.get('output_fields');
  const fields = inner === undefined ? undefined : cutValues(chunk, objectSpans(chunk, inner.from, inner.to).spans);
  return alertOf(cutValues(chunk, spans), fields, text, 'cut-json');
}

/** The alert in a text output, whose beginning `alertStart` has found. */
export function textAlert(chunk: Buffer, from: number, to: number): Alert | 'missing-field' {
  const text = chunk.toString('utf8', from, to);
  return alertOf(new Map([['output', text]]), undefined, text, 'text');
}

function alertOf(
  top: ReadonlyMap<string, unknown>,
  fields: ReadonlyMap<string, unknown> | undefined,
  text: string,
  form: 'json' | 'cut-json' | 'text',
): Alert | 'missing-field' {
  const named = new Fields(top);
  const output = named.text('output') ?? '';
  const rule = named.text('rule') ?? '';
  if (rule === '' && output === '' && fields === undefined) return 'missing-field';
  const head = textHead(output, false);
  return {
    rule,
    priority: (named.text('priority') ?? head?.priority ?? '').toLowerCase(),
    source: named.text('source'),
    hostName: named.text('hostname'),
    output,
    message: named.text('message') ?? output.slice(head?.length ?? 0),
    tags: tagsOf(top.get('tags')),
    fields: new Fields(fields ?? textFields(output)),
    time: named.text('time') ?? isoTime(fields) ?? head?.stamp,
    // In JSON the quotes of what a process printed are escaped; in text they may be an attacker's.
    nanoseconds: form !== 'text' ? EVENT_TIME.exec(text)?.[1] : undefined,
    truncated: form === 'cut-json',
    digest: hash('sha256', text).slice(0, 16),
  };
}

/** `evt.time.iso8601` as text; as a number it is left to the raw digits. */
function isoTime(fields: ReadonlyMap<string, unknown> | undefined): string | undefined {
  const value = fields?.get('evt.time.iso8601') ?? fields?.get('jevt.time.iso8601');
  return typeof value === 'string' && value.includes('T') ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return isObject(value) ? new Map(Object.entries(value)) : undefined;
}

function tagsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.filter((tag): tag is string => typeof tag === 'string').slice(0, MAX_TAGS);
}

/** What stands whole before the cut, and of a cut string its words but the last, which may have been longer. */
function cutValues(chunk: Buffer, spans: ReadonlyMap<string, Span>): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  for (const [key, span] of spans) {
    const value = span.cut ? cutText(chunk, span) : spanValue(chunk, span);
    if (value !== undefined) values.set(key, value);
  }
  return values;
}

function cutText(chunk: Buffer, span: Span): string | undefined {
  const inside = stringInside(chunk, span);
  if (inside === undefined) return undefined;
  const scratch = new Scratch();
  scratch.appendJsonString(chunk, inside.from, inside.to);
  const text = scratch.bytes.toString('utf8', 0, scratch.length);
  const space = text.lastIndexOf(' ');
  return space > 0 ? text.slice(0, space) : undefined;
}
