import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expand } from '#shared/classify/expand.ts';
import { compileRuleDocuments, forBundle } from '#shared/sigma/compile.ts';
import { parseRules } from '#shared/sigma/load.ts';

const SHIPPED = fileURLToPath(new URL('../rules', import.meta.url));

/**
 * Writes `rules.json` into the folder of a function's bundle: the shipped rules and those of further folders as parsed
 * documents, so that no bundle holds a YAML parser. A rule with a fault stops the build, not the function.
 * @param target an existing folder, beside whose `index.mjs` the function looks for the file
 * @throws Error with every fault, each with file, line and column
 */
export function writeRules(target: string, folders: readonly string[] = []): void {
  const files = [SHIPPED, ...folders].flatMap((folder) =>
    globSync('**/*.{yml,yaml}', { cwd: folder })
      .sort()
      .map((name) => ({ path: name, text: readFileSync(join(folder, name), 'utf8') })),
  );
  const { documents, errors } = parseRules(files);
  const compiled = compileRuleDocuments(documents, { expand }, errors);
  if ('errors' in compiled) {
    throw new Error(compiled.errors.map((one) => `${one.path}:${one.line}:${one.column}: ${one.message}`).join('\n'));
  }
  writeFileSync(join(target, 'rules.json'), JSON.stringify(documents.map(forBundle)));
}

if (import.meta.main) {
  const [, , target, ...folders] = argv;
  if (target === undefined) throw new Error('usage: bundle-rules.ts TARGET-FOLDER [RULE-FOLDER…]');
  writeRules(target, folders);
}
