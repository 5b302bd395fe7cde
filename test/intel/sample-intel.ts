import { readFileSync } from 'node:fs';
import { type CompiledIntel, compileIntel, type IntelLists } from '#shared/intel/compile.ts';

const SOURCE = { source: 'a public list', date: '2026-11-25' };

/** Lists of made-up and a few real names, small enough to read in a test. */
export const SAMPLE_LISTS: IntelLists = {
  names: [
    {
      ...SOURCE,
      kind: 'pool',
      operators: {
        SupportXMR: ['supportxmr.com'],
        MoneroHash: [{ name: 'monerohash.com', siteIsPool: true }],
        Nanopool: [{ name: 'nanopool.org', coins: ['XMR', 'ETC'] }],
        Example: ['pool.example.org'],
        'XMRig donation': [{ name: 'donate.v2.xmrig.com', siteIsPool: true }],
      },
    },
    { ...SOURCE, kind: 'proxy', name: 'proxy.example.net', operator: 'a campaign' },
    { ...SOURCE, kind: 'coin_site', operators: { XMRig: ['xmrig.com'] } },
    { ...SOURCE, kind: 'browser_miner', operators: { Coinhive: ['coinhive.com'] } },
    { ...SOURCE, kind: 'wallet_site', operators: { MyMonero: ['mymonero.com'] } },
  ],
  addresses: [
    { ...SOURCE, address: '203.0.113.9', port: 3333, operator: 'Example' },
    { ...SOURCE, address: '203.0.113.10', operator: 'Example' },
    { ...SOURCE, address: '2001:DB8:0:0::9', operator: 'Example' },
  ],
  programs: [
    { ...SOURCE, kind: 'miner', programs: ['xmrig', 'xmrig-*', 'SRBMiner-MULTI'] },
    { ...SOURCE, kind: 'malware', generic: true, programs: ['sysupdate'] },
    { ...SOURCE, kind: 'malware', name: 'kinsing' },
  ],
  ranges: [{ ...SOURCE, provider: 'a CDN', ranges: ['198.51.100.0/24', '2001:db8:cd::/48'] }],
};

export const SAMPLE_INTEL: CompiledIntel = compiled(SAMPLE_LISTS);

/** The intelligence of lists that are known to be good. */
export function compiled(lists: IntelLists): CompiledIntel {
  const result = compileIntel(lists);
  if ('errors' in result) throw new Error(result.errors.join('\n'));
  return result.intel;
}

/** The lists that the project ships. */
export function shippedLists(): IntelLists {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(new URL(`../../intel/${name}.json`, import.meta.url), 'utf8'));
  return {
    names: read('names'),
    addresses: read('addresses'),
    programs: read('programs'),
    ranges: read('shared-ranges'),
  };
}
