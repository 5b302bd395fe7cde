import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import { artifact } from '#shared/model/place.ts';
import { literals, makeGate, minimalNeedles } from '../miner/gate.ts';
import { IMAGE_NEEDLES } from '../miner/image-names.ts';
import { SCHEME_NEEDLES } from '../miner/pool-url.ts';
import { LISTED_NAMES, minerName } from './names.ts';
import { judgeCommand } from './starts.ts';

const TECHNIQUES = { cron: 'T1053.003', systemd: 'T1543.002', at: 'T1053.002', windows: 'T1053.005' } as const;

/**
 * A scheduler or service manager says what it makes or starts: a sign only when its name points to a miner or its command
 * is suspicious, since services start all the time.
 * @param programs names of listed miners in lower case
 */
export function persistenceJob(programs: readonly string[]): Analyzer {
  const needles = minimalNeedles([
    ...LISTED_NAMES,
    ...literals(programs),
    '/tmp/',
    '/dev/shm/',
    '| sh',
    '| bash',
    '|bash',
    ...IMAGE_NEEDLES,
    ...SCHEME_NEEDLES,
  ]);
  const gate = makeGate(needles, false);
  return {
    id: 'persistence_job',
    version: 1,
    title: 'Started job or service of a miner',
    group: 'persistence_setup',
    technique: TECHNIQUES.systemd,
    classes: [CLASS.scheduledJob],
    needles,
    decide(event, intel) {
      if (event.class !== CLASS.scheduledJob || !gate([event.name, event.command])) return [];
      const { name, command } = event;
      const judged = command === undefined ? undefined : judgeCommand(command, intel);
      const reason = (name === undefined ? undefined : minerName(name, intel)) ?? judged?.suspicious;
      if (reason === undefined) return [];
      return [
        {
          strength: 'strong',
          technique: TECHNIQUES[event.scheduler],
          artifacts: [...(name === undefined ? [] : [artifact('unit', name)]), ...(judged?.artifacts ?? [])],
          why: `${event.scheduler} ${event.activity === 'start' ? 'started' : 'was given'} ${name ?? 'a job'}: ${reason}`,
          flags: ['write'],
        },
      ];
    },
  };
}
