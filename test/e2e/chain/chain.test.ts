import { after, before, describe } from 'node:test';
import { missingJava } from '../dynamodb-local.ts';
import { correlators } from './correlators.ts';
import { failing } from './failures.ts';
import { kills } from './kills.ts';
import { replay } from './replay.ts';
import { severities } from './severities.ts';
import { Suite } from './suite.ts';

describe('the deployed chain', { skip: missingJava() }, () => {
  let opened: Suite | undefined;
  const suite = (): Suite => {
    if (opened === undefined) throw new Error('the suite is not open');
    return opened;
  };

  before(async () => {
    opened = await Suite.open();
  });
  after(() => opened?.close());

  severities(suite);
  replay(suite);
  kills(suite);
  correlators(suite);
  failing(suite);
});
