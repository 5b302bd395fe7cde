import type { Alert } from './alert.ts';

const READS = /^read(?:s|ing)?$/;
const CREATES = /^(?:creat|drift)/;
const CHANGES =
  /^(?:(?:over)?(?:writ|wrote)|modif|chang|updat|append|tamper|replac|truncat|schedul|inject|delet|remov|renam|(?:edit|alter|add)(?:s|ed|ing)?$)/;
const MAX_PROSE = 512;

type Said = 'read' | 'create' | 'update';

/**
 * What a rule's own words say of the file that it saw: its name, else the text of its output before the fields.
 * `undefined` where they say nothing, or both that it was read and that it was written.
 */
export function saidByRule(alert: Alert): Said | undefined {
  return saidBy(words(alert.rule)) ?? saidBy(ownProse(alert));
}

function saidBy(own: readonly string[]): Said | undefined {
  const reads = own.some((word) => READS.test(word));
  const changes = own.some((word) => CHANGES.test(word));
  const creates = own.some((word) => CREATES.test(word));
  if (reads) return changes || creates ? undefined : 'read';
  // "Write below etc" and the like also stand shortened to the place: "File below /etc".
  if (changes || own.includes('below')) return creates && !changes ? 'create' : 'update';
  return creates ? 'create' : undefined;
}

/**
 * The words of the output up to its fields, without those that a field holds as well: a rule may print a file's or a
 * program's name there, and who names a program "read" must not hide a write.
 */
function ownProse(alert: Alert): readonly string[] {
  const prose = alert.message.slice(0, MAX_PROSE);
  const end = prose.search(/[(|=]/);
  const found = words(end < 0 ? prose : prose.slice(0, end));
  return found.some((word) => READS.test(word)) ? found.filter((word) => !alert.fields.holdsWord(word)) : found;
}

function words(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .slice(0, MAX_PROSE)
      .match(/[a-z]+/g) ?? []
  );
}
