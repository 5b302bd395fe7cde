import { ACCOUNT } from './account.ts';
import { type Call, isOfAws } from './calls.ts';
import { listOf, textOf } from './json.ts';
import { decision, inlinePolicies, type Question, type Statement, statementsOf, unusedOf } from './policy-statement.ts';
import { asPrincipals, lambdaMayAssume, ResourcePolicies } from './resource-policies.ts';
import type { Resource, Template } from './template.ts';

interface FunctionRole {
  readonly roleArn: string;
  readonly statements: readonly Statement[];
}

/** The synthesized policies of the functions' roles, held against what the functions did: in both directions. */
export class RolePolicies {
  readonly resources: ResourcePolicies;
  readonly #roles: ReadonlyMap<string, FunctionRole>;

  constructor(template: Template) {
    this.resources = new ResourcePolicies(template);
    this.#roles = new Map(
      template.ofType('AWS::Lambda::Function').map((fn) => [fn.logicalId, roleOf(fn, template)] as const),
    );
  }

  /** Why the policies do not allow a call, or undefined when they do. */
  refusal(call: Call): string | undefined {
    if (!isOfAws(call)) return undefined;
    const role = this.#role(call.caller);
    if (call.resources.length === 0) return `${call.caller}: ${call.action} names no resource`;
    for (const question of questionsOf(call, role)) {
      const own = decision(role.statements, question);
      const resource = this.resources.toRole(question, role.roleArn);
      // A key's policy must itself let the account decide; other resources of the account need say nothing.
      const decides = question.action.startsWith('kms:') ? resource === 'account' : resource !== 'deny';
      if (own !== 'deny' && (resource === 'allow' || (own === 'allow' && decides))) continue;
      return `${call.caller} may not ${question.action} on ${question.resource}: its role says ${own}, the resource ${resource}`;
    }
    return undefined;
  }

  /** Each action and each resource of the allowing statements that no call needed, in words. */
  unused(calls: readonly Call[]): readonly string[] {
    return [...this.#roles].flatMap(([caller, role]) => {
      const questions = calls.filter((call) => call.caller === caller).flatMap((call) => questionsOf(call, role));
      return role.statements.flatMap((one) => unusedOf(one, questions));
    });
  }

  /**
   * The same of the policies of topics, queues, buckets, keys and functions.
   * @param acts what services did as themselves
   */
  unusedOfResources(calls: readonly Call[], acts: readonly Question[]): readonly string[] {
    const asRoles = calls.filter(isOfAws).flatMap((call) => {
      const role = this.#role(call.caller);
      return questionsOf(call, role).flatMap((one) => asPrincipals(one, role.roleArn));
    });
    return this.resources.unused([...asRoles, ...acts]);
  }

  #role(caller: string): FunctionRole {
    const role = this.#roles.get(caller);
    if (role === undefined) throw new Error(`there is no function ${caller}`);
    return role;
  }
}

function questionsOf(call: Call, { roleArn }: FunctionRole): readonly Question[] {
  const context = {
    'aws:SecureTransport': 'true',
    'aws:PrincipalArn': roleArn,
    'aws:PrincipalAccount': ACCOUNT,
    'aws:PrincipalIsAWSService': 'false',
    'aws:ResourceAccount': ACCOUNT,
    'kms:CallerAccount': ACCOUNT,
    's3:TlsVersion': '1.3',
    ...call.context,
  };
  return call.resources.map((resource) => ({ action: call.action, resource, context }));
}

function roleOf(fn: Resource, template: Template): FunctionRole {
  const role = template.named('AWS::IAM::Role', textOf(fn.properties['Role'], fn.logicalId));
  if (role === undefined) throw new TypeError(`${fn.logicalId}: its role is not part of the template`);
  if (!lambdaMayAssume(role.properties['AssumeRolePolicyDocument'], role.logicalId))
    throw new TypeError(`${role.logicalId}: Lambda may not assume this role`);
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => template.ofType(type))
    .filter(({ properties, logicalId }) => listOf(properties['Roles'] ?? [], logicalId).includes(role.ref));
  return {
    roleArn: role.attribute('Arn'),
    statements: [
      ...inlinePolicies(role.properties, role.logicalId),
      ...attached.flatMap(({ properties, logicalId }) => statementsOf(properties['PolicyDocument'], logicalId)),
    ],
  };
}
