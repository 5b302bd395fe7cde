import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldValue } from '#shared/sigma/case-events.ts';
import { compileOne, errorsOf, eventOf, matches, selectionText } from './rule-file.ts';

type Row = readonly [
  selection: string,
  fields: Readonly<Record<string, FieldValue>>,
  expected: boolean,
  category?: string,
];

const base64 = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('base64');
const arguments_ = (...list: readonly string[]) => ({ Argument: list });

const ROWS: readonly Row[] = [
  // Values without modifiers
  [`Image: /usr/bin/curl`, { Image: '/usr/bin/curl' }, true],
  [`Image: /usr/bin/curl`, { Image: '/usr/bin/curl2' }, false],
  [`Image: /USR/bin/CURL`, { Image: '/usr/bin/curl' }, true],
  [`Image: [/usr/bin/wget, /usr/bin/curl]`, { Image: '/usr/bin/curl' }, true],
  [`Image: '/usr/*/curl'`, { Image: '/usr/local/bin/curl' }, true],
  [`Image: '/usr/bin/cur?'`, { Image: '/usr/bin/curl' }, true],
  [`Image: '/usr/bin/curl?'`, { Image: '/usr/bin/curl' }, false],
  [`CommandLine: 'ls \\*'`, arguments_('ls', '*'), true],
  [`CommandLine: 'ls \\*'`, arguments_('ls', 'a'), false],
  [`CommandLine: 'ls \\?'`, arguments_('ls', '?'), true],
  [`CommandLine: 'ls \\\\*'`, arguments_('ls', '\\anything'), true],
  [`CommandLine: 'a\\b'`, arguments_('a\\b'), true],
  [`CommandLine: 'a\\\\b'`, arguments_('a\\b'), true],
  [`CommandLine: 'a\\\\\\\\b'`, arguments_('a\\\\b'), true],
  [`CommandLine: 'a\\\\\\*'`, arguments_('a\\*'), true],
  [`CommandLine: 2022`, arguments_('2022'), true],
  [`Image: ''`, { Image: '' }, true],
  [`Image: ''`, { ProcessName: 'x' }, false],
  [`Image: null`, { ProcessName: 'x' }, true],
  [`Image: null`, { Image: '' }, false],
  [`AncestorName: null`, { AncestorName: [] }, true],
  [`Image: [null, '']`, { Image: '' }, true],
  [`Image: [null, '']`, { ProcessName: 'x' }, true],
  [`Image: [null, '']`, { Image: 'x' }, false],
  [`Success: true`, { Success: true }, true],
  [`Success: true`, { Success: false }, false],
  [`Success: false`, { Image: 'x' }, false],
  // contains, startswith, endswith
  [`CommandLine|contains: donate`, arguments_('x', '--DONATE-level'), true],
  [`CommandLine|contains: 'a*c'`, arguments_('xabcx'), true],
  [`CommandLine|startswith: 'rm '`, arguments_('rm', '-f'), true],
  [`CommandLine|startswith: 'rm '`, arguments_('xrm', '-f'), false],
  [`Image|endswith: /curl`, { Image: '/opt/curl' }, true],
  [`Image|endswith: /curl`, { Image: '/opt/curl/x' }, false],
  [`Image|endswith: 'bin/*url'`, { Image: '/bin/curl' }, true],
  // Lists
  [`Argument: msr`, arguments_('modprobe', 'MSR'), true],
  [`Argument: msr`, arguments_('modprobe', 'msr.ko'), false],
  [`Argument|contains: [x, .ko]`, arguments_('modprobe', 'msr.ko'), true],
  [`Argument|contains|all: [a1, b2]`, arguments_('-a1', '-b2'), true],
  [`Argument|contains|all: [a1, b2]`, arguments_('-a1', '-b'), false],
  [`Program: modprobe`, { Image: '/usr/bin/kmod', Argument: ['/sbin/modprobe', 'msr'] }, true],
  [`Program: kmod`, { Image: '/usr/bin/kmod', Argument: ['/sbin/modprobe', 'msr'] }, true],
  [`Program: short`, { Image: '/usr/bin/kmod', ProcessName: 'short' }, true],
  // all
  [`CommandLine|contains|all: [one, two]`, arguments_('two', 'one'), true],
  [`CommandLine|contains|all: [one, two]`, arguments_('one'), false],
  [`CommandLine|all|contains: [one, two]`, arguments_('one'), false],
  // cased, neq
  [`CommandLine|cased: abc`, arguments_('abc'), true],
  [`CommandLine|cased: abc`, arguments_('ABC'), false],
  [`CommandLine|contains|cased: B?`, arguments_('aBcd'), true],
  [`CommandLine|contains|cased: B?`, arguments_('abcd'), false],
  [`Image|neq: /bin/sh`, { Image: '/bin/bash' }, true],
  [`Image|neq: [/bin/sh, /bin/bash]`, { Image: '/bin/bash' }, false],
  [`Image|endswith|neq: sh`, { Image: '/bin/bash' }, false],
  [`Image|neq: null`, { Image: 'x' }, true],
  // exists
  [`Image|exists: true`, { Image: '' }, true],
  [`Image|exists: true`, { ProcessName: 'x' }, false],
  [`Image|exists: false`, { ProcessName: 'x' }, true],
  // re
  [`CommandLine|re: 'str.tum\\+(tcp|ssl)://'`, arguments_('-o', 'stratum+ssl://x'), true],
  [`CommandLine|re: 'ABC'`, arguments_('abc'), false],
  [`CommandLine|re|i: 'ABC'`, arguments_('abc'), true],
  [`CommandLine|re: '^b'`, arguments_('a\nb'), false],
  [`CommandLine|re|m: '^b$'`, arguments_('a\nb\nc'), true],
  [`CommandLine|re: 'a.b'`, arguments_('a\nb'), false],
  [`CommandLine|re|s: 'a.b'`, arguments_('a\nb'), true],
  [`CommandLine|re|i|s: 'A.B'`, arguments_('a\nb'), true],
  [`CommandLine|re|neq: 'a'`, arguments_('b'), true],
  [`CommandLine|re: [x1, y1]`, arguments_('y1'), true],
  [`Argument|re: '^-[ab]$'`, arguments_('x', '-b'), true],
  // numbers
  [`DestinationPort: 3333`, { DestinationIp: '192.0.2.1', DestinationPort: 3333 }, true, 'network_connection'],
  [`DestinationPort: [22, 3333]`, { DestinationIp: '192.0.2.1', DestinationPort: 3333 }, true, 'network_connection'],
  [`DestinationPort: 3333`, { DestinationIp: '192.0.2.1', DestinationPort: 33333 }, false, 'network_connection'],
  [`DestinationPort: null`, { DestinationIp: '192.0.2.1' }, true, 'network_connection'],
  [`DestinationPort|neq: 22`, { DestinationIp: '192.0.2.1', DestinationPort: 23 }, true, 'network_connection'],
  [`DestinationPort|gt: 1024`, { DestinationIp: '192.0.2.1', DestinationPort: 1024 }, false, 'network_connection'],
  [`DestinationPort|gt: 1024`, { DestinationIp: '192.0.2.1', DestinationPort: 1025 }, true, 'network_connection'],
  [`DestinationPort|gte: 1024`, { DestinationIp: '192.0.2.1', DestinationPort: 1024 }, true, 'network_connection'],
  [`DestinationPort|lt: 1024`, { DestinationIp: '192.0.2.1', DestinationPort: 1024 }, false, 'network_connection'],
  [`DestinationPort|lte: 1024`, { DestinationIp: '192.0.2.1', DestinationPort: 1024 }, true, 'network_connection'],
  [`Argument|gt: 99.5`, arguments_('sysctl', '100'), true],
  [`Argument|gt: 99`, arguments_('sysctl', '1e9', '0x80', '', '99999999999999999999'), false],
  // addresses
  [`DestinationIp: 192.0.2.1`, { DestinationIp: '192.0.2.1' }, true, 'network_connection'],
  [`DestinationIp: '2001:DB8:0:0::1'`, { DestinationIp: '2001:db8::1' }, true, 'network_connection'],
  [`DestinationIp: '192.0.2.*'`, { DestinationIp: '192.0.2.7' }, true, 'network_connection'],
  [`DestinationIp|startswith: '192.0.'`, { DestinationIp: '192.0.2.7' }, true, 'network_connection'],
  [`DestinationIp|cidr: 192.0.2.0/24`, { DestinationIp: '192.0.2.255' }, true, 'network_connection'],
  [`DestinationIp|cidr: 192.0.2.0/24`, { DestinationIp: '192.0.3.0' }, false, 'network_connection'],
  [`DestinationIp|cidr: [192.0.2.0/24, '2001:db8::/32']`, { DestinationIp: '2001:db8::9' }, true, 'network_connection'],
  [`DestinationIp|cidr: '::/0'`, { DestinationIp: '192.0.2.1' }, false, 'network_connection'],
  [
    `QueryResults|cidr: 192.0.2.0/24`,
    { QueryName: 'a.example.com', QueryResults: ['b.example.com', '192.0.2.9'] },
    true,
    'dns_query',
  ],
  [`QueryResults: b.example.com`, { QueryName: 'a.example.com', QueryResults: ['b.example.com'] }, true, 'dns_query'],
  // encodings
  [`CommandLine|base64: 'some text'`, arguments_(base64('some text')), true],
  [`CommandLine|base64: 'some text'`, arguments_(base64('some text').toLowerCase()), false],
  [`CommandLine|base64|contains: 'curl '`, arguments_(base64('curl http://x')), false],
  [`CommandLine|base64|contains: 'curl -'`, arguments_(base64('curl -s x')), true],
  [`CommandLine|base64offset|contains: stratum+tcp`, arguments_(base64('stratum+tcp://x')), true],
  [`CommandLine|base64offset|contains: stratum+tcp`, arguments_(base64(' stratum+tcp://x')), true],
  [`CommandLine|base64offset|contains: stratum+tcp`, arguments_(base64('xxstratum+tcp')), true],
  [`CommandLine|base64offset|contains: stratum+tcp`, arguments_(base64('stratum+ssl://x')), false],
  [`CommandLine|wide|base64offset|contains: xmrig`, arguments_(base64('x.xmrig', 'utf16le')), true],
  [`CommandLine|utf16le|base64offset|contains: xmrig`, arguments_(base64('x.xmrig')), false],
  [
    `CommandLine|utf16be|base64|startswith: xmrig`,
    arguments_(Buffer.from('xmrigx', 'utf16le').swap16().toString('base64')),
    false,
  ],
  [`CommandLine|utf16be|base64: xmrig`, arguments_(Buffer.from('xmrig', 'utf16le').swap16().toString('base64')), true],
  [`CommandLine|utf16|base64: xmrig`, arguments_(base64('\ufeffxmrig', 'utf16le')), true],
  [`CommandLine|base64: 'a\\*bc'`, arguments_(base64('a*bc')), true],
  // windash
  [`CommandLine|windash|contains: ' -o '`, arguments_('x', '/o', 'y'), true],
  [`CommandLine|windash|contains: ' -o '`, arguments_('x', '\u2013o', 'y'), true],
  [`CommandLine|windash|contains: ' -o '`, arguments_('x', 'o', 'y'), false],
  [`CommandLine|contains|windash: ' /o '`, arguments_('x', '-o', 'y'), true],
  [`CommandLine|windash|contains: 'a-b'`, arguments_('a/b'), false],
  // fieldref
  [`Image|fieldref: ParentImage`, { Image: '/bin/sh', ParentImage: '/bin/SH' }, true],
  [`Image|cased|fieldref: ParentImage`, { Image: '/bin/sh', ParentImage: '/bin/SH' }, false],
  [`Image|fieldref: ParentImage`, { Image: '/bin/sh' }, false],
  [`Image|fieldref|neq: ParentImage`, { Image: '/bin/sh', ParentImage: '/bin/x' }, true],
  [`Image|fieldref|startswith: CurrentDirectory`, { Image: '/tmp/x', CurrentDirectory: '/tmp' }, true],
  [`Image|fieldref|endswith: ProcessName`, { Image: '/tmp/x', ProcessName: 'x' }, true],
  [`Image|fieldref|endswith: ProcessName`, { Image: '/tmp/x', ProcessName: 'y' }, false],
  // maps, lists of maps, keywords
  [`Image: /a\nProcessName: b`, { Image: '/a', ProcessName: 'b' }, true],
  [`Image: /a\nProcessName: b`, { Image: '/a', ProcessName: 'c' }, false],
  [`- Image: /a\n- ProcessName: b`, { Image: '/c', ProcessName: 'b' }, true],
  [`- Image: /a\n- ProcessName: b`, { Image: '/c', ProcessName: 'c' }, false],
  [`- evil\n- 4444`, arguments_('x', '-p', '4444'), true],
  [`- evil\n- worse`, { ParentCommandLine: 'most EVIL' }, true],
  [`- evil\n- worse`, { User: 'evil' }, false],
  [`'|all': [evil, worse]`, { ParentCommandLine: 'most evil', Image: '/worse' }, true],
  [`'|all': [evil, worse]`, { ParentCommandLine: 'most evil' }, false],
  [`'|cased': evil`, { ParentCommandLine: 'EVIL' }, false],
  [`'|cased': evil`, { ParentCommandLine: 'evil' }, true],
];

