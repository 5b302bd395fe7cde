import type { Encoding } from './modifiers.ts';

/**
 * A text in the encodings that its modifiers name, in their order (Sigma appendix "Modifiers", 2.1). More than one
 * text where the alignment is not known (`base64offset`).
 */
export function encode(text: string, encodings: readonly Encoding[]): readonly string[] {
  const bytes = encodings.reduce<Buffer>(
    (before, encoding) => (encoding.startsWith('utf16') ? toUtf16(text, encoding) : before),
    Buffer.from(text, 'utf8'),
  );
  return encodings.at(-1) === 'base64offset' ? base64AtEachOffset(bytes) : [bytes.toString('base64')];
}

function toUtf16(text: string, encoding: Encoding): Buffer {
  const little = Buffer.from(encoding === 'utf16' ? `\ufeff${text}` : text, 'utf16le');
  return encoding === 'utf16be' ? little.swap16() : little;
}

/**
 * What of a text's base64 form stays the same whatever stands around it, for each of the three alignments: characters
 * that share bits with bytes before or after are left out.
 */
function base64AtEachOffset(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const sharedAtStart = [0, 2, 3][before];
    return encoded.replace(/.=+$/, '').slice(sharedAtStart);
  });
}
