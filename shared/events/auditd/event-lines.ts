import { startsWith } from '#shared/events/byte-lines.ts';
import { Header } from './header.ts';
import type { RecentLine, RecentLines } from './recent-lines.ts';
import { TYPE } from './record-type.ts';

/** Reads the headers of remembered lines; kept apart from the header of the line at hand. */
const remembered = new Header();

type EventKey = Readonly<Pick<Header, 'keyFrom' | 'keyTo' | 'nodeFrom' | 'nodeTo'>>;

/** Whether two lines are of one event: the same node and the same key, byte for byte. */
export function sameEvent(a: Uint8Array, aHeader: EventKey, b: Uint8Array, bHeader: EventKey): boolean {
  return (
    equal(a, aHeader.keyFrom, aHeader.keyTo, b, bHeader.keyFrom, bHeader.keyTo) &&
    equal(a, aHeader.nodeFrom, aHeader.nodeTo, b, bHeader.nodeFrom, bHeader.nodeTo)
  );
}

function equal(a: Uint8Array, from: number, to: number, b: Uint8Array, otherFrom: number, otherTo: number): boolean {
  if (to - from !== otherTo - otherFrom) return false;
  for (let index = 0; index < to - from; index += 1) if (a[from + index] !== b[otherFrom + index]) return false;
  return true;
}

/** Calls `visit` with each remembered line of the event whose header this is, newest first. */
export function eachEarlier(
  bytes: Buffer,
  header: Header,
  recent: RecentLines,
  visit: (line: RecentLine, lineHeader: Header) => void,
): void {
  recent.find(header.hash, (line) => {
    if (
      remembered.scan(line.bytes, line.from, line.to) === 'record' &&
      sameEvent(bytes, header, line.bytes, remembered)
    ) {
      visit(line, remembered);
    }
    return false;
  });
}

/** The value of `cwd=`, with its quotes, in the remembered lines of the event; `undefined` where none brought it. */
export function workingDirectoryRange(
  bytes: Buffer,
  header: Header,
  recent: RecentLines,
): { readonly bytes: Buffer; readonly from: number; readonly to: number } | undefined {
  let found: { bytes: Buffer; from: number; to: number } | undefined;
  recent.find(header.hash, (line) => {
    if (line.type !== TYPE.workingDirectory) return false;
    if (remembered.scan(line.bytes, line.from, line.to) !== 'record') return false;
    if (!sameEvent(bytes, header, line.bytes, remembered)) return false;
    const from = remembered.bodyFrom;
    if (!startsWith(line.bytes, from, line.to, 'cwd=')) return false;
    found = { bytes: line.bytes, from: from + 4, to: line.to };
    return true;
  });
  return found;
}
