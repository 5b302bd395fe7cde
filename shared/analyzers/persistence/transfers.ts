import type { FileWrite } from './file-writes.ts';
import { tokensOf } from './program-tokens.ts';
import { type Option, readOptions, type Valued } from './short-options.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Options with values of aws(1), gsutil, docker-cp(1), kubectl, git-clone(1), axel(1), unrar, awk(1) and vim(1). */
const NONE: Valued = { letters: '', names: new Set() };
const AWS: Valued = {
  letters: '',
  names: words(
    `--region --profile --endpoint-url --output --exclude --include --acl --sse --storage-class --query --ca-bundle
     --page-size --content-type --request-payer`,
  ),
};
const KUBECTL: Valued = { letters: 'nc', names: words('--namespace --container --context --kubeconfig --retries') };
const GIT: Valued = {
  letters: 'bocju',
  names: words('--branch --origin --config --depth --jobs --template --reference --separate-git-dir --filter'),
};
const AXEL: Valued = {
  letters: 'onsHUNT',
  names: words('--output --num-connections --max-speed --header --user-agent --timeout'),
  abbreviated: true,
};
const AWK: Valued = { letters: 'Fvfe', names: words('--field-separator --assign --file --source') };
const VIM: Valued = { letters: 'cuUiTw', names: words('--cmd') };
const MAX_FILES = 16;

/** Files that programs fetch, copy out of a container or a bucket, or write by a text of their own. */
export function transfers(name: string, argv: readonly string[]): readonly FileWrite[] {
  const rest = argv.slice(1);
  switch (name) {
    case 'aws':
      return bucket(operands(rest, AWS), 's3', words('cp mv sync'), rest.includes('--recursive'));
    case 'gsutil':
      return bucket(
        ['s3', ...operands(rest, NONE)],
        's3',
        words('cp mv rsync'),
        /(?:^| )-[a-z]*[rR]/.test(rest.join(' ')),
      );
    case 'docker':
    case 'podman':
    case 'nerdctl':
      return outOfContainer(operands(rest, NONE));
    case 'kubectl':
    case 'oc':
      return outOfContainer(operands(rest, KUBECTL));
    case 'git':
      return cloned(operands(rest, GIT));
    case 'axel':
      return axel(readOptions(rest, AXEL));
    case 'unrar':
    case 'rar':
      return unrar(operands(rest, NONE));
    case 'awk':
    case 'gawk':
    case 'mawk':
    case 'nawk':
      return awk(rest);
    case 'ex':
    case 'vi':
    case 'vim':
    case 'nvim':
      return edited(readOptions(rest, VIM));
    default:
      return [];
  }
}

function operands(rest: readonly string[], valued: Valued): readonly string[] {
  return readOptions(rest, valued)
    .filter(({ name }) => name === '')
    .map(({ value = '' }) => value);
}

/** Whether a file is meant or a folder whose new files are not seen. */
function put(path: string, from: string, folder: boolean): readonly FileWrite[] {
  if (folder) return [{ path, from, inside: true }];
  const inside = `${path.replace(/\/$/, '')}/${from.slice(from.lastIndexOf('/') + 1)}`;
  return path.endsWith('/')
    ? [{ path: inside, from }]
    : [
        { path, from },
        { path: inside, from },
      ];
}

const REMOTE = /^[a-z][a-z0-9]{0,15}:\/\//;

/** `aws s3 cp s3://BUCKET/KEY PATH`; what goes the other way writes nothing here. */
function bucket(
  [service, verb = '', from = '', to = '']: readonly string[],
  wanted: string,
  verbs: ReadonlySet<string>,
  recursive: boolean,
): readonly FileWrite[] {
  if (service !== wanted || !verbs.has(verb) || !REMOTE.test(from) || to === '' || to === '-' || REMOTE.test(to))
    return [];
  return put(to, from, recursive || verb === 'sync' || verb === 'rsync');
}

/** `docker cp NAME:PATH PATH`. */
function outOfContainer(given: readonly string[]): readonly FileWrite[] {
  const [verb, from = '', to = ''] = given[0] === 'container' ? given.slice(1) : given;
  if (verb !== 'cp' || !/^[\w./-]{1,256}:/.test(from) || to === '' || to === '-' || /^[\w.-]{1,256}:/.test(to))
    return [];
  return put(to, from, /\/\.?$/.test(from));
}

function cloned([verb, from = '', to = '']: readonly string[]): readonly FileWrite[] {
  return verb === 'clone' && to !== '' ? put(to, from, true) : [];
}

function axel(options: readonly Option[]): readonly FileWrite[] {
  const from = options.find(({ name }) => name === '')?.value ?? '';
  const to = options.findLast(({ name }) => name === 'o' || name === '--output')?.value;
  return to === undefined || from === '' ? [] : put(to, from, false);
}

/** `unrar x ARCHIVE DIR/`: the folder is known by its slash. */
function unrar([verb = '', from = '', ...more]: readonly string[]): readonly FileWrite[] {
  const to = more.find((word) => word.endsWith('/'));
  return /^[ex]$/.test(verb) && to !== undefined ? put(to, from, true) : [];
}

/** `print "text" > "path"` and `printf`: the literal texts of a statement, and the file behind its `>`. */
function awk(rest: readonly string[]): readonly FileWrite[] {
  const options = readOptions(rest, AWK);
  const own = options.filter(({ name }) => name === 'e' || name === '--source').map(({ value = '' }) => value);
  const hasFile = options.some(({ name }) => name === 'f' || name === '--file');
  const text = own.length > 0 || hasFile ? own.join('\n') : (options.find(({ name }) => name === '')?.value ?? '');
  const found: FileWrite[] = [];
  let printed: string | undefined;
  let opens = false;
  for (const { kind, text: piece } of tokensOf(text)) {
    if (kind === 'word' && (piece === 'print' || piece === 'printf')) printed = '';
    else if (kind === 'mark' && (piece === ';' || piece === '}' || piece === '\n')) printed = undefined;
    else if (kind === 'string' && printed !== undefined) {
      if (opens && found.length < MAX_FILES) found.push({ path: piece, text: printed });
      else printed += piece;
    }
    opens = kind === 'mark' && piece === '>';
  }
  return found;
}

const SAVES = /(?:^|\|)\s{0,8}(?:w|wq|wqa|wa|x|xa|xit|up|update)!?\s{0,8}(?:$|\|)/;
const INSERTS = /^\s{0,8}(?:\$|%|\.|\d{1,9})?\s{0,8}(?:a|i|c|append|insert|change)\s{0,8}[|\n]([\s\S]*)$/;
const REPLACES = /^\s{0,8}(?:\$|%|\.|\d{1,9})?s([/#,!])[\s\S]*$/;

/** `ex -sc '$a|TEXT' -cx FILE`: what the commands put in, where one of them saves. */
function edited(options: readonly Option[]): readonly FileWrite[] {
  const commands = options.flatMap(({ name, value = '' }) =>
    name === 'c' || name === '--cmd' ? [value] : name === '' && value.startsWith('+') ? [value.slice(1)] : [],
  );
  if (!commands.some((command) => SAVES.test(command))) return [];
  const texts = commands
    .map((command) => INSERTS.exec(command)?.[1] ?? (REPLACES.test(command) ? command.split(/[/#,!]/)[2] : undefined))
    .filter((text) => text !== undefined);
  if (texts.length === 0) return [];
  const text = texts.join('\n');
  return options
    .filter(({ name, value = '' }) => name === '' && !value.startsWith('+'))
    .slice(0, MAX_FILES)
    .map(({ value = '' }) => ({ path: value, text }));
}
