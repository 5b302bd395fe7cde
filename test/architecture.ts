/** The rooms of the core and what each may import, as docs/architecture.md states it. */
export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  model: [],
  sigma: ['model'],
  intel: ['model'],
  context: ['model'],
  events: ['model'],
  analyzers: ['model', 'intel'],
  classify: ['model', 'sigma', 'analyzers', 'intel', 'context'],
  correlate: ['model', 'context'],
  report: ['model'],
  pipeline: ['model', 'sigma', 'analyzers', 'intel', 'context', 'events', 'classify', 'correlate', 'report'],
  aws: ['model', 'correlate'],
};

/** Node's modules that the core may use: they compute, and reach neither disk nor network nor clock. */
const PURE_NODE = new Set(['node:crypto', 'node:buffer', 'node:net', 'node:zlib', 'node:util']);
/** The command line's own libraries, the embedded table and the SDK stay out of the core. */
const IMPURE_PACKAGES = [/^@aws-sdk\//, /^dynalite/, /^commander/, /^cli-/, /^@aws-lambda-powertools/, /^yaml$/];
/** YAML is read at author, command line and build time only, by the rule loader. */
const MAY_READ_YAML = new Set(['shared/sigma/load.ts']);
const IMPURE_GLOBALS =
  /\b(?:Date\.now\(|new Date\(\)|Math\.random\(|performance\.|process\.(?:env|exit|cwd|hrtime|memoryUsage|uptime|nextTick|stdout|stderr|stdin|platform)\b|setTimeout\(|setInterval\(|setImmediate\(|fetch\(|randomUUID|randomBytes|lookup\()/;

const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

/** What the rooms around the core may import of one another; each of them may import the core. */
const AROUND: Readonly<Record<string, readonly string[]>> = {
  // The version and the lists that every bundle holds are data.
  functions: ['functions', 'intel', 'package.json'],
  cdk: ['cdk'],
};

/** What breaks the architecture in one file of `functions/` or `cdk/`: one line each. */
export function violationsAround(path: string, text: string): string[] {
  const room = path.split('/')[0] ?? '';
  const allowed = AROUND[room] ?? [];
  const found: string[] = [];
  for (const [, specifier = ''] of text.matchAll(IMPORT)) {
    if (!specifier.startsWith('.')) {
      const foreign =
        room === 'functions'
          ? /^(?:aws-cdk-lib|cdk-nag|constructs|yaml|dynalite|commander)/
          : /^(?:dynalite|commander)/;
      if (foreign.test(specifier)) found.push(`${path}: ${room} must not import ${specifier}`);
      continue;
    }
    const target = resolved(path, specifier)[0] ?? '';
    if (!allowed.includes(target)) found.push(`${path}: ${room} must not import ${target}`);
  }
  return found;
}

/** What breaks the architecture in one file of `shared/`: one line each, empty when nothing does. */
export function violations(path: string, text: string): string[] {
  const room = path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
  const allowed = ALLOWED[room];
  if (allowed === undefined) return [`${path}: the room '${room}' is not in the architecture`];
  const found: string[] = [];
  for (const [, specifier = ''] of text.matchAll(IMPORT)) {
    const target = targetRoom(path, specifier);
    if (target !== undefined) {
      if (target !== room && !allowed.includes(target)) found.push(`${path}: ${room} must not import ${target}`);
    } else if (specifier.startsWith('node:')) {
      if (room !== 'aws' && !PURE_NODE.has(specifier)) found.push(`${path}: the core must not import ${specifier}`);
    } else if (room !== 'aws' && IMPURE_PACKAGES.some((one) => one.test(specifier)) && !MAY_READ_YAML.has(path)) {
      found.push(`${path}: the core must not import ${specifier}`);
    }
  }
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const global = IMPURE_GLOBALS.exec(code);
  if (room !== 'aws' && global !== null) found.push(`${path}: the core must not use ${global[0]}`);
  return found;
}

/** The parts of the path that a relative import leads to. */
function resolved(path: string, specifier: string): string[] {
  const parts = path.split('/').slice(0, -1);
  for (const step of specifier.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return parts;
}

function targetRoom(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('#shared/')) return specifier.split('/')[1]?.replace(/\.ts$/, '');
  if (!specifier.startsWith('.')) return undefined;
  const parts = resolved(path, specifier);
  return parts[0] === 'shared' ? parts[1]?.replace(/\.ts$/, '') : `outside shared (${parts[0]})`;
}
