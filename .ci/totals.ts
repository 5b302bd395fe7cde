/**
 * Reads the totals that node's test runner printed. With a minimum: fails on fewer tests (a pattern that matches nothing
 * passes silently), and on any skipped or todo test. With several logs: prints the closing line of the whole run.
 */
import { readFileSync } from 'node:fs';

function totals(path: string): Map<string, number> {
  const text = readFileSync(path, 'utf8');
  return new Map([...text.matchAll(/^ℹ (\w+) (\d+)$/gm)].map(([, name = '', count = '0']) => [name, Number(count)]));
}

const [first = '', second = ''] = process.argv.slice(2);
if (/^\d+$/.test(second)) {
  const found = totals(first);
  const problems = [
    (found.get('pass') ?? 0) < Number(second) ? `${found.get('pass') ?? 0} tests passed, at least ${second} must` : '',
    ...['fail', 'cancelled', 'skipped', 'todo'].map((kind) =>
      (found.get(kind) ?? 0) > 0 ? `${found.get(kind)} ${kind}` : '',
    ),
  ].filter((problem) => problem !== '');
  for (const problem of problems) process.stderr.write(`${first}: ${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} else {
  const sum = (kind: string): number =>
    process.argv.slice(2).reduce((all, path) => all + (totals(path).get(kind) ?? 0), 0);
  process.stdout.write(`${sum('pass')} passed, ${sum('fail')} failed\n`);
}
