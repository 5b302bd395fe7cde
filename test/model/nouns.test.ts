import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalAddress, isPublicAddress } from '#shared/model/address.ts';
import { endpointArtifact, parseEndpoint, sameEndpoint } from '#shared/model/endpoint.ts';
import { countMinutes, hoursOf, minuteNumbers, minutesOf } from '#shared/model/minutes.ts';
import { artifact, artifactValue, MAX_ARTIFACT } from '#shared/model/place.ts';
import { hourOf, hourStart, hourText, isEventTime, parseHour } from '#shared/model/time.ts';
import { NOON } from '../factories.ts';

test('one address has one text', () => {
  for (const [text, canonical] of [
    ['203.0.113.9', '203.0.113.9'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::0001', '2001:db8::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['fe80::1%eth0', 'fe80::1'],
    ['203.0.113.999', undefined],
    ['0x7f.1', undefined],
    ['pool.example.com', undefined],
    ['', undefined],
  ] as const)
    assert.equal(canonicalAddress(text), canonical, text);
});

test('documentation addresses are public, and private, shared and local ones are not', () => {
  for (const address of ['203.0.113.9', '198.51.100.1', '192.0.2.1', '8.8.8.8', '2001:db8::1', '2606:4700::1'])
    assert.equal(isPublicAddress(address), true, address);
  for (const address of [
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '::1',
    'fe80::1',
    'fc00::1',
    'no',
  ])
    assert.equal(isPublicAddress(address), false, address);
});

test('an endpoint survives being made an artifact', () => {
  for (const endpoint of [
    { host: 'pool.example.com', port: 3333 },
    { host: 'pool.example.com' },
    { host: '2001:db8::1', port: 443 },
    { host: '2001:db8::1' },
  ])
    assert.deepEqual(parseEndpoint(artifactValue(endpointArtifact(endpoint))), endpoint);
});

test('endpoints are the same by host, and by port where both name one', () => {
  assert.ok(sameEndpoint({ host: 'a', port: 1 }, { host: 'a' }));
  assert.ok(!sameEndpoint({ host: 'a', port: 1 }, { host: 'a', port: 2 }));
  assert.ok(!sameEndpoint({ host: 'a' }, { host: 'b' }));
});

test('an artifact holds no control characters and a bounded text', () => {
  const made = artifact('cmd', `a\u0000b\u001b[31m\n${'x'.repeat(10_000)}`);
  assert.doesNotMatch(made, /[\u0000-\u001f]/);
  assert.ok(made.length <= MAX_ARTIFACT + 'cmd:'.length);
  assert.ok(made.startsWith('cmd:a\\u{0}b\\u{1b}[31m\\u{a}x'), made);
});

test('an artifact tells a control character from a blank and is made of itself again', () => {
  assert.notEqual(artifact('path', '/tmp/a\u001bb'), artifact('path', '/tmp/a b'));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\\', '\u001b', '\u009f', '\n'), maxLength: 600 }), (text) => {
      const made = artifact('path', text);
      assert.ok(made.length <= MAX_ARTIFACT + 'path:'.length);
      assert.equal(artifact('path', artifactValue(made)), made);
    }),
  );
});

test('an artifact ends with no half of a control character', () => {
  for (let before = MAX_ARTIFACT - 8; before < MAX_ARTIFACT; before += 1)
    assert.match(artifact('path', `${'x'.repeat(before)}\u001b\u001b`), /^path:x+(?:\\u\{1b\})*$/);
});

test('hours sort as their texts do and come back from them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000 }), fc.integer({ min: 0, max: 4_000_000 }), (a, b) => {
      assert.equal(parseHour(hourText(a)), a);
      assert.equal(Math.sign(a - b), hourText(a) < hourText(b) ? -1 : hourText(a) > hourText(b) ? 1 : 0);
    }),
  );
  assert.ok(Number.isNaN(parseHour('2026-11-24')));
});

test('event times are of years whose keys sort', () => {
  assert.equal(isEventTime(NOON), true);
  for (const time of [
    Number.NaN,
    -1,
    Date.parse('9999-12-31T10:00:00Z'),
    Date.UTC(10_000, 0, 1),
    Number.POSITIVE_INFINITY,
  ])
    assert.equal(isEventTime(time), false);
});

test('the minutes of an interval are those that it touches, hour by hour', () => {
  fc.assert(
    fc.property(fc.nat(7_200_000), fc.nat(7_200_000), (offset, length) => {
      const from = hourStart(hourOf(NOON)) + offset;
      const to = from + length;
      const minutes = hoursOf(from, to).flatMap((hour) => minuteNumbers(hour, minutesOf(hour, from, to)));
      const expected: number[] = [];
      for (let minute = Math.floor(from / 60_000); minute <= Math.floor(to / 60_000); minute++) expected.push(minute);
      assert.deepEqual(minutes, expected);
    }),
  );
});

test('a record that claims a century touches a bounded number of hours', () => {
  assert.equal(hoursOf(0, NOON).length, 25);
  assert.deepEqual(hoursOf(NOON, NOON - 5), [hourOf(NOON)]);
});

test('counts the minutes of a set', () => {
  assert.equal(countMinutes((1n << 59n) | 5n), 3);
});
