import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { DescribeNetworkInterfacesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { describeInterfaces } from '#shared/aws/network-interfaces.ts';

const EC2 = mockClient(EC2Client);
const client = new EC2Client({ region: 'us-east-1' });
beforeEach(() => {
  EC2.reset();
});

const asked = () =>
  EC2.commandCalls(DescribeNetworkInterfacesCommand).map(({ args: [{ input }] }) => [
    input.Filters?.[0]?.Name,
    input.Filters?.[0]?.Values?.length,
    input.NextToken,
  ]);

test('asks for ids and for addresses by a filter each, 200 values at a time', async () => {
  EC2.on(DescribeNetworkInterfacesCommand).callsFake(({ Filters }) => ({
    NetworkInterfaces: [{ NetworkInterfaceId: Filters[0].Values[0] }],
  }));
  const ids = Array.from({ length: 250 }, (_, n) => `eni-${String(n).padStart(8, '0')}`);
  const { NetworkInterfaces } = await describeInterfaces(client, ids, ['10.0.0.5']);
  assert.deepEqual(
    NetworkInterfaces.map((one) => one.NetworkInterfaceId),
    ['eni-00000000', 'eni-00000200', '10.0.0.5'],
  );
  assert.deepEqual(asked(), [
    ['network-interface-id', 200, undefined],
    ['network-interface-id', 50, undefined],
    ['addresses.private-ip-address', 1, undefined],
  ]);
});

test('asks nothing for nothing, and follows pages up to a bound', async () => {
  assert.deepEqual(await describeInterfaces(client, [], []), { NetworkInterfaces: [] });
  assert.deepEqual(asked(), []);
  EC2.on(DescribeNetworkInterfacesCommand).resolves({ NetworkInterfaces: [{}], NextToken: 'more' });
  const { NetworkInterfaces } = await describeInterfaces(client, ['eni-00000001'], []);
  assert.equal(NetworkInterfaces.length, 5);
});
