import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import { artifact } from '#shared/model/place.ts';
import { listedMiner } from '../miner/actor.ts';
import { makeGate } from '../miner/gate.ts';
import { actsOf } from './acts.ts';

const NEEDLES = ['cpulimit'];
const gate = makeGate(NEEDLES, true);

/** `cpulimit -e xmrig -l 70`: a miner is kept below the load that somebody would notice. */
export const limitedMiner: Analyzer = {
  id: 'limited_miner',
  version: 1,
  title: "Miner's processor share limited",
  group: 'system_optimization',
  technique: 'T1496.001',
  classes: [CLASS.process],
  needles: NEEDLES,
  decide(event, intel) {
    if (event.class !== CLASS.process) return [];
    for (const { name, words } of actsOf(event.process, gate)) {
      if (name !== 'cpulimit') continue;
      const entry = words
        .map((word) => listedMiner(word.replace(/^--?[a-z]{1,4}=/, ''), intel))
        .find((one) => one !== undefined);
      if (entry !== undefined) {
        return [
          {
            strength: 'strong',
            artifacts: [artifact('miner', entry.name)],
            why: `limits the listed program ${entry.name}`,
          },
        ];
      }
    }
    return [];
  },
};
