import { Stack } from 'aws-cdk-lib';
import { CfnSlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface ChatProps {
  /**
   * A topic of its own: its messages are of the one form that the service shows, and it drops all others unseen. That it is
   * encrypted asks nothing of the service: SNS decrypts as it sends (SNS developer guide, "Securing Amazon SNS data with
   * server-side encryption").
   */
  readonly topic: Topic;
  readonly workspaceId: string;
  readonly channelId: string;
}

/**
 * A Slack channel of Amazon Q Developer in chat applications. Who types commands there gets a role without any
 * permission, below a guardrail that reads no data: the service's own default is all that an administrator may do.
 */
export class Chat extends Construct {
  constructor(scope: Construct, id: string, { topic, workspaceId, channelId }: ChatProps) {
    super(scope, id);
    const { partition, stackName } = Stack.of(this);
    const role = new Role(this, 'Role', {
      // Without aws:SourceAccount: the administrator guide of the service promises no such key for the roles of channels, and
      // where it is not sent, a condition shuts the service out. A deputy that is confused gets a role without permissions.
      assumedBy: new ServicePrincipal('chatbot.amazonaws.com'),
      description: 'davylamp: what may be done from the chat channel, which is nothing',
    });
    new CfnSlackChannelConfiguration(this, 'Channel', {
      configurationName: `${stackName}-findings`,
      slackWorkspaceId: workspaceId,
      slackChannelId: channelId,
      iamRoleArn: role.roleArn,
      guardrailPolicies: [`arn:${partition}:iam::aws:policy/job-function/ViewOnlyAccess`],
      snsTopicArns: [topic.topicArn],
      loggingLevel: 'NONE',
      userRoleRequired: false,
    });
  }
}
