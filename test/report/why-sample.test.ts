import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from '#shared/model/evidence.ts';
import type { DecidedEvidence } from '#shared/model/finding.ts';
import type { Strength } from '#shared/model/groups.ts';
import { emailBody } from '#shared/report/email.ts';
import { jsonText } from '#shared/report/escape.ts';
import { findingJson } from '#shared/report/json.ts';
import { ocsfMessage } from '#shared/report/ocsf.ts';
import { slackMessage } from '#shared/report/slack.ts';
import { renderFindings } from '#shared/report/table.ts';
import { COVERAGE, evidence, finding, LOOKUP, PLACE, START, sample } from './findings.ts';

const seen = (minute: number, commandLine: string, strength: Strength, why: string): DecidedEvidence => {
  const one = sample(minute, { pid: 100 + minute, commandLine });
  return evidence('miner_execution', 'miner_program', 'T1496.001', one, { strength, why, whyEvent: one.id });
};
/** The stronger indicator came later: by time alone its sample would be the second. */
const MERGED: DecidedEvidence = {
  ...join(
    seen(0, '/tmp/early --version', 'weak', 'only asked for its version'),
    seen(9, '/tmp/late -o pool.example.com:3333', 'strong', 'named a pool'),
  ),
  decided: 'strong',
};
const FOUND = finding('Medium', [MERGED, LOOKUP]);

test('shows beside a reason the record of which it speaks', () => {
  const table = renderFindings([FOUND], { coverage: COVERAGE, watching: [] }, { width: 100, colour: false });
  assert.match(
    table,
    /> \/tmp\/late -o pool\.example\.com:3333\n +pid 109\n +auditd, audit\.log:109\n +why: named a pool/,
  );
});

test('gives the record of a reason first in JSON, and names its event', () => {
  const [first] = JSON.parse(jsonText(findingJson(FOUND, COVERAGE))).evidence;
  assert.equal(first.why, 'named a pool');
  assert.deepEqual(
    first.samples.map((one: { readonly pid: number }) => one.pid),
    [109, 100],
  );
  assert.equal(first.whyEvent, first.samples[0].id);
});

test('mails beside a reason the record of which it speaks', () => {
  const text = emailBody({ finding: FOUND, transition: 'opened', at: START, coverage: COVERAGE, version: '1' });
  const [, shown = ''] = text.split('Evidence (2)');
  assert.match(shown, /> \/tmp\/late [\s\S]*?why: named a pool/);
  assert.doesNotMatch(shown, /\/tmp\/early/);
});

test('gives Slack the record of a reason', () => {
  const { id, episode, revision, severity } = FOUND;
  const notice = { ...({ id, place: PLACE, episode, revision, severity, transition: 'opened', at: START } as const) };
  const text = JSON.stringify(
    slackMessage({ ...notice, finding: FOUND }).blocks?.find((one) => JSON.stringify(one).includes('*Evidence (2)*')),
  );
  assert.match(text, /\/tmp\/late/);
  assert.doesNotMatch(text, /\/tmp\/early/);
});

test('puts the record of a reason first into OCSF', () => {
  const message = ocsfMessage({ finding: FOUND, transition: 'opened', at: START, coverage: COVERAGE, version: '1' });
  const [first] = JSON.parse(message).evidences;
  assert.deepEqual([first.data.why, first.process.pid], ['named a pool', 109]);
});
