import { terminalText } from './escape.ts';

/** What Slack reads as markup in any text, and the entities that stand for it (Slack, "Formatting text", escaping). */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A character that is written out, or any code point: text is cut between these alone. */
const UNIT = /\\u\{[0-9a-f]{1,6}\}|./gsu;

const ELLIPSIS = '…';

/**
 * Escaped text of at most `most` characters, ended by `…` where it was cut. Counted after escaping: no entity,
 * surrogate pair or written-out character is ever halved.
 */
function escaped(text: string, most: number): string {
  let whole = '';
  let short = '';
  // Every character becomes at least one: what lies beyond `most` can't matter, and one more shows that it was cut.
  for (const [unit] of text.slice(0, most + 16).matchAll(UNIT)) {
    const next = whole + (ENTITIES[unit] ?? unit);
    if (next.length > most) return most < ELLIPSIS.length ? '' : short + ELLIPSIS;
    whole = next;
    if (next.length <= most - ELLIPSIS.length) short = next;
  }
  return whole;
}

/**
 * Text from anywhere for a field that Slack doesn't format (`plain_text`): what a screen obeys or hides is written
 * out, links and addresses are broken up as in mails, `@` can call nobody.
 */
export function slackPlain(text: string, most: number): string {
  const broken = text.replaceAll('://', '[:]//').replace(/www\./gi, 'www[.]').replaceAll('@', '[@]');
  return escaped(terminalText(broken), most);
}

/**
 * Text from anywhere as a code span, the one place of `mrkdwn` in which nothing is formatted, linked or called:
 * at most `most` characters with its marks, on one line, never empty. A backtick is written out.
 */
export function slackCode(text: string, most: number): string {
  const line = terminalText(text).replaceAll('`', '\\u{60}').trim();
  return `\`${escaped(line === '' ? '-' : line, Math.max(1, most - 2))}\``;
}

/** Whole lines from the beginning, as many as `most` characters hold with a last line that counts the rest. */
export function slackLines(lines: readonly string[], most: number): string {
  const all = lines.join('\n');
  if (all.length <= most) return all;
  const rest = (left: number): string => `and ${left} more`;
  const kept: string[] = [];
  let room = most - rest(lines.length).length;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) break;
    kept.push(line);
  }
  return [...kept, rest(lines.length - kept.length)].join('\n');
}
