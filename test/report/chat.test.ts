import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SEVERITIES } from '#shared/model/groups.ts';
import { chatMessage } from '#shared/report/chat.ts';
import { anyCoverage, anyFinding } from './any-finding.ts';
import { BY_SEVERITY, START } from './findings.ts';

const FENCE = '```';

for (const severity of SEVERITIES) {
  test(`formats 16: tells chat of a ${severity} finding in the custom schema, in one thread for all its transitions`, () => {
    const { finding, coverage } = BY_SEVERITY[severity];
    const of = (transition: 'opened' | 'archived', revision: number) =>
      JSON.parse(chatMessage({ finding: { ...finding, revision }, transition, at: START, coverage, version: '1.2.3' }));
    const [first, last] = [of('opened', 1), of('archived', 4)];
    assert.deepEqual([first.version, first.source, first.content.textType], ['1.0', 'custom', 'client-markdown']);
    assert.match(first.content.title, new RegExp(`^${severity.toUpperCase()} opened: cryptomining on `));
    assert.equal(first.metadata.summary, `${severity} cryptomining attack chain opened`);
    assert.equal(first.content.nextSteps.length, 9);
    assert.equal(first.metadata.threadId, last.metadata.threadId);
    assert.notEqual(first.id, last.id);
    assert.deepEqual(first.metadata.additionalContext, {
      ...{ severity, transition: 'opened', account: finding.place.account, region: finding.place.region },
      finding: finding.id,
    });
  });
}

test('shows text from logs in one code block that it can neither leave, nor link, nor call anyone from', () => {
  fc.assert(
    fc.property(anyFinding, anyCoverage, (finding, coverage) => {
      const text = chatMessage({ finding, transition: 'opened', at: START, coverage, version: '1.2.3' });
      const { title, description } = JSON.parse(text).content;
      assert.ok(title.length <= 250 && description.length <= 8000);
      assert.doesNotMatch(title.replace(/^\[TEST\] /, ''), /[*_~`<>@[\]|]/);
      assert.ok(description.startsWith(`${FENCE}\n`) && description.endsWith(`\n${FENCE}`));
      assert.doesNotMatch(description.slice(FENCE.length, -FENCE.length), /[`<>@]|:\/\//);
    }),
  );
});
