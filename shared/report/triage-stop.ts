import { parseEndpoint } from '#shared/model/endpoint.ts';
import type { DecidedEvidence, Finding } from '#shared/model/finding.ts';
import { isContainerScope, type Place, UNKNOWN } from '#shared/model/place.ts';
import { runsCrontab } from './crontab-entry.ts';
import { type Entry, entriesOf } from './entries.ts';
import { shellWord } from './escape.ts';
import {
  evidenceOf,
  type Facts,
  isOfMiner,
  list,
  poolTargets,
  type Running,
  runningProcesses,
  unique,
  valuesOf,
} from './facts.ts';
import { containerStarts, minerParents } from './miner-parents.ts';
import { byRule, listOrAsk, MAX_LISTED, namedByAll, unshownOf, unshownText, whereAll } from './triage-unshown.ts';
import { hostSort } from './words.ts';

/** A command of which each part from a log is one quoted word; `undefined` if some part should be in no command. */
export function command(parts: readonly string[], ...words: readonly (string | undefined)[]): string | undefined {
  const quoted = words.map((word) => (word === undefined ? undefined : shellWord(word)));
  if (quoted.includes(undefined)) return undefined;
  return parts.map((part, at) => part + (quoted[at] ?? '')).join('');
}

export const regionOption = (place: Place): string => {
  const word = place.region === UNKNOWN ? undefined : shellWord(place.region);
  return word === undefined ? '' : ` --region ${word}`;
};

const commandLine = (text: string, one: string | undefined): string => (one === undefined ? text : `${text}: ${one}`);

function keepFirst({ finding, sightings }: Facts): string {
  const { host } = finding.place;
  if (hostSort(host) === 'instance') {
    return commandLine(
      `Keep first: take memory and a snapshot of ${host} before anything is stopped`,
      command(['aws ec2 create-snapshots --instance-specification InstanceId=', regionOption(finding.place)], host),
    );
  }
  const containers = unique(sightings.map(({ sample }) => sample.container ?? sample.task ?? sample.pod));
  const what = containers.length === 0 ? host : `${list(containers, 4)} on ${host}`;
  return `Keep first: copy the file system, memory and log window of ${what} before anything is stopped.`;
}

/** Processes and entries that are told of one by one; the rest are named in a list. */
const MAX_DETAILED = 8;
const MAX_ENTRIES = 12;

/** Step 1: the processes, what started them first, since a killed miner comes back. */
export function stopMiner(facts: Facts): string[] {
  const { finding, coverage } = facts;
  const actions = [keepFirst(facts)];
  const restarts = entriesOf(evidenceOf(finding, 'persistence_setup')).map(({ name }) => name);
  if (restarts.length > 0) {
    const rest = unshownText(unshownOf(evidenceOf(finding, 'persistence_setup')));
    const others = rest === '' ? '' : `, and what ${rest} of set-ups made,`;
    actions.push(
      `Do step 4 before you kill anything: ${list(unique(restarts), 4)}${others} can start the miner again.`,
    );
  }
  const running = runningProcesses(facts);
  const parents = minerParents(facts);
  if (parents.own.length > 0) actions.push(`Stop the parents first, if they still run: ${list(parents.own)}.`);
  if (parents.doubtful.length > 0) {
    actions.push(
      `Look at these parents first (a login's shell, or what other programs have for a parent too, may be somebody else's), and stop what starts the miner again: ${list(parents.doubtful)}.`,
    );
  }
  if (finding.evidence.some((one) => one.flags.includes('deleted'))) {
    const pids = unique(running.map(({ pid }) => (pid === undefined ? undefined : `/proc/${pid}/exe`)));
    actions.push(
      `The binary was deleted after its start: copy ${pids.length === 0 ? '/proc/PID/exe' : list(pids, 4)} before the kill.`,
    );
  }
  for (const { pid, name, details } of running.slice(0, MAX_DETAILED)) {
    const known = details.length === 0 ? '' : ` (${details.join(', ')})`;
    actions.push(
      pid === undefined ? `Find and stop every process of ${name}${known}.` : `Stop pid ${pid} ${name}${known}.`,
    );
  }
  const more = running.slice(MAX_DETAILED).map(({ pid, name }) => (pid === undefined ? name : `pid ${pid} ${name}`));
  if (more.length > 0) {
    const all = ofProcesses(finding);
    const terms = unique([...namedByAll(all, 'path'), ...running.map(({ name }) => name)]);
    actions.push(`Stop also: ${listOrAsk(more, all, terms, false)}`);
  }
  actions.push(...moreProcesses(facts, running));
  const started = containerStarts(facts);
  if (started.length > 0) {
    const commands = started.map((one) => `\`${one}\``);
    actions.push(`Find and stop the container that this started: ${list(commands, 4)}.`);
  }
  actions.push(...stopUnits(facts));
  if (running.length === 0) actions.push(noProcess(facts, coverage.process));
  return actions;
}

