import fc from 'fast-check';

export const NEEDLE = 'stratum+tcp';
export const ADDRESSES = ['203.0.113.9', '2001:db8::7'] as const;

/** One audit event as lines, header and all. */
export interface RandomEvent {
  readonly id: string;
  readonly lines: readonly string[];
}

type Body = readonly [type: string, number: number, body: string];

const hexOf = (text: string) => Buffer.from(text).toString('hex').toUpperCase();

/** The needle with each letter in a case of its own, with something around it, without blanks. */
const needleText = fc
  .tuple(
    fc.array(fc.boolean(), { minLength: NEEDLE.length, maxLength: NEEDLE.length }),
    fc.constantFrom('', 'x', '-o'),
    fc.constantFrom('', '://a:1', '.so'),
  )
  .map(([upper, before, after]) => {
    const needle = [...NEEDLE].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join('');
    return `${before}${needle}${after}`;
  });

/** A text as the kernel may have to write it: in quotes, or as hexadecimal because of a blank, or so in small digits. */
const encoded = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(text, fc.constantFrom('quoted', 'hex', 'small'))
    .map(([value, how]) =>
      how === 'quoted' ? `"${value}"` : how === 'hex' ? hexOf(`${value} `) : hexOf(`${value} `).toLowerCase(),
    );

const plainWord = fc.constantFrom('ls', '-l', '/etc/hosts', 'a b', 'ünï', '10.0.0.5', 'deadbeef');
const plainValue = plainWord.map((word) => (/^[!-~]+$/.test(word) ? `"${word}"` : hexOf(word)));

const call = (
  number: number,
  fields: Partial<Record<'exe' | 'comm' | 'key' | 'success' | 'a2', string>> = {},
): Body => [
  'SYSCALL',
  1300,
  `arch=c000003e syscall=${number} success=${fields.success ?? 'yes'} exit=0 a0=1 a1=0 a2=${fields.a2 ?? '0'} a3=0 items=0 ppid=1 ` +
    `pid=7 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=x ses=1 comm=${fields.comm ?? '"sh"'} ` +
    `exe=${fields.exe ?? '"/usr/bin/dash"'} key=${fields.key ?? '(null)'}`,
];
const item = (index: number, name: string, nameType: string): Body => [
  'PATH',
  1302,
  `item=${index} name=${name} inode=1 nametype=${nameType}`,
];
const directory = (value: string): Body => ['CWD', 1307, ` cwd=${value}`];
const execution = (body: string): Body => ['EXECVE', 1309, body];

const argumentList = fc
  .tuple(fc.array(plainValue, { maxLength: 4 }), encoded(needleText), fc.array(plainValue, { maxLength: 4 }))
  .map(([before, needle, after]) => [...before, needle, ...after])
  .map((all) => execution(`argc=${all.length} ${all.map((value, index) => `a${index}=${value}`).join(' ')}`));

/** An argument in pieces, over one record or two, cut anywhere, in hexadecimal or not. */
const splitArgument = fc
  .tuple(needleText, fc.boolean(), fc.nat({ max: 1000 }), fc.boolean())
  .map(([text, bare, at, apart]): Body[] => {
    const printed = bare ? hexOf(`${text} `) : text;
    const cut = at % printed.length;
    const mark = bare ? '' : '"';
    const [first, second] = [printed.slice(0, cut), printed.slice(cut)].map((piece) => `${mark}${piece}${mark}`);
    const head = `argc=2 a0="x" a1_len=${printed.length} a1[0]=${first}`;
    return apart ? [execution(head), execution(`  a1[1]=${second}`)] : [execution(`${head} a1[1]=${second}`)];
  });

/** The needle's slash-parted form lies over the border of a working directory and a relative name. */
const OVER_BORDER = 'stratum+tcp/work';

const relativePath = fc
  .tuple(
    fc.constantFrom('"/srv/Stratum+TCP"', hexOf('/srv x/Stratum+TCP')),
    fc.constantFrom('work/f', './work/f', 'work', '../stratum+tcp/work'),
  )
  .map(([cwd, name]): Body[] => [directory(cwd), item(1, `"${name}"`, 'CREATE'), call(257, { a2: '241' })]);

const inParent = fc.constant<Body[]>([
  directory('"/"'),
  item(0, '"/srv/stratum+tcp"', 'PARENT'),
  item(1, '"work"', 'CREATE'),
  call(257, { a2: '241' }),
]);
const withDetour = fc
  .constantFrom('/srv/stratum+tcp//work', '/srv/stratum+tcp/./work', '/srv/stratum+tcp/x/../work')
  .map((name): Body[] => [item(0, `"${name}"`, 'NORMAL'), call(257, { a2: '1' })]);

const overBorder = fc.oneof(relativePath, inParent, withDetour);

