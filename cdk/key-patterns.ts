/**
 * The keys of a bucket that a prefix of the configuration stands for: those that begin with it, where `*` stands for any
 * characters, `/` too. EventBridge's `wildcard` and IAM's resources read it alike.
 */
export function keyFilter(prefix: string): { readonly prefix: string } | { readonly wildcard: string } | undefined {
  if (prefix === '' || prefix === '*') return undefined;
  if (!prefix.includes('*')) return { prefix };
  // A backslash escapes itself and `*` here, though not in `prefix` (EventBridge user guide, "Comparison operators").
  return { wildcard: withEnd(prefix.replaceAll('\\', '\\\\')) };
}

/** The same as the end of an ARN in a policy. */
export const withEnd = (prefix: string): string => (prefix.endsWith('*') ? prefix : `${prefix}*`);

/**
 * Whether every key of `narrow` is provably one of `wide`. A prefix covers all that are longer, and a
 * `*` what stands in its place; two patterns of which neither covers the other may still have keys in common, which no log service writes.
 */
export function covers(wide: string, narrow: string): boolean {
  const [first = '', ...others] = wide.split('*');
  if (!narrow.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    // A `*` of the narrow one is in no part, so that it is matched by a `*` alone.
    const found = narrow.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

/** Of the prefixes, in their order, those that none of the others covers; of equal ones the first. */
export function widest(prefixes: readonly string[]): readonly string[] {
  return prefixes.filter(
    (one, at) =>
      !prefixes.some((other, place) => place !== at && covers(other, one) && (!covers(one, other) || place < at)),
  );
}
