import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '#shared/model/event.ts';
import { CATEGORIES } from '#shared/sigma/fields.ts';
import { compileOne, eventOf, matches, ruleText, selectionText, verdictsOf } from './rule-file.ts';

/** A rule with this `davylamp` attribute. */
function ruleWith(own: string, selection: string, category?: string): string {
  return selectionText(selection, category).replace('strength: strong', `strength: strong\n  ${own}`);
}

test('says what matched, each text once, and nothing of what was negated', () => {
  const rule = compileOne(
    ruleText(`  condition: (a or b) and not c
  a: { Program: [curl, wget], Argument|contains: [http, ftp] }
  b: { Image|exists: true }
  c: { ParentName: apt }`),
  );
  const event = eventOf({ Image: '/bin/curl', Argument: ['curl', 'http://x', 'ftp', 'y'] });
  assert.deepEqual(verdictsOf(rule, event), [
    {
      strength: 'strong',
      artifacts: [],
      why: 'A rule of a test (test_rule): Program=curl, Argument=http://x, Argument=ftp',
    },
  ]);
});

test('names keywords, references and encoded text as they stand in the event', () => {
  const keyword = compileOne(selectionText('[evil]'));
  assert.match(
    verdictsOf(keyword, eventOf({ ParentCommandLine: 'An EVIL thing' }))[0]?.why ?? '',
    /: text=An EVIL thing$/,
  );
  const reference = compileOne(selectionText('Image|fieldref: ParentImage'));
  assert.match(verdictsOf(reference, eventOf({ Image: '/A', ParentImage: '/a' }))[0]?.why ?? '', /: Image=\/A$/);
});

test('gives strength and flags as the rule has them', () => {
  const rule = compileOne(ruleWith('flags: [write, launch]', 'Image: x').replace('strong', 'weak'));
  const [verdict] = verdictsOf(rule, eventOf({ Image: 'x' }));
  assert.equal(verdict?.strength, 'weak');
  assert.deepEqual(verdict?.flags, ['write', 'launch']);
});

test('makes artifacts of fields, and of lists only what matched', () => {
  const own = 'artifacts: { path: [Image, ParentImage], url: Argument, cmd: AncestorName }';
  const rule = compileOne(ruleWith(own, 'Argument|startswith: http'));
  const event = eventOf({ Image: '/bin/x', Argument: ['x', 'http://a', 'http://b', '-o'], AncestorName: ['sh'] });
  assert.deepEqual(verdictsOf(rule, event)[0]?.artifacts, ['path:/bin/x', 'url:http://a', 'url:http://b']);
});

test('writes pool artifacts as endpoints are written', () => {
  const rule = compileOne(
    ruleWith('artifacts: { pool: DestinationIp }', 'DestinationPort: 3333', 'network_connection'),
  );
  const event = eventOf({ DestinationIp: '2001:db8::1', DestinationPort: 3333 }, 'network_connection');
  assert.deepEqual(verdictsOf(rule, event)[0]?.artifacts, ['pool:[2001:db8::1]']);
});

test('leaves out empty artifacts and gives each once', () => {
  const rule = compileOne(ruleWith('artifacts: { path: [Image, CurrentDirectory, ParentImage] }', 'Program: x'));
  const event = eventOf({ Image: '/x', CurrentDirectory: '', ParentImage: '/x' });
  assert.deepEqual(verdictsOf(rule, event)[0]?.artifacts, ['path:/x']);
});

test('bounds what it says, in one line', () => {
  const rule = compileOne(ruleWith('artifacts: { url: Argument }', "Argument|contains: 'a'"));
  const argv = Array.from({ length: 100 }, (_, index) => `a\n${index}\u2028${'😀'.repeat(500)}`);
  const [verdict] = verdictsOf(rule, eventOf({ Argument: argv }));
  assert.ok(verdict);
  assert.ok(verdict.why.length <= 480);
  assert.ok(verdict.why.isWellFormed());
  assert.doesNotMatch(verdict.why, /[\n\u2028]/);
  assert.equal(verdict.artifacts.length, 8);
});