const holdingNeedle: fc.Arbitrary<Body[]> = fc.oneof(
  argumentList.map((one) => [call(59), one, directory('"/root"'), item(0, '"/usr/bin/x"', 'NORMAL')]),
  argumentList.map((one) => [one]),
  splitArgument.map((all) => [call(59), ...all]),
  fc
    .tuple(needleText, fc.boolean())
    .map(([text, alone]): Body[] => [
      ...(alone ? [] : [call(41)]),
      ['PROCTITLE', 1327, `proctitle=${hexOf(`x\0${text}\0-b`)}`],
    ]),
  encoded(needleText.map((text) => `/tmp/${text}`)).map((value) => [
    call(257, { a2: '241' }),
    item(0, value, 'CREATE'),
  ]),
  encoded(needleText).map((value) => [call(257), item(0, value, 'NORMAL'), directory('"/tmp"')]),
  encoded(needleText.map((text) => `/tmp/${text}`)).map((value) => [
    call(59),
    execution('argc=1 a0="x"'),
    directory(value),
  ]),
  encoded(needleText).map((value) => [call(59, { exe: value })]),
  encoded(needleText).map((value) => [call(41, { comm: value })]),
  encoded(needleText).map((value) => [call(41, { key: value })]),
  encoded(needleText).map((value): Body[] => [
    [
      'USER_CMD',
      1123,
      `pid=1 uid=0 auid=0 ses=1 msg='cwd="/" cmd=${value} exe="/usr/bin/sudo" terminal=x res=success'`,
    ],
  ]),
  needleText.map((text): Body[] => [
    [
      'SERVICE_START',
      1130,
      `pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=${text} comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=success'`,
    ],
  ]),
  encoded(needleText).map((value): Body[] => [['KERN_MODULE', 1330, `name=${value}`], call(313)]),
  encoded(needleText).map((value): Body[] => [
    ['ANOM_ABEND', 1701, `auid=0 uid=0 gid=0 ses=1 pid=1 comm=${value} exe="/x" sig=6 res=1`],
  ]),
  encoded(needleText).map((value): Body[] => [
    ['SECCOMP', 1326, `auid=0 uid=0 ses=1 pid=1 comm="x" exe=${value} sig=31 arch=c000003e syscall=1`],
  ]),
  fc
    .constantFrom(
      '02000D05CB0071090000000000000000',
      '0A000D050000000020010DB800000000000000000000000700000000',
      '00020D05CB0071090000000000000000',
    )
    .map((saddr): Body[] => [call(42), ['SOCKADDR', 1306, `saddr=${saddr}`]]),
);

const holdingNothing: fc.Arbitrary<Body[]> = fc.oneof(
  fc
    .array(plainValue, { minLength: 1, maxLength: 5 })
    .map((all) => [
      call(59),
      execution(`argc=${all.length} ${all.map((value, index) => `a${index}=${value}`).join(' ')}`),
      directory('"/root"'),
    ]),
  fc.constant<Body[]>([call(257), item(0, '"/etc/hosts"', 'NORMAL'), directory('"/"'), ['EOE', 1320, '']]),
  fc.constant<Body[]>([call(42), ['SOCKADDR', 1306, 'saddr=02000050C6336407']]),
);

/** What may stand before `type=`, and the forms of the line. */
const wrapped = fc.constantFrom<(body: Body, key: string) => string>(
  ([type, , body], key) => `type=${type} msg=${key}: ${body}`,
  ([type, , body], key) => `node=ip-192-0-2-10 type=${type} msg=${key}: ${body}`,
  ([type, , body], key) => `Nov 24 22:00:00 host-a audispd: node=host-a type=${type} msg=${key}: ${body}`,
  ([type, , body], key) => `Nov 24 22:00:00 host-a audispd: type=${type} msg=${key}: ${body}`,
  ([, number, body], key) => `[352211.977836] audit: type=${number} ${key}: ${body}`,
  ([, number, body], key) =>
    `2026-11-24T22:00:00.123456+00:00 host-b kernel: [12.5] audit: type=${number} ${key}: ${body}`,
  ([, number, body], key) => `type=UNKNOWN[${number}] msg=${key}: ${body}`,
);

const tail = fc.constantFrom(
  '',
  '\u001dARCH=x86_64 AUID="root" UID="root"',
  ' ARCH=x86_64 AUID="root" UID="root"',
  '\\u001dUID="root"',
);

function withHeaders(bodies: fc.Arbitrary<Body[]>, serial: number): fc.Arbitrary<RandomEvent> {
  return fc.tuple(bodies, wrapped, tail).map(([all, wrap, end]) => ({
    id: String(serial),
    lines: all.map((body) => {
      const translated = ['SYSCALL', 'USER_CMD', 'SERVICE_START'].includes(body[0]);
      return `${wrap(body, `audit(1795557600.${100 + (serial % 800)}:${serial})`)}${translated ? end : ''}`;
    }),
  }));
}

export interface RandomLog {
  readonly lines: readonly string[];
  /** Serials of the events that hold what is looked for. */
  readonly wanted: ReadonlySet<string>;
}

/** Lines of several events, shuffled within a window of sixty. */
function shuffled(events: readonly RandomEvent[], offsets: readonly number[]): string[] {
  const lines = events.flatMap((event) => event.lines);
  return lines
    .map((line, index) => ({ line, at: index + ((offsets[index % offsets.length] ?? 0) % 60) }))
    .sort((a, b) => a.at - b.at)
    .map(({ line }) => line);
}

function logOf(wanted: fc.Arbitrary<Body[]>): fc.Arbitrary<RandomLog> {
  return fc
    .array(fc.boolean(), { minLength: 4, maxLength: 24 })
    .chain((kinds) =>
      fc.tuple(
        fc.tuple(...kinds.map((isWanted, index) => withHeaders(isWanted ? wanted : holdingNothing, index + 1))),
        fc.array(fc.nat({ max: 59 }), { minLength: 97, maxLength: 97 }),
        fc.constant(kinds),
      ),
    )
    .map(([events, offsets, kinds]) => ({
      lines: shuffled(events, offsets),
      wanted: new Set(events.filter((_, index) => kinds[index]).map((event) => event.id)),
    }));
}

export const randomLog: fc.Arbitrary<RandomLog> = logOf(holdingNeedle);
/** What is looked for is a text that only the joined path holds, see `OVER_BORDER`. */
export const randomPathLog: fc.Arbitrary<RandomLog> = logOf(overBorder);
export const PATH_NEEDLE = OVER_BORDER;
