import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type FileActivity, type Process } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import type { Intel } from '#shared/model/intel.ts';
import { isSuspectPath, listedMiner, processTexts } from '../miner/actor.ts';
import { makeGate } from '../miner/gate.ts';
import { fileWrites } from '../persistence/file-writes.ts';
import { stripRoot } from '../persistence/root-prefix.ts';
import { type Act, actsOf } from './acts.ts';
import { SETTING_NEEDLES, type Setting, settingAt, sysctlPath } from './settings.ts';

const gate = makeGate(SETTING_NEEDLES, true);
const CONFIGURATION = /^\/etc\/sysctl(?:\.conf|\.d\/[^/]{1,255})$/;
const LIMITS = /^\/etc\/security\/limits(?:\.conf|\.d\/[^/]{1,255})$/;
const MAX_VERDICTS = 32;

/**
 * Kernel settings that give a miner memory and processor time: by sysctl, by a write to /proc or /sys, by a line for
 * /etc/sysctl.conf or limits.conf, or by a program that opens the file itself. Reading them is nothing.
 */
export const kernelSetting: Analyzer = {
  id: 'kernel_setting',
  version: 1,
  title: 'Kernel setting changed that miners change',
  group: 'system_optimization',
  technique: 'T1496.001',
  classes: [CLASS.process, CLASS.file],
  needles: SETTING_NEEDLES,
  decide(event, intel) {
    if (event.class === CLASS.file) return decideFile(event, intel);
    if (event.class !== CLASS.process) return [];
    return actsOf(event.process, gate)
      .flatMap((act) => decideAct(act, event.process, intel))
      .slice(0, MAX_VERDICTS);
  },
};

function decideFile(event: FileActivity, intel: Intel): readonly Verdict[] {
  if (event.activity === 'read' || event.activity === 'delete') return [];
  if (!gate([event.path, ...processTexts(event.actor)])) return [];
  const setting = settingAt(stripRoot(event.path).path);
  if (setting === undefined || setting.commandsOnly === true) return [];
  return weigh(setting, undefined, `${event.path} opened for writing`, event.actor, intel);
}

function decideAct(act: Act, process: Process, intel: Intel): readonly Verdict[] {
  const found: Verdict[] = [];
  const own = act.program.source === 'argv' ? process : {};
  const set = (path: string, value: string | undefined, how: string): void => {
    const setting = settingAt(stripRoot(path).path);
    if (setting !== undefined) found.push(...weigh(setting, value, how, own, intel));
  };
  for (const { path, text, removes } of fileWrites(act.program)) {
    if (removes === true) continue;
    const inside = stripRoot(path).path;
    if (CONFIGURATION.test(inside))
      for (const [name, value] of assignments(text ?? ''))
        set(sysctlPath(name), value, `${name}=${value ?? '?'} in ${path}`);
    else if (LIMITS.test(inside) && /\bmemlock\b/.test(text ?? '')) found.push(memlock(path));
    else set(path, text, `${(text ?? '?').trim().slice(0, 60)} > ${path}`);
  }
  if (act.name === 'sysctl') {
    for (const [name, value] of assignments(act.words.join('\n')))
      set(sysctlPath(name), value, `sysctl ${name}=${value ?? '?'}`);
  }
  if (act.name === 'hugeadm') {
    for (const word of act.words) {
      const pages = /^(?:DEFAULT|\d{1,5}[KMG]B?):\+?(\d{1,9})$/i.exec(word)?.[1];
      if (pages !== undefined) set('/proc/sys/vm/nr_hugepages', pages, `hugeadm ${word}`);
    }
  }
  return found;
}

const memlock = (path: string): Verdict => ({
  strength: 'weak',
  part: 'memlock',
  artifacts: [],
  why: `lets programs lock more memory, in ${path}`,
});

/** `name=value` and `name = value`, one a line; no value where a command gives it (`=$(nproc)`). */
function assignments(text: string): readonly (readonly [string, string | undefined])[] {
  const found: (readonly [string, string | undefined])[] = [];
  for (const line of text.split('\n', 200)) {
    const pair = /^\s*-?([a-zA-Z][\w./-]{2,120})\s{0,8}=\s{0,8}(\S.{0,120})?$/.exec(line);
    if (pair?.[1] !== undefined) found.push([pair[1], pair[2]?.trim()]);
  }
  return found;
}

/** A miner that tunes its own host proves more than the value does. */
function weigh(
  setting: Setting,
  value: string | undefined,
  how: string,
  actor: Process,
  intel: Intel,
): readonly Verdict[] {
  const judged = setting.judge(value);
  if (judged === undefined) return [];
  const { executable } = actor;
  const strange =
    executable !== undefined &&
    setting.part === 'huge_pages' &&
    (isSuspectPath(executable) || listedMiner(executable, intel) !== undefined);
  return [
    {
      strength: strange ? 'strong' : judged.strength,
      technique: setting.technique,
      part: setting.part,
      artifacts: [],
      why: `${how}${strange ? ` by ${executable}` : ''}: ${judged.reason}`,
    },
  ];
}
