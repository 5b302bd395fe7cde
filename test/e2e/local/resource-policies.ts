import { ACCOUNT, PARTITION } from './account.ts';
import { textOf } from './json.ts';
import { decision, type Question, type Statement, statementsOf, unusedOf } from './policy-statement.ts';
import type { Resource, Template } from './template.ts';

interface ServiceQuestion {
  /** Such as `sns.amazonaws.com`. */
  readonly service: string;
  readonly action: string;
  readonly resource: string;
  /** What the service acts for, and in which account. */
  readonly sourceArn: string;
  readonly sourceAccount?: string;
  /** Condition keys of this request beside those of all. */
  readonly context?: Question['context'];
}

/** What the policies of topics, queues, buckets, keys and functions say of who may use them. */
export class ResourcePolicies {
  /** What services were let do as themselves, in its order. */
  readonly acts: Question[] = [];
  readonly #statements = new Map<string, Statement[]>();

  constructor(template: Template) {
    const attach = (type: string, property: string, owner: string): void => {
      for (const { properties, logicalId } of template.ofType(type)) {
        const statements = statementsOf(properties['PolicyDocument'], logicalId);
        for (const name of [properties[property]].flat()) {
          const resource = template.named(owner, textOf(name, logicalId));
          if (resource === undefined) throw new TypeError(`${logicalId}: no ${owner} is called ${String(name)}`);
          this.#add(resource.attribute(owner === 'AWS::SNS::Topic' ? 'TopicArn' : 'Arn'), statements);
        }
      }
    };
    attach('AWS::SNS::TopicPolicy', 'Topics', 'AWS::SNS::Topic');
    attach('AWS::SQS::QueuePolicy', 'Queues', 'AWS::SQS::Queue');
    attach('AWS::S3::BucketPolicy', 'Bucket', 'AWS::S3::Bucket');
    for (const key of template.ofType('AWS::KMS::Key')) {
      this.#add(key.attribute('Arn'), statementsOf(key.properties['KeyPolicy'], key.logicalId));
    }
    for (const permission of template.ofType('AWS::Lambda::Permission')) this.#permit(template, permission);
  }

  /**
   * What is said to a role of this account: `allow` is enough by itself, `account` lets the role's own policies decide, as
   * does `none` but for keys.
   */
  toRole(question: Question, roleArn: string): 'allow' | 'deny' | 'account' | 'none' {
    const { resource } = question;
    const statements = this.#statements.get(ownerOf(resource));
    // A key of somebody else's making: its policy lets the account decide, as that of a new key does.
    if (statements === undefined) return question.action.startsWith('kms:') ? 'account' : 'none';
    const [asRole, asAccount] = asPrincipals(question, roleArn).map((one) => decision(statements, one));
    if (asRole !== 'none') return asRole ?? 'none';
    if (asAccount === undefined) return 'none';
    return asAccount === 'allow' ? 'account' : asAccount;
  }

  /** Why a service may not act on a resource, or undefined when it may. */
  refusalTo({ service, action, resource, sourceArn, ...rest }: ServiceQuestion): string | undefined {
    const question: Question = {
      action,
      resource,
      principal: `Service ${service}`,
      context: {
        'aws:SecureTransport': 'true',
        'aws:PrincipalIsAWSService': 'true',
        'aws:SourceArn': sourceArn,
        'aws:SourceAccount': rest.sourceAccount ?? ACCOUNT,
        's3:TlsVersion': '1.3',
        ...rest.context,
      },
    };
    const said = decision(this.#statements.get(ownerOf(resource)) ?? [], question);
    if (said !== 'allow') return `${service} may not ${action} on ${resource} for ${sourceArn}: ${said}`;
    this.acts.push(question);
    return undefined;
  }

  /** What of the allowing statements none of the questions needed, in words. */
  unused(questions: readonly Question[]): readonly string[] {
    // Of thousands of calls most are alike.
    const different = [...new Map(questions.map((one) => [JSON.stringify(one), one])).values()];
    return [...this.#statements].flatMap(([owner, statements]) => {
      const own = different.filter(({ resource }) => ownerOf(resource) === owner);
      return statements.flatMap((one) => unusedOf(one, own));
    });
  }

  #permit(template: Template, permission: Resource): void {
    const { properties, logicalId } = permission;
    const target = template.named('AWS::Lambda::Function', textOf(properties['FunctionName'], logicalId));
    if (target === undefined)
      throw new TypeError(`${logicalId}: there is no function ${String(properties['FunctionName'])}`);
    const condition = (name: string, operator: string, key: string): object =>
      properties[name] === undefined ? {} : { [operator]: { [key]: properties[name] } };
    this.#add(
      target.attribute('Arn'),
      statementsOf(
        {
          Statement: [
            {
              Effect: 'Allow',
              Action: properties['Action'],
              Principal: { Service: properties['Principal'] },
              Resource: target.attribute('Arn'),
              Condition: {
                ...condition('SourceArn', 'ArnLike', 'aws:SourceArn'),
                ...condition('SourceAccount', 'StringEquals', 'aws:SourceAccount'),
              },
            },
          ],
        },
        logicalId,
      ),
    );
  }

  #add(resource: string, statements: readonly Statement[]): void {
    this.#statements.set(resource, [...(this.#statements.get(resource) ?? []), ...statements]);
  }
}

/** As whom a role of this account is known to the policy of a resource: as itself, and as its account. */
export function asPrincipals(question: Question, roleArn: string): readonly Question[] {
  return [roleArn, `arn:${PARTITION}:iam::${ACCOUNT}:root`].map((one) => ({ ...question, principal: `AWS ${one}` }));
}

/** An object of a bucket is under the policy of the bucket. */
function ownerOf(resource: string): string {
  return resource.startsWith(`arn:${PARTITION}:s3:::`) ? (resource.split('/')[0] ?? '') : resource;
}

/** Trust policies: whether Lambda may take a role. */
export function lambdaMayAssume(document: unknown, origin: string): boolean {
  const statements = statementsOf(document, origin);
  const question = { action: 'sts:AssumeRole', resource: '', context: {}, principal: 'Service lambda.amazonaws.com' };
  return decision(statements, question) === 'allow';
}
