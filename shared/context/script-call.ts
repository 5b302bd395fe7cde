import type { Process } from '../model/event.ts';

/** The kernel's short name of a process holds this many bytes (TASK_COMM_LEN less the closing zero). */
export const KERNEL_NAME_BYTES = 15;

/** Kinds of interpreters in which package and configuration managers are written. */
export type Family = 'python' | 'ruby' | 'perl' | 'shell';

const FAMILIES: readonly (readonly [Family, RegExp])[] = [
  ['python', /^(?:platform-)?python[\d.]{0,5}$/],
  ['ruby', /^ruby[\d.]{0,5}$/],
  ['perl', /^perl[\d.]{0,8}(?:-\w{1,16}-linux-gnu)?$/],
  ['shell', /^(?:ba|da|k)?sh$/],
];

/** Switches that stand before a script and take no word after them. Any other may take the program's text from elsewhere. */
const SWITCHES: Readonly<Record<Family, RegExp>> = {
  python: /^-[bBdEIOPsSuv]{1,8}$/,
  ruby: /^(?:-w|--disable[-=][\w-]{1,32})$/,
  perl: /^-[wTt]{1,3}$/,
  shell: /^-[eufx]{1,4}$/,
};
const MAX_SWITCHES = 8;

/** The script that an interpreter was called with, where the call names one by its absolute path, and what follows it. */
export interface ScriptCall {
  readonly script: string | undefined;
  readonly operands: readonly string[];
}

/** The interpreter family of a program's base name. */
export function familyOf(base: string): Family | undefined {
  return FAMILIES.find(([, pattern]) => pattern.test(base))?.[0];
}

/**
 * What an interpreter was called with. `undefined` where no call is to be seen: without arguments, or where the program
 * wrote a title over them. A call without script, or with one named by no absolute path, gives no script.
 */
export function scriptCall({ argv = [], exact, name }: Process, family: Family): ScriptCall | undefined {
  const [spoken, ...rest] = argv;
  if (spoken === undefined) return undefined;
  const at = rest.findIndex((word, index) => index >= MAX_SWITCHES || !SWITCHES[family].test(word));
  const first = at < 0 ? undefined : rest[at];
  if (first?.startsWith('/') === true) return { script: first, operands: rest.slice(at + 1) };
  const isTitle = exact === false && spoken === name && familyOf(name) === undefined;
  return isTitle ? undefined : { script: undefined, operands: [] };
}
