import { baseName, isInterpreter, isShell } from '#shared/analyzers/command/names.ts';
import { programs } from '#shared/analyzers/command/reading.ts';
import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import { artifact } from '#shared/model/place.ts';
import { processTexts } from '../miner/actor.ts';
import { makeGate } from '../miner/gate.ts';
import { isSuspiciousProgramPath, stripRoot } from './root-prefix.ts';

/** Folders that everybody may write, and hidden ones below those where malware keeps its scripts. */
const NEEDLES: readonly string[] = [
  ...['/tmp/', '/dev/shm/', '/run/shm/', '/run/user/', '/run/lock/'],
  ...['/root/.', '/home/.', '/opt/.', '/var/.', '/etc/.', '/srv/.', '/mnt/.', '/usr/.', '/run/.'],
  ...['/bin/.', '/sbin/.', '/lib/.', '/lib64/.', '/share/.', '/local/.', '/log/.', '/spool/.', '/cache/.'],
  ...['/.cache/', '/.config/', '/.ssh/', '/.x/', '/.../'],
];
const gate = makeGate(NEEDLES, false);
const MAX_SCRIPTS = 8;
const MAX_PATH = 512;

/**
 * A shell or interpreter that starts a script in a writable or hidden folder, without a terminal, as cron, systemd and
 * web shells do. It says little of itself, and is kept for its `path:` alone: a schedule that starts a wrapper names the
 * wrapper, not the miner, and only the session in which the wrapper ran names both.
 */
export const scriptStarted: Analyzer = {
  id: 'script_started',
  version: 1,
  title: 'Script started from a writable or hidden folder',
  group: 'context',
  technique: 'T1059.004',
  classes: [CLASS.process],
  needles: NEEDLES,
  decide(event) {
    if (event.class !== CLASS.process || event.success === false || event.process.tty !== undefined) return [];
    if (!gate(processTexts(event.process))) return [];
    const [launched, ...started] = programs(event.process);
    const shell = baseName(launched?.argv[0] ?? '');
    if (launched?.source !== 'argv' || !(isShell(shell) || isInterpreter(shell))) return [];
    const paths = new Set(
      started
        .filter((one) => !one.remote && one.container === undefined && one.source !== 'decoded')
        .map(({ path }) => stripRoot(path.slice(0, MAX_PATH)).path)
        .filter((path) => path.startsWith('/') && isSuspiciousProgramPath(path)),
    );
    const [first] = paths;
    if (first === undefined) return [];
    const artifacts = [...paths].slice(0, MAX_SCRIPTS).map((path) => artifact('path', path));
    return [{ strength: 'note', artifacts, why: `${shell} starts ${first} without a terminal` }];
  },
};