/** Evidence of the miner or its pool whose records name a process. */
function ofProcesses({ evidence }: Finding): readonly DecidedEvidence[] {
  return evidence.filter((one) => {
    const { group, samples } = one;
    if (!isOfMiner(one)) return false;
    // A finding that was cut has no samples: what artifacts name as a program was one.
    if (samples.length === 0) return group === 'miner_execution' && namedByAll([one], 'path', 'miner').length > 0;
    return samples.some(({ pid, executable, path }) => path === undefined && (pid ?? executable) !== undefined);
  });
}

/** Processes that evidence counts and no sample shows: what artifacts tell of them, and how to find them all. */
function moreProcesses({ finding }: Facts, running: readonly Running[]): string[] {
  const shown = new Set(running.map(({ name }) => name));
  return byRule(ofProcesses(finding)).flatMap((of) => {
    const unshown = unshownText(unshownOf(of));
    if (unshown === '') return [];
    const paths = namedByAll(of, 'path');
    const others = paths.filter((path) => !shown.has(path));
    const what = others.length === 0 ? '' : `; paths beside those above: ${list(others, MAX_LISTED)}`;
    const executables = of.flatMap((one) => one.samples.map(({ executable }) => executable));
    const terms = paths.length > 0 ? paths : unique([...namedByAll(of, 'miner', 'pool'), ...executables]);
    return [
      `And ${unshown} of ${of[0]?.rule.split('/', 1)[0]}, whose processes must be stopped too${what}. All of them: ${whereAll(of, terms, false)}`,
    ];
  });
}

function noProcess({ finding }: Facts, process: boolean): string {
  const paths = list([...valuesOf(finding, 'path'), ...valuesOf(finding, 'miner')], 4);
  if (paths !== '')
    return `No process id was recorded: look for ${paths} in the process list of ${finding.place.host}.`;
  return process
    ? `The process records name no process for this: look on ${finding.place.host} for whatever holds the connections of step 2.`
    : `No process source here: only the host's own process list (or auditd, Falco) tells which process of ${finding.place.host} holds the connections of step 2.`;
}

/** Units that a miner ran in, that were set up to start it, or that were set up beside it and show nothing of their text. */
function stopUnits({ finding }: Facts): string[] {
  const mining = finding.evidence.filter(({ group }) => group === 'miner_execution' || group === 'pool_connection');
  const mines = new Set(mining.map(({ linkKey }) => linkKey));
  const keyed = new Set(finding.evidence.map(({ linkKey }) => linkKey));
  const ran = unique([
    ...namedByAll(mining, 'unit'),
    ...finding.linkKeys.map((key) =>
      key.startsWith('unit:') && (mines.has(key) || !keyed.has(key)) ? key.slice(5) : undefined,
    ),
  ]);
  const seen = finding.evidence.filter((one) => /^persistence_(?:file\/unit|job)/.test(one.rule) && tellsStart(one));
  const set = namedByAll(seen, 'unit').filter((unit) => !ran.includes(unit));
  const unseen = valuesOf(finding, 'unit').filter((unit) => !ran.includes(unit) && !set.includes(unit));
  const told = (units: readonly string[], text: (unit: string) => string, how: string, more: string): string[] => {
    const others = units.slice(MAX_DETAILED);
    return [
      ...units.slice(0, MAX_DETAILED).map((unit) => commandLine(text(unit), command([how, ''], unit))),
      ...(others.length === 0 ? [] : [`${more} these units too: ${listOrAsk(others, finding.evidence, others, true)}`]),
    ];
  };
  return [
    ...told(ran, (unit) => `The unit ${unit} runs it`, 'systemctl disable --now ', 'Disable'),
    ...told(set, (unit) => `The unit ${unit} was set up to start it`, 'systemctl disable --now ', 'Disable'),
    ...told(
      unseen,
      (unit) =>
        `The unit ${unit} was set up too; no record shows what it starts. Read it, and disable it if that is the miner`,
      'systemctl cat ',
      'Look at',
    ),
  ];
}

/** Whether evidence of a unit shows what that starts. */
const tellsStart = (one: DecidedEvidence): boolean =>
  one.decided === 'strong' && namedByAll([one], 'cmd', 'url', 'image', 'miner').length > 0;

const DNS_PORT = 53;

/** Remotes of connections by which a strong miner was seen: the samples of its evidence, which are few. */
function reachedByMiner({ sightings }: Facts): readonly string[] {
  return unique(
    sightings
      .filter(
        ({ evidence }) => isOfMiner(evidence) && evidence.group === 'miner_execution' && evidence.decided === 'strong',
      )
      .map(({ sample }) => sample.remote),
  ).filter((remote) => parseEndpoint(remote).port !== DNS_PORT);
}

