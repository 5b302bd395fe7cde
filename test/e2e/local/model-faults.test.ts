import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { modelFaults } from './model-faults.ts';
import { MissingModelsError, modelsVersion, ServiceModel } from './service-model.ts';

const FINDING = {
  SchemaVersion: '2018-10-08',
  ...{ Id: 'a', ProductArn: 'arn', GeneratorId: 'g', AwsAccountId: '111122223333', Title: 't', Description: 'd' },
  ...{ CreatedAt: '2026-01-01T00:00:00Z', UpdatedAt: '2026-01-01T00:00:00Z' },
  Resources: [{ Type: 'Other', Id: 'r' }],
};

const CASES: readonly [string, string, string, unknown, RegExp | undefined][] = [
  ['what the service takes', 'securityhub', 'BatchImportFindingsRequest', { Findings: [FINDING] }, undefined],
  ['a member that is missing', 'securityhub', 'AwsSecurityFinding', { ...FINDING, Id: undefined }, /Id is missing/],
  [
    'a blank text by its pattern',
    'securityhub',
    'AwsSecurityFinding',
    { ...FINDING, Title: ' ' },
    /Title does not match/,
  ],
  ['a member that is not known', 'securityhub', 'AwsSecurityFinding', { ...FINDING, Colour: 'red' }, /Colour is not/],
  ['an empty list', 'securityhub', 'BatchImportFindingsRequest', { Findings: [] }, /0 entries, fewer than 1/],
  [
    'a value that no enumeration has',
    'securityhub',
    'AwsSecurityFinding',
    { ...FINDING, Severity: { Label: 'SEVERE' } },
    /Label is none of INFORMATIONAL/,
  ],
  ['a name with a colon', 'logs', 'FilterName', 'a:b', /does not match/],
  ['a name that is too long', 'logs', 'FilterName', 'a'.repeat(513), /513 characters, more than 512/],
  ['a number where a text belongs', 'logs', 'FilterName', 1, /must be a text/],
  ['eleven entries where ten go', 'events', 'PutEventsRequestEntryList', Array(11).fill({}), /more than 10/],
  ['a fraction for a whole number', 'lambda', 'BatchSize', 1.5, /whole number/],
];

for (const [what, service, shape, value, fault] of CASES) {
  test(`${fault === undefined ? 'finds no fault with' : 'finds'} ${what}, by the model of ${service}`, () => {
    const faults = modelFaults(new ServiceModel(service), shape, value);
    if (fault === undefined) assert.deepEqual(faults, []);
    else assert.match(faults.join('\n'), fault);
  });
}

test('says how to install the models where there are none', () => {
  for (const act of [() => modelsVersion('/nowhere'), () => new ServiceModel('sns', '/nowhere')]) {
    assert.throws(act, (error) => error instanceof MissingModelsError && /apt-get install/.test(error.message));
  }
});

test('reads a figure out of the words of a model, and fails when the words are gone', () => {
  const sns = new ServiceModel('sns');
  assert.ok(sns.figure(/([\d,]+) bytes/, 'PublishInput', 'Message') >= 262_144);
  assert.throws(() => sns.figure(/([\d,]+) acres/, 'PublishInput', 'Message'), /no longer states/);
});

test("names the version of the models that Debian's package manager says is installed", (t) => {
  const named = modelsVersion();
  t.diagnostic(`limits by ${named}`);
  // A version of the package is that of botocore, a Debian revision, and what was taken out of the source or rebuilt.
  const query = spawnSync('dpkg-query', ['--show', 'python3-botocore'], { encoding: 'utf8' });
  assert.equal(query.status, 0, query.stderr);
  assert.equal(
    named,
    `python3-botocore ${query.stdout
      .split('\t')[1]
      ?.replace(/^\d+:/, '')
      .replace(/[-+~].*$/s, '')}`,
  );
});
