import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Process } from '#shared/model/event.ts';
import type { Strength } from '#shared/model/groups.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import { baseName, isShell, MULTI_CALL } from '../command/names.ts';
import { readCommand } from '../command/reading.ts';
import { actorOf, isSuspectPath, processTexts } from './actor.ts';
import { isMemoryPath, MINER_TECHNIQUE, pathArtifacts } from './artifacts.ts';
import { makeGate } from './gate.ts';

/**
 * Names of kernel threads, bare or in the brackets in which ps shows them. The kernel's own have neither arguments nor
 * an executable, so a program with both that carries such a name hides.
 */
const KERNEL_THREAD =
  /^(?:kworker\/[\w:.+-]{1,24}|kworker|kswapd\d{0,2}|ksoftirqd(?:\/\d{1,3})?|kthreadd|kdevtmpfs|khugepaged|kcompactd\d{0,2}|kauditd|khungtaskd|kintegrityd|kblockd|kthrotld|kpsmoused|ksmd|oom_reaper|rcu_(?:sched|preempt|bh|gp|par_gp)|migration\/\d{1,3}|cpuhp\/\d{1,3}|watchdog\/\d{1,3}|events\/\d{1,3}|netns|jbd2\/[\w-]{1,16}|xfsaild\/[\w-]{1,16}|scsi_eh_\d{1,3}|flush-[\d:]{1,8}|writeback|bioset)$/;
/** Of these, words that programs of users may well be called: they need the brackets. */
const NEEDS_BRACKETS = /^(?:writeback|bioset|netns|ksmd|kworker)$/;

/** Folders of the system's own programs: the kernel starts helpers from them out of its threads. */
const SYSTEM = /^\/(?:usr\/)?(?:s?bin|lib(?:64|exec)?)\//;
/** Container runtimes copy themselves into memory before they start (CVE-2019-5736); kexec loads a kernel from there. */
const RUNTIME_MEMORY =
  /^\/?memfd:(?:(?:runc_cloned|crun|youki|lxc|systemd|snap|pulseaudio|wayland|xshmfence)|kernel(?:$| \(deleted\)$))/;

/**
 * What starts itself from a descriptor: a container runtime's second stage (opencontainers/runc: libcontainer/dmz) and
 * systemd's executor of units (systemd: src/core/exec-invoke.c, since 255).
 */
function isOwnStage(executable: string, argv: readonly string[]): boolean {
  if (!executable.includes('/fd/')) return false;
  const base = baseName(argv[0] ?? '');
  if (base === 'systemd-executor') return argv[1] === '--deserialize';
  return /^(?:runc|crun|youki|exe)$/.test(base) && argv[1] === 'init' && argv.length === 2;
}

const NEEDLES: readonly string[] = [
  ...'kworker kswapd ksoftirqd kthreadd kdevtmpfs khugepaged kcompactd kauditd khungtaskd kintegrityd kblockd kthrotld'.split(
    ' ',
  ),
  ...'kpsmoused [ksmd oom_reaper rcu_ migration/ cpuhp/ watchdog/ events/ [netns jbd2/ xfsaild/ scsi_eh_ flush- [writeback'.split(
    ' ',
  ),
  ...'[bioset memfd: /fd/ (deleted) -bash -dash -zsh'.split(' '),
];
const gate = makeGate(NEEDLES, false);

/**
 * A process that pretends to be something else, as miners do that have no telling argument: a kernel thread's name on a
 * program with an executable, a login shell's name on a program that is none, code that lies in memory only, an
 * executable that was deleted.
 */
export const disguisedProcess: Analyzer = {
  id: 'disguised_process',
  version: 1,
  title: 'Process in disguise',
  group: 'miner_execution',
  technique: MINER_TECHNIQUE,
  classes: [CLASS.process, CLASS.file, CLASS.network, CLASS.dns, CLASS.kernel, CLASS.detection],
  needles: NEEDLES,
  decide(event) {
    const found = actorOf(event);
    if (found === undefined || found.failed || !gate(processTexts(found.actor))) return [];
    const verdict = judge(found.actor) ?? judgeNamed(found.actor);
    return verdict === undefined ? [] : [verdict];
  },
};

/** What a command line starts under a name of its choice: `exec -a NAME PROGRAM`. */
function judgeNamed(actor: Process): Verdict | undefined {
  for (const { spoken, path, remote } of readCommand(actor).programs) {
    const verdict =
      spoken === undefined || remote || path === '' ? undefined : judge({ argv: [spoken], executable: path });
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function judge(actor: Process): Verdict | undefined {
  const spoken = actor.argv?.[0] ?? '';
  const executable = actor.executable ?? (isMemoryPath(spoken) || isKernelFile(spoken) ? spoken : '');
  if (executable === '') return undefined;
  const memory = isMemoryPath(executable);
  const deleted = executable.endsWith(' (deleted)') && !memory;
  const hidden = memory || isSuspectPath(executable.replace(/ \(deleted\)$/, ''));
  const flags: readonly Flag[] = deleted ? ['deleted'] : [];
  const verdict = (strength: Strength, why: string): Verdict => ({
    strength,
    artifacts: pathArtifacts(executable),
    why,
    technique: 'T1036.005',
    ...(flags.length === 0 ? {} : { flags }),
  });
  const shown = executable.slice(0, 128);
  if (isKernelFile(executable)) return verdict('strong', `kernel threads have no file, yet this one is ${shown}`);
  const kernel = [spoken, actor.name ?? '', baseName(executable)].find(isKernelName);
  if (kernel !== undefined) {
    // A bare name is looked for among the system's own programs.
    const strong = hidden || (executable.includes('/') && !SYSTEM.test(executable));
    return verdict(strong ? 'strong' : 'weak', `kernel threads have no executable, yet ${kernel} runs ${shown}`);
  }
  if (isLoginShell(spoken) && !isShell(baseName(executable)) && !MULTI_CALL.has(baseName(executable))) {
    return verdict(hidden ? 'strong' : 'weak', `login shell ${spoken} is ${shown}`);
  }
  if (RUNTIME_MEMORY.test(executable) || (memory && isOwnStage(executable, actor.argv ?? []))) return undefined;
  if (memory) return verdict('weak', `code that lies in memory only: ${shown}`);
  if (!deleted) return undefined;
  return verdict(hidden ? 'weak' : 'note', `the executable was deleted: ${shown}`);
}

function isKernelName(text: string): boolean {
  if (text.length > 40 || text.includes(' ')) return false;
  const bracketed = text.startsWith('[') && text.endsWith(']');
  const name = bracketed ? text.slice(1, -1) : text;
  return KERNEL_THREAD.test(name) && (bracketed || !NEEDS_BRACKETS.test(name));
}

/** Whether a file bears a kernel thread's name: threads of the kernel have none, so the name is chosen to hide. */
function isKernelFile(path: string): boolean {
  if (!path.startsWith('/') || isMemoryPath(path)) return false;
  const file = path.replace(/ \(deleted\)$/, '');
  const base = file.slice(file.lastIndexOf('/') + 1);
  // No package of Debian or RHEL puts one among the system's programs; elsewhere it may be somebody's worker.
  if (base === 'kworker') return SYSTEM.test(file) || isSuspectPath(file);
  return isKernelName(base);
}

function isLoginShell(text: string): boolean {
  return /^-(?:ba|da|z)sh$/.test(text);
}
