import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claims } from '#shared/model/place.ts';
import { alert, readFalco } from './falco.ts';

const ID = '0123456789abcdef'.repeat(4);
const HOST = { hostName: 'ip-192-0-2-10' };

const claimsOf = (
  fields: Record<string, unknown>,
  origin: Claims = {},
  change: Record<string, unknown> = {},
): Claims | undefined => readFalco(alert({ 'proc.cmdline': 'x', ...fields }, change), { origin }).events[0]?.claims;

for (const [name, fields, expected] of [
  ['formats 2: container.id host is no container', { 'container.id': 'host', 'container.name': 'host' }, {}],
  ['formats 2: an empty container.id is no container', { 'container.id': '' }, {}],
  ['formats 2: a container.id of null is no container', { 'container.id': null }, {}],
  ['twelve digits are a container', { 'container.id': ID.slice(0, 12) }, { container: '0123456789ab' }],
  ['64 digits are cut to twelve', { 'container.id': ID }, { container: '0123456789ab' }],
  ['a runtime before the id is dropped', { 'container.id': `docker://${ID}` }, { container: '0123456789ab' }],
  [
    'formats 17.5: metadata that is null beside an id leaves the container',
    {
      'container.id': ID,
      'container.name': null,
      'container.image.repository': null,
      'k8s.ns.name': null,
      'k8s.pod.name': '<NA>',
    },
    { container: '0123456789ab' },
  ],
  [
    'formats 17.5: an empty id beside Kubernetes fields is an unknown container, never the host',
    { 'container.id': '', 'k8s.ns.name': 'shop', 'k8s.pod.name': 'web-1' },
    { container: 'unknown', namespace: 'shop', pod: 'web-1' },
  ],
  [
    'the name that the kubelet gives to a container is taken apart',
    { 'container.id': ID, 'container.name': 'k8s_app_web-1_shop_uid_0' },
    { container: '0123456789ab', containerName: 'app' },
  ],
  [
    'an image is its repository and tag',
    { 'container.id': ID, 'container.image.repository': 'registry.example.com/web', 'container.image.tag': '1' },
    { container: '0123456789ab', image: 'registry.example.com/web:1' },
  ],
] as const) {
  test(name, () => {
    assert.deepEqual(claimsOf(fields), { ...HOST, ...expected });
  });
}

const POD: Claims = {
  account: '111122223333',
  hostName: 'node-1',
  pod: 'web-1',
  namespace: 'shop',
  containerName: 'app',
  container: '0123456789ab',
};

test('an alert that tells nothing of a container takes that of the envelope', () => {
  assert.deepEqual(claimsOf({}, POD), { ...POD, ...HOST });
});

test('an alert of the host is not placed into the container that shipped it', () => {
  assert.deepEqual(claimsOf({ 'container.id': 'host' }, POD), { account: '111122223333', ...HOST });
});

test("Falco's own container is never the place", () => {
  assert.deepEqual(claimsOf({}, { ...POD, containerName: 'falco' }), { account: '111122223333', ...HOST });
});

test("the pod's own name is no host name where the envelope knows the node", () => {
  assert.equal(claimsOf({}, POD, { hostname: 'web-1' })?.hostName, 'node-1');
});

test('an audit alert is placed at the object that it names', () => {
  const fields = {
    'proc.cmdline': null,
    'ka.target.namespace': 'shop',
    'ka.target.name': 'web-1',
    'ka.target.resource': 'pods',
  };
  assert.deepEqual(claimsOf(fields, {}, { source: 'k8s_audit' }), {
    namespace: 'shop',
    pod: 'web-1',
    container: 'unknown',
  });
});
