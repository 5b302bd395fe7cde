import { baseName, MULTI_CALL } from '#shared/analyzers/command/names.ts';
import type { Process } from '#shared/model/event.ts';
import type { Strength } from '#shared/model/groups.ts';
import type { Intel } from '#shared/model/intel.ts';
import { isSuspiciousProgramPath, stripRoot } from './root-prefix.ts';
import type { Target, TargetKind } from './targets.ts';

/** Tools whose trade the account files are: shadow-utils, systemd, cloud-init's helpers. */
const ACCOUNT_TOOLS = new Set(
  `useradd usermod userdel groupadd groupmod groupdel adduser addgroup deluser passwd chpasswd chage gpasswd newusers
  vipw vigr pwconv pwunconv grpconv pwck grpck chsh chfn newgrp systemd-sysusers unix_chkpwd`.split(/\s+/),
);
/** What account tools write: the account files, and the start-up files of a new home. */
const OF_ACCOUNTS: ReadonlySet<TargetKind> = new Set(['account', 'profile']);
/** The front ends of a mechanism: an unseen text that they write is ordinary administration. */
const FRONT_ENDS: Partial<Record<TargetKind, ReadonlySet<string>>> = {
  cron: new Set(['crontab', 'fcrontab']),
  at: new Set(['at', 'batch', 'atd']),
  unit: new Set(['systemctl', 'systemd', 'systemd-sysv-generator']),
  unit_link: new Set(['systemctl', 'systemd', 'deb-systemd-helper']),
  rc: new Set(['update-rc.d', 'chkconfig', 'insserv', 'rc-update', 'systemctl', 'deb-systemd-helper']),
};
/** Mechanisms that only installers and administrators of the machine write. */
const STRONG: ReadonlySet<TargetKind> = new Set(['cron', 'unit', 'unit_link', 'rc', 'supervisor']);

/** What a write is worth whose text the record does not show, by who wrote. */
export function strengthOfUnseen(
  target: Target,
  writer: Process,
  intel: Intel,
): { strength: Strength; reason: string } {
  const name = writerName(writer);
  const strange = strangeWriter(writer, intel);
  if (strange !== undefined) return { strength: 'strong', reason: strange };
  if (target.label === 'anacron stamp') return { strength: 'note', reason: 'which holds when a job ran last' };
  if (target.label === 'at spool') return { strength: 'note', reason: 'which holds what jobs print' };
  if (OF_ACCOUNTS.has(target.kind) && ACCOUNT_TOOLS.has(name))
    return { strength: 'note', reason: `by the account tool ${name}` };
  if (FRONT_ENDS[target.kind]?.has(name) === true) return { strength: 'weak', reason: `by ${name}` };
  const isPreload = target.name === 'ld.so.preload';
  const isModule = target.kind === 'login_module' && target.name.endsWith('.so');
  const strong = STRONG.has(target.kind) || isPreload || isModule;
  return { strength: strong ? 'strong' : 'weak', reason: name === '' ? 'by an unnamed program' : `by ${name}` };
}

/** Whether a program keeps its own books: anacron(8) stamps each job that it ran. */
export function keepsBooks(target: Target, writer: Process, intel: Intel): boolean {
  return (
    target.label === 'anacron stamp' && writerName(writer) === 'anacron' && strangeWriter(writer, intel) === undefined
  );
}

/** Why the writer itself is no administrator's tool: it lies in a writable or hidden folder or is a listed miner. */
export function strangeWriter(writer: Process, intel: Intel): string | undefined {
  const path = writer.executable;
  if (path === undefined) return undefined;
  if (isSuspiciousProgramPath(stripRoot(path).path)) return `by ${path}, a program in a writable or hidden folder`;
  const entry = intel.miner(baseName(path));
  return entry !== undefined && entry.generic !== true ? `by the listed program ${entry.name}` : undefined;
}

/** The writer's name: of its executable (of busybox, the name it was called by), else the kernel's short name. */
function writerName({ executable = '', name, argv }: Process): string {
  const real = baseName(executable);
  const called = argv?.[0] ?? name;
  return baseName(real === '' || MULTI_CALL.has(real) ? (called ?? real) : real).toLowerCase();
}
