import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** A log file of a scenario, inflated. */
export interface Log {
  /** Below the folder that was read, with `/` between its parts and without `.gz`. */
  readonly path: string;
  readonly text: string;
}

/** Every log file below a folder. Bytes are kept as latin1 text, so that any line survives. */
export function readLogs(folder: string): Log[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => {
      const bytes = readFileSync(file);
      const path = file.slice(folder.length + 1).replaceAll('\\', '/');
      return path.endsWith('.gz')
        ? { path: path.slice(0, -3), text: gunzipSync(bytes).toString('latin1') }
        : { path, text: bytes.toString('latin1') };
    });
}

/** The lines of a text, without the empty one after the last line end. */
export const linesOf = (text: string): string[] => (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');

type Change = (line: string) => string;

/** Changes the text of each record, also of those that lie packed in the deliveries of a subscription. */
export function changeRecords(line: string, change: Change): string {
  if (line.startsWith('{"awslogs"')) return changePacked(line, change);
  if (line.startsWith('{"Records"')) return changePacked(line, change);
  return change(line);
}

/** A delivery: each `data` member is base64 of a gzipped payload. */
function changePacked(line: string, change: Change): string {
  return line.replace(/"data":"([^"]*)"/g, (_, data: string) => {
    const payload = gunzipSync(Buffer.from(data, 'base64')).toString('utf8');
    const changed = JSON.stringify(changeMessages(JSON.parse(payload), change));
    return `"data":"${gzipSync(changed).toString('base64')}"`;
  });
}

function changeMessages(payload: unknown, change: Change): unknown {
  const { logEvents, ...head } = payload as { logEvents: readonly { readonly message: string }[] };
  return { ...head, logEvents: logEvents.map((event) => ({ ...event, message: change(event.message) })) };
}

/** Hexadecimal values of auditd's fields; kernel strings with a blank are written so (kernel/audit.c). */
const HEX_FIELD = /(?<==)(?:[0-9A-F]{2}){4,}(?=[ \n\u001d]|$)/g;

/** Changes text, and what auditd wrote in hexadecimal. */
export function changeText(line: string, change: Change): string {
  const outside = change(line);
  if (!/\btype=(?:EXECVE|PROCTITLE|PATH|USER_CMD|SYSCALL)/.test(line)) return outside;
  return outside.replace(HEX_FIELD, (hex) => {
    const text = Buffer.from(hex, 'hex').toString('latin1');
    const changed = change(text);
    return changed === text ? hex : Buffer.from(changed, 'latin1').toString('hex').toUpperCase();
  });
}

/** All text of the logs of a folder, packed payloads and hexadecimal fields opened beside what they stand for. */
export function decodedText(folder: string): string {
  const found: string[] = [];
  const note: Change = (text) => {
    found.push(text);
    return text;
  };
  for (const { text } of readLogs(folder))
    for (const line of linesOf(text)) changeRecords(line, (one) => changeText(one, note));
  // Pieces of a long argument lie in records of their own.
  const pieces = [...found.join('\n').matchAll(/a\d{1,3}\[\d{1,3}\]=((?:[0-9A-F]{2})+)/g)].map(
    (match) => match[1] ?? '',
  );
  const whole = Buffer.from(pieces.join(''), 'hex').toString('latin1');
  const opened = [...whole.matchAll(/[A-Za-z0-9+/]{40,}={0,2}/g)].map(([text]) =>
    Buffer.from(text, 'base64').toString(),
  );
  return [...found, whole, ...opened].join('\n');
}
