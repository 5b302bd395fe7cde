import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { verifyWallet } from '#shared/analyzers/wallet/wallet.ts';
import { changeRecords, changeText, linesOf, readLogs } from './logs.ts';
import { otherWallet } from './other-wallet.ts';
import { expectedOf, logsOf, scanPaths, scenarioNames } from './scenario.ts';

const ACCOUNT = { account: '111122223333', region: 'us-east-1' };

/** Replaces every old text by its new one, the longest first and none twice. */
function renamer(renames: ReadonlyMap<string, string>): (text: string) => string {
  const olds = [...renames.keys()].sort((a, b) => b.length - a.length);
  if (olds.length === 0) return (text) => text;
  const any = new RegExp(olds.map((old) => old.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(any, (old) => renames.get(old) ?? old);
}

for (const name of scenarioNames()) {
  const { findings, renames } = expectedOf(name);
  if (findings.length === 0) continue;

  test(`scenario ${name}: other names of binary, wallet, port and host change no severity`, async () => {
    const wallets = findings.flatMap((one) => one.artifacts?.['wallet'] ?? []);
    const others = wallets.map((wallet) => [wallet, otherWallet(wallet)] as const);
    for (const [wallet, other] of others) {
      assert.notEqual(other, wallet);
      assert.equal(verifyWallet(other)?.checksum, 'verified');
      assert.deepEqual(verifyWallet(other)?.coins, verifyWallet(wallet)?.coins);
    }
    const all = new Map([...Object.entries(renames), ...others]);
    assert.ok(all.size > 0);
    const rename = renamer(all);
    const folder = mkdtempSync(join(tmpdir(), 'renamed-'));
    try {
      for (const log of readLogs(logsOf(name))) {
        const lines = linesOf(log.text).map((line) => changeRecords(line, (one) => changeText(one, rename)));
        const file = join(folder, log.path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, `${lines.join('\n')}\n`, 'latin1');
      }
      const result = await scanPaths([folder], ACCOUNT);
      const severities = (of: readonly { readonly severity: string }[]): string[] =>
        of.map((one) => one.severity).sort();
      assert.deepEqual(severities(result.findings), severities(findings));
      const told = JSON.stringify(result.findings.map((one) => one.artifacts));
      for (const [wallet, other] of others) {
        assert.ok(told.includes(other), `${other} is not told`);
        assert.ok(!told.includes(wallet), `${wallet} is told`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
