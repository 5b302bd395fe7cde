import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASS } from '#shared/model/event.ts';
import { decide, launch, split } from './fixture.ts';

const deleted = (line: string, workingDirectory?: string): readonly string[] =>
  decide('binary_deletion', launch(split(line), workingDirectory === undefined ? {} : { workingDirectory })).flatMap(
    ({ artifacts }) => artifacts,
  );

test('notes a deleted file that may have been a program, with its absolute path', () => {
  assert.deepEqual(deleted('rm -f /opt/kx'), ['path:/opt/kx']);
  assert.deepEqual(deleted('rm kx', '/opt'), []);
  assert.deepEqual(deleted('rm -- kx', '/opt'), ['path:/opt/kx']);
  assert.deepEqual(deleted("sh -c 'cd /srv/app; ./kx --cpu-priority 4 & sleep 1; rm ./kx'"), ['path:/srv/app/kx']);
  assert.deepEqual(deleted('shred -u /opt/.kx'), ['path:/opt/.kx']);
  const [verdict] = decide('binary_deletion', launch(split('rm -f /opt/kx')));
  assert.deepEqual([verdict?.strength, verdict?.flags], ['note', ['deleted']]);
});

test('leaves out folders, patterns, data and other machines', () => {
  for (const line of [
    'rm -rf /opt/x/',
    'rm -f /var/run/*.pid',
    'rm -f /var/log/a.log /tmp/b.tar.gz',
    'ssh host.example.com rm -f /opt/kx',
    'grep -r "rm -f /opt/kx" /etc',
    'ls -l /opt/kx',
  ]) {
    assert.deepEqual(deleted(line), [], line);
  }
});

test('notes what a file event says', () => {
  const base = {
    class: CLASS.file,
    path: '/opt/kx',
    actor: {},
    time: 0,
    claims: {},
    raw: {},
    id: 'x',
    source: 'test',
  } as const;
  assert.equal(decide('binary_deletion', { ...base, activity: 'delete' }).length, 1);
  assert.equal(decide('binary_deletion', { ...base, activity: 'delete', success: false }).length, 0);
  assert.equal(decide('binary_deletion', { ...base, activity: 'update' }).length, 0);
});
