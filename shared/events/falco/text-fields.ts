/**
 * Names that rules of falcosecurity/rules give to fields in the text of their output, and the fields that they print.
 * `ip` and `port` are those of the remote side.
 */
const FIELD_OF_NAME: ReadonlyMap<string, string> = new Map([
  ['evt_type', 'evt.type'],
  ['syscall', 'evt.type'],
  ['user', 'user.name'],
  ['user_uid', 'user.uid'],
  ['user_loginuid', 'user.loginuid'],
  ['process', 'proc.name'],
  ['proc', 'proc.name'],
  ['proc_exepath', 'proc.exepath'],
  ['exepath', 'proc.exepath'],
  ['command', 'proc.cmdline'],
  ['cmdline', 'proc.cmdline'],
  ['cmd', 'proc.cmdline'],
  ['proc_cmdline', 'proc.cmdline'],
  ['cwd', 'proc.cwd'],
  ['terminal', 'proc.tty'],
  ['parent', 'proc.pname'],
  ['parent_exe', 'proc.pexe'],
  ['parent_exepath', 'proc.pexepath'],
  ['pcmdline', 'proc.pcmdline'],
  ['gparent', 'proc.aname[2]'],
  ['ggparent', 'proc.aname[3]'],
  ['gggparent', 'proc.aname[4]'],
  ['exe_flags', 'evt.arg.flags'],
  ['flags', 'evt.arg.flags'],
  ['file', 'fd.name'],
  ['connection', 'fd.name'],
  ['fd', 'fd.name'],
  ['fd_proto', 'fd.l4proto'],
  ['proto', 'fd.l4proto'],
  ['lport', 'fd.lport'],
  ['rport', 'fd.rport'],
  ['ip', 'fd.rip'],
  ['port', 'fd.rport'],
  ['container', 'container.id'],
  ['container_id', 'container.id'],
  ['id', 'container.id'],
  ['container_name', 'container.name'],
  ['image', 'container.image.repository'],
  ['container_image', 'container.image.repository'],
  ['container_image_repository', 'container.image.repository'],
  ['container_image_tag', 'container.image.tag'],
  ['k8s_ns', 'k8s.ns.name'],
  ['k8s.ns', 'k8s.ns.name'],
  ['k8s_ns_name', 'k8s.ns.name'],
  ['k8s_pod', 'k8s.pod.name'],
  ['k8s.pod', 'k8s.pod.name'],
  ['k8s_pod_name', 'k8s.pod.name'],
]);

const COMMAND_FIELDS: ReadonlySet<string> = new Set(['proc.cmdline', 'proc.pcmdline']);
const PAIR = /(?<=^|[\s(])([a-z][a-z0-9_.]{0,31})(\[\d{1,2}\])?=/g;
const MAX_TEXT = 65_536;

interface Pair {
  readonly field: string;
  readonly from: number;
  readonly value: number;
}

/**
 * The fields that the text of an output names: `… (user=root command=xmrig -o … container_id=host image=<NA>)`. Values
 * are not quoted, so a command line may hold what looks like further fields: of fields named twice the first counts for
 * command lines and the last for all others; a command line ends where the next field that counts begins, other values
 * where the next name does.
 */
export function textFields(output: string): ReadonlyMap<string, string> {
  const text = output.slice(0, MAX_TEXT);
  const all = namedPairs(text);
  const chosen = new Map<string, Pair>();
  for (const pair of all) {
    if (!COMMAND_FIELDS.has(pair.field) || !chosen.has(pair.field)) chosen.set(pair.field, pair);
  }
  const counting = new Set(chosen.values());
  const values = new Map<string, string>();
  all.forEach((pair, index) => {
    if (!counting.has(pair)) return;
    const isCommand = COMMAND_FIELDS.has(pair.field);
    let next = index + 1;
    for (let other = all[next]; isCommand && other !== undefined && !counting.has(other); other = all[next]) next++;
    values.set(pair.field, cleanValue(text.slice(pair.value, all[next]?.from)));
  });
  return values;
}

/** All names that rules use, from the bracket on or, in newer rules, the bar that opens their list. */
function namedPairs(text: string): Pair[] {
  const pairs: Pair[] = [];
  let inside = false;
  for (const match of text.matchAll(PAIR)) {
    const [whole, name = '', index] = match;
    inside ||= text[match.index - 1] === '(' || text.startsWith(' | ', match.index - 3);
    const field = index !== undefined && name === 'aname' ? `proc.aname${index}` : FIELD_OF_NAME.get(name);
    if (inside && field !== undefined) pairs.push({ field, from: match.index, value: match.index + whole.length });
  }
  return pairs;
}

/** A value without the bracket that closes the list and without that which opens a nested one: `host (` of `host (id=host)`. */
function cleanValue(raw: string): string {
  let text = raw.trim();
  const open = count(text, '(');
  for (let extra = count(text, ')') - open; extra > 0 && text.endsWith(')'); extra--)
    text = text.slice(0, -1).trimEnd();
  return text.endsWith('(') ? text.slice(0, -1).trimEnd() : text;
}

function count(text: string, letter: string): number {
  let found = 0;
  for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) found++;
  return found;
}
