import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { REGION } from './account.ts';

const SCENARIOS = fileURLToPath(new URL('../../../samples/scenarios', import.meta.url));

/** One line of a log and its time in milliseconds. */
interface Line {
  readonly message: string;
  readonly timestamp: number;
}

const AUDIT = /(?<=audit\()\d+/;
const RESOLVER = /(?<="query_timestamp":")[^"]+/;

/** Lines of a scenario's file of auditd, moved so that the last was written at `end`. */
export function auditLines(path: string, end: number): readonly Line[] {
  const lines = linesOf(path);
  const seconds = lines.map((line) => Number(AUDIT.exec(line)?.[0]));
  const shift = Math.floor(end / 1000) - Math.max(...seconds);
  return lines.map((line, place) => {
    const at = (seconds[place] ?? 0) + shift;
    return { message: line.replace(AUDIT, String(at)), timestamp: at * 1000 };
  });
}

/** Lines of a scenario's resolver log, moved in the same way and into the region of the deployment. */
export function resolverLines(path: string, end: number): readonly Line[] {
  const lines = linesOf(path);
  const times = lines.map((line) => Date.parse(RESOLVER.exec(line)?.[0] ?? ''));
  const shift = end - Math.max(...times);
  return lines.map((line, place) => {
    const timestamp = (times[place] ?? 0) + shift;
    const text = `${new Date(timestamp).toISOString().slice(0, 19)}Z`;
    return {
      message: line.replace(RESOLVER, text).replace(/"region":"[^"]+"/, `"region":"${REGION}"`),
      timestamp,
    };
  });
}

/** A scenario's flow log as text, header included, moved in the same way; it holds the fields `start` and `end`. */
export function flowText(path: string, end: number): string {
  const [header = [], ...records] = linesOf(path).map((line) => line.split(' '));
  const places = ['start', 'end'].map((name) => header.indexOf(name));
  const last = Math.max(...records.map((fields) => Number(fields[places[1] ?? 0])));
  const shift = Math.floor(end / 1000) - last;
  const moved = records.map((fields) =>
    fields.map((field, place) => (places.includes(place) ? String(Number(field) + shift) : field)),
  );
  return [header, ...moved]
    .map((fields) => fields.join(' '))
    .join('\n')
    .concat('\n');
}

function linesOf(path: string): readonly string[] {
  const bytes = readFileSync(`${SCENARIOS}/${path}`);
  const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  return text.toString().trimEnd().split('\n');
}
