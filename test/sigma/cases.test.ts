import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '#shared/model/event.ts';
import { type FieldValue, splitCommandLine } from '#shared/sigma/case-events.ts';
import { CATEGORIES, type Field } from '#shared/sigma/fields.ts';
import { compileRules } from '#shared/sigma/load.ts';
import { errorsOf, eventOf, ruleText } from './rule-file.ts';

const CATEGORY_NAMES = [
  ...['process_creation', 'file_event', 'file_change', 'file_rename', 'file_delete', 'file_access', 'dns_query'],
  ...['network_connection', 'driver_load', 'kernel', 'scheduled_job', 'detection'],
];

test('knows the categories that the documentation lists', () => {
  assert.deepEqual([...CATEGORIES.keys()], CATEGORY_NAMES);
});

/** A value of each field's kind. */
function sampleOf(field: Field): FieldValue {
  if (field.words !== undefined) return field.words.at(-1) ?? '';
  switch (field.kind) {
    case 'number':
      return 4444;
    case 'flag':
      return false;
    case 'list':
      return ['one', 'two three'];
    case 'address':
      return '2001:db8::1';
    case 'addresses':
      return ['192.0.2.1', '2001:db8::2', 'a.example.com'];
    case 'text':
      return field.name === 'Protocol' ? 'udp' : field.name.toLowerCase();
  }
}

for (const [name, category] of CATEGORIES) {
  test(`reads back every field of an event of ${name}`, () => {
    const fields = [...category.fields.values()].filter((field) => !['Program', 'CommandLine'].includes(field.name));
    const event = eventOf(Object.fromEntries(fields.map((field) => [field.name, sampleOf(field)])), name);
    assert.equal(event.class, category.class);
    for (const field of fields) assert.deepEqual(field.read(event), sampleOf(field), field.name);
    assert.deepEqual(category.fields.get('Program')?.read(event), ['image', 'one', 'processname']);
    assert.equal(category.fields.get('CommandLine')?.read(event), 'one two three');
  });

  test(`has no value for fields of ${name} that an event lacks`, () => {
    const needed = ['TargetFilename', 'QueryName', 'DestinationIp', 'ModuleName', 'RuleName'];
    const given = [...category.fields.values()].filter((field) => needed.includes(field.name));
    const event = eventOf(Object.fromEntries(given.map((field) => [field.name, sampleOf(field)])), name);
    const absent = [...category.fields.values()].filter((field) => {
      const value = field.read(event);
      return value === undefined || (Array.isArray(value) && value.length === 0);
    });
    const always = [...needed, 'Activity', 'RecordType', 'QueryStatus', 'Scheduler', 'Product', 'Message'];
    const present = [...category.fields.keys()].filter((one) => !absent.some((field) => field.name === one));
    assert.ok(
      present.every((one) => always.includes(one)),
      present.join(', '),
    );
  });
}

test('reads nothing of an event of another class', () => {
  const event = eventOf({ Image: '/bin/x' });
  assert.equal(CATEGORIES.get('file_event')?.fields.get('TargetFilename')?.read(event), undefined);
  assert.equal(CATEGORIES.get('file_event')?.accepts(event), false);
  const detection: Event = {
    ...eventOf({ RuleName: 'x' }, 'detection'),
    class: 2004,
    product: 'p',
    rule: 'r',
    message: '',
    tags: [],
  };
  const { actor: _, ...withoutActor } = { actor: undefined, ...detection };
  assert.equal(CATEGORIES.get('detection')?.fields.get('Image')?.read(withoutActor), undefined);
});

const SEEN: readonly (readonly [activity: string, categories: readonly string[]])[] = [
  ['create', ['file_event']],
  ['update', ['file_event', 'file_change']],
  ['delete', ['file_delete']],
  ['rename', ['file_event', 'file_rename']],
  ['read', ['file_access']],
  ['unknown', ['file_event', 'file_change']],
];

for (const [activity, categories] of SEEN) {
  test(`shows a file's ${activity} to rules of ${categories.join(' and ')}`, () => {
    const event = eventOf({ TargetFilename: '/x', Activity: activity }, 'file_event');
    assert.deepEqual(
      [...CATEGORIES.values()].filter((one) => one.accepts(event)).map((one) => one.name),
      categories,
    );
  });
}

test('tells module loads from messages of the kernel', () => {
  const load = eventOf({ ModuleName: 'msr' }, 'driver_load');
  const message = eventOf({ Message: 'text' }, 'kernel');
  const seenBy = (event: Event) => [...CATEGORIES.values()].filter((one) => one.accepts(event)).map((one) => one.name);
  assert.deepEqual(seenBy(load), ['driver_load']);
  assert.deepEqual(seenBy(message), ['kernel']);
});

const SPLITS: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['', []],
  ['  a  b ', ['a', 'b']],
  [`sh -c 'a "b" c'`, ['sh', '-c', 'a "b" c']],
  [`a "b 'c' \\" \\$d \\n" e`, ['a', `b 'c' " $d \\n`, 'e']],
  [`a\\ b c\\'d`, ['a b', "c'd"]],
  [`--x='1 2'3`, ['--x=1 23']],
  [`a '' "" b`, ['a', '', '', 'b']],
  [`it's open`, ['it', "'", 's', 'open']],
  ['tail\\', ['tail', '\\']],
];

for (const [line, words] of SPLITS) {
  test(`splits the command line ${JSON.stringify(line)}`, () => {
    assert.deepEqual(splitCommandLine(line), words);
  });
}

