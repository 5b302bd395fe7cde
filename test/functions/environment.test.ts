import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionalVariable, requiredVariables, windowHours } from '../../functions/runtime/environment.ts';

test('names every variable that is absent or blank', () => {
  assert.throws(
    () =>
      requiredVariables(['DAVYLAMP_TABLE', 'DAVYLAMP_ACCOUNT', 'AWS_REGION'], { DAVYLAMP_TABLE: 't', AWS_REGION: ' ' }),
    /missing in the environment of this function: DAVYLAMP_ACCOUNT, AWS_REGION$/,
  );
});

test('gives the named variables alone', () => {
  assert.deepEqual(requiredVariables(['DAVYLAMP_TABLE'], { DAVYLAMP_TABLE: ' t ', AWS_REGION: 'us-east-1' }), {
    DAVYLAMP_TABLE: 't',
  });
});

test('takes an empty variable for an absent one', () => {
  assert.equal(optionalVariable('DAVYLAMP_FLOW_FORMAT', { DAVYLAMP_FLOW_FORMAT: '' }), undefined);
  assert.equal(optionalVariable('DAVYLAMP_FLOW_FORMAT', { DAVYLAMP_FLOW_FORMAT: 'dstaddr' }), 'dstaddr');
});

for (const text of ['', '0', '721', '1.5', '-1', '24h', '1e2']) {
  test(`refuses '${text}' as a window`, () => assert.throws(() => windowHours(text), /whole number from 1 to 720/));
}

test('reads a window in hours', () => assert.deepEqual(['1', '24', '720'].map(windowHours), [1, 24, 720]));
