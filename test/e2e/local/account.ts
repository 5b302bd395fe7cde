/** The one account, region and partition that a template is deployed to here. */
export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const PARTITION = 'aws';
export const STACK = 'davylamp';

/** The condition key of uses of a KMS key that a service makes for its caller. */
export function via(service: string): Readonly<Record<string, string>> {
  return { 'kms:ViaService': `${service}.${REGION}.amazonaws.com` };
}

/** `regional` services name region and account in their ARNs; IAM names no region, S3 neither. */
export function arn(service: string, resource: string, scope: 'regional' | 'global' | 'none' = 'regional'): string {
  const region = scope === 'regional' ? REGION : '';
  const account = scope === 'none' ? '' : ACCOUNT;
  return `arn:${PARTITION}:${service}:${region}:${account}:${resource}`;
}
