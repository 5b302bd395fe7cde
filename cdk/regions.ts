/** Names of regions, as "AWS Regions" lists them, with room for more of their kind. */
export const REGION =
  /^(?:af|ap|ca|cn|eu|eusc-de|il|me|mx|sa|us|us-gov)-(?:central|(?:north|south)(?:east|west)?|east|west)-\d$/;

const PARTITIONS = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
] as const;

const partitionOf = (region: string): string => PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';

interface KeyArn {
  readonly region: string;
  readonly account: string;
}

/** Region and account of the ARN of a KMS key; undefined for what is none, or names a partition that its region is not of. */
export function keyArn(text: string): KeyArn | undefined {
  const [, partition, region = '', account = ''] =
    /^arn:([a-z-]{3,16}):kms:([a-z0-9-]{1,32}):(\d{12}):key\/[\w-]{1,64}$/.exec(text) ?? [];
  return REGION.test(region) && partition === partitionOf(region) ? { region, account } : undefined;
}
