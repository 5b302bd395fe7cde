import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Event, type FileActivity, type KernelActivity } from '#shared/model/event.ts';
import type { Strength } from '#shared/model/groups.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { artifact } from '#shared/model/place.ts';
import { baseName } from '../command/names.ts';
import { processTexts } from '../miner/actor.ts';
import { makeGate } from '../miner/gate.ts';
import { stripRoot } from '../persistence/root-prefix.ts';
import { type Act, actsOf } from './acts.ts';
import { judgeRegister, parseRegisterNumber, registerText } from './msr-registers.ts';

const NEEDLES = ['wrmsr', 'allow_writes', '/dev/cpu/', 'modprobe', 'insmod', 'unrecognized msr'];
const gate = makeGate(NEEDLES, true);

const ALLOW_WRITES = /^\/sys\/module\/msr\/parameters\/allow_writes$/;
const DEVICE = /^\/dev\/cpu\/\d{1,5}\/msr(?:_safe|_batch)?$/;

/** Tools that open the MSR device to set power, cache or prefetching for other ends than mining, and device managers. */
const BENIGN_WRITERS = new Set(
  `turbostat x86_energy_perf_policy powertop pqos rdtset likwid-features likwid-setfrequencies likwid-accessd
  likwid-perfctr thermald tuned cpupower undervolt throttled lenovo_fix.py intel-undervolt mcelog perf rdmsr wrmsr
  systemd-udevd udevd kdevtmpfs systemd-tmpfiles mknod`.split(/\s+/),
);

/**
 * Writes to model-specific registers, and what makes the kernel allow them. A refused attempt counts too: guests of EC2
 * refuse most writes, and the miner tries all the same.
 */
export const msrWrite: Analyzer = {
  id: 'msr_write',
  version: 1,
  title: 'Model-specific register written',
  group: 'system_optimization',
  technique: 'T1496.001',
  classes: [CLASS.process, CLASS.file, CLASS.kernel],
  needles: NEEDLES,
  decide(event: Event) {
    if (event.class === CLASS.process) return actsOf(event.process, gate).flatMap(decideAct).slice(0, 32);
    if (event.class === CLASS.file) return decideFile(event);
    return event.class === CLASS.kernel ? decideMessage(event) : [];
  },
};

const verdict = (strength: Strength, why: string, ...registers: readonly bigint[]): Verdict => ({
  strength,
  artifacts: registers.map((register) => artifact('register', registerText(register))),
  why,
});

function decideAct(act: Act): readonly Verdict[] {
  const found: Verdict[] = [];
  for (const { path, text } of act.program.writes) {
    const inside = stripRoot(path).path;
    if (ALLOW_WRITES.test(inside) && !/^\s*(?:off|default|0|n)\s*$/i.test(text ?? 'on')) {
      found.push(verdict('strong', `lets programs write any MSR: ${(text ?? '').trim()} > ${path}`));
    } else if (DEVICE.test(inside)) found.push(verdict('strong', `writes ${path}`));
  }
  if (act.name === 'wrmsr' || act.name === 'wrmsr-all') found.push(...wrmsr(act.words));
  if (act.name === 'modprobe' || act.name === 'insmod' || act.name === 'kmod') found.push(...loads(act.words));
  return found;
}

/** `wrmsr [-a] [-p CPU] REGISTER VALUE…` of msr-tools. */
function wrmsr(words: readonly string[]): readonly Verdict[] {
  const operands: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '-p' || word === '--processor') at += 1;
    else if (!word.startsWith('-')) operands.push(word);
  }
  const register = parseRegisterNumber(operands[0] ?? '');
  if (register === undefined) return [];
  const { strength, reason } = judgeRegister(register, parseRegisterNumber(operands[1] ?? ''));
  return [verdict(strength, `wrmsr ${operands.slice(0, 2).join(' ')}: ${reason}`, register)];
}

function loads(words: readonly string[]): readonly Verdict[] {
  if (words.some((word) => word === '-r' || word === '--remove')) return [];
  if (!words.some((word) => word === 'msr' || /(?:^|\/)msr\.ko(?:\.[a-z0-9]{2,4})?$/.test(word))) return [];
  return words.some((word) => /^allow_writes=(?:on|1|y)$/i.test(word))
    ? [verdict('strong', 'loads the msr module with allow_writes=on')]
    : [verdict('note', 'loads the msr module')];
}

function decideFile(event: FileActivity): readonly Verdict[] {
  if (event.activity === 'read' || event.activity === 'delete') return [];
  if (!gate([event.path, ...processTexts(event.actor)])) return [];
  const { path } = stripRoot(event.path);
  if (!ALLOW_WRITES.test(path) && !DEVICE.test(path)) return [];
  const { executable = event.actor.name ?? '' } = event.actor;
  const why = `${path} opened for writing by ${executable}`;
  if (ALLOW_WRITES.test(path) || !isBenignWriter(executable)) return [verdict('strong', why)];
  // Device managers and mknod make the node; they write no register.
  return event.activity === 'create' ? [] : [verdict('note', why)];
}

/** A tool of the list where packages put it, or by the kernel's short name alone where a record has no more. */
function isBenignWriter(executable: string): boolean {
  const writer = baseName(executable).toLowerCase();
  if (!BENIGN_WRITERS.has(writer) && !writer.startsWith('likwid')) return false;
  return !executable.includes('/') || /^\/(?:usr\/)?(?:local\/)?s?bin\/|^\/(?:usr\/)?lib/.test(executable);
}

/** The kernel's complaint since 5.9 (arch/x86/kernel/msr.c): `Write to unrecognized MSR 0x1a4 by xmrig (pid: 4242)`. */
function decideMessage(event: KernelActivity): readonly Verdict[] {
  const said = /write to unrecognized msr (0x[0-9a-f]{1,8}) by ([^\s(]{1,32})/i.exec(event.message ?? '');
  const register = parseRegisterNumber(said?.[1] ?? '');
  if (said === null || register === undefined) return [];
  const writer = said[2] ?? '';
  const { strength, reason } = judgeRegister(register, undefined);
  const benign = BENIGN_WRITERS.has(writer.toLowerCase()) && writer.toLowerCase() !== 'wrmsr';
  return [
    verdict(benign ? 'note' : strength, `kernel: ${writer} wrote ${registerText(register)}: ${reason}`, register),
  ];
}
