import type { Fields } from './fields.ts';
import { plain, wholeNumber } from './value.ts';

/** What a system call does, as far as events tell it apart. */
export type CallKind =
  | 'exec'
  | 'open'
  | 'rename'
  | 'remove'
  | 'make'
  | 'link'
  | 'change'
  | 'look'
  | 'connect'
  | 'send'
  | 'load-module';

/**
 * Name, kind, and the numbers on x86_64, aarch64, i386 and arm (EABI), as the tables of the audit library have them
 * (lib/*_table.h); 0 where the machine has no such call, for none of these is number 0 anywhere.
 */
const CALLS: readonly (readonly [string, CallKind, number, number, number, number])[] = [
  ['execve', 'exec', 59, 221, 11, 11],
  ['execveat', 'exec', 322, 281, 358, 387],
  ['open', 'open', 2, 0, 5, 5],
  ['creat', 'open', 85, 0, 8, 8],
  ['openat', 'open', 257, 56, 295, 322],
  ['openat2', 'open', 437, 437, 437, 437],
  ['rename', 'rename', 82, 0, 38, 38],
  ['renameat', 'rename', 264, 38, 302, 329],
  ['renameat2', 'rename', 316, 276, 353, 382],
  ['unlink', 'remove', 87, 0, 10, 10],
  ['unlinkat', 'remove', 263, 35, 301, 328],
  ['rmdir', 'remove', 84, 0, 40, 40],
  ['symlink', 'link', 88, 0, 83, 83],
  ['symlinkat', 'link', 266, 36, 304, 331],
  ['link', 'link', 86, 0, 9, 9],
  ['linkat', 'link', 265, 37, 303, 330],
  ['mknod', 'make', 133, 0, 14, 14],
  ['mknodat', 'make', 259, 33, 297, 324],
  ['mkdir', 'make', 83, 0, 39, 39],
  ['mkdirat', 'make', 258, 34, 296, 323],
  ['chmod', 'change', 90, 0, 15, 15],
  ['fchmod', 'change', 91, 52, 94, 94],
  ['fchmodat', 'change', 268, 53, 306, 333],
  ['fchmodat2', 'change', 452, 452, 452, 452],
  ['chown', 'change', 92, 0, 182, 182],
  ['chown32', 'change', 0, 0, 212, 212],
  ['lchown', 'change', 94, 0, 16, 16],
  ['lchown32', 'change', 0, 0, 198, 198],
  ['fchown', 'change', 93, 55, 95, 95],
  ['fchown32', 'change', 0, 0, 207, 207],
  ['fchownat', 'change', 260, 54, 298, 325],
  ['setxattr', 'change', 188, 5, 226, 226],
  ['lsetxattr', 'change', 189, 6, 227, 227],
  ['fsetxattr', 'change', 190, 7, 228, 228],
  ['removexattr', 'change', 197, 14, 235, 235],
  ['lremovexattr', 'change', 198, 15, 236, 236],
  ['fremovexattr', 'change', 199, 16, 237, 237],
  ['truncate', 'change', 76, 45, 92, 92],
  ['truncate64', 'change', 0, 0, 193, 193],
  ['ftruncate', 'change', 77, 46, 93, 93],
  ['ftruncate64', 'change', 0, 0, 194, 194],
  ['utime', 'change', 132, 0, 30, 30],
  ['utimes', 'change', 235, 0, 271, 269],
  ['futimesat', 'change', 261, 0, 299, 326],
  ['utimensat', 'change', 280, 88, 320, 348],
  ['stat', 'look', 4, 0, 106, 106],
  ['lstat', 'look', 6, 0, 107, 107],
  ['stat64', 'look', 0, 0, 195, 195],
  ['lstat64', 'look', 0, 0, 196, 196],
  ['newfstatat', 'look', 262, 79, 0, 0],
  ['fstatat64', 'look', 0, 0, 300, 327],
  ['statx', 'look', 332, 291, 383, 397],
  ['access', 'look', 21, 0, 33, 33],
  ['faccessat', 'look', 269, 48, 307, 334],
  ['faccessat2', 'look', 439, 439, 439, 439],
  ['readlink', 'look', 89, 0, 85, 85],
  ['readlinkat', 'look', 267, 78, 305, 332],
  ['statfs', 'look', 137, 43, 99, 99],
  ['chdir', 'look', 80, 49, 12, 12],
  ['getxattr', 'look', 191, 8, 229, 229],
  ['lgetxattr', 'look', 192, 9, 230, 230],
  ['listxattr', 'look', 194, 11, 232, 232],
  ['llistxattr', 'look', 195, 12, 233, 233],
  ['connect', 'connect', 42, 203, 362, 283],
  ['sendto', 'send', 44, 206, 369, 290],
  ['sendmsg', 'send', 46, 211, 370, 296],
  ['init_module', 'load-module', 175, 105, 128, 128],
  ['finit_module', 'load-module', 313, 273, 350, 379],
];

