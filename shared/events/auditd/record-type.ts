/**
 * The record types that events are made of, by their numbers in the kernel's audit interface (include/uapi/linux/audit.h)
 * and in the audit library (lib/audit-records.h). `other`: a record that is read, counted and joined to its event only.
 */
export const TYPE = {
  other: 0,
  userCommand: 1123,
  serviceStart: 1130,
  syscall: 1300,
  path: 1302,
  socketAddress: 1306,
  workingDirectory: 1307,
  execArguments: 1309,
  endOfEvent: 1320,
  seccomp: 1326,
  processTitle: 1327,
  kernelModule: 1330,
  ringOperation: 1336,
  openHow: 1337,
  abnormalEnd: 1701,
} as const;
export type RecordType = (typeof TYPE)[keyof typeof TYPE];

const NAMED: readonly (readonly [string, RecordType])[] = [
  ['USER_CMD', TYPE.userCommand],
  ['SERVICE_START', TYPE.serviceStart],
  ['SYSCALL', TYPE.syscall],
  ['PATH', TYPE.path],
  ['SOCKADDR', TYPE.socketAddress],
  ['CWD', TYPE.workingDirectory],
  ['EXECVE', TYPE.execArguments],
  ['EOE', TYPE.endOfEvent],
  ['SECCOMP', TYPE.seccomp],
  ['PROCTITLE', TYPE.processTitle],
  ['KERN_MODULE', TYPE.kernelModule],
  ['URINGOP', TYPE.ringOperation],
  ['OPENAT2', TYPE.openHow],
  ['ANOM_ABEND', TYPE.abnormalEnd],
];
const LONGEST_NAME = 13;

interface Name {
  readonly bytes: Buffer;
  readonly type: RecordType;
}

const BY_LENGTH: readonly (readonly Name[])[] = Array.from({ length: LONGEST_NAME + 1 }, (_, length) =>
  NAMED.filter(([name]) => name.length === length).map(([name, type]) => ({ bytes: Buffer.from(name), type })),
);
const BY_NUMBER: ReadonlyMap<number, RecordType> = new Map(NAMED.map(([, type]) => [type, type]));

/**
 * The type named by bytes [from, to): a name, a bare number as the kernel's own log prints it, or `UNKNOWN[1337]` as an
 * older library prints a newer record.
 */
export function recordType(bytes: Uint8Array, from: number, to: number): RecordType {
  const names = BY_LENGTH[to - from];
  if (names !== undefined) {
    for (const name of names) if (equals(bytes, from, name.bytes)) return name.type;
  }
  let at = from;
  while (at < to && !isDigit(bytes[at] as number)) at += 1;
  if (at > from && bytes[at - 1] !== 0x5b) return TYPE.other;
  let number = 0;
  for (; at < to && number < 10_000 && isDigit(bytes[at] as number); at += 1) {
    number = number * 10 + (bytes[at] as number) - 48;
  }
  return BY_NUMBER.get(number) ?? TYPE.other;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function equals(bytes: Uint8Array, from: number, wanted: Buffer): boolean {
  for (let index = 0; index < wanted.length; index += 1) {
    if (bytes[from + index] !== wanted[index]) return false;
  }
  return true;
}
