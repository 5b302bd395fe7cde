import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Process } from '#shared/model/event.ts';
import type { Strength } from '#shared/model/groups.ts';
import { baseName, isShell } from '../command/names.ts';
import { makeGate } from '../miner/gate.ts';

interface ServerKind {
  readonly what: string;
  readonly names: ReadonlySet<string>;
  /** Builds, npm scripts and Jenkins jobs are shells under these, too: told, but as a note. */
  readonly strength: Strength;
}

const kind = (what: string, strength: Strength, names: string): ServerKind => ({
  what,
  strength,
  names: new Set(names.split(' ')),
});

/** Services that are entered from the net, by the names that their processes bear (Falco's, Elastic's and Sigma's lists). */
const SERVERS: readonly ServerKind[] = [
  kind(
    'a web server',
    'weak',
    'nginx apache apache2 httpd lighttpd caddy openresty litespeed lshttpd php-fpm php-cgi phpfpm',
  ),
  kind(
    'a database',
    'weak',
    'postgres postmaster mysqld mariadbd redis-server valkey-server mongod memcached couchdb beam.smp clickhouse-server',
  ),
  kind(
    'an application server',
    'note',
    'java jsvc tomcat node nodejs gunicorn uwsgi uvicorn puma unicorn jupyter-lab jupyter-notebook',
  ),
];
const gate = makeGate(
  SERVERS.flatMap(({ names }) => [...names]),
  false,
);

/** Housekeeping that servers start a shell for: package scripts, write-ahead logs, log rotation. */
const HOUSEKEEPING =
  /\b(?:npm|yarn|pnpm|npx|node_modules|pg_wal|archive_status|wal-g|wal-e|pgbackrest|barman|rotatelogs|cronolog|ldconfig|sendmail)\b/;

/**
 * A shell whose parent is a web server, database or application server: how most exploits and `COPY FROM PROGRAM`
 * look from outside. Only sensors that record parents show it (Falco), and these are read whole: it needs no needle, and
 * `java` as one would make every start of a Java program a candidate.
 */
export const shellUnderServer: Analyzer = {
  id: 'shell_under_server',
  version: 1,
  title: 'Shell started by a server',
  group: 'context',
  technique: 'T1190',
  classes: [CLASS.process],
  needles: [],
  decide(event) {
    if (event.class !== CLASS.process || event.success === false) return [];
    const { process } = event;
    if (!startsShell(process)) return [];
    const parents = parentsOf(process);
    if (!gate(parents)) return [];
    const parent = parents.find((name) => !isShell(name));
    const server = parent === undefined ? undefined : SERVERS.find(({ names }) => names.has(serverName(parent)));
    const text = (process.argv ?? []).join(' ').slice(0, 4096);
    if (server === undefined || HOUSEKEEPING.test(text) || HOUSEKEEPING.test(process.parentCommandLine ?? ''))
      return [];
    return [
      {
        strength: server.strength,
        artifacts: [],
        why: `a shell under ${parent}, ${server.what}: ${text.slice(0, 160)}`,
      },
    ];
  },
};

function startsShell({ executable, name, argv }: Process): boolean {
  const real = baseName(executable ?? '');
  return isShell(real) || isShell(baseName(argv?.[0] ?? '')) || (real === '' && isShell(name ?? ''));
}

/** Base names of parent and ancestors, nearest first. */
function parentsOf({ parentExecutable, parentName, ancestors }: Process): readonly string[] {
  const nearest = parentExecutable === undefined || parentExecutable === '' ? parentName : baseName(parentExecutable);
  return [nearest, ...(ancestors ?? []).slice(0, 4)].filter((name) => name !== undefined && name !== '').map(lower);
}

const lower = (name: string | undefined): string => (name ?? '').toLowerCase();

/** `php-fpm8.2`, `php-fpm: pool www` and `postgres: worker` without what follows the program's name. */
function serverName(name: string): string {
  return name.replace(/(?<=^php-(?:fpm|cgi)|^phpfpm|^gunicorn)[\d.]{1,8}/, '').replace(/:.*$/, '');
}
