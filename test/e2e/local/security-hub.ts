import { ACCOUNT, arn } from './account.ts';
import type { Gateway, LocalService } from './gateway.ts';
import { ServiceError } from './interventions.ts';
import { at, type Fields, fieldsOf, listOf } from './json.ts';
import { modelledService } from './modelled-service.ts';
import { restJson } from './protocols.ts';
import { ServiceModel } from './service-model.ts';

/** What only people set, and no import changes once a finding exists (model of Security Hub, BatchImportFindings). */
const OF_PEOPLE = ['Note', 'UserDefinedFields', 'VerificationState', 'Workflow'];
/** Limits that the model does not state ("AWS Security Finding Format", required and optional attributes). */
const LONGEST: Readonly<Record<string, number>> = { Id: 512, GeneratorId: 512, Title: 256, Description: 1024 };
const MOST: Readonly<Record<string, number>> = { Types: 50, Resources: 32, Malware: 5, ThreatIntelIndicators: 5 };
const TYPES =
  /^(?:Software and Configuration Checks|TTPs|Effects|Unusual Behaviors|Sensitive Data Identifications)(?:\/[^/]+){0,2}$/;

const PRODUCT = arn('securityhub', `product/${ACCOUNT}/default`);

/** Security Hub CSPM: keeps findings as imports leave them. */
export class SecurityHub {
  /** Whether the account has it enabled. */
  enabled = true;
  /** A test's refusal of single findings. */
  refuse: (finding: Fields) => { readonly code: string; readonly message: string } | undefined = () => undefined;
  /** Findings by id. */
  readonly findings = new Map<string, Fields>();
  readonly service: LocalService;
  readonly #model = new ServiceModel('securityhub');
  readonly #mostBytes = this.#model.figure(/size for a finding is (\d+) Kb/i, 'BatchImportFindings') * 1024;

  constructor(gateway: Gateway) {
    this.service = modelledService({
      ...{ name: 'securityhub', model: this.#model, protocol: restJson, log: gateway.log },
      invalid: 'InvalidInputException',
      operations: {
        BatchImportFindings: {
          resources: (input) => [...new Set(findingsOf(input).map((one) => String(one['ProductArn'])))],
          faults: (input) => findingsOf(input).flatMap((one, place) => this.#faults(one, `Findings[${place}]`)),
          run: (input) => this.#import(findingsOf(input)),
        },
      },
    });
  }

  #faults(finding: Fields, path: string): readonly string[] {
    const faults: string[] = [];
    const bytes = Buffer.byteLength(JSON.stringify(finding));
    if (bytes > this.#mostBytes) faults.push(`${path} has ${bytes} bytes, more than ${this.#mostBytes}`);
    if (finding['AwsAccountId'] !== ACCOUNT) faults.push(`${path}: findings of another account can't be imported`);
    if (finding['ProductArn'] !== PRODUCT) faults.push(`${path}.ProductArn is not that of this account`);
    for (const [name, most] of Object.entries(LONGEST)) {
      if (String(finding[name] ?? '').length > most) faults.push(`${path}.${name} is longer than ${most}`);
    }
    for (const [name, most] of Object.entries(MOST)) {
      if (listOf(finding[name] ?? [], path).length > most) faults.push(`${path}.${name} has more than ${most} entries`);
    }
    const types = listOf(at(finding, 'FindingProviderFields', 'Types') ?? finding['Types'] ?? [], path);
    if (types.length === 0) faults.push(`${path} has no type`);
    for (const type of types) if (!TYPES.test(String(type))) faults.push(`${path}: ${String(type)} is no type`);
    if (at(finding, 'FindingProviderFields', 'Severity') === undefined) faults.push(`${path} has no severity`);
    faults.push(...this.#fieldFaults(finding, path));
    return faults;
  }

  #fieldFaults(finding: Fields, path: string): readonly string[] {
    const figure = (words: RegExp): number => this.#model.figure(words, 'AwsSecurityFinding', 'ProductFields');
    const entries = Object.entries(fieldsOf(finding['ProductFields'] ?? {}, path));
    const [most, key, value] = [
      ...[figure(/up to ([\d,]+) key-value/), figure(/key can contain up to ([\d,]+)/)],
      figure(/value can contain up to ([\d,]+)/),
    ];
    const fits = entries.every(([name, text]) => name.length <= (key ?? 0) && String(text).length <= (value ?? 0));
    return entries.length <= (most ?? 0) && fits ? [] : [`${path}.ProductFields are too many or too long`];
  }

  #import(findings: readonly Fields[]): unknown {
    if (!this.enabled)
      throw new ServiceError('InvalidAccessException', `Account ${ACCOUNT} is not subscribed to AWS Security Hub`, 401);
    const failed = findings.flatMap((finding) => {
      const refused = this.refuse(finding);
      if (refused === undefined) this.#take(finding);
      return refused === undefined
        ? []
        : [{ Id: finding['Id'], ErrorCode: refused.code, ErrorMessage: refused.message }];
    });
    return { FailedCount: failed.length, SuccessCount: findings.length - failed.length, FailedFindings: failed };
  }

  /** A finding is replaced by one that was updated later, and keeps what people set. */
  #take(finding: Fields): void {
    const id = String(finding['Id']);
    const known = this.findings.get(id);
    if (known !== undefined && Date.parse(String(finding['UpdatedAt'])) <= Date.parse(String(known['UpdatedAt'])))
      return;
    const kept = OF_PEOPLE.flatMap((name) => (known?.[name] === undefined ? [] : [[name, known[name]]]));
    this.findings.set(id, { ...finding, ...Object.fromEntries(kept) });
  }
}

function findingsOf(input: Fields): readonly Fields[] {
  return listOf(input['Findings'], 'Findings').map((one) => fieldsOf(one, 'Findings'));
}
