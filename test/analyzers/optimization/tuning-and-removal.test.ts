import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optimizationAnalyzers } from '#shared/analyzers/optimization/analyzers.ts';
import { decideAll, file, holdToContract, shell, tableOf, told } from './fixture.ts';

const ANALYZERS = optimizationAnalyzers({
  programs: () => ['xmrig', 'kinsing', 'kdevtmpfsi'],
  names: () => ['listed-pool.example'],
});

const holds = tableOf(ANALYZERS);

const GOVERNOR = 'kernel_setting/governor weak';
const POWER = 'kernel_setting/gpu_power weak';
const FAN = 'kernel_setting/gpu_fan weak';
const CPUS = '/sys/devices/system/cpu';
const CARD = '/sys/class/drm/card0/device';

holds('follows loops over processors', [
  [`for c in ${CPUS}/cpu*/cpufreq/scaling_governor; do echo performance > $c; done`, GOVERNOR],
  [
    `for c in ${CPUS}/cpu*/cpufreq/scaling_governor; do [ -f "$c" ] || continue; echo -n performance > "$c"; done`,
    GOVERNOR,
  ],
  [`for i in 0 1 2 3; do echo performance > ${CPUS}/cpu$i/cpufreq/scaling_governor; done`, GOVERNOR],
  [`for i in $(seq 0 7); do echo performance > ${CPUS}/cpu$i/cpufreq/scaling_governor; done`, GOVERNOR],
  [`for i in {0..7}; do echo performance | tee ${CPUS}/cpu\${i}/cpufreq/scaling_governor; done`, GOVERNOR],
  [`for c in $(ls -d ${CPUS}/cpu[0-9]*); do echo performance > $c/cpufreq/scaling_governor; done`, GOVERNOR],
  [`echo performance | sudo tee ${CPUS}/cpu{0,1}/cpufreq/scaling_governor`, GOVERNOR],
  [`for c in ${CPUS}/cpu*/cpufreq/scaling_governor; do cat $c; done`, '-'],
  [`for c in ${CPUS}/cpu*/cpufreq/scaling_governor; do echo powersave > $c; done`, '-'],
  [`for c in ${CPUS}/cpu*/cpufreq/scaling_governor; do echo $c > /srv/list; done`, '-'],
]);

test('takes the command of a substitution for no processor', () => {
  const line = `for i in $(seq 0 1); do echo performance > ${CPUS}/cpu$i/cpufreq/scaling_governor; done`;
  assert.deepEqual(
    decideAll(ANALYZERS, shell(line)).map(({ why }) => /cpu\/(\w+)/.exec(why)?.[1]),
    ['cpu0', 'cpu1'],
  );
});

holds('sees power, clocks and fans of graphics cards set in /sys', [
  [`echo 120000000 > ${CARD}/hwmon/hwmon1/power1_cap`, POWER],
  [`for c in /sys/class/drm/card*/device/hwmon/hwmon*/power1_cap; do echo 120000000 > $c; done`, POWER],
  ['echo 90000000 | sudo tee /sys/class/hwmon/hwmon1/power1_cap', POWER],
  ['cd /sys/class/hwmon/hwmon1; echo 90000000 > power1_cap', POWER],
  [`echo manual > ${CARD}/power_dpm_force_performance_level`, POWER],
  [`echo "m 1 1075" > ${CARD}/pp_od_clk_voltage`, POWER],
  [`echo 1 > ${CARD}/hwmon/hwmon1/pwm1_enable; echo 200 > ${CARD}/hwmon/hwmon1/pwm1`, FAN],
  [`cat ${CARD}/hwmon/hwmon1/power1_cap`, '-'],
  ['cat /sys/class/hwmon/hwmon1/power1_cap > /srv/power', '-'],
  [`grep . ${CARD}/pp_dpm_sclk`, '-'],
  ['echo 200 > /sys/class/hwmon/hwmon1/pwm1', '-'],
  ['echo on > /sys/class/drm/card0/device/power/control', '-'],
]);

test('knows the same files by the path of the device, and leaves its fan to services', () => {
  const device = '/sys/devices/pci0000:00/0000:00:1e.0/hwmon/hwmon1';
  const by = { executable: '/usr/bin/a' };
  assert.equal(told(ANALYZERS, file(`${device}/power1_cap`, by)), POWER);
  assert.equal(told(ANALYZERS, file(`${device}/power1_cap`, by, 'read')), '-');
  assert.equal(told(ANALYZERS, file(`${CARD}/hwmon/hwmon1/pwm1`, by)), '-');
});

