import { emailBody } from './email.ts';
import { emailSubject, testMark } from './email-subject.ts';
import type { Announcement } from './ocsf.ts';
import { triage } from './triage.ts';

/** The service shows 8,000 characters of a description; a chat is no place for more than a screen. */
const DESCRIPTION_BYTES = 3_000;

/** A code block in which nothing is formatted or linked, and nobody is called by name. */
function block(text: string): string {
  const harmless = text.replaceAll('`', "'").replaceAll('<', '‹').replaceAll('>', '›').replaceAll('@', '(at)');
  return `\`\`\`\n${harmless}\n\`\`\``;
}

/**
 * A finding and its transition as a custom notification of Amazon Q Developer in chat applications, in one line of JSON;
 * all transitions of a finding stand in one thread. (Administrator guide, "Custom notifications".)
 */
export function chatMessage(announcement: Announcement): string {
  const { finding, transition, coverage } = announcement;
  const mark = testMark(finding.place);
  const title = emailSubject(announcement).slice(mark.length);
  const { account, region } = finding.place;
  return JSON.stringify({
    version: '1.0',
    source: 'custom',
    id: `${finding.id}-${finding.revision}`,
    content: {
      textType: 'client-markdown',
      // A subject is printable ASCII on one line; what markdown or Slack would read in it becomes a space.
      title: mark + title.replace(/[*_~`<>@[\]|]/g, ' '),
      description: block(emailBody(announcement, DESCRIPTION_BYTES)),
      nextSteps: triage(finding, coverage).map((step) => step.title),
      keywords: ['davylamp', finding.severity],
    },
    metadata: {
      threadId: finding.id,
      summary: `${mark}${finding.severity} cryptomining attack chain ${transition}`,
      eventType: 'davylamp finding',
      additionalContext: { severity: finding.severity, transition, account, region, finding: finding.id },
    },
  });
}
