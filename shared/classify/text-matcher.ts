/** Bytes of a needle that the first filter looks at. */
const WINDOW = 4;
const FILTER_BITS = 16;
/** A run of this many base58, bech32 or base64 characters with an upper-case letter may be a wallet or hide a command. */
export const MIN_RUN = 20;

/** ASCII letters to lower case; every other byte to itself. */
const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

/** What a byte is to a run of [A-Za-z0-9+/=], in bits above its own; neither ends the run. */
const INSIDE = 0x100;
const UPPER = 0x200;
/** All that the loop asks of a byte, in one table: the byte in lower case, and what it is to a run. */
const LOOK = Uint16Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  const run = /[A-Z]/.test(character) ? UPPER : /[a-z0-9+/=]/.test(character) ? INSIDE : 0;
  return run | (FOLD[byte] as number);
});

interface Bucket {
  readonly needle: Uint8Array;
  /** Where the window lies in the needle. */
  readonly offset: number;
}

const keyAt = (bytes: Uint8Array, at: number): number =>
  ((FOLD[bytes[at] ?? 0] ?? 0) |
    ((FOLD[bytes[at + 1] ?? 0] ?? 0) << 8) |
    ((FOLD[bytes[at + 2] ?? 0] ?? 0) << 16) |
    ((FOLD[bytes[at + 3] ?? 0] ?? 0) << 24)) >>>
  0;

const slotOf = (key: number): number => Math.imul(key, 0x9e3779b1) >>> (32 - FILTER_BITS);

/**
 * Compiles literals into one test of raw bytes: whether [from, to) holds any of them in any case, or a run that may be
 * a wallet or base64. One pass, one table look-up for a byte; no allocation.
 * @param needles lower case, four bytes or longer
 * @throws RangeError for a shorter needle: a mistake in a rule
 */
export function compileTextMatcher(
  needles: Iterable<string>,
): (bytes: Uint8Array, from: number, to: number) => boolean {
  const filter = new Uint32Array(1 << (FILTER_BITS - 5));
  const buckets = new Map<number, Bucket[]>();
  for (const text of new Set(needles)) {
    const needle = new TextEncoder().encode(text.toLowerCase());
    if (needle.length < WINDOW) throw new RangeError(`needle '${text}' is shorter than ${WINDOW} bytes`);
    const offset = rarestWindow(needle);
    const key = keyAt(needle, offset);
    const slot = slotOf(key);
    filter[slot >>> 5] = (filter[slot >>> 5] as number) | (1 << (slot & 31));
    buckets.set(key, [...(buckets.get(key) ?? []), { needle, offset }]);
  }

  const holds = (bytes: Uint8Array, from: number, to: number, at: number, key: number): boolean => {
    for (const { needle, offset } of buckets.get(key) ?? []) {
      const start = at - offset;
      if (start < from || start + needle.length > to) continue;
      let same = 0;
      while (same < needle.length && FOLD[bytes[start + same] ?? 0] === needle[same]) same++;
      if (same === needle.length) return true;
    }
    return false;
  };

  // Called some million times for each 100 MB, on some twenty bytes: one loop, and its tables in its own variables.
  return (bytes, from, to) => {
    const table = filter;
    const looks = LOOK;
    let key = 0;
    let runFrom = from;
    let runHolds = 0;
    for (let at = from; at < to; at++) {
      const look = looks[bytes[at] as number] as number;
      key = (key >>> 8) | (look << 24);
      if (look < INSIDE) {
        runFrom = at + 1;
        runHolds = 0;
      } else {
        runHolds |= look;
        if (runHolds >= UPPER && at - runFrom >= MIN_RUN - 1) return true;
      }
      const slot = Math.imul(key, 0x9e3779b1) >>> (32 - FILTER_BITS);
      if ((((table[slot >>> 5] as number) >>> (slot & 31)) & 1) === 0 || at < from + WINDOW - 1) continue;
      if (holds(bytes, from, to, at - WINDOW + 1, key >>> 0)) return true;
    }
    return false;
  };
}

/** Pieces of which the texts of ordinary hosts are made: a window that occurs here would ask for a second look at many. */
const ORDINARY = [
  '/usr/local/sbin/ /usr/local/bin/ /usr/sbin/ /usr/bin/ /sbin/ /bin/sh -c /bin/bash /usr/lib/systemd/systemd --user',
  '/lib64/ld-linux-x86-64.so.2 /usr/lib64/libc.so.6 /lib/x86_64-linux-gnu/ /etc/ld.so.cache /usr/share/ /usr/libexec/',
  '/proc/self/ /proc/sys/ /sys/fs/cgroup/ /dev/null /dev/pts/ /run/user/ /var/log/ /var/lib/ /var/run/ /var/cache/ /tmp/',
  '/home/user/ /root/ /opt/app/ /srv/ /etc/passwd /etc/hosts /etc/cron.d/ crontab crond service systemctl .service .timer',
  'python3 perl ruby java node docker containerd runc nginx httpd mysql postgres redis-server sshd sudo grep logrotate',
  'http://www https:// .com .net .org .io .work pool mine miner worker default server config update install package',
  '--config= --version --help --url -- -la .conf .log .json .yaml .xml .py .sh .tar.gz date list echo test start stop',
].join(' ');

/** The window, from the end, that ordinary texts hold least: such names end in what tells them apart. */
function rarestWindow(needle: Uint8Array): number {
  const text = new TextDecoder().decode(needle);
  for (let offset = needle.length - WINDOW; offset > 0; offset--) {
    if (!ORDINARY.includes(text.slice(offset, offset + WINDOW))) return offset;
  }
  return 0;
}
