import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '#shared/model/event.ts';
import { compileRuleDocuments } from '#shared/sigma/compile.ts';
import type { Json } from '#shared/sigma/document.ts';
import { compileOne, eventOf, matches, ruleText, selectionText } from './rule-file.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64').toLowerCase();

const ROWS: readonly (readonly [selection: string, needles: readonly string[] | null, category?: string])[] = [
  ['Image: /usr/bin/Curl', ['/usr/bin/curl']],
  ['Image: [/bin/curl, /bin/wget]', ['/bin/curl', '/bin/wget']],
  ['Argument: msr', null],
  ['Argument: [msr, longer]', null],
  ["CommandLine|contains: ' --coin=monero '", ['--coin=monero']],
  ["CommandLine|contains: 'modprobe msr'", ['modprobe']],
  ["CommandLine: 'ab*longest*cde'", ['longest']],
  ["CommandLine: 'abcd?efghi'", ['efghi']],
  ["CommandLine: 'a*b'", null],
  [`CommandLine|contains: 'say "hello<world'`, ['hello']],
  ["CommandLine|contains: 'naïveté-long'", ['-long']],
  ['CommandLine|contains|all: [abcd, abcdef]', ['abcdef']],
  ['CommandLine|contains|cased: ABCD', ['abcd']],
  ['CommandLine|windash|contains: " --abcde"', ['abcde']],
  ['CommandLine|base64: stratum', [base64('stratum')]],
  ['CommandLine|base64offset|contains: stratum+tcp', ['c3ryyxr1bst0y3', 'n0cmf0dw0rdgnw', 'zdhjhdhvtk3rjc']],
  ['Image|neq: /bin/curl', null],
  ['Image|exists: true', null],
  ['Image: null', null],
  ['Image: [null, /bin/curl]', null],
  ['Image|fieldref: ParentImage', null],
  ['User: administrator', null],
  ['Argument|gt: 10000', null],
  ['Image: /bin/curl\nProgram: wget', ['/bin/curl']],
  ['Argument: msr\nProgram: modprobe', ['modprobe']],
  ['Program: [modprobe, insmod]\nArgument: [longer-one]', ['longer-one']],
  ['Program: [abcd, efgh]\nArgument: [ijkl]', ['ijkl']],
  ['- Image: /bin/curl\n- Argument: ab', null],
  ['- Image: /bin/curl\n- Argument: abcd', ['/bin/curl', 'abcd']],
  ['- keyword\n- other word', ['keyword', 'other']],
  ["'|all': [keyword, longer-keyword]", ['longer-keyword']],
  ['TargetFilename: /etc/cron.d/x', ['cron.d'], 'file_event'],
  ['TargetFilename|startswith: /tmp/', ['/tmp'], 'file_event'],
  ['TargetFilename|contains: /.ssh/', ['.ssh'], 'file_event'],
  ['TargetFilename|endswith: .so', null, 'file_event'],
  ['Activity: create', null, 'file_event'],
  ['QueryName|endswith: .example.com', ['.example.com'], 'dns_query'],
  ['DestinationIp: 192.0.2.1', null, 'network_connection'],
  // Regular expressions
  ["CommandLine|re: 'abcd.efghi'", ['efghi']],
  ["CommandLine|re: '(abcd|efgh)x'", ['abcd', 'efgh']],
  ["CommandLine|re: '(abcd|ef)x'", null],
  ["CommandLine|re: '(abcd)+'", ['abcd']],
  ["CommandLine|re: '(abcd)*x'", null],
  ["CommandLine|re: 'abcde?'", ['abcd']],
  ["CommandLine|re: 'abcd{2}efghij'", ['efghij']],
  ["CommandLine|re: '^abcd$'", ['abcd']],
  ["CommandLine|re: '[a]bcd'", ['abcd']],
  ["CommandLine|re: 'ab cd'", null],
  ["CommandLine|re|i: 'ABCD'", ['abcd']],
];

for (const [selection, needles, category] of ROWS) {
  test(`names the needles of ${selection.replaceAll('\n', ' ; ')}`, () => {
    const found = compileOne(selectionText(selection, category)).needles;
    assert.deepEqual(found === null ? null : [...found].sort(), needles === null ? null : [...needles].sort());
  });
}

test('names the needles of conditions', () => {
  const selections = '\n  one: { Argument: aaaa }\n  two: { Argument: bbbbbb }\n  any: { Argument: c }';
  const rows: readonly (readonly [string, readonly string[] | null])[] = [
    ['one and two and any', ['bbbbbb']],
    ['one or two and any', ['aaaa', 'bbbbbb']],
    ['one or two or any', null],
    ['any and not (one or two)', null],
    ['any and (one or two)', ['aaaa', 'bbbbbb']],
    ['one and not 1 of two and not any', ['aaaa']],
  ];
  for (const [condition, needles] of rows) {
    assert.deepEqual(compileOne(ruleText(`  condition: ${condition}${selections}`)).needles, needles, condition);
  }
});

