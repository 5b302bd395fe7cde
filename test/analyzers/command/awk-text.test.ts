import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AwkCommand, awkCommands, awkText } from '#shared/analyzers/command/awk-text.ts';
import { programs } from '#shared/analyzers/command/reading.ts';

const MINER = '/tmp/x -o pool.example.com:3333';

test('finds the commands that an awk program starts', () => {
  const table: readonly (readonly [string, readonly AwkCommand[]])[] = [
    [`BEGIN{system("${MINER}")}`, [{ script: MINER }]],
    [`BEGIN { system ( "${MINER}" " -u x" ) }`, [{ script: `${MINER} -u x` }]],
    [`{ c = "${MINER}"; system(c) }`, [{ script: MINER }]],
    [`BEGIN{"${MINER}" | getline x}`, [{ script: MINER }]],
    [`BEGIN{c="${MINER}"; while ((c) |& getline) n++}`, [{ script: MINER }]],
    [`{ print "${MINER}" | "sh" }`, [{ script: 'sh', input: `${MINER}\n` }]],
    ['{ print $1 | "sh -x" }', [{ script: 'sh -x' }]],
    [`{ print("a\\tb\\n") | "sh" }`, [{ script: 'sh', input: 'a\tb\n\n' }]],
    ['$1 == "a" || $2 == "b" { print $3 }', []],
    ['/system/ { print "x" > "/tmp/y" }', []],
    ['{ system(x) }', []],
    ['BEGIN { system("unclosed', []],
  ];
  for (const [text, commands] of table) assert.deepEqual(awkCommands(text), commands, text);
});

test('reads the program text out of the words of awk', () => {
  const table: readonly (readonly [readonly string[], string])[] = [
    [['awk', 'TEXT', 'file'], 'TEXT'],
    [['awk', '-F:', '-v', 'a=b', 'TEXT'], 'TEXT'],
    [['gawk', '-F', ':', '--', 'TEXT'], 'TEXT'],
    [['gawk', '-e', 'ONE', '--source=TWO', 'file'], 'ONE\nTWO'],
    [['awk', '-f', 'script.awk', 'file'], ''],
    [['awk', '-fscript.awk', 'file'], ''],
    [['awk'], ''],
  ];
  for (const [argv, text] of table) assert.equal(awkText(argv), text, argv.join(' '));
  assert.equal(awkText(['awk', '{system("a', 'b")}'], true), '{system("a b")}');
});

test('runs the commands of awk, and nothing for a program that only reads', () => {
  const ran = (argv: readonly string[], exact = true): boolean =>
    programs({ argv, exact }).some((program) => program.argv.join(' ') === MINER && program.via.includes('awk'));
  assert.ok(ran(['awk', `BEGIN{system("${MINER}")}`]));
  assert.ok(ran(['busybox', 'awk', `BEGIN{system("${MINER}")}`]));
  assert.ok(ran(['sh', '-c', `awk 'BEGIN{print "${MINER}" | "sh"}'`]));
  assert.ok(ran(`awk BEGIN{system("${MINER}")}`.split(' '), false));
  assert.ok(!ran(['sh', '-c', `ps aux | awk '/x -o pool/ {print $2}'`]));
  assert.ok(!ran(['awk', `{print "${MINER}"}`]));
});

test('never throws on any awk text, and is bounded', () => {
  const piece = fc.constantFrom(...'system ( ) " | |& || getline print a = b \\ { } ; \n "x"'.split(' '), ' ');
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 40 }), (pieces) => {
      assert.deepEqual(awkCommands(pieces.join('')), awkCommands(pieces.join('')));
    }),
  );
  assert.equal(awkCommands('system("a") '.repeat(1000)).length, 64);
});
