import type { FileActivity } from '#shared/model/event.ts';
import type { Alert } from './alert.ts';
import { openActivity } from './open-intent.ts';

/** What an alert tells of a file. */
export type FileUse = Pick<FileActivity, 'activity' | 'path' | 'previousPath'>;

const OPENS = /^(?:open|openat|openat2|open_by_handle_at|creat)$/;
const RENAMES = /^rename(?:at|at2)?$/;
const UNLINKS = /^(?:unlink|unlinkat)$/;
const LINKS = /^(?:link|linkat|symlink|symlinkat)$/;
const WRITES = /^(?:write|writev|pwrite|pwritev|ftruncate|truncate)$/;

/** The use of a file that an alert's system call shows; `undefined` for other calls and other descriptors. */
export function fileUseOf(alert: Alert): FileUse | undefined {
  const { fields } = alert;
  const type = fields.text('evt.type');
  const opened = path(fields.text('fs.path.name', 'fd.name', 'evt.arg.name', 'evt.arg.path', 'evt.arg.filename'));
  if (type === undefined || OPENS.test(type)) {
    return opened === undefined ? undefined : { activity: openActivity(alert, type), path: opened };
  }
  if (WRITES.test(type)) return opened === undefined ? undefined : { activity: 'update', path: opened };
  if (UNLINKS.test(type)) {
    const removed = path(fields.text('fs.path.name', 'evt.arg.name', 'evt.arg.path', 'fd.name'));
    return removed === undefined ? undefined : { activity: 'delete', path: removed };
  }
  const target = path(fields.text('fs.path.target', 'evt.arg.newpath', 'evt.arg.linkpath'));
  if (RENAMES.test(type) && target !== undefined) {
    const previousPath = path(fields.text('fs.path.source', 'evt.arg.oldpath'));
    return { activity: 'rename', path: target, ...(previousPath !== undefined && { previousPath }) };
  }
  return LINKS.test(type) && target !== undefined ? { activity: 'create', path: target } : undefined;
}

/** Only absolute paths, which neither sockets nor pipes have. */
function path(text: string | undefined): string | undefined {
  return text?.startsWith('/') && !text.includes('->') ? text : undefined;
}
