import type { Format } from '#shared/model/reader.ts';
import { cloudwatch } from './cloudwatch.ts';
import { cri } from './cri.ts';
import { docker } from './docker.ts';
import { jsonArray } from './json-array.ts';
import { MAX_DEPTH } from './limits.ts';
import { s3Export } from './s3-export.ts';
import type { InnerFormats } from './streams.ts';

/**
 * The envelopes in which log lines travel, most specific first, as formats whose readers find the format inside, at
 * most four envelopes deep: CloudWatch Logs deliveries and exports, CRI output, Docker and Fluent Bit records, each also
 * as an element of a JSON array, which is no further depth. An envelope's events are those of the inner format, with claims, pointer and clock of the envelope added. Its `look`
 * says nothing, since anything may lie inside: the looks are those of the inner formats whose `make` was called.
 */
export function envelopeFormats(inner: readonly Format[]): readonly Format[] {
  return nested(inner, 1);
}

function nested(payloads: readonly Format[], depth: number): readonly Format[] {
  let deeper: InnerFormats | undefined;
  const formats = (): InnerFormats => {
    deeper ??= { payloads, envelopes: depth < MAX_DEPTH ? nested(payloads, depth + 1) : [] };
    return deeper;
  };
  const envelopes = [cloudwatch(formats), docker(formats), cri(formats), s3Export(formats)];
  return [jsonArray(() => ({ payloads, envelopes })), ...envelopes];
}
