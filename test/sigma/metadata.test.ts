import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileOne, errorsOf, selectionText } from './rule-file.ts';

const GOOD = selectionText('Image: /bin/x');

test('gives the analyzer what the rule says of itself', () => {
  const { id, version, title, group, technique, classes } = compileOne(
    `${GOOD.replace('attack.t1496', 'attack.t1053.003').replace('miner_execution', 'persistence_setup')}version: 3\n`,
  );
  assert.deepEqual(
    { id, version, title, group, technique, classes },
    {
      id: 'test_rule',
      version: 3,
      title: 'A rule of a test',
      group: 'persistence_setup',
      technique: 'T1053.003',
      classes: [1007],
    },
  );
  assert.equal(compileOne(GOOD).version, 1);
});

test('takes every attribute of the specification that rules may have', () => {
  const more = `related: [{ id: x, type: similar }]
taxonomy: sigma
status: test
description: words
license: Apache-2.0
references: ['https://example.com/a']
author: somebody
date: 2026-11-30
modified: 2026-12-01
scope: [server]
fields: [Image]
falsepositives: [none known]
level: high
`;
  const tags = '  - attack.t1496\n  - attack.impact\n  - attack.command-and-control';
  const text = GOOD.replace('  - attack.t1496', tags).replace(
    '  category',
    '  product: linux\n  definition: x\n  category',
  );
  assert.equal(compileOne(text + more).technique, 'T1496');
});

type Change = readonly [what: string | RegExp, by: string];
const REMOVED = '';

const WRONG: readonly (readonly [change: Change, errors: readonly string[]])[] = [
  [[/title.*\n/, REMOVED], ["1:1: 'title' is missing"]],
  [['A rule of a test', "' '"], ['1:9: expected 1 to 256 characters']],
  [['A rule of a test', 'x'.repeat(257)], ['1:8: expected 1 to 256 characters']],
  [['A rule of a test', '7'], ['1:8: expected text, found a number: quote it']],
  [[/id: 0.*\n/, REMOVED], ["1:1: 'id' is missing"]],
  [['00000000-', '0000-'], ["2:5: expected a UUID, found '0000-0000-4000-8000-000000000001'"]],
  [[/name.*\n/, REMOVED], ["1:1: 'name' is missing"]],
  [['test_rule', 'Test-Rule'], ["3:7: expected a name in lower case with underscores, found 'Test-Rule'"]],
  [['test_rule', '[x]'], ['3:7: expected text, found a list']],
  [[/tags:\n.*\n.*\n/, REMOVED], ["1:1: 'tags' is missing"]],
  [
    [/tags:\n.*\n.*\n/, 'tags: x\n'],
    [
      '4:1: expected one tag davylamp.<group>, found 0',
      '4:1: expected one technique as attack.t1053.003, found 0',
      '4:7: expected a list, found a string',
    ],
  ],
  [
    ['attack.t1496', 'attack.T1496'],
    ['4:1: expected one technique as attack.t1053.003, found 0', "5:5: 'attack.T1496' is no tag that is known here"],
  ],
  [
    ['  - attack.t1496', '  - attack.t1496\n  - attack.t1497\n  - 7'],
    ['4:1: expected one technique as attack.t1053.003, found 2', '7:5: expected text, found a number: quote it'],
  ],
  [
    ['davylamp.miner_execution', 'davylamp.mining'],
    [
      "6:5: there is no group 'mining' (there are: miner_execution, pool_connection, persistence_setup, system_optimization, context)",
    ],
  ],
  [
    ['  - davylamp.miner_execution', '  - davylamp.context\n  - davylamp.context'],
    ['4:1: expected one tag davylamp.<group>, found 2'],
  ],
  [[/davylamp:\n.*\n/, REMOVED], ["1:1: 'davylamp' is missing"]],
  [
    [/davylamp:\n.*\n/, 'davylamp: strong\n'],
    ['7:11: expected a map, found a string', "7:1: 'strength' is missing"].reverse(),
  ],
  [['strength: strong', 'strength: medium'], ["8:13: expected one of strong, weak, note, found 'medium'"]],
  [
    ['strength: strong', 'strong: strength'],
    ["7:1: 'strength' is missing", "8:3: 'strong' is no part of davylamp (there are: strength, flags, artifacts)"],
  ],
  [
    ['strength: strong', 'strength: strong\n  flags: [write, wrote, 7]'],
    [
      "9:18: expected one of session, candidate, learned, proxy, lookup, answered, rejected, launch, write, rivals, common_option, deleted, clamped, forwarder, claimed, found 'wrote'",
      '9:25: expected text, found a number: quote it',
    ],
  ],
  [
    ['strength: strong', 'strength: strong\n  artifacts: { paths: Image, path: [Imag, Image, 7] }'],
    [
      "9:16: there is no kind of artifact 'paths' (there are: path, wallet, coin, pool, proxy, url, cmd, algo, worker, register, rival, agent, unit, image, miner)",
      "9:37: 'Imag' is no field of process_creation",
      '9:50: expected text, found a number: quote it',
    ],
  ],
  [[/logsource:\n.*\n/, REMOVED], ["1:1: 'logsource' is missing"]],
  [['  category: process_creation', '  product: linux'], ["9:1: 'category' is missing"]],
  [['process_creation', '[a]'], ['10:13: expected text, found a list']],
  [
    ['process_creation', 'webserver'],
    [
      "10:13: there is no category 'webserver' (there are: process_creation, file_event, file_change, file_rename, file_delete, file_access, dns_query, network_connection, driver_load, kernel, scheduled_job, detection)",
    ],
  ],
  [
    ['  category', '  product: windows\n  service: sysmon\n  host: x\n  category'],
    [
      "10:12: the only product is 'linux'",
      "11:3: 'service' is not supported: the category alone decides which events are seen",
      "12:3: 'host' is no part of a log source (there are: category, product, definition)",
    ],
  ],
  [[/detection:[\s\S]*/, REMOVED], ["1:1: 'detection' is missing"]],
  [[/detection:[\s\S]*/, 'detection: x\n'], ['11:12: expected a map, found a string']],
  [[/ {2}condition.*\n/, REMOVED], ["11:1: 'condition' is missing"]],
];

