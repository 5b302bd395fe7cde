import assert from 'node:assert/strict';
import type { Deployment } from '../local/deployment.ts';
import { at, type Fields, fieldsOf, listOf } from '../local/json.ts';
import { ACCOUNT_ID } from './attack.ts';
import { imported, mailsTo } from './told.ts';

/** What one incident must be told with, in each channel's own form. */
export interface Incident {
  readonly host: string;
  readonly severity: 'Medium' | 'High' | 'Critical';
  /** Labels of the groups that were met, and no others. */
  readonly groups: readonly string[];
  /** What the next severity lacks, such as `High: Persistence setup`; nothing where there is none. */
  readonly next?: string;
  /** All groups of the chain that were not met. */
  readonly missing?: string;
  readonly pools: readonly string[];
  /** The pool as the miner was given it, with its port. */
  readonly endpoint: string;
  readonly wallet: string;
  readonly types: readonly string[];
  /** The pool's names and addresses as threat intelligence: type and value. */
  readonly indicators: readonly string[];
}

const GROUPS = ['Miner execution', 'Pool connection', 'Persistence setup', 'System optimization', 'Context'];

const idOf = (deployment: Deployment, { host }: Incident): string => {
  const [finding] = imported(deployment, host);
  return String(at(finding, 'ProductFields', 'davylamp/finding'));
};

/** A list's groups by the words before each one's strength. */
function groupsIn(text: string, strength: string): readonly string[] {
  return GROUPS.filter((group) => new RegExp(`[-•] ${group}${strength}`).test(text));
}

/** The text of the mail to one address: place, id, groups, what is missing, pool and wallet. */
export function assertMail(deployment: Deployment, to: string, incident: Incident): void {
  const { host, severity, groups, next, pools, endpoint, wallet } = incident;
  const upper = severity.toUpperCase();
  const mail = mailsTo(deployment, to).find(({ subject = '' }) => subject.includes(` ${host} `));
  assert.ok(mail !== undefined, `${to} has a mail of ${host}`);
  assert.equal(mail.subject, `${upper} opened: cryptomining on ${host} (${ACCOUNT_ID}, eu-west-1)`);
  assert.deepEqual(mail.attributes['severity'], { DataType: 'String', StringValue: severity });
  assert.deepEqual(mail.attributes['delivery'], { DataType: 'String', StringValue: 'single' });
  // Long lines are folded, where words end and within a wallet.
  const text = mail.text.replaceAll(/\s+/g, ' ');
  const place = `instance ${host}, on the host itself (account ${ACCOUNT_ID}, eu-west-1)`;
  assert.ok(text.startsWith(`${upper}, opened: ${place} `), text.slice(0, 120));
  assert.ok(text.includes(` Finding ${idOf(deployment, incident)}, episode 1, revision 1 `), 'the finding by its id');
  assert.deepEqual(groupsIn(text, ' (?:strong|weak); first '), groups);
  const lacking = /- Missing for ([^:]+: [^-]+?) Artifacts/.exec(text)?.[1];
  assert.equal(lacking, next);
  for (const pool of [...pools, endpoint]) assert.ok(text.includes(`- Pool ${pool} `), `${host}: ${pool}`);
  assert.ok(mail.text.replaceAll(/\s/g, '').includes(`-Wallet${wallet}-`), `${host}: ${wallet}`);
  assert.match(text, /What to do 1\. Stop the miner .* 2\. Block the pool .* 3\. Isolate the host/);
}

/** Slack's request: severity, host, groups, what is missing, pool and wallet. */
export function assertSlack({ slack }: Deployment, incident: Incident): void {
  const { host, severity, groups, next, endpoint, wallet } = incident;
  const own = slack.taken.filter((body) => String(at(body, 'text')).includes(`\`${host}\``));
  assert.equal(own.length, 1, `${host}: one request`);
  const [body] = own;
  const head = `${severity.toUpperCase()} opened: cryptomining on instance`;
  const place = `instance \`${host}\`, on the host itself (account \`${ACCOUNT_ID}\`, \`eu-west-1\`)`;
  assert.equal(at(body, 'text'), `${head} \`${host}\`${place.slice(place.indexOf(','))}`);
  const blocks = at(body, 'blocks');
  assert.ok(Array.isArray(blocks));
  assert.equal(at(blocks[0], 'text', 'text'), `${head} ${host}`);
  const texts = blocks.flatMap((block: unknown) => {
    const fields = at(block, 'fields');
    return (Array.isArray(fields) ? fields : [at(block, 'text')]).map((one: unknown) => String(at(one, 'text')));
  });
  const titled = (title: string): string | undefined =>
    texts.find((text) => text.startsWith(`*${title}`))?.slice(title.length + 1);
  assert.equal(titled('Where'), `*\n${place}`);
  assert.deepEqual(groupsIn(titled('Groups') ?? '', ': (?:strong|weak), first '), groups);
  assert.equal(titled('Missing for '), next?.replace(': ', '*\n'));
  for (const artifact of [`Pool: \`${endpoint}\``, `Wallet: \`${wallet}\``])
    assert.ok(titled('Artifacts')?.includes(`• ${artifact}\n`), `${host}: ${artifact}`);
}

/** The finding in Security Hub: severity, types, the resource, and the product's fields. */
export function assertImported(deployment: Deployment, incident: Incident): void {
  const { host, severity, groups, next, missing, pools, endpoint, wallet, types, indicators } = incident;
  const [finding, ...more] = imported(deployment, host);
  assert.ok(finding !== undefined && more.length === 0, `${host}: one finding`);
  const label = severity.toUpperCase();
  assert.equal(at(finding, 'FindingProviderFields', 'Severity', 'Label'), label);
  assert.deepEqual(at(finding, 'FindingProviderFields', 'Types'), types);
  assert.deepEqual(finding['Resources'], [
    {
      ...{ Type: 'AwsEc2Instance', Id: `arn:aws:ec2:eu-west-1:${ACCOUNT_ID}:instance/${host}` },
      ...{ Partition: 'aws', Region: 'eu-west-1' },
    },
  ]);
  const id = idOf(deployment, incident);
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(finding['Id'], `davylamp/${id}`);
  const field = (name: string) => at(finding, 'ProductFields', `davylamp/${name}`);
  assert.equal(field('host'), host);
  assert.equal(field('account'), ACCOUNT_ID);
  const met = String(field('groups')).split(', ');
  assert.deepEqual(
    met.map((one) => one.replace(/ since .*$/, '')),
    groups,
  );
  assert.equal(field('missing'), missing);
  assert.equal(field('next'), next);
  assert.deepEqual(String(field('pool')).split(', ').toSorted(), [...pools, endpoint].toSorted());
  assert.equal(field('wallet'), wallet);
  const controls = indicatorsOf(finding).filter((one) => one['Category'] === 'COMMAND_AND_CONTROL');
  assert.deepEqual(
    controls.map((one) => `${String(one['Type'])} ${String(one['Value'])}`),
    indicators,
  );
}

function indicatorsOf(finding: Fields): readonly Fields[] {
  return listOf(finding['ThreatIntelIndicators'], 'ThreatIntelIndicators').map((one) =>
    fieldsOf(one, 'ThreatIntelIndicators'),
  );
}
