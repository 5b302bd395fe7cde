import { GROUPS, type Group, type Strength } from '#shared/model/groups.ts';
import { FLAGS, type Flag } from '#shared/model/indicator.ts';
import { ARTIFACT_KINDS, type ArtifactKind } from '#shared/model/place.ts';
import type { RuleNode } from './document.ts';
import { CATEGORIES, type Category, type Field } from './fields.ts';

/** A field whose matched values become artifacts of a kind. */
interface ArtifactSource {
  readonly kind: ArtifactKind;
  readonly field: Field;
}

/** What a rule says of itself, beside its detection. */
export interface Metadata {
  readonly name: string;
  readonly id: string;
  readonly title: string;
  readonly version: number;
  readonly group: Group;
  readonly technique: string;
  readonly strength: Strength;
  readonly flags: readonly Flag[];
  readonly artifacts: readonly ArtifactSource[];
}

/** The attributes of a rule (Sigma rules specification 2.1), and `version`, `davylamp` and `cases`, which are ours. */
const ATTRIBUTES = [
  ...['title', 'id', 'name', 'related', 'taxonomy', 'status', 'description', 'license', 'references', 'author'],
  ...['date', 'modified', 'version', 'tags', 'scope', 'logsource', 'detection', 'fields', 'falsepositives', 'level'],
  ...['davylamp', 'cases'],
];

/** ATT&CK's tactics as Sigma tags them (appendix "Tags", 2.1). */
const TACTICS = [
  ...['reconnaissance', 'resource-development', 'initial-access', 'execution', 'persistence', 'privilege-escalation'],
  ...['defense-evasion', 'stealth', 'defense-impairment', 'credential-access', 'discovery', 'lateral-movement'],
  ...['collection', 'command-and-control', 'exfiltration', 'impact'],
];

const MAX_TITLE = 256;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const TECHNIQUE = /^attack\.t\d{4}(?:\.\d{3})?$/;

/** Reports attributes that the rule should not have: a misspelt one would otherwise be ignored in silence. */
export function checkAttributes(rule: RuleNode): void {
  for (const [key, node] of rule.entries()) {
    if (key === 'correlation' || key === 'filter') {
      node.failKey(`'${key}' is not supported: rules see one event, the correlator joins them`);
    } else if (!ATTRIBUTES.includes(key)) {
      node.failKey(`'${key}' is no attribute of a rule (there are: ${ATTRIBUTES.join(', ')})`);
    }
  }
}

/** The category of a rule; undefined after an error. */
export function readCategory(rule: RuleNode): Category | undefined {
  const logsource = required(rule, 'logsource');
  if (logsource === undefined) return undefined;
  for (const [key, node] of logsource.entries()) {
    if (key === 'product' && node.value !== 'linux') node.fail("the only product is 'linux'");
    if (key === 'service') node.failKey("'service' is not supported: the category alone decides which events are seen");
    else if (!['category', 'product', 'definition'].includes(key)) {
      node.failKey(`'${key}' is no part of a log source (there are: category, product, definition)`);
    }
  }
  const node = required(logsource, 'category');
  const name = node?.text();
  if (node === undefined || name === undefined) return undefined;
  const known = [...CATEGORIES.keys()].join(', ');
  return CATEGORIES.get(name) ?? node.fail(`there is no category '${name}' (there are: ${known})`);
}

/** Reads and checks all other attributes; undefined when one that a rule can't do without is missing or wrong. */
export function readMetadata(rule: RuleNode, category: Category | undefined): Metadata | undefined {
  checkProse(rule);
  const title = readTitle(rule);
  const id = matching(rule, 'id', UUID, 'a UUID');
  const name = matching(rule, 'name', NAME, 'a name in lower case with underscores');
  const version = readVersion(rule.get('version'));
  const tags = readTags(rule);
  const own = readOwn(required(rule, 'davylamp'), category);
  if (title === undefined || id === undefined || name === undefined || version === undefined) return undefined;
  return tags === undefined || own === undefined ? undefined : { title, id, name, version, ...tags, ...own };
}

function required(node: RuleNode, key: string): RuleNode | undefined {
  return node.get(key) ?? node.failKey(`'${key}' is missing`);
}

function readTitle(rule: RuleNode): string | undefined {
  const node = required(rule, 'title');
  const title = node?.text();
  if (node === undefined || title === undefined) return undefined;
  if (title.trim() === '' || title.length > MAX_TITLE) return node.fail(`expected 1 to ${MAX_TITLE} characters`);
  return title;
}

function matching(rule: RuleNode, key: string, form: RegExp, what: string): string | undefined {
  const node = required(rule, key);
  const text = node?.text();
  if (node === undefined || text === undefined) return undefined;
  return form.test(text) ? text : node.fail(`expected ${what}, found '${text}'`);
}

