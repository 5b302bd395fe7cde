/** Default fields and their order ("Flow log records", Amazon VPC User Guide). */
const VERSION_2 = [
  'version',
  'account-id',
  'interface-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'action',
  'log-status',
];
const VERSION_3 = ['vpc-id', 'subnet-id', 'instance-id', 'tcp-flags', 'type', 'pkt-srcaddr', 'pkt-dstaddr'];
const VERSION_4 = ['region', 'az-id', 'sublocation-type', 'sublocation-id'];
const VERSION_5 = ['pkt-src-aws-service', 'pkt-dst-aws-service', 'flow-direction', 'traffic-path'];
const VERSION_7 = [
  'ecs-cluster-arn',
  'ecs-cluster-name',
  'ecs-container-instance-arn',
  'ecs-container-instance-id',
  'ecs-container-id',
  'ecs-second-container-id',
  'ecs-service-name',
  'ecs-task-definition-arn',
  'ecs-task-arn',
  'ecs-task-id',
];
const VERSIONS_8_TO_10 = ['reject-reason', 'resource-id', 'encryption-status'];
/** Their values are percent-encoded, `-` and the space too, so that they never hold a separator. */
const TAGS = ['instance-tag', 'instance-tag-2', 'interface-tag', 'interface-tag-2', 'asg-tag', 'asg-tag-2'];
const VERSION_11 = [
  ...TAGS,
  'interface-type',
  'next-hop-interface-id',
  'next-hop-subnet-id',
  'next-hop-az-id',
  'next-hop-vpc-id',
  'next-hop-interface-type',
];

/** All fields of a Transit Gateway flow log in their default order ("Transit Gateway Flow Logs", AWS guide). */
const TRANSIT_GATEWAY = [
  'version',
  'resource-type',
  'account-id',
  'tgw-id',
  'tgw-attachment-id',
  'tgw-src-vpc-account-id',
  'tgw-dst-vpc-account-id',
  'tgw-src-vpc-id',
  'tgw-dst-vpc-id',
  'tgw-src-subnet-id',
  'tgw-dst-subnet-id',
  'tgw-src-eni',
  'tgw-dst-eni',
  'tgw-src-az-id',
  'tgw-dst-az-id',
  'tgw-pair-attachment-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'log-status',
  'type',
  'packets-lost-no-route',
  'packets-lost-blackhole',
  'packets-lost-mtu-exceeded',
  'packets-lost-ttl-expired',
  'tcp-flags',
  'region',
  'flow-direction',
  'pkt-src-aws-service',
  'pkt-dst-aws-service',
];

/** Field orders that a line without a header may have, each only if the line's own columns prove it. */
export const KNOWN_ORDERS = {
  v2: VERSION_2,
  v5: [...VERSION_2, ...VERSION_3, ...VERSION_4, ...VERSION_5],
  transitGateway: TRANSIT_GATEWAY,
} as const satisfies Record<string, readonly string[]>;

/**
 * One spelling for a field's name: `${pkt-dst-aws-service}`, `pkt_dst_aws_service` (Parquet) and `pktDstAwsService`
 * (CloudWatch Logs Insights) are the same.
 */
export function fieldKey(name: string): string {
  return bareName(name).replace(/[-_]/g, '').toLowerCase();
}

function bareName(name: string): string {
  return name.startsWith('${') && name.endsWith('}') ? name.slice(2, -1) : name;
}

const KNOWN_KEYS: ReadonlySet<string> = new Set(
  [KNOWN_ORDERS.v5, VERSION_7, VERSIONS_8_TO_10, VERSION_11, TRANSIT_GATEWAY].flat().map(fieldKey),
);
const TAG_KEYS: ReadonlySet<string> = new Set(TAGS.map(fieldKey));

/** Whether a field key is one of flow log versions 2 to 11 or of Transit Gateway flow logs. */
function isKnownField(key: string): boolean {
  return KNOWN_KEYS.has(key);
}

/** Those of the names that no known version of flow logs has: of a later one, or misspelt. */
export function unknownFields(names: readonly string[]): readonly string[] {
  return names.map(bareName).filter((name) => !isKnownField(fieldKey(name)));
}

/** Whether records of these fields tell when they were: without `start` and `end` only their surroundings can. */
export function namesTime(names: readonly string[]): boolean {
  return names.map(fieldKey).some((key) => key === 'start' || key === 'end');
}

/** Whether the values of this field key are percent-encoded tag values. */
export function isTagField(key: string): boolean {
  return TAG_KEYS.has(key);
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

const ADDRESS_KEYS: ReadonlySet<string> = new Set(['srcaddr', 'dstaddr', 'pktsrcaddr', 'pktdstaddr']);
/** So many known names make a header, even where none is that of an address. */
const ENOUGH_NAMES = 4;

/**
 * The fields of a header line, as flow log files in S3 begin with; `undefined` for a line of data. Every value must
 * look like a name and half of them must be known ones, addresses among them: later versions bring new fields, and a
 * stray word such as `start` is no header.
 */
export function headerFields(values: readonly string[]): readonly string[] | undefined {
  if (values.length > MAX_FIELDS || !values.every((value) => NAME.test(value))) return undefined;
  const known = values.map(fieldKey).filter(isKnownField);
  const telling = known.length >= ENOUGH_NAMES || known.some((key) => ADDRESS_KEYS.has(key));
  return telling && known.length * 2 >= values.length ? values : undefined;
}

/** The fields that a user named, or why they can't be used; `names` are all those that can't be names of fields. */
export type FlowFormat =
  | { readonly fields: readonly string[] }
  | { readonly problem: 'empty' | 'no-address' | 'too-many' }
  | { readonly problem: 'no-names'; readonly names: readonly string[] };

/** Most fields that a record may have: versions 2 to 11 and Transit Gateway together have fewer. */
export const MAX_FIELDS = 128;

/**
 * Reads a flow log's format as EC2's `LogFormat` gives it (`${version} ${srcaddr} …`), or as plain names between
 * spaces or commas. Names that no known version has are taken: AWS adds fields, and the others must stay readable.
 */
export function parseFlowFormat(text: string): FlowFormat {
  const fields = text.split(/[\s,]+/).filter((name) => name !== '');
  if (fields.length === 0) return { problem: 'empty' };
  if (fields.length > MAX_FIELDS) return { problem: 'too-many' };
  const names = fields.filter((name) => !NAME.test(bareName(name)));
  if (names.length > 0) return { problem: 'no-names', names };
  const addressed = fields.some((name) => fieldKey(name) === 'dstaddr' || fieldKey(name) === 'pktdstaddr');
  return addressed ? { fields } : { problem: 'no-address' };
}
