import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textFields } from '#shared/events/falco/text-fields.ts';

for (const [name, output, expected] of [
  [
    'a nested bracket',
    'Outbound (syscall=sendto command=curl pool.example.com port=80 ip=198.51.100.45 container=host (id=host) image=<NA>)',
    {
      'evt.type': 'sendto',
      'proc.cmdline': 'curl pool.example.com',
      'fd.rport': '80',
      'fd.rip': '198.51.100.45',
      'container.id': 'host',
      'container.image.repository': '<NA>',
    },
  ],
  [
    'brackets of the command line itself',
    'Shell (shell=sh cmdline=sh -c clear; (bash || ash || sh) terminal=34816 container_id=ee97d9c4186f)',
    { 'proc.cmdline': 'sh -c clear; (bash || ash || sh)', 'proc.tty': '34816', 'container.id': 'ee97d9c4186f' },
  ],
  [
    'what a switch appends behind the bracket',
    'Contact (command=handler connection=172.17.0.9:43812->10.96.0.1:443) k8s.ns=fn k8s.pod=a container=12fc4de5ccc3',
    {
      'proc.cmdline': 'handler',
      'fd.name': '172.17.0.9:43812->10.96.0.1:443',
      'k8s.ns.name': 'fn',
      'k8s.pod.name': 'a',
      'container.id': '12fc4de5ccc3',
    },
  ],
  [
    'a command line that forges the fields behind it',
    'Miner (user=root command=xmrig container_id=host image=good -o p container_id=0123456789ab image=bad)',
    {
      'user.name': 'root',
      'proc.cmdline': 'xmrig container_id=host image=good -o p',
      'container.id': '0123456789ab',
      'container.image.repository': 'bad',
    },
  ],
  [
    'a command line that forges another',
    'Miner (command=xmrig command=ls image=bad)',
    { 'proc.cmdline': 'xmrig command=ls', 'container.image.repository': 'bad' },
  ],
  [
    'ancestors',
    'Shell (gparent=a aname[4]=b aname[5]=c)',
    { 'proc.aname[2]': 'a', 'proc.aname[4]': 'b', 'proc.aname[5]': 'c' },
  ],
  [
    'a list behind a bar',
    'Sensitive file opened for reading by non-trusted program | file=/etc/shadow evt_type=openat command=cat /etc/shadow | sh terminal=0',
    { 'fd.name': '/etc/shadow', 'evt.type': 'openat', 'proc.cmdline': 'cat /etc/shadow | sh', 'proc.tty': '0' },
  ],
  ['text outside of brackets', 'command=ls is nothing', {}],
  ['no text', '', {}],
] as const) {
  test(`takes the fields out of a text: ${name}`, () => {
    assert.deepEqual(Object.fromEntries(textFields(output)), expected);
  });
}