/** Step 2: names for a DNS firewall, addresses with ports for network ACLs. */
export function blockPool(facts: Facts): string[] {
  const { names, endpoints, answers } = poolTargets(facts);
  const actions: string[] = [];
  if (names.length > 0) {
    const domains = names.slice(0, 8).flatMap((name) => [name, `*.${name}`]);
    actions.push(`Block these names in Route 53 Resolver DNS Firewall: ${list(names, 16)}.`);
    const add = command(
      [
        'aws route53resolver update-firewall-domains --firewall-domain-list-id LIST --operation ADD --domains ',
        ...domains.slice(1).map(() => ' '),
        regionOption(facts.finding.place),
      ],
      ...domains,
    );
    if (add !== undefined) actions.push(`With LIST as the id of your block list: ${add}`);
  }
  if (endpoints.length > 0) {
    actions.push(`Block these addresses in the network ACL or Network Firewall, outbound: ${list(endpoints, 16)}.`);
  }
  if (answers.length > 0) {
    actions.push(
      `The names answered with ${list(answers, 8)}: block these too, unless others share the address (CDN).`,
    );
  }
  const reached = reachedByMiner(facts).filter((one) => !endpoints.includes(one));
  if (reached.length > 0) {
    actions.push(
      `Reached by the miner, not known as a pool: ${list(reached, 8)}. Block what is no service of yours: a pool's proxy, or where the miner takes orders.`,
    );
  }
  if (names.length + endpoints.length + answers.length > 0) return actions;
  const source = facts.coverage.flow || facts.coverage.resolver ? 'not in the logs read' : 'no network source here';
  return [
    ...actions,
    `No pool was seen (${source}): VPC flow logs and Resolver query logs of ${facts.finding.place.host} would tell.`,
  ];
}

function isolateInstance(place: Place): string[] {
  const region = regionOption(place);
  const ec2 = (call: string): string | undefined => command([`aws ec2 ${call}`, region], place.host);
  const scaling = command(['aws autoscaling describe-auto-scaling-instances --instance-ids ', region], place.host);
  return [
    commandLine(
      `Detach ${place.host} from its Auto Scaling group and target groups first, or it is replaced from the same image or launch template, which needs the fix too`,
      scaling,
    ),
    commandLine(
      'Take its instance profile off, and revoke the sessions of that role',
      ec2('describe-iam-instance-profile-associations --filters Name=instance-id,Values='),
    ),
    commandLine(
      'Note its security groups, then replace them by one without rules',
      ec2('modify-instance-attribute --groups ISOLATION_SG --instance-id '),
    ),
    commandLine(
      'If it must be terminated later: attackers switch termination protection on',
      ec2('describe-instance-attribute --attribute disableApiTermination --instance-id '),
    ),
  ];
}

const tracked = (host: string, targets: readonly string[]): string =>
  `A changed security group leaves tracked connections open: deny ${targets.length === 0 ? "the pool's addresses" : list(targets, 4)} in the subnet's network ACL or stop ${hostSort(host) === 'instance' ? host : `what ${host} belongs to`}, and check in the flow logs that it ended.`;

function isolateContainer(facts: Facts): string[] {
  const { scope, host } = facts.finding.place;
  const found = (field: 'pod' | 'task' | 'container' | 'image'): string[] =>
    unique(facts.sightings.map(({ sample }) => sample[field]));
  const [pods, tasks, containers, images] = [found('pod'), found('task'), found('container'), found('image')];
  const [namespace, workload, , ...rest] = scope.split('/');
  const actions: string[] = [];
  if (tasks.length > 0 || hostSort(host) === 'ECS service') {
    const [cluster = '', family = ''] = host.split('/');
    actions.push(
      commandLine(
        `Stop the tasks of ${host}${tasks.length === 0 ? '' : ` (${list(tasks, 6)})`} and register no new ones`,
        command(['aws ecs list-tasks --cluster ', ' --family ', regionOption(facts.finding.place)], cluster, family),
      ),
    );
  } else if (workload !== undefined && rest.length === 0) {
    actions.push(
      commandLine(
        `Scale the owner ${namespace}/${workload} down, since a deleted pod is made again${pods.length === 0 ? '' : ` (pods ${list(pods, 6)})`}`,
        command(['kubectl get deploy,ds,sts,cronjob,job -n ', ' | grep -F -- ', ''], namespace, workload),
      ),
    );
  } else {
    actions.push(
      `Pause and disconnect the container ${containers.length === 0 ? scope : list(containers, 6)} on ${host}; don't delete it yet.`,
    );
  }
  if (images.length > 0) actions.push(`It was started from ${list(images, 4)}: stop other uses of this image.`);
  return actions;
}