for (const [[what, by], errors] of WRONG) {
  test(`refuses a rule with ${String(what).slice(0, 40)} made ${JSON.stringify(by).slice(0, 60)}`, () => {
    const text = GOOD.replace(what, by);
    assert.notEqual(text, GOOD);
    assert.deepEqual(errorsOf(text), errors);
  });
}

const WRONG_MORE: readonly (readonly [line: string, error: string])[] = [
  ['correlation: {}', "15:1: 'correlation' is not supported: rules see one event, the correlator joins them"],
  ['filter: {}', "15:1: 'filter' is not supported: rules see one event, the correlator joins them"],
  ['titel: x', "15:1: 'titel' is no attribute of a rule (there are: title, id,"],
  ['status: deprecated', "15:9: expected one of stable, test, experimental, found 'deprecated'"],
  ['status: [test]', '15:9: expected text, found a list'],
  ['level: severe', '15:8: expected one of informational, low, medium, high, critical'],
  ['taxonomy: ecs', '15:11: expected one of sigma'],
  ['description: 7', '15:14: expected text, found a number: quote it'],
  ['falsepositives: none', '15:17: expected a list, found a string'],
  ['falsepositives: [none, 7]', '15:24: expected text, found a number: quote it'],
  ['references: [example.com, 7]', '15:14: expected an http or https address'],
  ['references: https://example.com', '15:13: expected a list, found a string'],
  ['date: 2026/11/30', '15:7: expected a date as 2026-11-30'],
  ['date: 2026-11-31', '15:7: expected a date as 2026-11-30'],
  ['date: 2026-13-01', '15:7: expected a date as 2026-11-30'],
  ['modified: 2026', '15:11: expected text, found a number: quote it'],
  ['version: 0', '15:10: expected a whole number above 0'],
  ['version: 1.5', '15:10: expected a whole number above 0'],
  ["version: '1'", '15:11: expected a whole number above 0'],
];

for (const [line, error] of WRONG_MORE) {
  test(`refuses the attribute ${line}`, () => {
    const errors = errorsOf(`${GOOD.trimEnd()}\n${line}\n`);
    assert.ok(errors[0]?.startsWith(error), errors.join('\n'));
  });
}

test('names fields of artifacts only where the category is known', () => {
  const text = GOOD.replace('strength: strong', 'strength: strong\n  artifacts: { path: Nothing }').replace(
    'process_creation',
    'x',
  );
  assert.deepEqual(
    errorsOf(text).map((error) => error.slice(0, 30)),
    ["11:13: there is no category 'x'".slice(0, 30)],
  );
});
