const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_.]{0,127})=/;

/** `NAME=value` as a pair, else undefined. */
export function assignment(word: string): readonly [string, string] | undefined {
  const name = ASSIGNMENT.exec(word)?.[1];
  return name === undefined ? undefined : [name, word.slice(name.length + 1)];
}

const SHELL_ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_.]{0,127})(\[[^\]\s]{0,32}\])?(\+?)=/;

/**
 * `NAME=value` as a shell takes it, else undefined: `NAME+=value` goes behind the value that `known` gives, and so does
 * an element, `NAME[1]=value`, with a blank between.
 */
export function shellAssignment(
  word: string,
  known: (name: string) => string | undefined,
): readonly [string, string] | undefined {
  const match = SHELL_ASSIGNMENT.exec(word);
  if (match === null) return undefined;
  const [head, name = '', element, plus] = match;
  const before = element === undefined && plus === '' ? '' : (known(name) ?? '');
  const between = element !== undefined && plus === '' && before !== '' ? ' ' : '';
  return [name, before + between + word.slice(head.length)];
}
