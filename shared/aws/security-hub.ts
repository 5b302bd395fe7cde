import {
  type AwsSecurityFinding,
  BatchImportFindingsCommand,
  InvalidAccessException,
  InvalidInputException,
  type SecurityHubClient,
} from '@aws-sdk/client-securityhub';

/** Findings of one request (service model); its bytes stay well below the 6 MB that an API of AWS takes. */
const MAX_FINDINGS = 100;
const MAX_BYTES = 4_000_000;
/** Messages of the service may repeat what they refuse. */
const MAX_WHY = 300;

/** A finding that was not imported. */
export interface Refusal {
  readonly id: string;
  /**
   * `not-enabled`: the account has no Security Hub CSPM in this region. `refused`: the service names a fault of this
   * finding. `later`: the request failed (throttled, no answer, no permission) and may succeed as it is.
   */
  readonly kind: 'not-enabled' | 'refused' | 'later';
  /** Code and message of the service; the name alone of an error of another kind. */
  readonly why: string;
}

/**
 * Imports findings, in as few requests as the service takes, and gives those that were not. After a request that failed
 * for another reason than its findings, the rest waits too: the service has a rate for all. Never throws. Importing the
 * same again changes nothing, so that what is not known to be imported counts as not.
 */
export async function importFindings(
  client: Pick<SecurityHubClient, 'send'>,
  findings: readonly AwsSecurityFinding[],
): Promise<readonly Refusal[]> {
  const waiting = requestsOf(findings);
  const refusals: Refusal[] = [];
  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    try {
      refusals.push(...(await importOnce(client, batch)));
    } catch (error) {
      if (error instanceof InvalidInputException && batch.length > 1) {
        // One finding that can't be read must not hold up the others: which one, halves tell.
        const half = Math.ceil(batch.length / 2);
        waiting.unshift(batch.slice(0, half), batch.slice(half));
        continue;
      }
      const kind = kindOf(error);
      const all = kind === 'refused' ? batch : [...batch, ...waiting.splice(0).flat()];
      refusals.push(...all.map((one) => ({ id: idOf(one), kind, why: whyOf(error) })));
    }
  }
  return refusals;
}

const idOf = (finding: AwsSecurityFinding): string => finding.Id ?? '';

/** The findings cut into requests, by number and by bytes. */
function requestsOf(findings: readonly AwsSecurityFinding[]): AwsSecurityFinding[][] {
  const requests: AwsSecurityFinding[][] = [];
  let room = 0;
  for (const finding of findings) {
    const bytes = Buffer.byteLength(JSON.stringify(finding));
    const last = requests.at(-1);
    if (last !== undefined && last.length < MAX_FINDINGS && bytes <= room) {
      last.push(finding);
      room -= bytes;
    } else {
      requests.push([finding]);
      room = MAX_BYTES - bytes;
    }
  }
  return requests;
}

async function importOnce(
  client: Pick<SecurityHubClient, 'send'>,
  batch: readonly AwsSecurityFinding[],
): Promise<readonly Refusal[]> {
  const answer = await client.send(new BatchImportFindingsCommand({ Findings: [...batch] }));
  const failed = answer.FailedFindings ?? [];
  const ids = new Set(batch.map(idOf));
  const named = failed.filter(({ Id }) => Id !== undefined && ids.has(Id));
  // Failures come with status 200; should they not all be named, nobody knows what was imported.
  if (named.length < (answer.FailedCount ?? 0)) {
    const why = `${answer.FailedCount} of ${batch.length} findings failed, ${named.length} of them named`;
    return batch.map((one) => ({ id: idOf(one), kind: 'later', why }));
  }
  return named.map(({ Id, ErrorCode, ErrorMessage }) => ({
    id: Id ?? '',
    kind: codeKind(ErrorCode ?? ''),
    why: `${ErrorCode}: ${ErrorMessage}`.slice(0, MAX_WHY),
  }));
}

/** Codes of single findings (Security Hub user guide, "BatchImportFindings for finding providers"). */
function codeKind(code: string): Refusal['kind'] {
  if (/^InvalidAccess/.test(code)) return 'not-enabled';
  return /^(?:InvalidInput|FindingSizeExceeded)/.test(code) ? 'refused' : 'later';
}

function kindOf(error: unknown): Refusal['kind'] {
  if (error instanceof InvalidAccessException) return 'not-enabled';
  return error instanceof InvalidInputException ? 'refused' : 'later';
}

/** The service's own words where they are about access or input; other errors may carry the request. */
function whyOf(error: unknown): string {
  if (error instanceof InvalidAccessException || error instanceof InvalidInputException)
    return `${error.name}: ${error.message}`.slice(0, MAX_WHY);
  return error instanceof Error ? error.name : 'unknown error';
}
