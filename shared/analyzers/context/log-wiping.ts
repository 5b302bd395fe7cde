import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { artifact } from '#shared/model/place.ts';
import { makeGate } from '../miner/gate.ts';
import { type Act, actsOf } from '../optimization/acts.ts';
import { stripRoot } from '../persistence/root-prefix.ts';

const NEEDLES = [
  ...['/log/wtmp', '/log/btmp', 'lastlog', '/log/utmp', '/run/utmp', '/log/secure', '/log/auth.log', '/log/syslog'],
  ...[
    '/log/messages',
    '/log/cron',
    '/log/maillog',
    '/log/audit',
    '/log/journal',
    '/log/faillog',
    '/var/log/*',
    '_history',
    '.history',
  ],
];
const gate = makeGate(NEEDLES, true);

const LOGS =
  /^\/var\/(?:log\/(?:wtmp|btmp|lastlog|utmp|secure|auth\.log|syslog|messages|cron|maillog|audit(?:\/.{0,100})?|journal(?:\/.{0,100})?|faillog|\*)?|run\/utmp)$|^\/run\/utmp$/;
const HISTORY = /(?:^|\/)\.(?:bash|zsh|sh|ash|mysql|python|psql|rediscli)?_?history$/;
const REMOVERS: ReadonlySet<string> = new Set(['rm', 'shred', 'unlink', 'truncate']);
/** Appending to a log is what logs are for. */
const WRITERS: ReadonlySet<string> = new Set(['echo', 'cat', 'cp', 'true', ':', 'printf', '']);

/** Login records, system logs or a shell's history emptied or deleted: what a loader does last. */
export const logWiping: Analyzer = {
  id: 'log_wiping',
  version: 1,
  title: 'Logs or shell history wiped',
  group: 'context',
  technique: 'T1070.002',
  classes: [CLASS.process],
  needles: NEEDLES,
  decide(event) {
    if (event.class !== CLASS.process || event.success === false) return [];
    const paths = new Set(actsOf(event.process, gate).flatMap(wiped));
    return [...paths].slice(0, 16).map(
      (path): Verdict => ({
        strength: 'weak',
        technique: HISTORY.test(path) ? 'T1070.003' : 'T1070.002',
        artifacts: [artifact('path', path)],
        why: `wiped: ${path}`,
      }),
    );
  },
};

function wiped({ name, words, program }: Act): readonly string[] {
  const emptied = program.writes
    .filter(({ append, text }) => !append && WRITERS.has(name) && (text ?? '').trim().length < 2)
    .map(({ path }) => path);
  const operands = words.filter((word) => !word.startsWith('-'));
  const removed = REMOVERS.has(name) ? operands : [];
  const linked = name === 'ln' && operands[0] === '/dev/null' ? operands.slice(1) : [];
  return [...emptied, ...removed, ...linked]
    .map((path) => stripRoot(path).path)
    .filter((path) => LOGS.test(path) || HISTORY.test(path));
}
