import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { persistenceAnalyzers } from '#shared/analyzers/persistence/analyzers.ts';
import { transfers } from '#shared/analyzers/persistence/transfers.ts';
import { tableOf } from '../optimization/fixture.ts';

const ANALYZERS = persistenceAnalyzers({ programs: () => ['xmrig', 'kinsing'] }).filter(
  ({ id }) => id !== 'script_started',
);

const holds = tableOf(ANALYZERS);

const CRON = 'persistence_file/cron strong';
const HARMLESS = 'persistence_file/cron note';
const UNIT = 'persistence_file/unit strong';
const PROFILE = 'persistence_file/profile strong';

holds('follows copies out of buckets and containers', [
  ['aws s3 cp s3://b/c /etc/cron.d/x', CRON],
  ['aws --region us-east-1 s3 cp s3://b/c /etc/cron.d/x --quiet', CRON],
  ['aws s3 sync s3://b/c /etc/systemd/system', UNIT],
  ['gsutil cp gs://b/c /etc/cron.d/x', CRON],
  ['docker cp web:/x /etc/cron.d/x', CRON],
  ['docker container cp web:/x /etc/cron.d/', CRON],
  ['kubectl cp -n web web-1:/x /etc/cron.d/x', CRON],
  ['git clone --depth 1 https://example.com/a.git /etc/cron.d', CRON],
  ['axel -n 4 -o /etc/cron.d/x https://example.com/x', CRON],
  ['aws s3 cp /etc/cron.d/x s3://b/c', '-'],
  ['aws s3 sync /etc/cron.d s3://b/c', '-'],
  ['aws s3 cp s3://b/etc/cron.d/x /srv/x', '-'],
  ['aws s3 ls s3://b/etc/cron.d/', '-'],
  ['docker cp /etc/cron.d/x web:/etc/cron.d/x', '-'],
  ['docker cp web:/etc/cron.d/x /srv/x', '-'],
  ['git clone https://example.com/etc/cron.d.git /srv/a', '-'],
  ['git -C /etc/cron.d log', '-'],
]);

holds('follows what a folder or an archive holds', [
  ['rsync -a /tmp/c/ /etc/cron.d/', CRON],
  ['rsync -a /srv/c/ /etc/cron.d', CRON],
  ['cp -r /tmp/c/. /etc/cron.d/', CRON],
  ['unrar x -y a.rar /etc/cron.d/', CRON],
  ['tar --one-top-level=/etc/cron.d -xf a.tar', CRON],
  ['tar --extract --fil a.tar --direct /etc/cron.d', CRON],
  ['wget --output-doc /etc/cron.d/c https://example.com/c', CRON],
  ['rsync -a /etc/cron.d/ /srv/cron.d/', '-'],
  ['rsync -a /etc/cron.d/ backup:/etc/cron.d/', '-'],
  ['cp -r /etc/cron.d/. /srv/backup', '-'],
  ['unrar l a.rar /etc/cron.d/', '-'],
  ['wget --output-f /etc/cron.d/log -O /srv/x https://example.com/c', '-'],
]);

holds('reads the texts that awk and vi write', [
  [`awk 'BEGIN{print "* * * * * root /tmp/.x/a" > "/etc/cron.d/x"}'`, CRON],
  [`awk -v a=1 'BEGIN { printf "* * * * * root /tmp/.x/a\\n" >> "/etc/cron.d/x" }'`, CRON],
  [`awk 'BEGIN{print "0 3 * * * root /usr/bin/backup" > "/etc/cron.d/x"}'`, HARMLESS],
  [`awk '$1 > 5 {print "/etc/cron.d/x"}' /etc/cron.d/x`, '-'],
  ["ex -sc '$a|* * * * * root /tmp/.x/a' -cx /etc/crontab", CRON],
  ["vim -es -c '$a|* * * * * root /tmp/.x/a' -c wq /etc/crontab", CRON],
  ["ex -sc '$a|0 3 * * * root /usr/bin/backup' -cx /etc/crontab", HARMLESS],
  ["ex -sc '%p|q!' /etc/crontab", '-'],
  ["ex -sc '$a|* * * * * root /tmp/.x/a' -c 'q!' /etc/crontab", '-'],
  ['vim /etc/crontab', '-'],
]);

holds('knows the start-up file that find hands on', [
  ['find /home -name .bashrc -exec sh -c "echo /tmp/.x/a >> {}" \\;', PROFILE],
  ["find / -name .bashrc -exec sh -c 'echo /tmp/.x/a >> $1' _ {} \\;", PROFILE],
  ["find /root -name .profile -exec sed -i '$a /tmp/.x/a' {} \\;", PROFILE],
  ['find /home -name authorized_keys -exec tee -a {} \\;', 'persistence_file/ssh_key weak'],
  ['find /home -name .bashrc -exec grep -l a {} \\;', '-'],
  ['find /srv -name .bashrc.txt -exec sh -c "echo /tmp/.x/a >> {}" \\;', '-'],
]);

test('reads any words without throwing, and gives no more than its bounds', () => {
  const name = fc.constantFrom('aws', 'gsutil', 'docker', 'kubectl', 'git', 'axel', 'unrar', 'awk', 'ex', 'vim');
  const word = fc.oneof(
    fc.constantFrom('s3', 'cp', 'sync', 's3://b/c', '/etc/cron.d/', 'clone', '-c', 'x', '$a|b', 'print "a" > "b"'),
    fc.string({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(name, fc.array(word, { maxLength: 12 }), (program, words) => {
      assert.ok(transfers(program, [program, ...words]).length <= 16);
    }),
  );
});
