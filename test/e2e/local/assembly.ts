import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STACK } from './account.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CDK = fileURLToPath(import.meta.resolve('aws-cdk/bin/cdk'));

/** A synthesized stack: its template and the bundles of its functions. */
export interface Assembly {
  readonly folder: string;
  readonly template: string;
  remove(): void;
}

/**
 * Synthesizes the stack of a configuration as `cdk synth` does, bundles included, into a folder of its own.
 * @throws Error with what the synthesis said
 */
export function synthesize(config: unknown): Assembly {
  const folder = mkdtempSync(join(tmpdir(), 'davylamp-e2e-'));
  const [file, output] = [join(folder, 'davylamp.config.json'), join(folder, 'cdk.out')];
  writeFileSync(file, JSON.stringify(config));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [CDK, 'synth', '--quiet', '--output', output, '-c', `config=${file}`],
    // The app is started as `node`, which must be this one.
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` },
    },
  );
  if (status !== 0) throw new Error(`the stack can't be synthesized:\n${stdout}${stderr}`);
  return {
    folder: output,
    template: join(output, `${STACK}.template.json`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
