import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASS } from '#shared/model/event.ts';
import { alert, eventOf, readFalco } from './falco.ts';

const CRON = '/etc/cron.d/sync';

function activity(rule: string, fields: Record<string, unknown>, message = 'Something happened'): string {
  const output = `22:00:01.123456789: Warning ${message} (made=up)`;
  const text = alert({ 'proc.name': 'sh', 'evt.type': 'openat', 'fd.name': CRON, ...fields }, { rule, output });
  return eventOf(text, CLASS.file).activity;
}

for (const [rule, message, expected] of [
  ['Read sensitive file untrusted', 'Sensitive file opened for reading by non-trusted program', 'read'],
  ['Read sensitive file trusted after startup', 'Sensitive file opened for reading after startup', 'read'],
  ['Read ssh information', 'ssh-related file/directory read by non-ssh program', 'read'],
  ['Read Shell Configuration File', 'a shell configuration file was read by a non-shell program', 'read'],
  ['Directory traversal monitored file read', 'Read monitored file via directory traversal', 'read'],
  ['Read file below etc', 'x', 'read'],
  ['Keys', 'Key file opened for reading', 'read'],
  ['Write below etc', 'File below /etc opened for writing', 'update'],
  ['Write below root', 'File below / or /root opened for writing', 'update'],
  ['Write below binary dir', 'File below a known binary directory opened for writing', 'update'],
  ['File below etc', 'x', 'update'],
  ['Schedule Cron Jobs', 'Cron jobs were scheduled to run', 'update'],
  ['Modify Shell Configuration File', 'A shell configuration file has been modified', 'update'],
  ['Adding ssh keys to authorized_keys', 'Adding ssh keys to authorized_keys', 'update'],
  ['Container Drift Detected (open+create)', 'Drift detected', 'create'],
  ['Create files below dev', 'File created below /dev by untrusted program', 'create'],
  ['Write to a file that is read at boot', 'x', 'unknown'],
  ['Linux Kernel setting', 'Kernel setting touched', 'unknown'],
  ['Spreadsheet already there', 'x', 'unknown'],
] as const) {
  test(`an open without flags is told by the words of its rule: ${rule} / ${message}: ${expected}`, () => {
    for (const type of ['open', 'openat', 'openat2', undefined]) {
      assert.equal(activity(rule, { 'evt.type': type }, message), expected, type);
    }
  });
}

const READ_RULE = 'Read sensitive file untrusted';
const WRITE_RULE = 'Write below etc';
for (const [name, rule, fields, expected] of [
  ['no open to write', 'Custom', { 'evt.is_open_write': false }, 'read'],
  ['no open to write, as text', 'Custom', { 'evt.is_open_write': 'false' }, 'read'],
  ['no open to write, whatever the rule says', WRITE_RULE, { 'evt.is_open_write': false }, 'read'],
  ['an open to write, whatever the rule says', READ_RULE, { 'evt.is_open_write': true }, 'update'],
  ['an open to write and read', READ_RULE, { 'evt.is_open_write': true, 'evt.is_open_read': true }, 'update'],
  ['an open to read alone', 'Custom', { 'evt.is_open_read': true }, 'read'],
  ['an open to read that may be for both', WRITE_RULE, { 'evt.is_open_read': true }, 'update'],
  ['an open not to read', 'Custom', { 'evt.is_open_read': false }, 'update'],
  ['a file made', 'Custom', { 'evt.is_open_create': true, 'evt.is_open_write': false }, 'create'],
  ['a file not made', 'Custom', { 'evt.is_open_create': false, 'evt.is_open_write': false }, 'read'],
  ['a program made', 'Custom', { 'evt.is_open_exec': true }, 'create'],
  ['flags to read', 'Custom', { 'evt.arg.flags': 'O_RDONLY|O_CLOEXEC' }, 'read'],
  ['flags to read a directory', 'Custom', { 'evt.arg.flags': 'O_DIRECTORY|O_RDONLY' }, 'read'],
  ['flags to read and write', READ_RULE, { 'evt.arg.flags': 'O_RDWR|O_CLOEXEC' }, 'update'],
  ['flags to read in a rule on writes', WRITE_RULE, { 'evt.arg.flags': 'O_RDONLY' }, 'read'],
  ['a file made by an open to read', 'Custom', { 'evt.arg.flags': 'O_RDONLY|O_CLOEXEC|O_F_CREATED' }, 'create'],
  ['a lock file that is there', 'Custom', { 'evt.arg.flags': 'O_RDONLY|O_CREAT' }, 'read'],
  ['a file emptied', READ_RULE, { 'evt.arg.flags': 'O_RDONLY|O_TRUNC' }, 'update'],
  ['flags of a program', READ_RULE, { 'evt.arg.flags': 'EXE_WRITABLE' }, 'read'],
  ['flags by the index of open', READ_RULE, { 'evt.arg[2]': 'O_WRONLY' }, 'update'],
  ['flags by the index of openat', READ_RULE, { 'evt.arg[3]': 'O_CREAT|O_WRONLY' }, 'create'],
  ['flags to read by index', 'Custom', { 'evt.arg[3]': 'O_RDONLY|O_CLOEXEC' }, 'read'],
  ['a file named like a flag', READ_RULE, { 'evt.arg[2]': 'O_RDONLY', 'evt.arg[3]': 'O_WRONLY' }, 'update'],
  ['a file whose name holds a flag', READ_RULE, { 'evt.arg[2]': '/tmp/O_WRONLY' }, 'read'],
  [
    'flags among all arguments',
    READ_RULE,
    { 'evt.args': `fd=3(<f>${CRON}) dirfd=-100(AT_FDCWD) name=${CRON} flags=2(O_WRONLY) mode=0` },
    'update',
  ],
  [
    'flags to read among all arguments',
    'Custom',
    { 'evt.args': `name=${CRON} flags=4097(O_RDONLY|O_CLOEXEC)` },
    'read',
  ],
  ['a name that forges flags', 'Custom', { 'evt.args': 'name=flags=1(O_RDONLY) flags=2(O_WRONLY)' }, 'update'],
  ['a written file', READ_RULE, { 'evt.type': 'write' }, 'update'],
  ['creat', READ_RULE, { 'evt.type': 'creat' }, 'create'],
  ['a removal', READ_RULE, { 'evt.type': 'unlink' }, 'delete'],
] as const) {
  test(`tells what a file was opened for by ${name}`, () => {
    assert.equal(activity(rule, fields), expected);
  });
}

test("a program named after a rule's words hides no write", () => {
  assert.equal(activity('Cron touched', { 'proc.name': 'read' }, `${CRON} touched by read`), 'unknown');
});

test("what stands in an output's fields is not the rule's word", () => {
  assert.equal(activity('Cron touched', {}, 'Cron touched (command=sh read x)'), 'unknown');
  assert.equal(activity('Cron touched', {}, 'Cron touched | command=sh read x'), 'unknown');
});

for (const [message, expected] of [
  ['Sensitive file opened for reading by non-trusted program', 'read'],
  ['File below /etc opened for writing', 'update'],
] as const) {
  for (const [open, close] of [
    ['(', ')'],
    ['| ', ''],
  ] as const) {
    test(`a text output tells the same: ${message} ${open}`, () => {
      const stamp = '2026-11-24T22:00:01.123456789+0000';
      const line = `${stamp}: Warning ${message} ${open}file=${CRON} evt_type=openat process=sh command=sh x${close}`;
      const files = readFalco(line).events.filter((event) => event.class === CLASS.file);
      assert.deepEqual(
        files.map((event) => [event.path, event.activity]),
        [[CRON, expected]],
      );
    });
  }
}
