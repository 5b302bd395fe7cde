import { readFile } from 'node:fs/promises';
import type { Alias } from '#shared/context/identities.ts';
import { inventoryAliases } from '#shared/context/inventory.ts';
import { fileError } from './input/input-error.ts';
import { UsageError } from './usage-error.ts';

/**
 * What a file says of interfaces, as `aws ec2 describe-network-interfaces` prints it.
 * @throws UsageError for a file that can't be read or holds something else
 */
export async function readInventory(path: string): Promise<readonly Alias[]> {
  const aliases = inventoryAliases(parsed(path, await textOf(path)));
  if ('error' in aliases) throw new UsageError(`${path}: ${aliases.error}`);
  return aliases;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path}: ${fileError(path, error).message}`);
  }
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
