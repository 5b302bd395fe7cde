import { optimizationAnalyzers } from '#shared/analyzers/optimization/analyzers.ts';
import { tableOf } from './fixture.ts';

const ANALYZERS = optimizationAnalyzers({ programs: () => ['xmrig', 'kinsing'], names: () => [] });

const holds = tableOf(ANALYZERS);

const NODE = '/sys/devices/system/node/node';
const STRONG = 'kernel_setting/huge_pages strong';
const WEAK = 'kernel_setting/huge_pages weak';

holds('sees huge pages of nodes that a pattern or a variable names', [
  [
    `for i in $(find ${NODE}* -maxdepth 0 -type d); do echo 3 > "$i/hugepages/hugepages-1048576kB/nr_hugepages"; done`,
    WEAK,
  ],
  [`for i in ${NODE}*; do echo 3 > $i/hugepages/hugepages-1048576kB/nr_hugepages; done`, WEAK],
  [`for i in ${NODE}[0-9]*; do echo 1280 > $i/hugepages/hugepages-2048kB/nr_hugepages; done`, STRONG],
  ['while read -r i; do echo 1280 > "$i/hugepages/hugepages-2048kB/nr_hugepages"; done < /srv/nodes', STRONG],
  [`echo 1280 | tee ${NODE}*/hugepages/hugepages-2048kB/nr_hugepages`, STRONG],
  [`echo 512 | tee ${NODE}*/hugepages/hugepages-2048kB/nr_hugepages`, WEAK],
  [`for i in ${NODE}*; do cat $i/hugepages/hugepages-2048kB/nr_hugepages; done`, '-'],
  ['echo 1280 > /srv/hugepages/hugepages-2048kB/nr_hugepages', '-'],
]);

holds('reads settings that are edited into their file', [
  ["sed -i '$ a vm.nr_hugepages=1280' /etc/sysctl.conf", STRONG],
  ["sed -i 's/^vm.nr_hugepages.*/vm.nr_hugepages=1280/' /etc/sysctl.conf", STRONG],
  ["sed -i 's/^vm.nr_hugepages.*/vm.nr_hugepages=1024/' /etc/sysctl.d/90-db.conf", WEAK],
  ["sed -i '/vm.nr_hugepages/d' /etc/sysctl.conf", '-'],
  ["sed -n '/vm.nr_hugepages/p' /etc/sysctl.conf", '-'],
  ["sed 's/^vm.nr_hugepages.*/vm.nr_hugepages=1280/' /etc/sysctl.conf", '-'],
]);

const AGENT = 'security_agents weak';

holds('sees agents stopped by other supervisors, packages, rules and rights', [
  ['kubectl delete pods -n falco --all', AGENT],
  ['supervisorctl stop falco', AGENT],
  ['rc-update del auditd', AGENT],
  ['rm -f /etc/audit/rules.d/audit.rules', AGENT],
  ['rm -rf /etc/audit/rules.d', AGENT],
  ['chmod 000 /usr/bin/falco', AGENT],
  ['chmod a-x /usr/bin/falco', AGENT],
  ['/usr/libexec/platform-python /usr/bin/dnf remove falcon-sensor', AGENT],
  ['/usr/bin/python3 /usr/bin/yum remove amazon-ssm-agent', AGENT],
  ['kubectl delete pod -n falco falco-abc', '-'],
  ['kubectl get pods -n falco --all', '-'],
  ['supervisorctl restart falco', '-'],
  ['rc-update del nginx', '-'],
  ['rm -f /etc/audit/rules.d/40-old.rules', '-'],
  ['chmod 755 /usr/bin/falco', '-'],
  ['chmod 640 /etc/audit/auditd.conf', '-'],
  ['chmod 644 /etc/falco/falco.yaml', '-'],
  ['/usr/libexec/platform-python /usr/bin/dnf upgrade falcon-sensor', '-'],
]);

const RIVAL = 'rivals weak';

holds('sees rivals taken out of clusters and on Windows', [
  ['kubectl delete deploy xmrig', RIVAL],
  ['kubectl scale deploy xmrig --replicas=0', RIVAL],
  ['helm uninstall xmrig', RIVAL],
  ['supervisorctl stop xmrig', RIVAL],
  ['taskkill /F /IM xmrig.exe', RIVAL],
  ['kubectl get deploy xmrig', '-'],
  ['kubectl delete deploy web', '-'],
  ['helm list xmrig', '-'],
  ['taskkill /F /IM notepad.exe', '-'],
]);
