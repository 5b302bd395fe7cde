import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from './input/temporary-folder.ts';

/** The fields of a finding's JSON that tests of the command look at. */
export interface FindingJson {
  readonly id: string;
  readonly severity: string;
  readonly rises: readonly { readonly severity: string; readonly at: string }[];
  readonly place: {
    readonly account: string;
    readonly region: string;
    readonly host: string;
    readonly scope: string;
  };
  readonly groups: Readonly<Record<string, { readonly strength: string; readonly rules: readonly string[] }>>;
  readonly artifacts: Readonly<Record<string, readonly string[]>>;
  readonly evidence: readonly {
    readonly rule: string;
    readonly samples: readonly {
      readonly source: string;
      readonly raw: { readonly file?: string; readonly line?: number };
    }[];
  }[];
  readonly coverage: { readonly sources: readonly { readonly format: string; readonly records: number }[] };
}

/** Findings of `scan --json`: each line must be one JSON object. */
export function findingsOf(stdout: string): readonly FindingJson[] {
  assert.ok(stdout === '' || stdout.endsWith('\n'));
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line): FindingJson => JSON.parse(line));
}

/** The only finding. */
export function onlyFinding(stdout: string): FindingJson {
  const findings = findingsOf(stdout);
  const [finding] = findings;
  assert.equal(findings.length, 1);
  assert.ok(finding);
  return finding;
}

/** Writes files into a folder that is removed when the test ends; gives the folder. */
export function folderOf(context: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = temporaryFolder(context);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
