import type { DecidedEvidence } from '#shared/model/finding.ts';
import type { Group } from '#shared/model/groups.ts';
import { techniqueText } from './words.ts';

/** OCSF's `attack` object: one tactic with a technique and, where there is one, its sub-technique. */
export interface Attack {
  readonly version: string;
  readonly tactic?: { readonly uid: string; readonly name: string };
  readonly technique: { readonly uid: string; readonly name?: string };
  readonly sub_technique?: { readonly uid: string; readonly name?: string };
}

const ATTACK_VERSION = '17.1';

/** Tactics that the techniques here serve (MITRE ATT&CK Enterprise v17). */
const TACTIC_NAMES = {
  TA0001: 'Initial Access',
  TA0002: 'Execution',
  TA0003: 'Persistence',
  TA0004: 'Privilege Escalation',
  TA0005: 'Defense Evasion',
  TA0006: 'Credential Access',
  TA0011: 'Command and Control',
  TA0040: 'Impact',
} as const;
type Tactic = keyof typeof TACTIC_NAMES;

/** The tactics of each technique, the usual one first (MITRE ATT&CK Enterprise v17); sub-techniques share them. */
const TACTICS: Readonly<Record<string, readonly Tactic[]>> = {
  T1014: ['TA0005'],
  T1027: ['TA0005'],
  T1036: ['TA0005'],
  T1037: ['TA0003', 'TA0004'],
  T1053: ['TA0003', 'TA0002', 'TA0004'],
  T1059: ['TA0002'],
  T1070: ['TA0005'],
  T1071: ['TA0011'],
  T1090: ['TA0011'],
  T1095: ['TA0011'],
  T1098: ['TA0003', 'TA0004'],
  T1105: ['TA0011'],
  T1136: ['TA0003'],
  T1140: ['TA0005'],
  T1190: ['TA0001'],
  T1222: ['TA0005'],
  T1489: ['TA0040'],
  T1496: ['TA0040'],
  T1505: ['TA0003'],
  T1543: ['TA0003', 'TA0004'],
  T1546: ['TA0003', 'TA0004'],
  T1547: ['TA0003', 'TA0004'],
  T1548: ['TA0004', 'TA0005'],
  T1552: ['TA0006'],
  T1554: ['TA0003'],
  T1556: ['TA0006', 'TA0003', 'TA0005'],
  T1562: ['TA0005'],
  T1564: ['TA0005'],
  T1571: ['TA0011'],
  T1574: ['TA0003', 'TA0004', 'TA0005'],
  T1609: ['TA0002'],
  T1610: ['TA0002', 'TA0005'],
  T1611: ['TA0004'],
};

/** The tactic that a group stands for, preferred where a technique serves several. */
const GROUP_TACTIC: Readonly<Record<Group, Tactic | undefined>> = {
  miner_execution: 'TA0040',
  pool_connection: 'TA0011',
  persistence_setup: 'TA0003',
  system_optimization: 'TA0005',
  context: undefined,
};

function named(uid: string): { uid: string; name?: string } {
  const name = techniqueText(uid).slice(uid.length + 1);
  return name === '' ? { uid } : { uid, name };
}

function attackOf({ technique, group }: DecidedEvidence): Attack | undefined {
  const [whole = '', base = ''] = /^(T\d{4})(?:\.\d{3})?$/.exec(technique) ?? [];
  if (whole === '') return undefined;
  const tactics = TACTICS[base] ?? [];
  const uid = tactics.find((one) => one === GROUP_TACTIC[group]) ?? tactics[0];
  return {
    version: ATTACK_VERSION,
    ...(uid === undefined ? {} : { tactic: { uid, name: TACTIC_NAMES[uid] } }),
    technique: named(base),
    ...(whole === base ? {} : { sub_technique: named(whole) }),
  };
}

/** The techniques of some evidence, each once for a tactic, by id. Text that is no technique id gives none. */
export function attacksOf(evidence: readonly DecidedEvidence[]): readonly Attack[] {
  const known = new Map<string, Attack>();
  for (const one of evidence) {
    const attack = attackOf(one);
    if (attack !== undefined) known.set(`${one.technique} ${attack.tactic?.uid ?? ''}`, attack);
  }
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, attack]) => attack);
}
