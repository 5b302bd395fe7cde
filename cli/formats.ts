import { AUDITD } from '#shared/events/auditd/reader.ts';
import { envelopeFormats } from '#shared/events/decode/envelopes.ts';
import { FALCO } from '#shared/events/falco/reader.ts';
import { MINER_CONSOLE } from '#shared/events/miner-console/reader.ts';
import { RESOLVER } from '#shared/events/resolver/reader.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import type { Format } from '#shared/model/reader.ts';
import { UsageError } from './usage-error.ts';

/** Formats of single records, most specific first. */
export const RECORD_FORMATS: readonly Format[] = [AUDITD, RESOLVER, FALCO, MINER_CONSOLE, VPC_FLOW];

const ENVELOPES = envelopeFormats(RECORD_FORMATS);

/** All formats: records, and envelopes around them. */
export const FORMATS: readonly Format[] = [...ENVELOPES, ...RECORD_FORMATS];

/** What `--format` takes beside `auto`. */
export const FORMAT_NAMES: readonly string[] = FORMATS.map((format) => format.name);

/**
 * The formats to try, most specific first: every one for `auto`; a record format also inside envelopes; an envelope
 * with anything inside.
 * @throws UsageError for an unknown name
 */
export function formatsNamed(name: string): readonly Format[] {
  if (name === 'auto') return FORMATS;
  const record = RECORD_FORMATS.find((format) => format.name === name);
  if (record !== undefined) return [...envelopeFormats([record]), record];
  const envelope = ENVELOPES.find((format) => format.name === name);
  if (envelope !== undefined) return [envelope];
  throw new UsageError(`no format is named '${name}'; known are auto, ${FORMAT_NAMES.join(', ')}`);
}