/** What to do about the host itself: its instance, or the way to find it. */
function isolateMachine(place: Place): string[] {
  const { host } = place;
  const region = regionOption(place);
  switch (hostSort(host)) {
    case 'instance':
      return isolateInstance(place);
    case 'interface': {
      const look = command(['aws ec2 describe-network-interfaces --network-interface-ids ', region], host);
      return [commandLine(`Find what ${host} belongs to, and isolate that`, look)];
    }
    case 'address': {
      const filter = 'aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values=';
      return [
        commandLine(`Find which interface had ${host} then (addresses are reused)`, command([filter, region], host)),
      ];
    }
    case 'ECS service':
      return [];
    default:
      return [
        `The logs know the host only as ${host}: find its instance by Name tag or private DNS name, and isolate that.`,
      ];
  }
}

/** Step 3: the instance, interface or container, with what a security group does not do. */
export function isolateHost(facts: Facts): string[] {
  const { place } = facts.finding;
  const { endpoints } = poolTargets(facts);
  const contained = isContainerScope(place.scope) || hostSort(place.host) === 'ECS service';
  const machine = isolateMachine(place);
  const also =
    contained && machine.length > 0
      ? [`Then ${place.host}, if the container was privileged or wrote to its host:`]
      : [];
  return [...(contained ? isolateContainer(facts) : []), ...also, ...machine, tracked(place.host, endpoints)];
}

/** Set-ups that evidence counts and no sample shows: what artifacts say that they start, and how to find them all. */
function moreEntries(items: readonly DecidedEvidence[], entries: readonly Entry[]): string[] {
  const actions = byRule(items).flatMap((of) => {
    const unshown = unshownText(unshownOf(of));
    if (unshown === '') return [];
    const where = whereAll(of, setupTerms(of), true);
    return [
      `And ${unshown} of ${of[0]?.rule.split('/', 1)[0]}, whose entries must be removed too. All of them: ${where}`,
    ];
  });
  const loose = namedByAll(items, 'cmd', 'url').filter((one) => !entries.some(({ shows }) => shows.includes(one)));
  if (loose.length > 0)
    actions.push(
      `Remove each entry that starts one of these too; which entry does, no sample shows: ${list(loose, MAX_LISTED)}.`,
    );
  return actions;
}

/** What the records of a set-up hold: the name of crontab(1) where that was run, else files, units and commands. */
function setupTerms(of: readonly DecidedEvidence[]): readonly string[] {
  const samples = of.flatMap((one) => one.samples);
  const crontab = samples.filter(runsCrontab);
  const named = namedByAll(of, 'path', 'unit');
  const own = unique([...named, ...samples.map(({ path }) => path)]);
  if (crontab.length > 0 && crontab.length === samples.length) return ['crontab'];
  const words = crontab.length > 0 ? ['crontab', ...own] : own;
  if (words.length > 0) return words;
  return unique([...namedByAll(of, 'cmd', 'url'), ...samples.map(({ executable }) => executable)]);
}

/** Step 4: the exact entries, also those that count for nothing here. */
export function removePersistence(facts: Facts): string[] {
  const { finding, coverage } = facts;
  const items = evidenceOf(finding, 'persistence_setup');
  const entries = entriesOf(items);
  const actions = entries.slice(0, MAX_ENTRIES).map(({ removal }) => removal);
  const more = unique(entries.slice(MAX_ENTRIES).map(({ name }) => name));
  if (more.length > 0) actions.push(`Remove also: ${listOrAsk(more, items, setupTerms(items), true)}`);
  actions.push(...moreEntries(items, entries));
  const apart = finding.leftOut.map(({ evidence }) => evidence).filter(({ group }) => group === 'persistence_setup');
  if (apart.length > 0) {
    const names = unique(entriesOf(apart).map(({ name }) => name));
    actions.push(`Look also at what was left out: ${listOrAsk(names, apart, setupTerms(apart), true)}`);
  }
  if (entries.length > 0) return actions;
  const users = unique(
    facts.sightings.map(({ sample }) => (sample.uid === undefined ? undefined : `uid ${sample.uid}`)),
  );
  const whose = users.length === 0 ? '' : ` of ${list(users, 4)}`;
  const none = coverage.process
    ? `No entry was seen in the process records of ${finding.place.host}: it may have been set up before they begin`
    : `No process source here: persistence on ${finding.place.host} can't be seen`;
  return [
    ...actions,
    `${none}. Look at the crontabs${whose}, /etc/cron*, systemd units and timers, rc.local, shell profiles, ld.so.preload and authorized_keys.`,
  ];
}
