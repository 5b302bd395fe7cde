import type { Verdict } from '#shared/model/indicator.ts';
import type { Intel } from '#shared/model/intel.ts';
import { artifact } from '#shared/model/place.ts';
import { minerName } from './names.ts';

/** Mechanisms of Windows that a command line sets up: what marks it, and where the started command stands. */
const MECHANISMS: readonly {
  readonly mark: RegExp;
  readonly command: RegExp;
  readonly technique: string;
  readonly label: string;
}[] = [
  {
    mark: /\bschtasks(?:\.exe)?\b.{0,400}\/create\b/i,
    command: /\/tr\s+(.{1,1024}?)(?:\s\/[a-z]{2,5}\b|$)/i,
    technique: 'T1053.005',
    label: 'scheduled task',
  },
  {
    mark: /\bregister-scheduledtask\b/i,
    command: /-(?:execute|argument|action)\s+(.{1,1024})/i,
    technique: 'T1053.005',
    label: 'scheduled task',
  },
  {
    mark: /\breg(?:\.exe)?\s+add\b.{0,400}\\currentversion\\run(?:once)?\b/i,
    command: /\/d\s+(.{1,1024}?)(?:\s\/[a-z]\b|$)/i,
    technique: 'T1547.001',
    label: 'Run key',
  },
  {
    mark: /\b(?:set|new)-itemproperty\b.{0,400}\\currentversion\\run(?:once)?\b/i,
    command: /-value\s+(.{1,1024})/i,
    technique: 'T1547.001',
    label: 'Run key',
  },
  {
    mark: /\bsc(?:\.exe)?\s+create\b/i,
    command: /binpath\s*=\s*(.{1,1024})/i,
    technique: 'T1543.003',
    label: 'service',
  },
  {
    mark: /\bnssm(?:\.exe)?\s+install\b/i,
    command: /install\s+(.{1,1024})/i,
    technique: 'T1543.003',
    label: 'service',
  },
];

/** Where a Windows program lies that no installer put there, and what fetches or hides code. */
const SUSPICIOUS =
  /\\(?:temp|tmp|public|programdata|appdata|perflogs|recycler)\\|%(?:temp|tmp|appdata|public|programdata)%|\b(?:downloadstring|downloadfile|invoke-expression|iex|frombase64string|bitsadmin|certutil|mshta|regsvr32)\b|-(?:enc|encodedcommand|e)\s+[a-z0-9+/=]{16}|-w(?:indowstyle)?\s+hidden|https?:\/\/\d{1,3}(?:\.\d{1,3}){3}|stratum\d?\+|--donate-level|--algo\b.{0,60}(?:rx\/|randomx)/i;
const MAX_TEXT = 8192;

/** A task, Run key or service in a command line, judged by what it starts; `undefined` when there is none. */
export function windowsTask(
  argv: readonly string[],
  intel: Intel,
): (Omit<Verdict, 'why'> & { readonly reason: string }) | undefined {
  const text = argv.join(' ').slice(0, MAX_TEXT);
  const mechanism = MECHANISMS.find(({ mark }) => mark.test(text));
  if (mechanism === undefined) return undefined;
  const command = mechanism.command.exec(text)?.[1]?.trim() ?? '';
  const program = /[^\\/"'\s]{1,80}(?=\.exe\b)/i.exec(command)?.[0] ?? '';
  const named = program === '' ? undefined : minerName(program, intel);
  const suspicious =
    named ?? (SUSPICIOUS.test(command) ? 'what it starts lies or comes from where no installer puts it' : undefined);
  return {
    strength: suspicious === undefined ? 'weak' : 'strong',
    technique: mechanism.technique,
    artifacts: command === '' ? [] : [artifact('cmd', command)],
    reason: `${mechanism.label}: ${suspicious ?? 'starts nothing suspicious'}`,
    flags: ['write'],
  };
}