holds('reads settings that are written from inside their folder', [
  ['cd /proc/sys/vm && echo 1280 > nr_hugepages', 'kernel_setting/huge_pages strong'],
  ['cd /sys/fs/resctrl/p0; echo "L3:0=fff" > schemata', 'kernel_setting/cache_qos weak'],
  ['cd /srv && echo 1280 > nr_hugepages', '-'],
]);

const AGENT = 'security_agents weak';

holds('sees agents removed from engines and clusters', [
  ['docker rm -f datadog-agent', AGENT],
  ['docker stop falco && docker rm falco', AGENT],
  ['docker kill $(docker ps -q --filter name=falco)', AGENT],
  ["docker ps | grep falco | awk '{print $1}' | xargs docker rm -f", AGENT],
  ['docker -H tcp://192.0.2.1:2375 rm -f falco', AGENT],
  ['docker compose -f a.yml stop falco', AGENT],
  ['docker-compose rm -sf falco', AGENT],
  ['docker service rm datadog-agent', AGENT],
  ['podman pod rm -f falco', AGENT],
  ['ctr -n k8s.io task kill falco', AGENT],
  ['kubectl delete ds falco', AGENT],
  ['kubectl -n falco delete daemonset/falco', AGENT],
  ['kubectl delete ds -n kube-system aws-guardduty-agent', AGENT],
  ['kubectl delete ds -A -l app.kubernetes.io/name=falco', AGENT],
  ['kubectl delete ds --all -n falco', AGENT],
  ['kubectl delete ns amazon-guardduty', AGENT],
  ['kubectl delete -f https://example.com/falco.yaml', AGENT],
  ['kubectl scale deploy falcosidekick --replicas=0', AGENT],
  ['kubectl scale --replicas 0 -n datadog deploy/datadog-agent', AGENT],
  ['k3s kubectl delete ds tetragon', AGENT],
  ['helm uninstall falco', AGENT],
  ['helm -n falco delete falco', AGENT],
  ['microk8s helm3 uninstall falco', AGENT],
  ['stop amazon-ssm-agent', AGENT],
  ['initctl stop awslogs', AGENT],
  ['docker rm -f web', '-'],
  ['docker ps | grep falco', '-'],
  ['docker logs falco', '-'],
  ['docker restart datadog-agent', '-'],
  ['docker compose restart falco', '-'],
  ['docker compose up -d falco', '-'],
  ['docker rm -f stargate', '-'],
  ['docker pull falcosecurity/falco', '-'],
  ['kubectl get ds falco', '-'],
  ['kubectl rollout restart ds falco', '-'],
  ['kubectl delete pod falco-abcde', '-'],
  ['kubectl delete ds web -n falco', '-'],
  ['kubectl delete cm datadog-dashboards', '-'],
  ['kubectl scale deploy falcosidekick --replicas=2', '-'],
  ['kubectl apply -f falco.yaml', '-'],
  ['helm uninstall web -n falco', '-'],
  ['helm upgrade --install falco falcosecurity/falco', '-'],
  ['helm repo remove falcosecurity', '-'],
  ['helm uninstall web; systemctl status falco', '-'],
  ['start falco', '-'],
  ['stop web', '-'],
]);

test('names what was removed, once', () => {
  const found = decideAll(ANALYZERS, shell('docker stop falco; docker rm falco; helm uninstall falco'));
  assert.deepEqual(
    found.map(({ artifacts }) => artifacts),
    [['agent:falco']],
  );
});

holds('takes the stop of a miner that runs as a service for the stop of a rival', [
  ['systemctl stop c3pool_miner', 'rivals weak'],
  ['systemctl disable --now moneroocean_miner.service', 'rivals weak'],
  ['service xmrig stop', 'rivals weak'],
  ['stop c3pool_miner', 'rivals weak'],
  ['systemctl stop nginx', '-'],
  ['systemctl status c3pool_miner', '-'],
  ['systemctl is-enabled xmrig', '-'],
]);

test('answers no event without a needle', () => {
  const words =
    `for c in ${CPUS}/cpu*/cpufreq/scaling_governor do done ; echo performance > $c cd /sys/class/hwmon/hwmon1
    power1_cap ${CARD}/hwmon/hwmon1/power1_cap ${CARD}/pp_od_clk_voltage pwm1 /proc/sys/vm nr_hugepages docker compose rm
    -f stop falco kubectl delete ds -n helm uninstall systemctl c3pool_miner scale --replicas=0 microk8s datadog-agent`
      .split(/\s+/)
      .concat(
        'kubectl delete ds falco',
        'docker rm -f falco',
        'systemctl stop c3pool_miner',
        '; cd /sys/class/hwmon/hwmon1',
      );
  const answered = holdToContract(ANALYZERS, words, ['bash', 'sshd']);
  assert.ok(answered > 100, `${answered} answers`);
});