test('looks at the beginning of very long texts and lists', () => {
  const rule = compileOne(selectionText('Argument|contains: needle'));
  const long = 'x'.repeat(65_530);
  assert.ok(matches(rule, eventOf({ Argument: [`${long}needle`] })));
  assert.ok(!matches(rule, eventOf({ Argument: [`${long}xneedle`] })));
  const many = (count: number) => Array.from({ length: count }, () => 'x');
  assert.ok(matches(rule, eventOf({ Argument: [...many(4_095), 'needle'] })));
  assert.ok(!matches(rule, eventOf({ Argument: [...many(4_096), 'needle'] })));
});

test('judges each command inside an event, and an event that rules of this category see', () => {
  const inner = (event: Event): readonly Event[] =>
    event.class === 1007 && event.process.argv?.[1] === '-c'
      ? [event, ...(event.process.argv[2] ?? '').split(';').map((line) => eventOf({ CommandLine: line }))]
      : [event, eventOf({ TargetFilename: '/x' }, 'file_event')];
  const rule = compileOne(selectionText('Program: modprobe'), { expand: inner });
  const shell = (script: string) => eventOf({ Argument: ['sh', '-c', script] });
  assert.equal(verdictsOf(rule, shell('ls;modprobe msr')).length, 1);
  assert.equal(verdictsOf(rule, shell('modprobe msr;modprobe msr')).length, 1, 'one for what is said twice');
  assert.equal(verdictsOf(rule, shell('ls')).length, 0);
  assert.equal(verdictsOf(rule, eventOf({ TargetFilename: '/modprobe' }, 'file_event')).length, 0);
  const files = compileOne(selectionText('TargetFilename: /x', 'file_event'), { expand: inner });
  assert.equal(verdictsOf(files, eventOf({ TargetFilename: '/y' }, 'file_event')).length, 1);
});

test('bounds the commands of one event and the verdicts on them', () => {
  const counted = compileOne(selectionText('Argument|startswith: a'), {
    expand: () => Array.from({ length: 500 }, (_, index) => eventOf({ Argument: [`a${index}`] })),
  });
  assert.equal(verdictsOf(counted, eventOf({ Image: 'x' })).length, 8);
  const late = compileOne(selectionText('Argument: a64'), {
    expand: () => Array.from({ length: 500 }, (_, index) => eventOf({ Argument: [`a${index}`] })),
  });
  assert.equal(verdictsOf(late, eventOf({ Image: 'x' })).length, 0);
});

test('answers the same whatever was asked before', () => {
  const rule = compileOne(selectionText('Image: /bin/x'));
  const [yes, no] = [eventOf({ Image: '/bin/x' }), eventOf({ Image: '/bin/y' })];
  assert.deepEqual(
    [yes, no, yes, yes, no].map((event) => matches(rule, event)),
    [true, false, true, true, false],
  );
});

test('never throws, whatever is in an event', () => {
  const selection = `  condition: 1 of s* or not k
  s1: { Image|contains: 'a*b', Argument|re: '(a|b)*c', CommandLine|windash|contains: ' -x' }
  s2: { Argument|gt: 3, Program|endswith: x, AncestorName|base64offset|contains: longer }
  s3: { Image|fieldref|startswith: CurrentDirectory, User|neq: '0', ParentName: null }
  k: [one, two]`;
  const text = fc.string({ unit: 'binary' });
  for (const name of CATEGORIES.keys()) {
    const rule = compileOne(ruleText(selection, name));
    fc.assert(
      fc.property(text, fc.array(text), text, (image, argv, path) => {
        const common = { Image: image, Argument: argv, AncestorName: argv, CurrentDirectory: path, User: path };
        const needed = { TargetFilename: path, QueryName: path, DestinationIp: path, ModuleName: path, RuleName: path };
        const event = eventOf({ ...common, ...needed, JobCommand: path, Message: path }, name);
        for (const { why } of verdictsOf(rule, event)) assert.ok(why.length <= 480);
      }),
      { numRuns: 200 },
    );
  }
});
