import { removed } from './known.ts';
import { Rewriter, readValue } from './reading.ts';
import { type Keep, MASK } from './shapes.ts';

const VARIABLE = /\$\{?([A-Za-z_]\w{0,63})/g;
const MAX_VARIABLES = 16;

/**
 * A text in which a variable that stood where a secret was masked is set: `P=x; ./a --pass $P`. Its value is the secret.
 * @param text as it was before any mask
 * @param masked the same with its masks
 */
export function maskAssigned(text: string, masked: string, keep: Keep): string {
  if (!text.includes('$') || !masked.includes(MASK)) return masked;
  const names = new Set<string>();
  for (const secret of removed(text, masked)) {
    for (const [, name = ''] of secret.matchAll(VARIABLE)) if (names.size < MAX_VARIABLES) names.add(name);
  }
  if (names.size === 0) return masked;
  const out = new Rewriter(masked);
  const assignment = /(?<![\w$.-])([A-Za-z_]\w{0,63})=/g;
  for (let found = assignment.exec(masked); found !== null; found = assignment.exec(masked)) {
    if (!names.has(found[1] ?? '')) continue;
    const value = readValue(masked, assignment.lastIndex);
    const shown = masked.slice(value.from, value.to);
    if (shown !== '' && !keep(shown)) out.replace(value.from, value.to, MASK);
    assignment.lastIndex = Math.max(value.next, assignment.lastIndex);
  }
  return out.toString();
}
