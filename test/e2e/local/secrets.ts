import { hash } from 'node:crypto';
import { arn, via } from './account.ts';
import type { Gateway, LocalService } from './gateway.ts';
import { ServiceError } from './interventions.ts';
import { textOf } from './json.ts';
import { modelledService } from './modelled-service.ts';
import { targetJson } from './protocols.ts';
import { ServiceModel } from './service-model.ts';

/** Secrets Manager: texts by name. */
export class Secrets {
  readonly values = new Map<string, string>();
  /** Keys of their owners that secrets are encrypted with, by the secret's name. */
  readonly keys = new Map<string, string>();
  readonly service: LocalService;

  constructor(gateway: Gateway) {
    this.service = modelledService({
      ...{ name: 'secretsmanager', model: new ServiceModel('secretsmanager'), protocol: targetJson, log: gateway.log },
      invalid: 'InvalidParameterException',
      operations: {
        GetSecretValue: {
          resources: (input) => [secretArn(textOf(input['SecretId'], 'SecretId'))],
          run: (input, { enter }) => {
            const name = textOf(input['SecretId'], 'SecretId');
            const value = this.values.get(name);
            if (value === undefined)
              throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
            const key = this.keys.get(name);
            if (key !== undefined) enter('kms:Decrypt', [key], via('secretsmanager'));
            return { ARN: secretArn(name), Name: name, SecretString: value, VersionStages: ['AWSCURRENT'] };
          },
        },
      },
    });
  }
}

/** ARNs of secrets end in six characters that nobody knows beforehand. */
function secretArn(name: string): string {
  return arn('secretsmanager', `secret:${name}-${hash('sha256', name).slice(0, 6)}`);
}
