/** Longest line that is looked at, in bytes: what miners print fits a terminal. */
const MAX_CONSOLE_LINE = 2048;

/** A line that a miner printed, without colours and blanks at its ends. */
export interface ConsoleLine {
  /** Without the time in brackets. */
  readonly text: string;
  /** The time that the miner wrote, milliseconds since the epoch if its clock shows UTC, as containers' clocks do. */
  readonly written?: number;
}

/** Select Graphic Rendition (ECMA-48, 8.3.117): the colours, which XMRig writes to pipes too. */
const COLOURS = /\u001b\[[\d;]{0,24}m/g;
/** `[2026-11-20 21:33:58.123]` of XMRig (src/base/io/log/Log.cpp), without milliseconds in older ones and in cpuminer. */
const TIMED = /^\[(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?\]\s{1,8}(\S.*)$/;
/** The rows of XMRig's banner (src/Summary.cpp, src/base/kernel/Entry.cpp) and of its forks. */
const BANNER =
  /^\* (?:ABOUT|VERSIONS?|LIBS|HUGE PAGES|1GB PAGES|CPU(?: L2\/L3)?|MEMORY|DONATE|ASSEMBLY|POOL #\d{1,3}|THREADS|ALGO|OPENCL(?: GPU)?|CUDA(?: GPU)?|COMMANDS)(?::| {2,})/;
/** What XMRig says of its work, behind the tag of the part that speaks (src/base/net, src/backend, src/crypto/rx). */
const XMRIG =
  /^(?:(?:net|cpu|miner|msr|randomx|opencl|cuda|nvidia|config|origin|proxy)\s{1,12})?(?:use (?:pool|daemon|profile|self-select)\s|new job from |accepted \(\d|rejected \(\d|speed \d{1,3}(?:\.\d)?s\/|READY [(t]|register values for |FAILED TO APPLY MSR|cannot (?:read|set) MSR |msr kernel module |init dataset |allocated \d{1,7} MB |dataset ready |no active pools|configuration saved to|\S{1,255}:\d{1,5} connect error|\S{1,255}:\d{1,5} read error)/;
/** What cpuminer and its forks say (pooler/cpuminer, cpu-miner.c). */
const CPUMINER =
  /^(?:Starting Stratum on |Stratum (?:difficulty set to|connection failed|authentication failed|requested work restart)|\d{1,4} miner threads started, using |accepted: \d{1,9}\/\d{1,9} \(|thread \d{1,4}: \d{1,12} hashes, )/;
/** A miner that names itself and its version alone on a line, as most do first. */
const SELF =
  /^(?:XMRig(?:-[A-Za-z]{1,12})?\/\d|cpuminer(?:-[a-z]{1,12})? \d|SRBMiner-MULTI \d|lolMiner \d|T-Rex NVIDIA GPU miner v\d|NBMiner \d|GMiner v?\d|nanominer v?\d|TeamRedMiner version \d|Team Red Miner version \d|BzMiner v?\d)/;

/** Reads bytes [from, to) as a line that a miner printed; `undefined` for any other. */
export function consoleLine(bytes: Buffer, from: number, to: number): ConsoleLine | undefined {
  if (to - from > MAX_CONSOLE_LINE) return undefined;
  const text = bytes.toString('utf8', from, to).replace(COLOURS, '').trim();
  if (text.startsWith('[')) return timedLine(text);
  return BANNER.test(text) || SELF.test(text) ? { text } : undefined;
}

function timedLine(line: string): ConsoleLine | undefined {
  const [, year, month, day, hour, minute, second, thousandths, said = ''] = TIMED.exec(line) ?? [];
  if (!XMRIG.test(said) && !CPUMINER.test(said)) return undefined;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number);
  if (y === undefined || mo === undefined || d === undefined || d > 31 || mo < 1 || mo > 12) return undefined;
  if (h === undefined || mi === undefined || s === undefined || h > 23 || mi > 59 || s > 60) return undefined;
  return { text: said, written: Date.UTC(y, mo - 1, d, h, mi, s, Number(thousandths ?? 0)) };
}
