import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from './calls.ts';
import { isLike } from './policy-statement.ts';
import { RolePolicies } from './role-policies.ts';
import { Template } from './template.ts';

const QUEUE_ARN = { 'Fn::GetAtt': ['Jobs', 'Arn'] };

function policiesOf(statements: readonly object[], more: object = {}): { policies: RolePolicies; template: Template } {
  const template = new Template({
    Resources: {
      Work: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['WorkRole', 'Arn'] } } },
      WorkRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
          },
        },
      },
      WorkPolicy: {
        Type: 'AWS::IAM::Policy',
        Properties: { Roles: [{ Ref: 'WorkRole' }], PolicyDocument: { Statement: statements } },
      },
      Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
      News: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news' } },
      ...more,
    },
  });
  return { policies: new RolePolicies(template), template };
}

const JOBS = 'arn:aws:sqs:eu-west-1:111122223333:jobs';
const NEWS = 'arn:aws:sns:eu-west-1:111122223333:news';
const call = (action: string, resources: readonly string[] = [JOBS], context = {}): Call => ({
  ...{ caller: 'Work', action, resources, context },
});
const RECEIVE = { Effect: 'Allow', Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'], Resource: QUEUE_ARN };

test('allows what a statement names, and nothing beside it', () => {
  const { policies } = policiesOf([RECEIVE]);
  assert.equal(policies.refusal(call('sqs:ReceiveMessage')), undefined);
  assert.match(policies.refusal(call('sqs:SendMessage')) ?? '', /Work may not sqs:SendMessage/);
  assert.match(policies.refusal(call('sqs:ReceiveMessage', [`${JOBS}-other`])) ?? '', /jobs-other/);
  assert.match(policies.refusal(call('sqs:ReceiveMessage', [JOBS, NEWS])) ?? '', /news/);
  assert.match(policies.refusal(call('sqs:ReceiveMessage', [])) ?? '', /names no resource/);
});

test('names each action and each resource of a statement that nothing needed', () => {
  const { policies } = policiesOf([{ ...RECEIVE, Resource: [QUEUE_ARN, `${NEWS}*`] }]);
  assert.deepEqual(policies.unused([call('sqs:ReceiveMessage')]), [
    'WorkPolicy[0]: sqs:DeleteMessage was never used',
    `WorkPolicy[0]: nothing was done with ${NEWS}*`,
  ]);
  assert.equal(policies.unused([{ ...call('sqs:ReceiveMessage'), caller: 'Other' }]).length, 4);
});

test('holds conditions, of which an absent key meets only negated ones', () => {
  const through = { StringEquals: { 'kms:ViaService': 'sns.eu-west-1.amazonaws.com' } };
  const { policies } = policiesOf([{ Effect: 'Allow', Action: 'sqs:*', Resource: '*', Condition: through }]);
  const via = (service: string) => call('sqs:SendMessage', [JOBS], { 'kms:ViaService': service });
  assert.equal(policies.refusal(via('sns.eu-west-1.amazonaws.com')), undefined);
  assert.match(policies.refusal(via('s3.eu-west-1.amazonaws.com')) ?? '', /says none/);
  assert.match(policies.refusal(call('sqs:SendMessage')) ?? '', /says none/);
  const not = { StringNotEquals: { 'kms:ViaService': 'x' } };
  const negated = policiesOf([{ Effect: 'Allow', Action: 'sqs:*', Resource: '*', Condition: not }]).policies;
  assert.equal(negated.refusal(call('sqs:SendMessage')), undefined);
});

test('lets the policy of a topic deny those that it does not name', () => {
  const publish = { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: 'News' } };
  const topicPolicy = (named: unknown) => ({
    NewsPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [{ Ref: 'News' }],
        PolicyDocument: {
          Statement: [
            {
              ...{ Effect: 'Deny', Action: 'sns:Publish', Principal: { AWS: '*' }, Resource: { Ref: 'News' } },
              Condition: {
                ArnNotEquals: { 'aws:PrincipalArn': named },
                Bool: { 'aws:PrincipalIsAWSService': 'false' },
              },
            },
          ],
        },
      },
    },
  });
  const own = { 'Fn::GetAtt': ['WorkRole', 'Arn'] };
  assert.equal(policiesOf([publish], topicPolicy([own])).policies.refusal(call('sns:Publish', [NEWS])), undefined);
  const other = topicPolicy(['arn:aws:iam::111122223333:role/other']);
  assert.match(policiesOf([publish], other).policies.refusal(call('sns:Publish', [NEWS])) ?? '', /the resource deny/);
});

test('asks the policy of a queue whether a service may send for a source', () => {
  const queuePolicy = {
    JobsPolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Jobs' }],
        PolicyDocument: {
          Statement: {
            ...{ Effect: 'Allow', Action: 'sqs:SendMessage', Principal: { Service: 'sns.amazonaws.com' } },
            ...{ Resource: QUEUE_ARN, Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'News' } } } },
          },
        },
      },
    },
  };
  const { policies } = policiesOf([], queuePolicy);
  const { resources } = policies;
  const question = { service: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: JOBS, sourceArn: NEWS };
  assert.equal(resources.refusalTo(question), undefined);
  assert.match(resources.refusalTo({ ...question, sourceArn: `${NEWS}2` }) ?? '', /may not sqs:SendMessage/);
  assert.match(resources.refusalTo({ ...question, service: 'events.amazonaws.com' }) ?? '', /events\.amazonaws/);
  assert.equal(resources.acts.length, 1, 'what was refused was not done');
  assert.deepEqual(policies.unusedOfResources([], resources.acts), []);
  const asRole = policies.unusedOfResources([call('sqs:SendMessage')], []);
  assert.deepEqual(asRole.slice(0, 1), ['JobsPolicy[0]: sqs:SendMessage was never used'], 'it is about the service');
  assert.ok(asRole.includes(`JobsPolicy[0]: nothing was done where aws:SourceArn is ${NEWS}`));
});

const REFUSED: readonly [string, object][] = [
  ['a condition operator', { ...RECEIVE, Condition: { DateLessThan: { 'aws:CurrentTime': '2026' } } }],
  ['a part of a statement', { ...RECEIVE, NotAction: 'sqs:SendMessage' }],
  ['an effect', { ...RECEIVE, Effect: 'Maybe' }],
];

for (const [what, statement] of REFUSED) {
  test(`refuses ${what} that it does not know`, () => {
    assert.throws(() => policiesOf([statement]), TypeError);
  });
}

const LIKE: readonly [string, string, boolean][] = [
  ['arn:aws:s3:::logs/a/b', 'arn:aws:s3:::logs/*', true],
  ['arn:aws:s3:::logs', 'arn:aws:s3:::logs/*', false],
  ['secret:davylamp/slack-a1b2c3', 'secret:davylamp/slack-??????', true],
  ['secret:davylamp/slack-a1b2c', 'secret:davylamp/slack-??????', false],
  ['a.b', 'a?b', true],
  ['axb', 'a.b', false],
];

for (const [text, pattern, like] of LIKE) {
  test(`${text} is ${like ? '' : 'not '}like ${pattern}`, () => {
    assert.equal(isLike(text, pattern), like);
  });
}
