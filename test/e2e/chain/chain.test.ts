import { after, before, describe } from 'node:test';
import { missingJava } from '../dynamodb-local.ts';
import { alarms } from './alarms.ts';
import { channels } from './channels.ts';
import { correlators } from './correlators.ts';
import { digest } from './digest.ts';
import { episodeEnd } from './episode-end.ts';
import { escalation } from './escalation.ts';
import { failing } from './failures.ts';
import { identity } from './identity.ts';
import { kills } from './kills.ts';
import { killsAmidSummaries } from './kills-summaries.ts';
import { objects } from './objects.ts';
import { policies } from './policies.ts';
import { reconciler } from './reconciler.ts';
import { replay } from './replay.ts';
import { setAside } from './set-aside.ts';
import { severities } from './severities.ts';
import { stormOf300 } from './storm.ts';
import { Suite } from './suite.ts';
import { testChain } from './test-chain.ts';

describe('the deployed chain', { skip: missingJava() }, () => {
  let opened: Suite | undefined;
  const suite = (): Suite => {
    if (opened === undefined) throw new Error('the suite is not open');
    return opened;
  };

  before(async () => {
    opened = await Suite.open();
  });
  after(async () => {
    // Where the last test is not among those that were asked for.
    await opened?.release();
    opened?.close();
  });

  severities(suite);
  replay(suite);
  kills(suite);
  killsAmidSummaries(suite);
  digest(suite);
  stormOf300(suite);
  reconciler(suite);
  // From here on, one deployment is shared.
  for (const tests of [escalation, objects, testChain, correlators, identity, failing, channels, episodeEnd])
    tests(suite);
  for (const tests of [setAside, alarms]) tests(suite);
  policies(suite);
});
