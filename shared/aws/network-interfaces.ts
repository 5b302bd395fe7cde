import {
  DescribeNetworkInterfacesCommand,
  EC2Client,
  type EC2ClientConfig,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';

/** Values of one filter (EC2 user guide, "List and filter your resources": at most 200). */
const MAX_VALUES = 200;
/** Pages of one answer that are read. */
const MAX_PAGES = 5;

/** What EC2 says of interfaces, in the shape that its API and command line print. */
export interface Interfaces {
  readonly NetworkInterfaces: readonly NetworkInterface[];
}

/** Asks EC2 for interfaces; see `describeInterfaces`. */
export type Describe = (ids: readonly string[], addresses: readonly string[]) => Promise<Interfaces>;

/** EC2's inventory of the caller's account and region. */
export function ec2Inventory(config: EC2ClientConfig): Describe {
  const client = new EC2Client(config);
  return (ids, addresses) => describeInterfaces(client, ids, addresses);
}

/**
 * Asks EC2 for the interfaces with these ids, and for those with these private IPv4 addresses, in the account and region
 * of the caller; what is not there is not in the answer.
 * @throws what the SDK throws: without permission, throttled
 */
export async function describeInterfaces(
  client: Pick<EC2Client, 'send'>,
  ids: readonly string[],
  addresses: readonly string[],
): Promise<Interfaces> {
  const filters = [
    { name: 'network-interface-id', values: ids },
    { name: 'addresses.private-ip-address', values: addresses },
  ];
  const found: NetworkInterface[] = [];
  for (const { name, values } of filters) {
    for (let from = 0; from < values.length; from += MAX_VALUES) {
      found.push(...(await describe(client, name, values.slice(from, from + MAX_VALUES))));
    }
  }
  return { NetworkInterfaces: found };
}

async function describe(
  client: Pick<EC2Client, 'send'>,
  name: string,
  values: readonly string[],
): Promise<NetworkInterface[]> {
  const found: NetworkInterface[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { NetworkInterfaces = [], NextToken } = await client.send(
      new DescribeNetworkInterfacesCommand({
        Filters: [{ Name: name, Values: [...values] }],
        ...(token === undefined ? { MaxResults: 1000 } : { NextToken: token, MaxResults: 1000 }),
      }),
    );
    found.push(...NetworkInterfaces);
    if (NextToken === undefined) return found;
    token = NextToken;
  }
  return found;
}
