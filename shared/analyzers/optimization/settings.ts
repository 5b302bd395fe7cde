import type { Strength } from '#shared/model/groups.ts';
import { isRandomXPageCount, pageCount } from './huge-pages.ts';

/** What setting a kernel value is worth; `undefined` when it is no tuning for a miner. */
export type JudgeValue = (
  value: string | undefined,
) => { readonly strength: Strength; readonly reason: string } | undefined;

/** A file of /proc or /sys, and what writing it means. */
export interface Setting {
  /** Part of the rule, and the setting's short name. */
  readonly part: string;
  readonly path: RegExp;
  readonly technique: string;
  readonly judge: JudgeValue;
  /** System services write it all day: only a command that spells it out says something. */
  readonly commandsOnly?: true;
}

const HIJACKING = 'T1496.001';
const IMPAIR = 'T1562.001';

const whenever =
  (strength: Strength, reason: string): JudgeValue =>
  () => ({ strength, reason });
/** Only some values, and a value that the record does not show. */
const when =
  (pattern: RegExp, strength: Strength, reason: string): JudgeValue =>
  (value) =>
    value === undefined || pattern.test(value.trim()) ? { strength, reason } : undefined;

function judgeHugePages(value: string | undefined): { strength: Strength; reason: string } {
  const count = value === undefined ? undefined : pageCount(value);
  if (count === undefined) return { strength: 'weak', reason: 'reserves huge pages' };
  if (count.pages === 0 && !count.computed) return { strength: 'note', reason: 'gives huge pages back' };
  return isRandomXPageCount(count.pages)
    ? { strength: 'strong', reason: `reserves ${count.pages} huge pages, what RandomX needs` }
    : {
        strength: 'weak',
        reason: count.computed
          ? 'reserves huge pages by the number of processors'
          : `reserves ${count.pages} huge pages`,
      };
}

/** Settings that miners and their loaders change (tradecraft of XMRig's, MoneroOcean's and Rocke's scripts). */
const SETTINGS: readonly Setting[] = [
  {
    part: 'huge_pages',
    // Of a node by its number, a pattern, or a loop's variable.
    path: /^\/proc\/sys\/vm\/nr_(?:overcommit_)?hugepages(?:_mempolicy)?$|(?:^\/sys\/(?:kernel\/mm|devices\/system\/node\/[^/]{1,32})|(?:^|\/)\$\{?\w{1,64}\}?)\/hugepages\/hugepages-[^/]{1,16}\/nr_(?:overcommit_)?hugepages$/,
    technique: HIJACKING,
    judge: judgeHugePages,
  },
  {
    part: 'transparent_huge_pages',
    path: /^\/sys\/kernel\/mm\/transparent_hugepage\/enabled$/,
    technique: HIJACKING,
    judge: when(/^always$/, 'note', 'turns transparent huge pages on'),
  },
  {
    part: 'drop_caches',
    path: /^\/proc\/sys\/vm\/drop_caches$/,
    technique: HIJACKING,
    judge: whenever('note', 'drops caches to free memory'),
  },
  {
    part: 'swappiness',
    path: /^\/proc\/sys\/vm\/(?:swappiness|overcommit_memory)$/,
    technique: HIJACKING,
    judge: whenever('note', 'changes how memory is swapped'),
  },
  {
    part: 'nmi_watchdog',
    path: /^\/proc\/sys\/kernel\/(?:nmi_)?watchdog$/,
    technique: HIJACKING,
    judge: when(/^0$/, 'weak', 'switches the watchdog off'),
  },
  {
    part: 'governor',
    path: /^\/sys\/devices\/system\/cpu\/(?:cpu[^/]{1,20}\/cpufreq|cpufreq\/policy[^/]{1,20})\/(?:scaling_governor|energy_performance_preference)$/,
    technique: HIJACKING,
    judge: when(/^performance$/, 'weak', 'runs processors at full clock'),
  },
  {
    part: 'turbo',
    path: /^\/sys\/devices\/system\/cpu\/(?:intel_pstate\/no_turbo|cpufreq\/boost)$/,
    technique: HIJACKING,
    judge: whenever('note', 'changes processor boost'),
  },
  {
    part: 'gpu_power',
    path: /^\/sys\/(?:class\/drm\/[^/]{1,20}\/device|devices\/pci.{1,200})\/(?:hwmon\/[^/]{1,20}\/power\d{1,2}_cap|pp_od_clk_voltage|pp_dpm_[a-z]{1,12}|pp_table|power_dpm_force_performance_level)$|^\/sys\/class\/hwmon\/[^/]{1,20}\/power\d{1,2}_cap$/,
    technique: HIJACKING,
    judge: whenever('weak', "sets a graphics card's power, clocks or voltage"),
  },
  {
    part: 'gpu_fan',
    path: /^\/sys\/class\/drm\/[^/]{1,20}\/device\/hwmon\/[^/]{1,20}\/pwm\d{1,2}(?:_enable)?$/,
    technique: HIJACKING,
    judge: whenever('weak', "sets a graphics card's fan"),
    commandsOnly: true,
  },
  {
    part: 'cache_qos',
    path: /^\/sys\/fs\/resctrl\/(?:[^/]{1,64}\/)?schemata$/,
    technique: HIJACKING,
    judge: whenever('weak', 'reserves cache'),
  },
  {
    part: 'selinux',
    path: /^\/sys\/fs\/selinux\/enforce$/,
    technique: IMPAIR,
    judge: when(/^0$/, 'weak', 'switches SELinux off'),
  },
  {
    part: 'oom_score',
    path: /^\/proc\/(?:\d{1,10}|self|\$\$|\$\w{1,32})\/oom_(?:score_)?adj$/,
    technique: HIJACKING,
    judge: when(/^-\d/, 'note', 'protects a process from the out-of-memory killer'),
    commandsOnly: true,
  },
  {
    part: 'cpu_share',
    path: /^\/sys\/fs\/cgroup\/.{0,200}\/cpu\.(?:max|weight|shares|cfs_quota_us)$/,
    technique: HIJACKING,
    judge: whenever('note', "changes a group's share of processor time"),
    commandsOnly: true,
  },
];

/** Words of which every path and name of the table holds one; sysctl spells the same with dots. */
export const SETTING_NEEDLES: readonly string[] = [
  'hugepage',
  'hugeadm',
  'drop_caches',
  'swappiness',
  'overcommit_memory',
  'watchdog',
  'scaling_governor',
  'energy_performance_preference',
  'no_turbo',
  'cpufreq/boost',
  'resctrl',
  'selinux/enforce',
  'oom_score_adj',
  'oom_adj',
  '/cpu.',
  'memlock',
  '/class/drm/',
  '/hwmon/',
  '/pp_',
  'power_dpm_force',
];

/** The setting behind a path whose mount prefix is off. */
export function settingAt(path: string): Setting | undefined {
  return SETTINGS.find((one) => one.path.test(path));
}

/** The file of /proc/sys behind a sysctl name in either spelling: `vm.nr_hugepages`, `vm/nr_hugepages`. */
export function sysctlPath(name: string): string {
  return `/proc/sys/${name.slice(0, 200).replaceAll('.', '/')}`;
}
