import type { Claims } from '../model/place.ts';

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,4}(?:-[a-z]{2,12}){1,2}-\d$/;
const VPC = /^vpc-(?:[0-9a-f]{17}|[0-9a-f]{8})$/;
const INSTANCE = /^i-(?:[0-9a-f]{17}|[0-9a-f]{8})$/;
const HOST = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/;

type Told = 'account' | 'region' | 'vpc' | 'instance' | 'hostName';

const SHAPES: Readonly<Record<Told, RegExp>> = {
  account: ACCOUNT,
  region: REGION,
  vpc: VPC,
  instance: INSTANCE,
  hostName: HOST,
};

/** Names of Hive-style parts (`name=value`), without separators and the `aws` that vended logs put before some. */
const HIVE_NAMES: Readonly<Record<string, Told>> = {
  accountid: 'account',
  account: 'account',
  region: 'region',
  vpc: 'vpc',
  vpcid: 'vpc',
  instance: 'instance',
  instanceid: 'instance',
  host: 'hostName',
  hostname: 'hostName',
};

/**
 * What the key of an object tells of the records in it: Hive-style parts, the account after `AWSLogs/` (below an
 * organization's id where there is one), and region and VPC as folders behind it (VPC user guide, "Flow log files";
 * Route 53 guide, "Resolver query logs in S3").
 */
export function objectClaims(key: string): Claims {
  const folders = key.split('/').slice(0, -1);
  const claims: Claims = {};
  for (const folder of folders) {
    const equals = folder.indexOf('=');
    const name = folder.slice(0, Math.max(equals, 0)).toLowerCase().replaceAll(/[-_]/g, '').replace(/^aws/, '');
    const told = HIVE_NAMES[name];
    const value = folder.slice(equals + 1);
    if (told !== undefined && SHAPES[told].test(value)) claims[told] ??= value;
  }
  const root = folders.indexOf('AWSLogs');
  if (root < 0) return claims;
  const vended = folders.slice(root + 1, root + 6);
  for (const told of ['account', 'region', 'vpc'] as const) {
    const value = vended.find((folder) => SHAPES[told].test(folder));
    if (value !== undefined) claims[told] ??= value;
  }
  return claims;
}