test('holds a needle in every base64 form of a text, whatever stands around it', () => {
  const rule = compileOne(selectionText('CommandLine|base64offset|contains: stratum+tcp'));
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const encoded = Buffer.from(`${before}stratum+tcp${after}`).toString('base64');
      assert.ok(matches(rule, eventOf({ Argument: ['sh', encoded] })));
      assert.ok(rule.needles?.some((needle) => encoded.toLowerCase().includes(needle)));
    }),
  );
});

/** Every text of an event, as raw records hold it: arguments apart, a path perhaps as a folder and a relative name. */
function textsOf(event: Event, cut: number): readonly string[] {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value.toLowerCase());
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  if ('path' in event) {
    const { path, ...rest } = event;
    const slashes = [...path.matchAll(/\//g)].map(({ index }) => index).filter((index) => index > 0);
    const at = slashes[cut % (slashes.length + 1)];
    walk(at === undefined ? event : { ...rest, folder: path.slice(0, at), name: path.slice(at + 1) });
  } else {
    walk(event);
  }
  return texts;
}

const WORDS = ['miner', 'pool', 'etc', 'x', 'Long-Word', 'two words', 'a"quoted', '/etc/folder/file', 'ABC1'];
const word = fc.constantFrom(...WORDS);
const value = fc.oneof(
  word,
  fc.tuple(word, fc.constantFrom('*', '?', ' ', '')).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom('*', '?', ''), word).map((parts) => parts.join('')),
);
const modifier = fc.constantFrom(
  '',
  '|contains',
  '|startswith',
  '|endswith',
  '|contains|cased',
  '|neq',
  '|re',
  '|windash|contains',
);

function selection(fields: readonly string[]): fc.Arbitrary<Json> {
  const entry = fc
    .tuple(fc.constantFrom(...fields), modifier, fc.array(value, { minLength: 1, maxLength: 3 }))
    .map(([field, modifiers, values]) => {
      const usable = modifiers === '|re' ? values.map((one) => one.replace(/^[*?]/, '.')) : values;
      return [`${field}${modifiers}`, usable] as const;
    });
  const map = fc.array(entry, { minLength: 1, maxLength: 2 }).map((entries): Json => Object.fromEntries(entries));
  const maps = fc.array(map, { minLength: 1, maxLength: 2 });
  return fc.oneof({ weight: 3, arbitrary: map }, maps, fc.array(value, { minLength: 1, maxLength: 2 }));
}

const condition = fc.constantFrom(
  'a',
  'a and b',
  'a or b',
  'a and not b',
  'not a',
  '(a or b) and a',
  '1 of them',
  'all of them',
);

const CATEGORIES = [
  { category: 'process_creation', fields: ['Image', 'CommandLine', 'Argument', 'Program', 'ParentName'] },
  { category: 'file_event', fields: ['TargetFilename', 'Image', 'CurrentDirectory'] },
] as const;

const texts = fc.array(word, { minLength: 1, maxLength: 3 });

test('implies for random rules and events: what matches holds a needle', () => {
  let matched = 0;
  for (const { category, fields } of CATEGORIES) {
    const event = fc.tuple(texts, word, word, word).map(([argv, image, parent, path]) => {
      const common = { Argument: argv, Image: `/bin/${image}`, ParentName: parent, CurrentDirectory: `/${path}` };
      return eventOf(
        category === 'file_event' ? { ...common, TargetFilename: `/dir/${path}/${parent}` } : common,
        category,
      );
    });
    fc.assert(
      fc.property(selection(fields), selection(fields), condition, event, fc.nat(5), (a, b, logic, given, cut) => {
        const detection = logic.includes('b') || logic.includes('them') ? { a, b } : { a };
        const compiled = compileRuleDocuments([
          {
            path: 'random',
            rule: {
              title: 'random',
              id: '00000000-0000-4000-8000-000000000001',
              name: 'random',
              tags: ['attack.t1496', 'davylamp.miner_execution'],
              davylamp: { strength: 'weak' },
              logsource: { category },
              detection: { ...detection, condition: logic },
            },
          },
        ]);
        assert.ok('rules' in compiled, JSON.stringify(compiled));
        const [rule] = compiled.rules;
        assert.ok(rule);
        for (const needle of rule.needles ?? []) assert.match(needle, /^[!-@[-~]{4,}$/);
        if (!matches(rule, given)) return;
        matched += rule.needles === null ? 0 : 1;
        const raw = textsOf(given, cut);
        assert.ok(
          rule.needles === null || rule.needles.some((needle) => raw.some((text) => text.includes(needle))),
          `${JSON.stringify(rule.needles)} in ${JSON.stringify(raw)}`,
        );
      }),
      { numRuns: 4_000 },
    );
  }
  assert.ok(matched > 100, `only ${matched} matches of rules with needles`);
});
