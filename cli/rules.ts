import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompiledRules, CompileOptions } from '#shared/sigma/compile.ts';
import { compileRules, type RuleFile } from '#shared/sigma/load.ts';

/**
 * Reads all `*.yml` and `*.yaml` files below the folders, each folder's in the order of their paths. Throws as the file system does
 * when a folder can't be read.
 */
export function readRuleFiles(folders: readonly string[]): readonly RuleFile[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(folder, name))
      .map((path) => ({ path, text: readFileSync(path, 'utf8') })),
  );
}

/** Reads and compiles the rules of folders: all of them with their cases, or all errors of all files. */
export function loadRules(folders: readonly string[], options: CompileOptions = {}): CompiledRules {
  return compileRules(readRuleFiles(folders), options);
}
