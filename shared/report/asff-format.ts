import { terminalText } from './escape.ts';

/*
 * The AWS Security Finding Format, as far as findings here use it. Required members, enumerations, the pattern of texts
 * and the numbers of findings and bytes come from Security Hub's service model in botocore 1.29.27 (Debian's
 * python3-botocore); the lengths stand in the documentation of the same model in botocore 1.43.11.
 */

export const ASFF_LIMITS = {
  id: 512,
  generatorId: 512,
  title: 256,
  description: 1024,
  resources: 32,
  region: 16,
  productFields: 50,
  productKey: 128,
  productValue: 2048,
  malware: 5,
  name: 64,
  path: 512,
  domain: 128,
  indicators: 5,
  indicator: 512,
  recommendation: 512,
} as const;

/** The service refuses a finding above 240 KB. */
export const ASFF_BYTES = 240_000;

export interface AsffResource {
  Type: string;
  Id: string;
  Partition?: 'aws' | 'aws-cn' | 'aws-us-gov';
  Region?: string;
  Details?: {
    AwsEc2NetworkInterface?: { NetworkInterfaceId: string };
    AwsEcsTask?: { ClusterArn: string };
    AwsEksCluster?: { Arn: string; Name: string };
    Container?: { Name?: string; ImageName?: string };
    Other?: Record<string, string>;
  };
}

export interface AsffMalware {
  Name: string;
  Type: 'COIN_MINER';
  Path?: string;
  State: 'OBSERVED';
}

export interface AsffIndicator {
  Type: 'DOMAIN' | 'IPV4_ADDRESS' | 'IPV6_ADDRESS' | 'URL';
  Value: string;
  Category?: 'COMMAND_AND_CONTROL';
  Source: string;
}

export interface AsffProcess {
  Name?: string;
  Path?: string;
  Pid?: number;
  ParentPid?: number;
}

export interface AsffNetwork {
  Direction?: 'OUT';
  DestinationIpV4?: string;
  DestinationIpV6?: string;
  DestinationPort?: number;
  DestinationDomain?: string;
}

/**
 * A finding as `BatchImportFindings` takes it. Without Workflow, Note, UserDefinedFields and VerificationState, which
 * are the analysts'; without Severity, Types, Confidence and Criticality at the top, which would overwrite theirs.
 */
export interface AsffFinding {
  SchemaVersion: '2018-10-08';
  Id: string;
  ProductArn: string;
  GeneratorId: string;
  AwsAccountId: string;
  CreatedAt: string;
  UpdatedAt: string;
  FirstObservedAt?: string;
  LastObservedAt?: string;
  Title: string;
  Description: string;
  FindingProviderFields: {
    Severity: { Label: 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL'; Original: string };
    Types: string[];
  };
  Remediation: { Recommendation: { Text: string } };
  ProductFields: Record<string, string>;
  Resources: AsffResource[];
  Process?: AsffProcess;
  Network?: AsffNetwork;
  Malware?: AsffMalware[];
  ThreatIntelIndicators?: AsffIndicator[];
  RecordState: 'ACTIVE' | 'ARCHIVED';
  /** "Indicates whether the finding is a sample finding" (API reference, AwsSecurityFinding): of tests alone. */
  Sample?: true;
}

/** The object without what is undefined. */
export function present<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** A character that was written out, cut short at the end of a text. */
const HALF_ESCAPE = /\\(?:u(?:\{[0-9a-f]{0,5})?)?$/;

/**
 * Text from anywhere on one line of at most `limit` UTF-16 units, cut with `…`, never within a surrogate pair or a
 * written-out character. `undefined` for blank text, which the service refuses (pattern `.*\S.*`).
 */
export function asffText(text: string, limit: number): string | undefined {
  // No more than is shown need be escaped: a character gives at least one.
  const trimmed = text.trim();
  const shown = terminalText(trimmed.slice(0, limit + 2));
  const whole = shown.length <= limit && trimmed.length <= limit;
  const cut = whole
    ? shown
    : `${shown
        .slice(0, limit - 1)
        .replace(/[\ud800-\udbff]$/, '')
        .replace(HALF_ESCAPE, '')}…`;
  return /[^\s…]/.test(cut) ? cut : undefined;
}

/** The text where it can stand as it is: identifiers, addresses and names mean something else once cut or escaped. */
export function exactText(text: string | undefined, limit: number): string | undefined {
  return text !== undefined && asffText(text, limit) === text ? text : undefined;
}
