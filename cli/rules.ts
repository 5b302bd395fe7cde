import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompiledRules, CompileOptions } from '#shared/sigma/compile.ts';
import { compileRules, type RuleFile } from '#shared/sigma/load.ts';
import { fileError } from './input/input-error.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads all `*.yml` and `*.yaml` files below the folders, each folder's in the order of their paths.
 * @throws UsageError for a folder or file that can't be read
 */
export function readRuleFiles(folders: readonly string[]): readonly RuleFile[] {
  return folders.flatMap(rulePaths).map((path) => ({ path, text: told(path, () => readFileSync(path, 'utf8')) }));
}

/**
 * Checks that each of a user's folders holds a rule: a wrong folder would look as if its rules found nothing.
 * @throws UsageError for the first that does not
 */
export function checkRuleFolders(folders: readonly string[]): void {
  for (const folder of folders) {
    if (rulePaths(folder).length === 0) throw new UsageError(`${folder}: no rule in this folder (*.yml, *.yaml)`);
  }
}

function rulePaths(folder: string): readonly string[] {
  return told(folder, () => readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function told<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${path}: ${fileError(path, error).message}`);
  }
}

/** Reads and compiles the rules of folders: all of them with their cases, or all errors of all files. */
export function loadRules(folders: readonly string[], options: CompileOptions = {}): CompiledRules {
  return compileRules(readRuleFiles(folders), options);
}
