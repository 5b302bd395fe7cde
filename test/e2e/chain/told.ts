import type { Deployment } from '../local/deployment.ts';
import { at, type Fields } from '../local/json.ts';
import type { Mail } from '../local/topics.ts';

/** Subscribers of the suite's configuration. */
export const ONCALL = 'oncall@example.com';
export const EVERYBODY = 'security@example.com';
export const OPERATIONS = 'platform@example.com';

export function mailsTo({ topics }: Pick<Deployment, 'topics'>, to: string): readonly Mail[] {
  return topics.outbox.filter((mail) => mail.to === to);
}

/** `MEDIUM opened`: what mails to one address say of a host, oldest first. */
export function subjectsTo(deployment: Deployment, to: string, host: string): readonly string[] {
  return mailsTo(deployment, to)
    .map(({ subject = '' }) => subject)
    .filter((subject) => subject.includes(` ${host} `))
    .map((subject) => subject.slice(0, subject.indexOf(':')));
}

/** Each request that Slack took, as text. */
export function slackTexts({ slack }: Deployment): readonly string[] {
  return slack.taken.map((body) => JSON.stringify(body));
}

/** `MEDIUM → HIGH escalated`: what Slack was told of a host, whether alone or in a list. */
export function toldToSlack(deployment: Deployment, host: string): readonly string[] {
  const name = host.replaceAll('.', String.raw`\.`);
  const told = new RegExp(`([A-Z]+(?: → [A-Z]+)? [a-z]+)\\*?: [^\`\\n]*\`${name}\``, 'g');
  return deployment.slack.taken.flatMap((body) => {
    const blocks = JSON.stringify(at(body, 'blocks'));
    const texts = [...blocks.matchAll(told)].map(([, change = '']) => change);
    const alone = [...String(at(body, 'text')).matchAll(told)].map(([, change = '']) => change);
    return texts.length > 0 ? texts : alone;
  });
}

/** Findings in Security Hub about a host. */
export function imported({ hub }: Deployment, host: string): readonly Fields[] {
  return [...hub.findings.values()].filter((one) => String(one['Title']).includes(` ${host},`));
}

/** `CRITICAL ACTIVE`: severity and state of each finding about a host in Security Hub. */
export function importedStates(deployment: Deployment, host: string): readonly string[] {
  return imported(deployment, host).map(
    (one) => `${String(at(one, 'FindingProviderFields', 'Severity', 'Label'))} ${String(one['RecordState'])}`,
  );
}

/** `Medium opened 1`: severity, transition and revision of each event on the bus about a host. */
export function onBus({ bus }: Deployment, host: string): readonly string[] {
  return bus.events
    .filter(({ detail }) => String(detail['message']).includes(` ${host},`))
    .map(({ detail }) => {
      const uid = String(at(detail, 'metadata', 'uid'));
      return `${String(detail['severity'])} ${String(at(detail, 'metadata', 'event_code'))} ${uid.slice(uid.indexOf('/') + 1)}`;
    });
}

/** Texts without repetitions, in their order. */
export function once(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
