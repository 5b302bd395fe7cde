import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
}
interface Lockfile {
  readonly packages: Record<string, { version?: string; integrity?: string; optional?: boolean }>;
}

const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const lockfile: Lockfile = JSON.parse(readFileSync('package-lock.json', 'utf8'));

test('every dependency is pinned to one version', () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  for (const [name, version] of Object.entries(all)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

test('the lockfile brings Node 24 for five platforms, with integrity', () => {
  const platforms = Object.keys(manifest.optionalDependencies).filter((name) => name.startsWith('node-'));
  assert.equal(platforms.length, 5);
  for (const name of platforms) {
    const locked = lockfile.packages[`node_modules/${name}`];
    assert.equal(locked?.version, manifest.optionalDependencies[name], name);
    assert.match(locked?.version ?? '', /^24\./, name);
    assert.match(locked?.integrity ?? '', /^sha512-/, name);
    assert.equal(locked?.optional, true, name);
  }
});

test('this very test runs on it', () => {
  assert.match(process.version, /^v24\./);
});
