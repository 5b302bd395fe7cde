import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { startEngine } from '../dynamodb-local.ts';
import { type Assembly, synthesize } from '../local/assembly.ts';
import type { Call } from '../local/calls.ts';
import { Deployment } from '../local/deployment.ts';
import { fieldsOf } from '../local/json.ts';
import type { Question } from '../local/policy-statement.ts';
import { RolePolicies } from '../local/role-policies.ts';
import { Template } from '../local/template.ts';
import { FLOW_GROUP, RESOLVER_GROUP, RUNTIME_GROUP } from './attack.ts';

const EXAMPLE = new URL('../../../davylamp.config.example.json', import.meta.url);
/** Where others deliver logs to. */
export const LOG_BUCKET = 'example-central-logs';
/** Its objects are versioned and encrypted with a key of their owner. */
export const SECOND_BUCKET = 'example-versioned-logs';
export const BUCKET_KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0f0e0d0c-0b0a-4908-8706-050403020100';
/** Holds logs of many kinds, of which rules with wildcards choose. */
export const SHARED_BUCKET = 'example-shared-logs';
export const SECRET = 'davylamp/slack';
/** The default fields by their names, as a flow log's own `LogFormat` gives them. */
const FLOW_FORMAT =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the format's own way to write a field
  '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}';

/** The example's configuration with all that can be chosen besides, so that every part of the stack is deployed. */
export function wholeConfig(): unknown {
  const config = fieldsOf(JSON.parse(readFileSync(EXAMPLE, 'utf8')), 'the example');
  const sources = fieldsOf(config['sources'], 'sources');
  const buckets = (prefix: string, kind: string) => [
    { name: LOG_BUCKET, prefix },
    { name: SECOND_BUCKET, prefix, keyArn: BUCKET_KEY },
    { name: SHARED_BUCKET, prefix: `AWSLogs/*/${kind}/` },
  ];
  return {
    ...config,
    region: 'eu-west-1',
    sources: {
      ...sources,
      runtime: { logGroups: [RUNTIME_GROUP, '/containers/falco'] },
      flow: {
        ...fieldsOf(sources['flow'], 'flow'),
        buckets: buckets('AWSLogs/', 'vpcflowlogs'),
        format: FLOW_FORMAT,
      },
      dns: { logGroups: [RESOLVER_GROUP], buckets: buckets('resolver/', 'vpcdnsquerylogs') },
    },
    email: [
      { address: 'oncall@example.com', minimumSeverity: 'High' },
      { address: 'security@example.com', minimumSeverity: 'Low' },
    ],
    slack: { secretName: SECRET },
    securityHub: true,
    chat: { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' },
  };
}

/** What all tests of the chain share: one synthesis, one engine, and the log of what functions did in all of them. */
export class Suite {
  readonly calls: Call[] = [];
  /** What services did as themselves. */
  readonly acts: Question[] = [];
  /** Milliseconds of each start, by logical id of the function. */
  readonly coldStarts = new Map<string, number[]>();
  #shared: Deployment | undefined;
  readonly #assembly: Assembly;
  readonly #engine: { readonly url: string; readonly close: () => void };

  private constructor(assembly: Assembly, engine: { readonly url: string; readonly close: () => void }) {
    this.#assembly = assembly;
    this.#engine = engine;
  }

  static async open(): Promise<Suite> {
    const assembly = synthesize(wholeConfig());
    return new Suite(assembly, await startEngine());
  }

  get engineUrl(): string {
    return this.#engine.url;
  }

  policies(): RolePolicies {
    return new RolePolicies(Template.read(this.#assembly.template));
  }

  close(): void {
    this.#engine.close();
    this.#assembly.remove();
  }

  /** One deployment for all tests that mind nothing but hosts of their own; gone with the next that is deployed anew. */
  async shared(): Promise<Deployment> {
    this.#shared ??= await this.#begin(true);
    return this.#shared;
  }

  /** Ends the shared deployment, and takes what its functions did into the log. */
  async release(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    if (shared !== undefined) await this.#end(shared);
  }

  /** The stack anew, with the groups, buckets and the secret that its configuration names; gone after the test. */
  async deploy(
    t: { readonly after: (act: () => Promise<void>) => void },
    { attached = true } = {},
  ): Promise<Deployment> {
    const deployment = await this.#begin(attached);
    t.after(() => this.#end(deployment));
    return deployment;
  }

  /** As `deploy`, for a part of a test. */
  async within<T>(work: (deployment: Deployment) => Promise<T>): Promise<T> {
    const deployment = await this.#begin(true);
    try {
      return await work(deployment);
    } finally {
      await this.#end(deployment);
    }
  }

  /** The engine holds one table at a time. */
  async #begin(attached: boolean): Promise<Deployment> {
    await this.release();
    const deployment = await Deployment.start(this.#assembly, this.#engine.url);
    await prepare(deployment, attached);
    return deployment;
  }

  async #end(deployment: Deployment): Promise<void> {
    const { log } = deployment.gateway;
    await deployment.remove();
    for (const call of log.calls) this.calls.push(call);
    for (const act of deployment.policies.resources.acts) this.acts.push(act);
    for (const { logicalId, coldStarts } of deployment.lambdas.functions)
      this.coldStarts.set(logicalId, [...(this.coldStarts.get(logicalId) ?? []), ...coldStarts]);
    assert.deepEqual(log.faults, [], 'no request goes beyond a limit or a policy');
  }
}

/** @param attached whether the custom resource is made, which attaches the groups */
async function prepare(deployment: Deployment, attached: boolean): Promise<void> {
  for (const group of [RUNTIME_GROUP, '/containers/falco', FLOW_GROUP, RESOLVER_GROUP]) deployment.logs.add(group);
  deployment.buckets.add(LOG_BUCKET);
  deployment.buckets.add(SECOND_BUCKET, { versioned: true, keyArn: BUCKET_KEY });
  deployment.buckets.add(SHARED_BUCKET);
  deployment.secrets.values.set(SECRET, deployment.slack.url);
  if (attached) await deployment.createCustomResources();
}
