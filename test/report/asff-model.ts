import assert from 'node:assert/strict';

/*
 * What Security Hub's own service model says of a finding: members, required ones, enumerations and the pattern of
 * texts by botocore 1.29.27 (Debian's python3-botocore), lengths by the documentation in botocore 1.43.11.
 */

type Check = (value: unknown, at: string) => void;

const text =
  (limit: number, pattern: RegExp = /^.*\S.*$/): Check =>
  (value, at) => {
    assert.ok(typeof value === 'string', `${at}: no text`);
    assert.match(value, pattern, at);
    assert.ok(value.length <= limit, `${at}: ${value.length} characters of ${limit}`);
    assert.doesNotMatch(value, /\p{Cs}|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, at);
  };
const oneOf =
  (...values: readonly string[]): Check =>
  (value, at) =>
    assert.ok(values.includes(value as string), `${at}: ${String(value)}`);
const integer: Check = (value, at) =>
  assert.ok(Number.isInteger(value) && Math.abs(value as number) < 2 ** 31, `${at}: ${String(value)}`);
const list =
  (most: number, check: Check): Check =>
  (value, at) => {
    assert.ok(Array.isArray(value) && value.length >= 1 && value.length <= most, `${at}: not 1 to ${most} items`);
    for (const [index, one] of value.entries()) check(one, `${at}[${index}]`);
  };
const map =
  (most: number, key: Check, check: Check): Check =>
  (value, at) => {
    assert.ok(typeof value === 'object' && value !== null, at);
    assert.ok(Object.keys(value).length <= most, `${at}: more than ${most} pairs`);
    for (const [name, one] of Object.entries(value)) {
      key(name, `${at} key`);
      check(one, `${at}.${name}`);
    }
  };
/** Members not named here are refused, so that nobody sends what the analysts own. */
const structure =
  (members: Readonly<Record<string, Check>>, ...required: readonly string[]): Check =>
  (value, at) => {
    assert.ok(typeof value === 'object' && value !== null, at);
    for (const name of required) assert.ok(Object.hasOwn(value, name), `${at}.${name} is required`);
    for (const [name, one] of Object.entries(value)) {
      const check = members[name];
      assert.ok(check !== undefined, `${at}.${name} is not to be sent`);
      check(one, `${at}.${name}`);
    }
  };

const arn = text(2048, /^arn:aws[a-z-]*:[a-z0-9]+:[a-z0-9-]+:\d{12}:\S+$/);
const time = text(64, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const loose = text(2048);

const resource = structure(
  {
    Type: oneOf(
      ...['AwsEc2Instance', 'AwsEc2NetworkInterface', 'AwsEcsTask', 'AwsEcsCluster'],
      ...['AwsEksCluster', 'Container', 'Other'],
    ),
    Id: loose,
    Partition: oneOf('aws', 'aws-cn', 'aws-us-gov'),
    Region: text(16),
    Details: structure({
      AwsEc2NetworkInterface: structure({ NetworkInterfaceId: loose }),
      AwsEcsTask: structure({ ClusterArn: arn }),
      AwsEksCluster: structure({ Arn: arn, Name: loose }),
      Container: structure({ Name: loose, ImageName: loose }),
      Other: map(50, text(128), text(2048)),
    }),
  },
  'Type',
  'Id',
);

const TYPE =
  /^(?:Software and Configuration Checks|TTPs|Effects|Unusual Behaviors|Sensitive Data Identifications)\/[^/]+\/[^/]+$/;

const finding = structure(
  {
    SchemaVersion: oneOf('2018-10-08'),
    Id: text(512),
    ProductArn: arn,
    GeneratorId: text(512),
    AwsAccountId: text(12, /^\d{12}$/),
    CreatedAt: time,
    UpdatedAt: time,
    FirstObservedAt: time,
    LastObservedAt: time,
    Title: text(256),
    Description: text(1024),
    FindingProviderFields: structure(
      {
        Severity: structure({ Label: oneOf('LOW', 'MEDIUM', 'HIGH', 'CRITICAL'), Original: text(64) }, 'Label'),
        Types: list(50, text(256, TYPE)),
      },
      'Severity',
      'Types',
    ),
    Remediation: structure({ Recommendation: structure({ Text: text(512) }, 'Text') }, 'Recommendation'),
    ProductFields: map(50, text(128), text(2048)),
    Resources: list(32, resource),
    Process: structure({ Name: text(64), Path: text(512), Pid: integer, ParentPid: integer }),
    Network: structure({
      Direction: oneOf('IN', 'OUT'),
      DestinationIpV4: text(15, /^\d+\.\d+\.\d+\.\d+$/),
      DestinationIpV6: text(45, /^[0-9a-f:]+$/),
      DestinationPort: integer,
      DestinationDomain: text(128),
    }),
    Malware: list(
      5,
      structure(
        { Name: text(64), Type: oneOf('COIN_MINER'), Path: text(512), State: oneOf('OBSERVED') },
        ...['Name', 'Type', 'State'],
      ),
    ),
    ThreatIntelIndicators: list(
      5,
      structure({
        Type: oneOf('DOMAIN', 'IPV4_ADDRESS', 'IPV6_ADDRESS', 'URL'),
        Value: text(512),
        Category: oneOf('COMMAND_AND_CONTROL'),
        Source: text(64),
      }),
    ),
    RecordState: oneOf('ACTIVE', 'ARCHIVED'),
    Sample: (value, at) => assert.equal(typeof value, 'boolean', at),
  },
  ...['SchemaVersion', 'Id', 'ProductArn', 'GeneratorId', 'AwsAccountId', 'CreatedAt', 'UpdatedAt', 'Title'],
  ...['Description', 'Resources', 'FindingProviderFields', 'RecordState'],
);

/** Fails for what `BatchImportFindings` would refuse, and for members that would change what analysts set. */
export function assertAsff(value: unknown): void {
  finding(value, 'finding');
  assert.ok(Buffer.byteLength(JSON.stringify(value)) < 240_000);
}