function readVersion(node: RuleNode | undefined): number | undefined {
  if (node === undefined) return 1;
  const { value } = node;
  return typeof value === 'number' && Number.isInteger(value) && value > 0
    ? value
    : node.fail('expected a whole number above 0');
}

/** What only people read: checked for its form, so that a misplaced line is seen. */
function checkProse(rule: RuleNode): void {
  oneOf(rule.get('status'), ['stable', 'test', 'experimental']);
  oneOf(rule.get('level'), ['informational', 'low', 'medium', 'high', 'critical']);
  oneOf(rule.get('taxonomy'), ['sigma']);
  for (const key of ['description', 'author', 'license']) rule.get(key)?.text();
  for (const key of ['falsepositives', 'fields', 'scope']) for (const one of rule.get(key)?.items() ?? []) one.text();
  for (const one of rule.get('references')?.items() ?? []) {
    const text = one.text();
    if (text !== undefined && !/^https?:\/\/\S+$/.test(text)) one.fail('expected an http or https address');
  }
  for (const key of ['date', 'modified']) checkDate(rule.get(key));
}

function checkDate(node: RuleNode | undefined): void {
  const text = node?.text();
  if (node === undefined || text === undefined) return;
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(text)) node.fail('expected a date as 2026-11-30');
}

function oneOf<T extends string>(node: RuleNode | undefined, allowed: readonly T[]): T | undefined {
  const text = node?.text();
  if (node === undefined || text === undefined) return undefined;
  return allowed.find((one) => one === text) ?? node.fail(`expected one of ${allowed.join(', ')}, found '${text}'`);
}

/** Exactly one activity group and exactly one technique; tactics as the author likes. */
function readTags(rule: RuleNode): { group: Group; technique: string } | undefined {
  const node = required(rule, 'tags');
  if (node === undefined) return undefined;
  const groups: (Group | undefined)[] = [];
  const techniques: string[] = [];
  for (const item of node.items()) {
    const tag = item.text();
    if (tag === undefined) continue;
    if (tag.startsWith('davylamp.')) groups.push(readGroup(tag.slice('davylamp.'.length), item));
    else if (TECHNIQUE.test(tag)) techniques.push(tag.slice('attack.'.length).toUpperCase());
    else if (!TACTICS.some((tactic) => tag === `attack.${tactic}`)) item.fail(`'${tag}' is no tag that is known here`);
  }
  const [group] = groups;
  const [technique] = techniques;
  if (groups.length !== 1) node.failKey(`expected one tag davylamp.<group>, found ${groups.length}`);
  if (techniques.length !== 1) node.failKey(`expected one technique as attack.t1053.003, found ${techniques.length}`);
  return group === undefined || technique === undefined ? undefined : { group, technique };
}

function readGroup(name: string, item: RuleNode): Group | undefined {
  return (
    GROUPS.find((one) => one === name) ?? item.fail(`there is no group '${name}' (there are: ${GROUPS.join(', ')})`)
  );
}

/** The attribute `davylamp`: what a match is worth, and what it names. */
function readOwn(
  node: RuleNode | undefined,
  category: Category | undefined,
): Pick<Metadata, 'strength' | 'flags' | 'artifacts'> | undefined {
  if (node === undefined) return undefined;
  for (const [key, child] of node.entries()) {
    if (!['strength', 'flags', 'artifacts'].includes(key)) {
      child.failKey(`'${key}' is no part of davylamp (there are: strength, flags, artifacts)`);
    }
  }
  const strength = oneOf<Strength>(required(node, 'strength'), ['strong', 'weak', 'note']);
  const flags = (node.get('flags')?.items() ?? [])
    .map((flag) => oneOf(flag, FLAGS))
    .filter((flag) => flag !== undefined);
  const artifacts = readArtifacts(node.get('artifacts'), category);
  return strength === undefined ? undefined : { strength, flags, artifacts };
}

function readArtifacts(node: RuleNode | undefined, category: Category | undefined): readonly ArtifactSource[] {
  return (node?.entries() ?? []).flatMap(([key, value]) => {
    const kind = ARTIFACT_KINDS.find((one) => one === key);
    if (kind === undefined) {
      value.failKey(`there is no kind of artifact '${key}' (there are: ${ARTIFACT_KINDS.join(', ')})`);
      return [];
    }
    return value.values().flatMap((one) => {
      const name = one.text();
      const field = name === undefined ? undefined : category?.fields.get(name);
      if (name !== undefined && field === undefined && category !== undefined) {
        one.fail(`'${name}' is no field of ${category.name}`);
      }
      return field === undefined ? [] : [{ kind, field }];
    });
  });
}
