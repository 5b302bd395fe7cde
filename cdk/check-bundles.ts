import type { Metafile } from 'esbuild';
import { bundleFunctions, FUNCTIONS, type FunctionName } from './bundling.ts';

/**
 * Largest size of each function's minified code in KB (1,000 bytes), some tenth above what it is: a package that comes
 * in unseen costs each cold start. Raise one only with the reason in the commit. Of each classifier, EC2's client is 860:
 * it is run when it is first needed, and so kept whole.
 */
export const BUDGET_KB: Readonly<Record<FunctionName, number>> = {
  'classify-runtime': 2200,
  'classify-flow': 2150,
  'classify-dns': 2150,
  correlate: 760,
  sweep: 535,
  'notify-slack': 510,
  'import-security-hub': 705,
  'notify-chat': 480,
  'reconcile-subscriptions': 470,
};

/** What the command line and the build need and no function does. */
const UNWANTED =
  /node_modules\/(?:aws-cdk-lib|aws-xray-sdk[^/]*|cli-[^/]+|commander|dynalite|esbuild|fast-check|re2js|yaml|zod)\/|^(?:bench|cdk|cli|test)\//;

/** Files in the bundles that must not be there, by their paths from the project's folder. */
export function unwantedInputs({ outputs }: Metafile): readonly string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  return [...new Set(inputs)].filter((path) => UNWANTED.test(path)).sort();
}

/** Bytes of each function's code; source maps do not count, Lambda reads them only to show an error. */
export function bundleSizes({ outputs }: Metafile): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const [path, { bytes }] of Object.entries(outputs)) {
    const name = /([^/]+)\/index\.mjs$/.exec(path)?.[1];
    if (name !== undefined) sizes.set(name, bytes);
  }
  return sizes;
}

/** What is wrong with the bundles, one line each. */
export function bundleFaults(metafile: Metafile, budget: Readonly<Record<string, number>> = BUDGET_KB): string[] {
  const sizes = bundleSizes(metafile);
  const faults = unwantedInputs(metafile).map((path) => `${path} must not be in a function's bundle`);
  for (const [name, limit] of Object.entries(budget)) {
    const bytes = sizes.get(name);
    const kilobytes = (bytes ?? 0) / 1000;
    if (bytes === undefined) faults.push(`${name}: there is no bundle of it`);
    if (kilobytes > limit) faults.push(`${name}: ${kilobytes.toFixed(1)} KB are more than the budget of ${limit} KB`);
  }
  return faults;
}

if (import.meta.main) {
  const metafile = await bundleFunctions(FUNCTIONS);
  for (const [name, bytes] of bundleSizes(metafile)) {
    const budget = BUDGET_KB[name as FunctionName];
    process.stdout.write(`${name.padEnd(24)} ${(bytes / 1000).toFixed(1).padStart(7)} KB of ${budget} KB\n`);
  }
  const faults = bundleFaults(metafile);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
