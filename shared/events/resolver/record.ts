import { canonicalAddress } from '#shared/model/address.ts';
import { CLASS, type DnsActivity, type DnsAnswer } from '#shared/model/event.ts';
import type { Claims } from '#shared/model/place.ts';
import type { Interest, ParseError, ReaderOptions } from '#shared/model/reader.ts';
import { asciiLower, holdTime } from '../byte-lines.ts';
import { isDataOfInterest } from './prefilter.ts';
import { parseTimestamp } from './timestamp.ts';

type Fields = Readonly<Record<string, unknown>>;

const MAX_ANSWERS = 64;
/** A name of 255 octets, each escaped to four characters, is shorter. */
const MAX_NAME = 1_024;
const MAX_DATA = 1_024;
const MAX_WORD = 128;

/** The JSON object in a line, or why there is none. */
export function parseFields(line: string): Fields | ParseError['kind'] {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : 'not-json';
  } catch {
    return line.endsWith('}') ? 'not-json' : 'truncated';
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Makes the event of one query, of interest or not. Times are milliseconds; `line` is its number in the stream. */
export function dnsEvent(fields: Fields, options: ReaderOptions, line: number): DnsActivity | 'missing-field' {
  const query = dnsName(fields['query_name']);
  const written = word(fields['query_timestamp']);
  const at = (written === undefined ? undefined : parseTimestamp(written)) ?? options.envelopeTime;
  if (query === undefined || at === undefined) return 'missing-field';
  const time = holdTime(at, options.envelopeTime);
  const sources = isFields(fields['srcids']) ? fields['srcids'] : {};
  const address = dnsAddress(fields['srcaddr']);
  const type = (word(fields['query_type']) ?? '').toUpperCase();
  const answers = dnsAnswers(fields['answers']);
  const forwarded = Boolean(word(sources['resolver_endpoint']) ?? word(sources['resolver_network_interface']));
  return {
    class: CLASS.dns,
    source: 'resolver',
    id: `${written ?? time} ${address ?? '-'} ${portText(fields['srcport'])} ${query} ${type || '-'}`,
    time,
    claims: dnsClaims(fields, sources, address, options.origin),
    raw: { ...options.raw, line, ...(options.eventId === undefined ? {} : { eventId: options.eventId }) },
    query,
    type,
    rcode: (word(fields['rcode']) ?? '').toUpperCase(),
    answers: answers.slice(0, MAX_ANSWERS),
    ...(answers.length > MAX_ANSWERS ? { truncated: true } : {}),
    ...(time === at ? {} : { clamped: true }),
    ...(forwarded ? { forwarded: true } : {}),
    ...(word(fields['firewall_rule_action'])?.toUpperCase() === 'BLOCK' ? { blocked: true } : {}),
  };
}

/** Whether the query, as parsed, is what the prefilter asks for: the answer does not depend on how the JSON is written. */
export function isOfInterest(fields: Fields, interest: Interest): boolean {
  if (interest.everything) return true;
  const name = fields['query_name'];
  if (typeof name === 'string') {
    const bytes = Buffer.from(name);
    if (interest.name(bytes, 0, bytes.length)) return true;
  }
  return answerObjects(fields['answers']).some((answer) => {
    const data = answer['Rdata'] ?? answer['rdata'];
    if (typeof data !== 'string') return false;
    const bytes = Buffer.from(data);
    return isDataOfInterest(bytes, 0, bytes.length, interest);
  });
}

/** A list, or one object alone, as some pipelines leave it. */
function answerObjects(answers: unknown): readonly Fields[] {
  if (Array.isArray(answers)) return answers.filter(isFields);
  return isFields(answers) ? [answers] : [];
}

function dnsAnswers(answers: unknown): readonly DnsAnswer[] {
  return answerObjects(answers)
    .slice(0, MAX_ANSWERS + 1)
    .flatMap((answer): DnsAnswer[] => {
      const type = word(answer['Type'] ?? answer['type'])?.toUpperCase();
      const data = answerData(type, answer['Rdata'] ?? answer['rdata']);
      return data === undefined ? [] : [{ type: type ?? inferredType(data), data }];
    });
}

const ADDRESS_TYPES: ReadonlySet<string | undefined> = new Set(['A', 'AAAA']);
const NAME_TYPES: ReadonlySet<string | undefined> = new Set(['CNAME', 'DNAME', 'NS', 'PTR']);

/** Addresses in canonical text, names as queries are, all else as the resolver wrote it. */
function answerData(type: string | undefined, data: unknown): string | undefined {
  if (typeof data !== 'string' || data === '') return undefined;
  if (ADDRESS_TYPES.has(type)) return dnsAddress(data);
  if (NAME_TYPES.has(type)) return dnsName(data);
  return type === undefined ? (dnsAddress(data) ?? dnsName(data)) : data.slice(0, MAX_DATA);
}

function inferredType(data: string): string {
  const address = canonicalAddress(data);
  if (address === undefined) return 'CNAME';
  return address.includes(':') ? 'AAAA' : 'A';
}

function dnsName(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_NAME) return undefined;
  const name = asciiLower(value);
  return name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name;
}

function dnsAddress(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 64 ? canonicalAddress(value) : undefined;
}

/** A short text that is not empty. */
function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_WORD ? value : undefined;
}

function portText(port: unknown): string {
  return word(port) ?? (Number.isSafeInteger(port) ? String(port) : '-');
}

const ACCOUNT = /^\d{1,20}$/;
const TOKEN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const INSTANCE = /^i-[A-Za-z0-9]{1,64}$/;

function dnsClaims(fields: Fields, sources: Fields, address: string | undefined, origin: Claims): Claims {
  const claims: Claims = { ...origin, network: true };
  const account = shaped(fields['account_id'], ACCOUNT);
  const region = shaped(fields['region'], TOKEN);
  const vpc = shaped(fields['vpc_id'], TOKEN);
  const instance = shaped(sources['instance'], INSTANCE);
  if (account !== undefined) claims.account = account;
  if (region !== undefined) claims.region = region;
  if (vpc !== undefined) claims.vpc = vpc;
  if (instance !== undefined) claims.instance = instance;
  if (address !== undefined) claims.address = address;
  return claims;
}

function shaped(value: unknown, shape: RegExp): string | undefined {
  return typeof value === 'string' && shape.test(value) ? value : undefined;
}
