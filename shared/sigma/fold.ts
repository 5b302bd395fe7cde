/**
 * Lower case as Sigma compares text, one character for one. The Kelvin sign and the dotted capital I, which would
 * become ASCII letters, stay as they are, since readers look for needles in bytes and would never see them; both small
 * sigmas of Greek are one.
 */
export function fold(text: string): string {
  return /[\u0080-\uffff]/.test(text) ? foldBeyondAscii(text) : text.toLowerCase();
}

function foldBeyondAscii(text: string): string {
  return text.replace(/[^\u0130\u212a]+/g, (part) => part.toLowerCase()).replaceAll('ς', 'σ');
}
