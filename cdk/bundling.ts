import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

/** The functions of the stack, by the file in `functions/` that each is made of. */
export const FUNCTIONS = [
  'classify-runtime',
  'classify-flow',
  'classify-dns',
  'correlate',
  'sweep',
  'notify-slack',
  'import-security-hub',
  'notify-chat',
  'reconcile-subscriptions',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** How the stack bundles each function, and how everything does that looks at bundles. */
export const BUNDLING = {
  minify: true,
  sourceMap: true,
  sourcesContent: false,
  // The packages' ES modules: esbuild can shake them, and none of them calls `require`, which an ES module has not.
  mainFields: ['module', 'main'],
};

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles functions as the stack does, without the stack.
 * @param target gets a folder for each function with its `index.mjs`; without it nothing is written
 * @returns what each bundle is made of, with paths from the project's folder
 */
export async function bundleFunctions(names: readonly FunctionName[], target?: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: names.map((name) => ({ in: join(ROOT, 'functions', `${name}.ts`), out: `${name}/index` })),
    absWorkingDir: ROOT,
    write: target !== undefined,
    outdir: target ?? ROOT,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: BUNDLING.minify,
    sourcemap: BUNDLING.sourceMap,
    sourcesContent: BUNDLING.sourcesContent,
    mainFields: BUNDLING.mainFields,
    logLevel: 'error',
  });
  return metafile;
}
