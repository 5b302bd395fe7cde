import { isIPv4 } from 'node:net';
import { canonicalAddress, isPublicAddress } from '#shared/model/address.ts';
import { parseEndpoint } from '#shared/model/endpoint.ts';
import type { Sample } from '#shared/model/indicator.ts';
import {
  ASFF_LIMITS,
  type AsffFinding,
  type AsffIndicator,
  type AsffMalware,
  type AsffNetwork,
  type AsffProcess,
  asffText,
  exactText,
  present,
} from './asff-format.ts';
import { evidenceOf, type Facts, namedBy, poolTargets, unique, valuesOf } from './facts.ts';

/** The service's numbers are of 32 bits with a sign. */
const integer = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? value : undefined;

const baseName = (path: string): string => path.split('/').findLast((part) => part !== '') ?? path;

const filled = <T extends object>(fields: T): T | undefined => (Object.keys(fields).length === 0 ? undefined : fields);

/** The earliest sample of some group that `of` accepts. */
function firstSample(facts: Facts, of: (sample: Sample) => boolean, ...groups: readonly string[]): Sample | undefined {
  return facts.sightings.find(({ evidence, sample }) => groups.includes(evidence.group) && of(sample))?.sample;
}

/** The miner's process, else the one that met the pool. */
function processOf(facts: Facts): AsffProcess | undefined {
  const has = ({ executable, pid }: Sample): boolean => executable !== undefined || integer(pid) !== undefined;
  const sample = firstSample(facts, has, 'miner_execution') ?? firstSample(facts, has, 'pool_connection');
  if (sample === undefined) return undefined;
  const { executable, pid, parentPid } = sample;
  return filled(
    present<AsffProcess>({
      Name: executable === undefined ? undefined : asffText(baseName(executable), ASFF_LIMITS.name),
      Path: executable === undefined ? undefined : asffText(executable, ASFF_LIMITS.path),
      Pid: integer(pid),
      ParentPid: integer(parentPid),
    }),
  );
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,62})$/i;

/** A name that resolvers could ask for, at most `limit` long; else `undefined`. */
function domain(text: string | undefined, limit: number): string | undefined {
  const fits = text !== undefined && text.length <= limit && text.includes('.') && text.length <= 253;
  return fits && text.split('.').every((label) => LABEL.test(label)) ? text : undefined;
}

/** The first connection to a pool; where none was seen, the first lookup of one. */
function networkOf(facts: Facts): AsffNetwork | undefined {
  const met = firstSample(facts, ({ remote }) => remote !== undefined, 'pool_connection');
  const { host, port } = parseEndpoint(met?.remote ?? '');
  const address = canonicalAddress(host);
  const asked = firstSample(facts, ({ query }) => query !== undefined, 'pool_connection')?.query;
  const name = domain(address === undefined && host !== '' ? host : asked, ASFF_LIMITS.domain);
  if (address === undefined && name === undefined) return undefined;
  const four = address !== undefined && isIPv4(address);
  return present<AsffNetwork>({
    Direction: met === undefined ? undefined : 'OUT',
    DestinationIpV4: four ? address : undefined,
    DestinationIpV6: four ? undefined : address,
    DestinationPort: met === undefined ? undefined : port,
    DestinationDomain: name,
  });
}

/** The miners that were executed: programs by their path, else by the name under which a list knows them. */
function malwareOf(facts: Facts): AsffMalware[] {
  const found = new Map<string, AsffMalware>();
  for (const evidence of evidenceOf(facts.finding, 'miner_execution')) {
    if (evidence.decided === 'note') continue;
    const [known] = namedBy(evidence, 'miner');
    const named = namedBy(evidence, 'path');
    const paths = named.length > 0 ? named : unique(evidence.samples.map(({ executable }) => executable));
    for (const path of paths.length > 0 ? paths : [undefined]) {
      const name = asffText(known ?? (path === undefined ? '' : baseName(path)), ASFF_LIMITS.name);
      if (name === undefined) continue;
      const shown = path === undefined ? undefined : asffText(path, ASFF_LIMITS.path);
      const key = shown ?? name;
      if (found.has(key)) continue;
      found.set(key, present<AsffMalware>({ Name: name, Type: 'COIN_MINER', Path: shown, State: 'OBSERVED' }));
    }
  }
  return [...found.values()].slice(0, ASFF_LIMITS.malware);
}

/** Of several lists the first of each, then the second of each. */
function inTurns<T>(...lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((one) => one.slice(at, at + 1))).flat();
}

/**
 * Pools by name and public address, and where code was loaded from. The format has no category for mining: a pool
 * commands its miners, which is the nearest.
 */
function indicatorsOf(facts: Facts): AsffIndicator[] {
  const Source = 'davylamp';
  const { names, endpoints, answers } = poolTargets(facts);
  const met = unique(endpoints.map((one) => canonicalAddress(parseEndpoint(one).host)));
  const pool = (Type: AsffIndicator['Type'], Value: string): AsffIndicator => ({
    ...{ Type, Value, Category: 'COMMAND_AND_CONTROL', Source },
  });
  const addresses = unique([...met, ...answers.map(canonicalAddress)])
    .filter(isPublicAddress)
    .map((one) => pool(isIPv4(one) ? 'IPV4_ADDRESS' : 'IPV6_ADDRESS', one));
  const domains = unique(names.map((one) => domain(one, ASFF_LIMITS.indicator))).map((one) => pool('DOMAIN', one));
  const urls = unique(valuesOf(facts.finding, 'url').map((one) => exactText(one, ASFF_LIMITS.indicator))).map(
    (Value): AsffIndicator => ({ Type: 'URL', Value, Source }),
  );
  return inTurns(domains, addresses, urls).slice(0, ASFF_LIMITS.indicators);
}

/** What was seen of the miner and its pool, each part only where evidence tells of it. */
export function asffSigns(
  facts: Facts,
): Pick<AsffFinding, 'Process' | 'Network' | 'Malware' | 'ThreatIntelIndicators'> {
  const malware = malwareOf(facts);
  const indicators = indicatorsOf(facts);
  return present<Pick<AsffFinding, 'Process' | 'Network' | 'Malware' | 'ThreatIntelIndicators'>>({
    Process: processOf(facts),
    Network: networkOf(facts),
    Malware: malware.length === 0 ? undefined : malware,
    ThreatIntelIndicators: indicators.length === 0 ? undefined : indicators,
  });
}
