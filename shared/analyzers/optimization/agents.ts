/** A security or cloud agent by the words that name its service, process, package or folder. */
export interface SecurityAgent {
  readonly name: string;
  readonly pattern: RegExp;
  /** It belongs to another cloud: on AWS nobody has it, so only a loader's script speaks of it. */
  readonly foreign?: true;
}

/** Matches whole words between separators of paths, services and packages. */
const words = (...all: readonly string[]): RegExp =>
  new RegExp(`(?:^|[/\\s"'=])(?:${all.join('|')})(?=$|[/\\s"'*.@:_-])`, 'i');

/** Vendors' documentation of service, package and folder names; loaders of Rocke, Kinsing, Sysrv for the foreign ones. */
const SECURITY_AGENTS: readonly SecurityAgent[] = [
  {
    name: 'aegis',
    pattern:
      /(?:^|[/\s"'=.])(?:aegis|aliyun|aliyun-service|aliyundun\w{0,12}|alisecguard|aliyun_assist\w{0,8}|agentwatch|quartz_uninstall|cloudmonitor)(?=$|[/\s"'*.@:_-])/i,
    foreign: true,
  },
  {
    name: 'qcloud',
    pattern:
      /(?:^|[/\s"'=])(?:qcloud|yunjing|stargate|barad_agent|sgagent(?:64)?|secu-tcs-agent|sap100\d{0,3}|tat_agent)(?=$|[/\s"'*.@:_-])/i,
    foreign: true,
  },
  { name: 'bcm-agent', pattern: words('bcm-agent', 'bcm-si', 'hosteye', 'hosteye-agent'), foreign: true },
  { name: 'hostguard', pattern: words('hostguard', 'cloudResetPwdUpdateAgent', 'uniagent'), foreign: true },
  { name: 'amazon-ssm-agent', pattern: words('amazon-ssm-agent', 'ssm-agent-worker', 'snap\\.amazon-ssm-agent') },
  { name: 'amazon-cloudwatch-agent', pattern: words('amazon-cloudwatch-agent', 'awslogsd?', 'awslogs-agent') },
  {
    name: 'amazon-guardduty-agent',
    pattern: words('amazon-guardduty-agent', 'amazon-guardduty', 'aws-guardduty-agent'),
  },
  { name: 'amazon-inspector', pattern: words('awsagent', 'inspectorssmplugin') },
  { name: 'auditd', pattern: words('auditd', 'audit', 'auditbeat') },
  { name: 'falco', pattern: words('falco', 'falco-kmod', 'falco-modern-bpf', 'falco-bpf', 'falcosidekick') },
  { name: 'falcon-sensor', pattern: words('falcon-sensor', 'falcond', 'falconctl', 'CrowdStrike') },
  { name: 'wazuh', pattern: words('wazuh-agent', 'wazuh', 'wazuh-control', 'ossec', 'ossec-control', 'ossec-agentd') },
  { name: 'osquery', pattern: words('osqueryd', 'osquery') },
  {
    name: 'datadog-agent',
    pattern: words('datadog-agent', 'datadog-agent-security', 'datadog-agent-sysprobe', 'datadog'),
  },
  { name: 'clamav', pattern: words('clamav', 'clamav-daemon', 'clamav-freshclam', 'clamd', 'freshclam') },
  { name: 'apparmor', pattern: words('apparmor') },
  { name: 'sysdig', pattern: words('sysdig', 'draios-agent', 'dragent') },
  { name: 'tetragon', pattern: words('tetragon') },
  { name: 'tracee', pattern: words('tracee') },
  { name: 'sentinelone', pattern: words('sentinelone', 'sentinelctl', 'sentinelagent') },
  { name: 'mdatp', pattern: words('mdatp') },
  { name: 'elastic-agent', pattern: words('elastic-agent', 'elastic-endpoint') },
  { name: 'ds_agent', pattern: words('ds_agent', 'dsa_control') },
  { name: 'carbon-black', pattern: words('cbagentd', 'cbdaemon', 'cbsensor') },
  { name: 'cortex', pattern: words('traps_pmd', 'cortex-agent') },
  { name: 'lacework', pattern: words('datacollector', 'lacework') },
  { name: 'qualys', pattern: words('qualys-cloud-agent') },
  { name: 'trellix', pattern: words('xagt') },
  { name: 'rkhunter', pattern: words('rkhunter', 'chkrootkit') },
  { name: 'fail2ban', pattern: words('fail2ban') },
  { name: 'rsyslog', pattern: words('rsyslog', 'rsyslogd', 'syslog-ng') },
];

/** Words of which every agent's pattern holds one: needles for readers. */
export const AGENT_NEEDLES: readonly string[] = [
  ...[
    'aegis',
    'aliyun',
    'alisecguard',
    'agentwatch',
    'quartz_uninstall',
    'cloudmonitor',
    'qcloud',
    'yunjing',
    'stargate',
  ],
  ...['barad_agent', 'sgagent', 'secu-tcs-agent', 'sap100', 'tat_agent', 'bcm-', 'hosteye', 'hostguard'],
  ...['cloudresetpwd', 'uniagent', 'ssm-agent', 'cloudwatch-agent', 'awslogs', 'guardduty', 'awsagent', 'inspectorssm'],
  ...['audit', 'falco', 'crowdstrike', 'wazuh', 'ossec', 'osquery', 'datadog', 'clam', 'freshclam', 'sysdig', 'draios'],
  ...[
    'dragent',
    'tetragon',
    'tracee',
    'sentinel',
    'mdatp',
    'elastic-',
    'ds_agent',
    'dsa_control',
    'cbagentd',
    'cbdaemon',
  ],
  ...['cbsensor', 'traps_pmd', 'cortex-agent', 'datacollector', 'lacework', 'qualys', 'xagt', 'rkhunter', 'chkrootkit'],
  ...['fail2ban', 'rsyslog', 'syslog-ng', 'apparmor'],
];

/** The agents that a text names. */
export function agentsIn(text: string): readonly SecurityAgent[] {
  const bounded = text.slice(0, 16_384);
  return SECURITY_AGENTS.filter(({ pattern }) => pattern.test(bounded));
}
