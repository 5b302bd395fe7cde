import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TemplateError } from './intrinsics.ts';
import { Template } from './template.ts';

const QUEUE = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } };
const TOPIC_POLICY = (resource: unknown) => ({
  Type: 'AWS::SNS::TopicPolicy',
  Properties: { Topics: [], PolicyDocument: { Statement: [{ Resource: resource }] } },
});

function policyResource(resource: unknown): unknown {
  const template = new Template({ Resources: { Queue1: QUEUE, Policy1: TOPIC_POLICY(resource) } });
  const document = template.only('AWS::SNS::TopicPolicy').properties['PolicyDocument'];
  return (document as { Statement: [{ Resource: unknown }] }).Statement[0].Resource;
}

test('resolves references, attributes, joins and substitutions to one account and region', () => {
  const arn = policyResource({ 'Fn::GetAtt': ['Queue1', 'Arn'] });
  assert.match(String(arn), /^arn:aws:sqs:eu-west-1:111122223333:davylamp-Queue1-[0-9A-F]{12}$/);
  assert.match(String(policyResource({ Ref: 'Queue1' })), /^https:\/\/sqs\.eu-west-1\.amazonaws\.com\/111122223333\//);
  assert.equal(policyResource({ 'Fn::Join': [':', ['a', { Ref: 'AWS::AccountId' }, 'b']] }), 'a:111122223333:b');
  assert.equal(
    policyResource({ 'Fn::Sub': `x-\${AWS::Region}-\${Queue1.QueueName}-\${!kept}` }),
    `x-eu-west-1-${String(policyResource({ 'Fn::GetAtt': ['Queue1', 'QueueName'] }))}-\${kept}`,
  );
});

const REFUSED: readonly [string, unknown, RegExp][] = [
  ['an intrinsic function', { 'Fn::Select': [0, ['a']] }, /Statement\[0\]\.Resource: .*Fn::Select/],
  [
    'an intrinsic function inside another',
    { 'Fn::Join': ['', [{ 'Fn::Base64': 'a' }]] },
    /Fn::Join\[0\]: .*Fn::Base64/,
  ],
  ['an intrinsic function beside another name', { Ref: 'Queue1', a: 1 }, /Ref stands beside/],
  ['a pseudo parameter', { Ref: 'AWS::NotificationARNs' }, /AWS::NotificationARNs/],
  ['a reference to nothing', { Ref: 'Queue2' }, /no resource Queue2/],
  ['an attribute that the type lacks', { 'Fn::GetAtt': ['Queue1', 'Length'] }, /attribute Length of Queue1/],
  ['substitution with names of its own', { 'Fn::Sub': ['$', { a: 'b' }] }, /Fn::Sub with names/],
];

for (const [what, value, message] of REFUSED) {
  test(`refuses ${what} that it does not know, and says where`, () => {
    assert.throws(() => policyResource(value), message);
  });
}

const BROKEN: readonly [string, unknown, RegExp][] = [
  ['a resource type', { Resources: { A: { Type: 'AWS::EC2::Instance' } } }, /Resources\.A: .*AWS::EC2::Instance/],
  ['a property', { Resources: { A: { ...QUEUE, Properties: { FifoQueue: true } } } }, /A\.FifoQueue/],
  ['a part of a resource', { Resources: { A: { ...QUEUE, Condition: 'B' } } }, /A\.Condition/],
  ['a part of the template', { Resources: {}, Conditions: {} }, /Conditions/],
  ['a parameter', { Resources: {}, Parameters: { Size: { Type: 'String' } } }, /Parameters\.Size/],
  ['a way to go', { Resources: { A: { ...QUEUE, DeletionPolicy: 'Snapshot' } } }, /Snapshot and Delete/],
  ['a replacement', { Resources: { A: { ...QUEUE, DeletionPolicy: 'Retain' } } }, /Retain and Delete/],
  ['a dependency', { Resources: { A: { ...QUEUE, DependsOn: ['B'] } } }, /no resource B/],
];

for (const [what, template, message] of BROKEN) {
  test(`refuses ${what} of a template that no local part would enact`, () => {
    assert.throws(() => new Template(template), { name: TemplateError.name, message });
  });
}

test('refuses a name that depends on itself', () => {
  const loop = { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::GetAtt': ['A', 'QueueName'] } } };
  assert.throws(() => new Template({ Resources: { A: loop } }), /depends on itself/);
});

test('gives the outputs once custom resources have answered, and not before', () => {
  const template = new Template({
    Resources: { Groups: { Type: 'Custom::LogSubscriptions', Properties: {} } },
    Outputs: { Warnings: { Value: { 'Fn::GetAtt': ['Groups', 'Warnings'] } } },
  });
  assert.throws(() => template.outputs(new Map()), /attribute Warnings of Groups/);
  assert.deepEqual(template.outputs(new Map([['Groups', { Warnings: 'none' }]])), { Warnings: 'none' });
});