/** `arch=` as the kernel prints it (AUDIT_ARCH_*, include/uapi/linux/audit.h) and as tools name it; column of its numbers. */
const ARCHITECTURES: ReadonlyMap<string, 2 | 3 | 4 | 5> = new Map([
  ['c000003e', 2],
  ['x86_64', 2],
  ['c00000b7', 3],
  ['aarch64', 3],
  ['40000003', 4],
  ['i386', 4],
  ['40000028', 5],
  ['arm', 5],
]);

const KINDS: ReadonlyMap<string, CallKind> = new Map(CALLS.map(([name, kind]) => [name, kind]));
const NAMES: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map(
  ([2, 3, 4, 5] as const).map((column) => [
    column,
    new Map(CALLS.filter((call) => call[column] !== 0).map((call) => [call[column], call[0]])),
  ]),
);

/** The bit that marks the x32 calls of x86_64, and the two of these that have a number of their own. */
const X32_BIT = 0x4000_0000;
const X32_NAMES: ReadonlyMap<number, string> = new Map([
  [520, 'execve'],
  [545, 'execveat'],
]);
/** i386's and arm's old gate to all socket calls, and the first argument that means connect (linux/net.h). */
const SOCKET_CALL = 102;
const SOCKET_CALL_CONNECT = 3;
const SOCKET_CALL_SENDTO = 11;

/** `uring_op=` of a URINGOP record (lib/uringop_table.h of the audit library) by the call that does the same. */
const RING_OPERATIONS: ReadonlyMap<number, string> = new Map([
  [9, 'sendmsg'],
  [16, 'connect'],
  [18, 'openat'],
  [28, 'openat2'],
  [35, 'renameat'],
  [36, 'unlinkat'],
  [37, 'mkdirat'],
  [38, 'symlinkat'],
  [39, 'linkat'],
  [41, 'fsetxattr'],
  [42, 'setxattr'],
  [44, 'getxattr'],
  [48, 'sendmsg'],
]);

export interface SystemCall {
  readonly name: string;
  readonly kind: CallKind;
}

/**
 * The call that a SYSCALL record tells of: by the translation where it has one, else by number, which means something
 * only together with the architecture (59 is execve on x86_64 and pipe2 on aarch64). `undefined` for calls that give no
 * event of their own kind.
 */
export function systemCall(fields: Fields): SystemCall | undefined {
  const translated = plain(fields, 'SYSCALL');
  return named(translated) ?? named(nameByNumber(fields)) ?? named(plain(fields, 'syscall'));
}

/** The call whose work a URINGOP record tells of. */
export function ringOperation(fields: Fields): SystemCall | undefined {
  const number = wholeNumber(fields, 'uring_op');
  const byNumber = number === undefined ? undefined : RING_OPERATIONS.get(number);
  return named(plain(fields, 'URING_OP')) ?? named(byNumber) ?? named(plain(fields, 'uring_op'));
}

function named(name: string | undefined): SystemCall | undefined {
  const kind = name === undefined ? undefined : KINDS.get(name);
  return name === undefined || kind === undefined ? undefined : { name, kind };
}

function nameByNumber(fields: Fields): string | undefined {
  const number = wholeNumber(fields, 'syscall');
  const column = ARCHITECTURES.get(plain(fields, 'arch')?.toLowerCase() ?? '');
  if (number === undefined || column === undefined) return undefined;
  if (column === 2 && number >= X32_BIT) {
    return X32_NAMES.get(number - X32_BIT) ?? NAMES.get(column)?.get(number - X32_BIT);
  }
  if (column >= 4 && number === SOCKET_CALL) return socketCall(plain(fields, 'a0'));
  return NAMES.get(column)?.get(number);
}

function socketCall(which: string | undefined): string | undefined {
  const number = Number.parseInt(which ?? '', 16);
  if (number === SOCKET_CALL_CONNECT) return 'connect';
  return number === SOCKET_CALL_SENDTO ? 'sendto' : undefined;
}