function withCases(cases: string, category?: string): string {
  return ruleText('  condition: sel\n  sel: { Image: x }', category, `cases:\n${cases}`);
}

test('gives the cases of a rule with their place', () => {
  const text = withCases(`  - match: true
    note: from a line
    command_line: a 'b c'
  - { match: false, note: from fields, event: { CommandLine: a b, Image: /bin/a, Success: false } }
`);
  const compiled = compileRules([{ path: 'x.yml', text }]);
  assert.ok('cases' in compiled);
  const base = { time: 0, claims: {}, raw: {}, id: 'case', source: 'case', class: 1007 };
  assert.deepEqual(compiled.cases, [
    {
      rule: 'test_rule',
      path: 'x.yml',
      line: 15,
      column: 5,
      match: true,
      note: 'from a line',
      event: { ...base, process: { argv: ['a', 'b c'], exact: false } },
    },
    {
      rule: 'test_rule',
      path: 'x.yml',
      line: 18,
      column: 5,
      match: false,
      note: 'from fields',
      event: { ...base, process: { executable: '/bin/a', argv: ['a', 'b'], exact: false }, success: false },
    },
  ]);
});

test('takes a command line as that of a job', () => {
  const text = withCases('  - { match: true, note: n, command_line: curl x | sh }', 'scheduled_job');
  const compiled = compileRules([{ path: 'x.yml', text }]);
  assert.ok('cases' in compiled);
  const [only] = compiled.cases;
  assert.equal(only?.event.class === 1006 ? only.event.command : '', 'curl x | sh');
});

test('makes a flow of every kind of protocol', () => {
  for (const [given, read] of [
    ['tcp', 'tcp'],
    ['6', 'tcp'],
    ['132', '132'],
    ['icmp', 'icmp'],
  ] as const) {
    const event = eventOf({ DestinationIp: '192.0.2.1', Protocol: given, Initiated: true }, 'network_connection');
    assert.equal(CATEGORIES.get('network_connection')?.fields.get('Protocol')?.read(event), read);
    assert.equal(event.class === 4001 ? event.own : '', 'src');
  }
});

const WRONG: readonly (readonly [cases: string, error: string, category?: string])[] = [
  ['  x', '15:3: expected a list, found a string'],
  ['  - x', '15:5: expected a map, found a string'],
  ['  - { note: n, command_line: x }', "15:5: 'match' is missing"],
  ['  - { match: true, command_line: x }', "15:5: 'note' is missing"],
  ['  - { match: true, note: n }', "15:5: 'command_line' or 'event' is missing"],
  ['  - { match: 1, note: n, command_line: x }', '15:14: expected true or false, found a number'],
  ['  - { match: true, note: 1, command_line: x }', '15:26: expected text, found a number: quote it'],
  ['  - { match: true, note: n, command_line: 7 }', '15:43: expected text, found a number: quote it'],
  ['  - { match: true, note: n, command_line: x, event: {} }', "15:5: a case has either 'command_line' or 'event'"],
  ['  - { match: true, note: n, line: x, command_line: x }', "15:29: 'line' is no part of a case"],
  ['  - { match: true, note: n, event: x }', '15:36: expected a map, found a string'],
  ['  - { match: true, note: n, event: { Imag: x } }', "15:38: 'Imag' is no field of process_creation"],
  [
    '  - { match: true, note: n, event: { Program: [x] } }',
    '15:38: Program is made of Image, Argument and ProcessName',
  ],
  ['  - { match: true, note: n, event: { Image: 7 } }', '15:45: expected text, found a number: quote it'],
  ['  - { match: true, note: n, event: { Argument: x } }', '15:48: expected a list, found a string'],
  ['  - { match: true, note: n, event: { Argument: [x, 7] } }', '15:52: expected text, found a number: quote it'],
  ['  - { match: true, note: n, event: { Success: 7 } }', '15:47: expected true or false, found a number'],
  ['  - { match: true, note: n, command_line: x }', "15:29: 'command_line' makes no event of dns_query", 'dns_query'],
  ['  - { match: true, note: n, event: { Image: x } }', '15:29: the event needs QueryName', 'dns_query'],
  ['  - { match: true, note: n, event: { Image: x } }', '15:29: the event needs TargetFilename', 'file_event'],
  ['  - { match: true, note: n, event: { Image: x } }', '15:29: the event needs ModuleName', 'driver_load'],
  ['  - { match: true, note: n, event: { Image: x } }', '15:29: the event needs DestinationIp', 'network_connection'],
  ['  - { match: true, note: n, event: { Image: x } }', '15:29: the event needs RuleName', 'detection'],
  [
    '  - { match: true, note: n, event: { TargetFilename: /x, Activity: read } }',
    '15:29: rules of file_event never see such an event',
    'file_event',
  ],
  [
    '  - { match: true, note: n, event: { TargetFilename: /x, Activity: made } }',
    "15:68: 'made' is no value of Activity (there are: create,",
    'file_event',
  ],
  ['  - { match: true, note: n, event: { DestinationIp: x } }', "15:53: 'x' is no address", 'network_connection'],
  ['  - { match: true, note: n, event: { DestinationIp: 7 } }', '15:53: expected text', 'network_connection'],
  ['  - { match: true, note: n, event: { DestinationPort: x } }', '15:55: expected a number', 'network_connection'],
];

for (const [cases, error, category] of WRONG) {
  test(`refuses the case ${cases.trim()} of ${category ?? 'process_creation'}`, () => {
    const text = withCases(`${cases}\n`, category);
    const errors = errorsOf(text);
    assert.ok(errors[0]?.startsWith(error), errors.join('\n'));
  });
}