for (const [selection, fields, expected, category] of ROWS) {
  const shown = `${selection.replaceAll('\n', ' ; ')} ${JSON.stringify(fields)}`;
  test(`${expected ? 'matches' : 'leaves'} ${shown}`, () => {
    const rule = compileOne(selectionText(selection, category));
    assert.equal(matches(rule, eventOf(fields, category)), expected);
  });
}

const WRONG: readonly (readonly [selection: string, error: string, category?: string])[] = [
  [`Imag: x`, "14:5: 'Imag' is no field of process_creation (there are: Success, Image,"],
  [`Image|contain: x`, "14:5: there is no modifier 'contain' (there are: contains,"],
  [`Image|expand: '%x%'`, "14:5: 'expand' is not supported: placeholders have no values here"],
  [`Image|hour: 3`, "14:5: 'hour' is not supported: no field holds a date"],
  [`Image|contains|contains: x`, "14:5: the modifier 'contains' stands twice"],
  [`Image|contains|re: x`, "14:5: 'contains' and 're' exclude each other"],
  [`Image|i|re: x`, "14:5: 'i' is a flag of 're' and stands after it"],
  [`Image|contains|s: x`, "14:5: 's' is a flag of 're' and stands after it"],
  [`Image|contains|base64: x`, "14:5: 'base64' stands before 'contains', since it changes the value"],
  [`Image|base64|wide: x`, '14:5: a base64 modifier is the last of the encodings'],
  [`Image|wide: x`, '14:5: a UTF-16 modifier needs a base64 modifier after it'],
  [`Image|wide|utf16be|base64: x`, '14:5: at most one UTF-16 modifier'],
  [`Image|base64offset: longer`, "14:5: 'base64offset' needs 'contains' after it"],
  [`Image|windash|re: x`, "14:5: 'windash' can't be combined with 're'"],
  [`Image|fieldref|exists: true`, "14:5: 'fieldref' can't be combined with 'exists'"],
  [`Image|base64|re: x`, "14:5: 'base64' can't be combined with 're'"],
  [`Image|cased|gt: 3`, "14:5: 'cased' can't be combined with 'gt'"],
  [`Image|cased|re: x`, "14:5: 're' is with regard to case unless 'i' is given"],
  [`Image|exists|all: true`, "14:5: 'all' can't be combined with 'exists'"],
  [`Image|exists|neq: true`, "14:5: 'neq' can't be combined with 'exists'"],
  [`Image|neq|all: [a, b]`, "14:5: 'neq' can't be combined with 'all'"],
  [`Image|fieldref|contains: Program`, "14:5: 'fieldref' can't be combined with 'contains'"],
  [`Image|windash|base64: longer`, "14:5: 'windash' can't be combined with 'base64'"],
  [`Image|fieldref|base64: longer`, "14:5: 'fieldref' can't be combined with 'base64'"],
  [`Image|fieldref|windash: longer`, "14:5: 'fieldref' can't be combined with 'windash'"],
  [`Success|cased: true`, "14:5: 'cased' can't be asked of a field that is true or false"],
  [`Success|gt: 1`, "14:5: 'gt' can't be asked of a field that is true or false"],
  [`Image|cidr: 192.0.2.0/24`, "14:5: 'cidr' can't be asked of a text field"],
  [`Argument|cidr: 192.0.2.0/24`, "14:5: 'cidr' can't be asked of a list field"],
  [`DestinationPort|contains: '33'`, "14:5: 'contains' can't be asked of a number field", 'network_connection'],
  [`DestinationPort|base64: '33'`, "14:5: 'base64' can't be asked of a number field", 'network_connection'],
  [`DestinationIp|gt: 3`, "14:5: 'gt' can't be asked of an address field", 'network_connection'],
  [`QueryResults|lt: 3`, "14:5: 'lt' can't be asked of a list of addresses", 'dns_query'],
  // Values of the wrong type
  [`Image: true`, '14:12: expected text, found a boolean'],
  [`Image: { a: b }`, '14:12: expected text, found a map'],
  [`Image: [[a]]`, '14:13: expected text, found a list'],
  [`Image: []`, '14:12: an empty list of values'],
  [`Image|contains: [a, true]`, '14:25: expected text, found a boolean'],
  [`Image|contains: null`, '14:21: expected text, found null'],
  [`Image|contains: ''`, "14:22: 'contains' with an empty text holds always"],
  [`Image|contains|all: a`, "14:25: 'all' needs two values or more"],
  [`Image|exists: 'yes'`, '14:20: expected true or false, found a string'],
  [`Image|exists: [true]`, '14:19: expected true or false'],
  [`Image|re: 7`, '14:15: expected text, found a number: quote it'],
  [`Image|re: 'a(b'`, "14:17: the group has no ')'"],
  [`Image|fieldref: 7`, '14:21: expected text, found a number: quote it'],
  [`Image|fieldref: Nothing`, "14:21: 'Nothing' is no field of process_creation"],
  [`Image|fieldref: Argument`, "14:21: 'fieldref' can't be asked of a list field (Argument)"],
  [`Image|gt: '3'`, '14:16: expected a number, found a string'],
  [`Image|base64: 'a*'`, "14:20: a wildcard can't be encoded; write it as a character: \\*, \\?"],
  [`Image|base64: ''`, '14:20: too short to be told from any other base64'],
  [`Image|base64offset|contains: abc`, '14:34: too short to be told from any other base64'],
  [`Image|base64: true`, '14:19: expected text, found a boolean'],
  [`Success: 1`, '14:14: expected true or false, found a number'],
  [`Success: 'true'`, '14:15: expected true or false, found a string'],
  [`DestinationPort: '3333'`, '14:23: expected a number, found a string', 'network_connection'],
  [`DestinationIp: 192.0.2`, "14:20: '192.0.2' is no address", 'network_connection'],
  [`DestinationIp|cidr: 192.0.2.0`, "14:25: '192.0.2.0' is no range of addresses", 'network_connection'],
  [`DestinationIp|cidr: 192.0.2.1/24`, "14:25: '192.0.2.1/24' is no range of addresses", 'network_connection'],
  [`DestinationIp|cidr: 7`, '14:25: expected text, found a number', 'network_connection'],
  [`Activity: created`, "14:15: 'created' is no value of Activity (there are: create, update,", 'file_event'],
  [`DestinationPort: 0x10`, "14:22: '0x10' is no plain decimal number: quote it if it is text", 'network_connection'],
  [`Image: 9007199254740993`, "14:12: '9007199254740993' is no plain decimal number"],
  [`Image: .inf`, "14:12: '.inf' is no plain decimal number"],
  // Selections
  [`{}`, '14:5: an empty selection'],
  [`[]`, '14:5: an empty selection'],
  [`- {}`, '14:7: an empty selection'],
  [`- evil\n- Image: x`, '14:5: a list holds either maps or keywords, not both'],
  [`- true`, '14:7: expected text, found a boolean'],
  [`- ''`, '14:8: an empty keyword is in every event'],
  [`'|all': [evil]`, "14:13: 'all' needs two values or more"],
  [`'|re': evil`, "14:5: keywords take only '|all' and '|cased'"],
  [`'': evil`, "14:5: keywords take only '|all' and '|cased'"],
  [`3: evil`, '14:5: keys are text: quote it'],
];

for (const [selection, error, category] of WRONG) {
  test(`refuses ${selection.replaceAll('\n', ' ; ')}`, () => {
    const errors = errorsOf(selectionText(selection, category));
    assert.equal(errors.length, 1, errors.join('\n'));
    assert.ok(errors[0]?.startsWith(error), errors[0]);
  });
}

test('names an unknown field and a wrong modifier of one entry at once', () => {
  const errors = errorsOf(selectionText(`Imago|kontains: x`));
  assert.equal(errors.length, 2, errors.join('\n'));
  assert.match(errors.join('\n'), /'Imago' is no field/);
  assert.match(errors.join('\n'), /there is no modifier 'kontains'/);
});
