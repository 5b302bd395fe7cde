import type { Claims } from './place.ts';

/** OCSF class ids of the events that readers make (OCSF 1.5, https://schema.ocsf.io). */
export const CLASS = {
  base: 0,
  file: 1001,
  kernel: 1003,
  scheduledJob: 1006,
  process: 1007,
  detection: 2004,
  network: 4001,
  dns: 4003,
} as const;
export type ClassId = (typeof CLASS)[keyof typeof CLASS];

/** Where the raw record lies. Lines count from 1 in the decompressed file; of several lines, the last. */
export interface RawPointer {
  file?: string;
  line?: number;
  bucket?: string;
  key?: string;
  logGroup?: string;
  logStream?: string;
  /** CloudWatch Logs event id. */
  eventId?: string;
}

interface EventBase {
  /** Event time in milliseconds since the epoch. */
  readonly time: number;
  readonly claims: Claims;
  readonly raw: RawPointer;
  /**
   * The event's own identity, so that a duplicate is known: auditd `node/time:serial`, a log event id, a flow's
   * five-tuple with start and interface. Never empty.
   */
  readonly id: string;
  /** The log format that it came from: `auditd`, `falco`, `vpc-flow`, `resolver`, `miner-console`, `cmdline`, `domain`. */
  readonly source: string;
  /** The record was cut: what is absent may have been there. */
  readonly truncated?: true;
  /** The time was outside what the envelope allows and was moved to its border. */
  readonly clamped?: true;
}

/** A process as a record describes it: the actor of an event, or the process that was launched. */
export interface Process {
  readonly pid?: number;
  readonly parentPid?: number;
  /** Absolute path of the executable as the kernel names it. */
  readonly executable?: string;
  /** The kernel's short name (comm), cut to 15 bytes. */
  readonly name?: string;
  readonly argv?: readonly string[];
  /** True when `argv` is what execve received; false when it was split from one string that had lost its quotes. */
  readonly exact?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly parentName?: string;
  readonly parentExecutable?: string;
  readonly parentCommandLine?: string;
  /** Names of ancestors, nearest first, the parent included. */
  readonly ancestors?: readonly string[];
  readonly uid?: string;
  /** Login uid; absent when unset (4294967295, -1). */
  readonly auid?: string;
  /** Login session; absent when unset. */
  readonly session?: string;
  readonly tty?: string;
  /** systemd unit or cgroup's unit, where the record names it. */
  readonly unit?: string;
  readonly imageDigest?: string;
}

/** OCSF Process Activity, activity Launch: a program was executed (or tried to: see `success`). */
export interface ProcessActivity extends EventBase {
  readonly class: typeof CLASS.process;
  readonly process: Process;
  readonly success?: boolean;
}

/** OCSF File System Activity. Reads are events only where a reader can't tell (`unknown`). */
export interface FileActivity extends EventBase {
  readonly class: typeof CLASS.file;
  readonly activity: 'create' | 'update' | 'delete' | 'rename' | 'read' | 'unknown';
  /** Absolute where the record lets it be resolved. */
  readonly path: string;
  /** The old name of a rename. */
  readonly previousPath?: string;
  readonly actor: Process;
  readonly success?: boolean;
}

/** OCSF Scheduled Job Activity, and the start of a service: what a scheduler says that it runs. */
export interface ScheduledJob extends EventBase {
  readonly class: typeof CLASS.scheduledJob;
  readonly activity: 'create' | 'update' | 'start';
  readonly scheduler: 'cron' | 'systemd' | 'at' | 'windows';
  readonly name?: string;
  readonly command?: string;
  readonly actor: Process;
}

/** OCSF Kernel Activity: module loads and kernel log lines that name a register or a process. */
export interface KernelActivity extends EventBase {
  readonly class: typeof CLASS.kernel;
  readonly activity: 'module_load' | 'message';
  readonly name: string;
  readonly message?: string;
  readonly actor: Process;
  readonly success?: boolean;
}

export interface NetworkEndpoint {
  /** Canonical text, see `canonicalAddress`. */
  readonly ip: string;
  readonly port?: number;
}

/**
 * OCSF Network Activity: a flow record, or a connection that a runtime sensor saw. `source` and `destination` are as
 * the record orders them; `own` says which of them is the claims' own side, where the record or the reader can tell.
 */
export interface NetworkActivity extends EventBase {
  readonly class: typeof CLASS.network;
  readonly src?: NetworkEndpoint;
  readonly dst: NetworkEndpoint;
  readonly own?: 'src' | 'dst';
  /** IANA protocol number; 6 is TCP. */
  readonly protocol?: number;
  /** Union of the TCP flags of the interval. */
  readonly tcpFlags?: number;
  readonly accepted?: boolean;
  readonly bytes?: number;
  readonly packets?: number;
  /** First and last packet of the interval, milliseconds since the epoch. */
  readonly start?: number;
  readonly end?: number;
  /** Only runtime sensors know it. */
  readonly actor?: Process;
  /** The addresses before translation or of the pod (`pkt-srcaddr`, `pkt-dstaddr`), where they differ. */
  readonly packetSrc?: string;
  readonly packetDst?: string;
}

export interface DnsAnswer {
  /** A, AAAA, CNAME, … in upper case. */
  readonly type: string;
  /** A name in lower case without the trailing dot, or canonical address text. */
  readonly data: string;
}

/** OCSF DNS Activity: one query as a resolver logged it. Its time says when somebody asked, not when somebody went. */
export interface DnsActivity extends EventBase {
  readonly class: typeof CLASS.dns;
  /** As asked, in lower case, without the trailing dot; search suffixes still on it. */
  readonly query: string;
  readonly type: string;
  /** NOERROR, NXDOMAIN, … in upper case. */
  readonly rcode: string;
  readonly answers: readonly DnsAnswer[];
  /** The query came through a resolver endpoint or was blocked by DNS Firewall. */
  readonly forwarded?: true;
  readonly blocked?: true;
  readonly actor?: Process;
}

/** OCSF Detection Finding: what another product's rule said, where no finer event can be made of it. */
export interface DetectionFinding extends EventBase {
  readonly class: typeof CLASS.detection;
  readonly product: string;
  readonly rule: string;
  readonly message: string;
  readonly tags: readonly string[];
  readonly actor?: Process;
}

/** A line that a program printed. OCSF has no class of its own for it: Base Event, whose `message` it is. */
export interface ConsoleOutput extends EventBase {
  readonly class: typeof CLASS.base;
  /** Without colours and the time at its beginning. */
  readonly message: string;
}

export type Event =
  | ConsoleOutput
  | ProcessActivity
  | FileActivity
  | ScheduledJob
  | KernelActivity
  | NetworkActivity
  | DnsActivity
  | DetectionFinding;

/** The process that an event speaks of: the launched one, or the actor. */
export function processOf(event: Event): Process | undefined {
  switch (event.class) {
    case CLASS.process:
      return event.process;
    case CLASS.base:
      return undefined;
    default:
      return event.actor;
  }
}
