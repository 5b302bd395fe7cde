import { ACCOUNT, arn, REGION } from './account.ts';
import { listOf, textOf } from './json.ts';
import type { Resource } from './template.ts';
import type { Topics } from './topics.ts';

/** For whom CloudWatch acts; of an alarm of the template all is this account's. */
interface Source {
  /** The account in the alarm's ARN. */
  readonly owner?: string;
  /** What CloudWatch gives as `aws:SourceAccount`. */
  readonly account?: string;
}

/**
 * CloudWatch: an alarm goes off and publishes to each of its topics (CloudWatch user guide, "Notifying users on alarm
 * changes").
 * @returns why it may not; nothing where every topic took it
 */
export function raise(topics: Topics, alarm: Resource, { owner = ACCOUNT, account = ACCOUNT }: Source = {}) {
  const { properties, logicalId, name } = alarm;
  const sourceArn = arn('cloudwatch', `alarm:${name}`).replace(ACCOUNT, owner);
  const message = {
    ...{ AlarmName: name, AlarmDescription: properties['AlarmDescription'] ?? null, AWSAccountId: owner },
    ...{ NewStateValue: 'ALARM', OldStateValue: 'OK', Region: REGION, AlarmArn: sourceArn },
  };
  return listOf(properties['AlarmActions'], `${logicalId}.AlarmActions`).flatMap((action) =>
    topics.publishAs(
      { service: 'cloudwatch.amazonaws.com', sourceArn, sourceAccount: account },
      {
        TopicArn: textOf(action, logicalId),
        // The service cuts it to the room of a subject.
        Subject: `ALARM: "${name}" in ${REGION}`.slice(0, 99),
        Message: JSON.stringify(message),
      },
    ),
  );
}
