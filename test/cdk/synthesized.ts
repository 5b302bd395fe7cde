import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type Config, checkConfig } from '../../cdk/config.ts';
import { DavylampStack } from '../../cdk/stack.ts';

/** A configuration that uses everything. */
export const FULL = {
  sources: {
    runtime: { logGroups: ['/hosts/audit', '/containers/falco'] },
    flow: {
      logGroups: ['/vpc/flow'],
      buckets: [
        {
          name: 'example-logs',
          prefix: 'AWSLogs/*/vpcflowlogs/',
          keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/11112222-3333-4444-5555-666677778888',
        },
      ],
      format: 'srcaddr dstaddr srcport dstport protocol start end',
    },
    dns: {
      logGroups: ['/vpc/resolver'],
      buckets: [
        { name: 'new-logs', prefix: 'dns/', create: true, accounts: ['444455556666'] },
        { name: 'new-logs', prefix: 'more/', create: true },
        { name: 'example-logs', prefix: 'AWSLogs/*/vpcdnsquerylogs/' },
        { name: 'other-logs', prefix: 'old/' },
        { name: 'other-logs' },
      ],
    },
  },
  email: [{ address: 'oncall@example.com', minimumSeverity: 'High' }, { address: 'team@example.com' }],
  operationsEmail: ['platform@example.com'],
  slack: {
    secretName: 'davylamp/slack',
    keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/aaaa2222-3333-4444-5555-666677778888',
  },
  chat: { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD', minimumSeverity: 'Critical' },
  securityHub: true,
  customerManagedKey: true,
  tracing: true,
};

/** The least that can be deployed. */
export const SMALL = { sources: { runtime: { logGroups: ['/hosts/audit'] } } };

export function config(value: unknown): Config {
  const checked = checkConfig(value);
  if ('config' in checked) return checked.config;
  throw new Error(checked.faults.join(' '));
}

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of any resource; assertions compare them
  readonly Properties: Record<string, any>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Synthesized {
  readonly stack: DavylampStack;
  readonly template: Template;
  /** The resources of one type by their logical ids, whose random ends are left out. */
  readonly of: (type: string) => Readonly<Record<string, Resource>>;
}

/** An app that bundles nothing and is not held to rules: both are tested elsewhere, and take long to load. */
function bareApp(): App {
  const context = { 'aws:cdk:bundling-stacks': [], 'aws:cdk:disable-asset-staging': true };
  return new App({ context, builtinCloudFormationValidation: false });
}

/** The stack of a configuration in one account and region. */
export function stackOf(app: App, value: unknown): DavylampStack {
  const env = { account: '111122223333', region: 'eu-west-1' };
  return new DavylampStack(app, 'davylamp', { config: config(value), env });
}

/** The stack of a configuration, with its template. */
export function synthesized(value: unknown): Synthesized {
  const stack = stackOf(bareApp(), value);
  const template = Template.fromStack(stack);
  const of = (type: string): Record<string, Resource> =>
    Object.fromEntries(
      Object.entries(template.findResources(type)).map(([id, resource]) => [
        id.replace(/[0-9A-F]{8}$/, ''),
        resource as Resource,
      ]),
    );
  return { stack, template, of };
}

let fullOnce: Synthesized | undefined;
let smallOnce: Synthesized | undefined;

/** The stack of `FULL`, made once for all tests. */
export function full(): Synthesized {
  fullOnce ??= synthesized(FULL);
  return fullOnce;
}

/** The stack of `SMALL`, made once for all tests. */
export function small(): Synthesized {
  smallOnce ??= synthesized(SMALL);
  return smallOnce;
}

/** A statement of a policy. */
export interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What the role of a function may do, by every policy that it has. */
export function statements({ of }: Synthesized, name: string): readonly Statement[] {
  return [of('AWS::IAM::Policy'), of('AWS::IAM::ManagedPolicy')]
    .flatMap((policies) => Object.entries(policies))
    .filter(([, { Properties }]) => JSON.stringify(Properties['Roles']).includes(`"${name}Role`))
    .flatMap(([, { Properties }]) => Properties['PolicyDocument'].Statement);
}
