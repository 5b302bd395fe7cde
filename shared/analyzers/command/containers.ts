import { assignment } from './assignments.ts';
import type { ContainerStart } from './program.ts';

/** What a container tool's words start. `argv` is empty where the image's own command runs. */
export interface Contained {
  readonly container: ContainerStart;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Long options of `docker run|create|exec` and their podman and nerdctl kin that take no value (docs.docker.com/reference/cli), and of `docker service create|update`. */
const DOCKER_FLAGS = words(
  `detach interactive tty rm privileged init read-only publish-all no-healthcheck oom-kill-disable sig-proxy
   disable-content-trust quiet no-resolve-image with-registry-auth force rollback replace no-hosts no-hostname http-proxy rmi tls-verify latest debug tls tlsverify help`,
);
/** Short options of the same that take a value. */
const DOCKER_VALUES = 'aceEhlmpuvwHn';
const KUBECTL_START = words('run exec create debug set');
const KUBECTL_FLAGS = words(
  'rm stdin tty attach quiet privileged expose leave-stdin-open command i t it ti insecure-skip-tls-verify',
);
const CTR_FLAGS = words(
  'rm d detach t tty privileged net-host with-ns null-io read-only host-network no-pivot allow-new-privs',
);

const DOCKER_LIKE: ReadonlySet<string> = new Set([
  'docker',
  'podman',
  'nerdctl',
  'docker-compose',
  'podman-remote',
  'finch',
]);
/** Words of `--args` that are kept. */
const MAX_ARGUMENTS = 256;
const DOCKER_START = words('run create exec');

interface OptionsRead {
  readonly operandsAt: number;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Reads options from `at` up to the first operand. `flags` are long options without a value; others take one. */
function readOptions(argv: readonly string[], at: number, flags: ReadonlySet<string>, short: string): OptionsRead {
  const values = new Map<string, string[]>();
  const note = (name: string, value: string): void => {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  };
  while (at < argv.length) {
    const word = argv[at] ?? '';
    if (word === '--' || !word.startsWith('-') || word === '-') break;
    at++;
    const dashes = word.startsWith('--') ? 2 : 1;
    const equals = word.indexOf('=');
    const name = word.slice(dashes, equals < 0 ? undefined : equals);
    if (equals > 0 && dashes === 2) note(name, word.slice(equals + 1));
    else if (dashes === 2) {
      if (flags.has(name)) note(name, 'true');
      else note(name, argv[at++] ?? '');
    } else at = readCluster(argv, at, word, short, note);
  }
  return { operandsAt: at, values };
}

function readCluster(
  argv: readonly string[],
  at: number,
  word: string,
  short: string,
  note: (name: string, value: string) => void,
): number {
  for (let letter = 1; letter < word.length; letter++) {
    const name = word[letter] ?? '';
    if (!short.includes(name)) continue;
    if (letter + 1 < word.length) {
      note(name, word.slice(word[letter + 1] === '=' ? letter + 2 : letter + 1));
      return at;
    }
    note(name, argv[at] ?? '');
    return at + 1;
  }
  return at;
}

function environmentOf(options: OptionsRead, names: readonly string[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of names) {
    for (const value of options.values.get(name) ?? []) {
      const pair = assignment(value);
      if (pair !== undefined) environment[pair[0]] = pair[1];
    }
  }
  return environment;
}

function all(options: OptionsRead, ...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => options.values.get(name) ?? []);
}

/** What `docker run -e K=V IMAGE ARGUMENTS` and its kin start; undefined where the words start nothing. */
export function contained(base: string, argv: readonly string[]): Contained | undefined {
  if (DOCKER_LIKE.has(base)) return docker(base, argv);
  if (base === 'kubectl' || base === 'oc' || base === 'k3s' || base === 'microk8s') return kubectl(base, argv);
  if (base === 'ctr') return ctr(argv);
  if (base === 'crictl') return crictl(argv);
  return undefined;
}

/** Whether a base name is a tool that `contained` reads. */
export function isContainerTool(base: string): boolean {
  return DOCKER_LIKE.has(base) || ['kubectl', 'oc', 'k3s', 'microk8s', 'ctr', 'crictl'].includes(base);
}

function docker(tool: string, argv: readonly string[]): Contained | undefined {
  let at = readOptions(argv, 1, DOCKER_FLAGS, 'acHln').operandsAt;
  if (argv[at] === 'compose') at = readOptions(argv, at + 1, DOCKER_FLAGS, 'fp').operandsAt;
  if (argv[at] === 'service') return service(tool, argv, at + 1);
  if (argv[at] === 'container') at++;
  const action = argv[at] ?? '';
  if (!DOCKER_START.has(action)) return undefined;
  const options = readOptions(argv, at + 1, DOCKER_FLAGS, DOCKER_VALUES);
  const operand = argv[options.operandsAt];
  if (operand === undefined) return undefined;
  const rest = argv.slice(options.operandsAt + (operand === '--' ? 2 : 1));
  const entry = all(options, 'entrypoint')[0];
  const image = operand === '--' ? argv[options.operandsAt + 1] : operand;
  const entryWords = entry === undefined || entry === '' ? [] : entryPoint(entry);
  const starts = action !== 'exec' && image !== undefined;
  return {
    container: {
      kind: action === 'exec' ? 'exec' : 'run',
      tool,
      privileged: all(options, 'privileged').includes('true'),
      mounts: all(options, 'v', 'volume', 'mount'),
      ...(starts ? { image } : {}),
      ...(starts && entry !== undefined ? { entry: true } : {}),
      ...(action === 'create' ? { created: true } : {}),
    },
    argv: [...entryWords, ...rest],
    environment: environmentOf(options, ['e', 'env']),
  };
}

/** `docker service create OPTIONS IMAGE ARGUMENTS` and `docker service update --image IMAGE SERVICE` of a swarm. */
function service(tool: string, argv: readonly string[], at: number): Contained | undefined {
  const action = argv[at];
  if (action !== 'create' && action !== 'update') return undefined;
  const options = readOptions(argv, at + 1, DOCKER_FLAGS, DOCKER_VALUES);
  const created = action === 'create';
  const image = created ? argv[options.operandsAt] : all(options, 'image')[0];
  if (image === undefined) return undefined;
  const entry = all(options, 'entrypoint')[0];
  const inside = created
    ? argv.slice(options.operandsAt + 1)
    : all(options, 'args').flatMap((text) => text.split(/\s+/, MAX_ARGUMENTS));
  return {
    container: {
      kind: 'run',
      tool,
      privileged: false,
      mounts: all(options, 'mount'),
      image,
      ...(entry === undefined ? {} : { entry: true }),
    },
    argv: [...(entry === undefined ? [] : [entry]), ...inside],
    environment: environmentOf(options, ['e', 'env', 'env-add']),
  };
}

/** podman takes an entry point as a JSON list of strings too. */
function entryPoint(text: string): readonly string[] {
  if (!text.startsWith('[') || text.length > 4096) return [text];
  return [...text.matchAll(/"([^"\\]*)"/g)].map((match) => match[1] ?? '');
}

function kubectl(tool: string, argv: readonly string[]): Contained | undefined {
  const dashes = argv.indexOf('--');
  const head = dashes < 0 ? argv : argv.slice(0, dashes);
  const action = head.find((word) => KUBECTL_START.has(word));
  if (action === undefined) return undefined;
  const options = { operandsAt: 0, values: optionsAnywhere(head) };
  if (action === 'set' && head[head.indexOf('set') + 1] === 'env') return environmentSet(tool, head);
  const image = action === 'set' ? imageSet(head) : all(options, 'image')[0];
  const inside = dashes < 0 ? [] : argv.slice(dashes + 1);
  if (action === 'exec' ? inside.length === 0 : image === undefined) return undefined;
  return {
    container: {
      kind: action === 'exec' ? 'exec' : 'run',
      tool,
      privileged: all(options, 'privileged').includes('true'),
      mounts: [],
      ...(image === undefined ? {} : { image }),
      ...(all(options, 'command').includes('true') ? { entry: true } : {}),
    },
    argv: inside,
    environment: environmentOf(options, ['env']),
  };
}

/** `kubectl set image deployment/NAME CONTAINER=IMAGE`. */
function imageSet(head: readonly string[]): string | undefined {
  const at = head.indexOf('set');
  if (head[at + 1] !== 'image') return undefined;
  const pair = head.slice(at + 2).find((word) => !word.startsWith('-') && word.includes('='));
  return pair?.slice(pair.indexOf('=') + 1);
}

/** `kubectl set env deployment/NAME A=B C=D`: the containers are started anew with the variables. */
function environmentSet(tool: string, head: readonly string[]): Contained | undefined {
  const environment: Record<string, string> = {};
  for (const word of head.slice(head.indexOf('set') + 2)) {
    const pair = assignment(word.replace(/^(?:-e=?|--env=)/, ''));
    if (pair !== undefined) environment[pair[0]] = pair[1];
  }
  if (Object.keys(environment).length === 0) return undefined;
  return { container: { kind: 'run', tool, privileged: false, mounts: [] }, argv: [], environment };
}

/** kubectl takes options and operands in any order. */
function optionsAnywhere(argv: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (let at = 1; at < argv.length; at++) {
    const read = readOptions(argv, at, KUBECTL_FLAGS, 'nlfo');
    for (const [name, found] of read.values) values.set(name, [...(values.get(name) ?? []), ...found]);
    at = Math.max(at, read.operandsAt);
  }
  return values;
}

function ctr(argv: readonly string[]): Contained | undefined {
  let at = readOptions(argv, 1, CTR_FLAGS, 'na').operandsAt;
  if (['c', 'container', 'containers', 't', 'task', 'tasks'].includes(argv[at] ?? '')) at++;
  const action = argv[at] ?? '';
  if (!DOCKER_START.has(action)) return undefined;
  const options = readOptions(argv, at + 1, CTR_FLAGS, 'c');
  const operand = argv[options.operandsAt];
  if (operand === undefined) return undefined;
  const exec = action === 'exec';
  return {
    container: {
      kind: exec ? 'exec' : 'run',
      tool: 'ctr',
      privileged: all(options, 'privileged').includes('true'),
      mounts: all(options, 'mount'),
      ...(exec ? {} : { image: operand }),
      ...(action === 'create' ? { created: true } : {}),
    },
    argv: argv.slice(options.operandsAt + (exec ? 1 : 2)),
    environment: environmentOf(options, ['env']),
  };
}

function crictl(argv: readonly string[]): Contained | undefined {
  const at = readOptions(argv, 1, CTR_FLAGS, 'ri').operandsAt;
  if (argv[at] !== 'exec') return undefined;
  const options = readOptions(argv, at + 1, words('interactive tty sync i t'), '');
  return {
    container: { kind: 'exec', tool: 'crictl', privileged: false, mounts: [] },
    argv: argv.slice(options.operandsAt + 1),
    environment: {},
  };
}
