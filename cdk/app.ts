import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { CONFIG_FILE, ConfigError, readConfig } from './config.ts';
import { DavylampStack } from './stack.ts';

/** Another file than `davylamp.config.json` is named by `-c config=FILE`. */
function main(): void {
  const app = new App();
  const named: unknown = app.node.tryGetContext('config');
  const config = readConfig(typeof named === 'string' ? named : CONFIG_FILE);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const account = config.account ?? process.env['CDK_DEFAULT_ACCOUNT'];
  const region = config.region ?? process.env['CDK_DEFAULT_REGION'];
  new DavylampStack(app, 'davylamp', {
    config,
    description: 'davylamp: finds cryptomining attack chains in logs',
    terminationProtection: config.retainTable,
    env: { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) },
  });
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
