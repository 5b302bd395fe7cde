import { canonicalAddress } from '../model/address.ts';
import type { Alias } from './identities.ts';

/** What is read of one interface (EC2 API, DescribeNetworkInterfaces). */
interface NetworkInterface {
  NetworkInterfaceId?: unknown;
  OwnerId?: unknown;
  AvailabilityZone?: unknown;
  VpcId?: unknown;
  PrivateIpAddress?: unknown;
  PrivateIpAddresses?: unknown;
  Ipv6Addresses?: unknown;
  PrivateDnsName?: unknown;
  Attachment?: unknown;
  InterfaceType?: unknown;
}

/** Types of interfaces that carry what others send (EC2 API, NetworkInterface.InterfaceType). */
const FORWARDERS: ReadonlySet<string> = new Set([
  ...['nat_gateway', 'natGateway', 'network_load_balancer', 'load_balancer', 'gateway_load_balancer'],
  ...['gateway_load_balancer_endpoint', 'transit_gateway', 'vpc_endpoint', 'global_accelerator_managed'],
]);

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value)
    ? value.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null)
    : [];

/**
 * Aliases of an inventory: the JSON that `aws ec2 describe-network-interfaces` prints, or several such documents in a
 * list. Valid for all time, since the inventory says nothing of when.
 * @returns an error text for JSON of another shape
 */
export function inventoryAliases(json: unknown): readonly Alias[] | { readonly error: string } {
  const documents = Array.isArray(json) ? json : [json];
  const inventories = documents.flatMap((one) =>
    typeof one === 'object' && one !== null && 'NetworkInterfaces' in one ? [one.NetworkInterfaces] : [],
  );
  if (!inventories.some(Array.isArray))
    return { error: "no list 'NetworkInterfaces' in it: give what aws ec2 describe-network-interfaces prints" };
  return inventories.flatMap(list).flatMap(aliasesOf);
}

function aliasesOf(one: NetworkInterface): Alias[] {
  const eni = text(one.NetworkInterfaceId);
  if (eni === undefined) return [];
  const attachment = typeof one.Attachment === 'object' && one.Attachment !== null ? one.Attachment : {};
  const instance = 'InstanceId' in attachment ? text(attachment.InstanceId) : undefined;
  const account = text(one.OwnerId);
  const vpc = text(one.VpcId);
  const region = text(one.AvailabilityZone)?.replace(/[a-z]$/, '');
  const addresses = [
    text(one.PrivateIpAddress),
    ...list(one.PrivateIpAddresses).map((address) => text(address['PrivateIpAddress'])),
    ...list(one.Ipv6Addresses).map((address) => text(address['Ipv6Address'])),
  ].map((address) => (address === undefined ? undefined : canonicalAddress(address)));
  const host = instance ?? eni;
  const forwards = FORWARDERS.has(text(one.InterfaceType) ?? '');
  const members = [
    ...(instance === undefined && !forwards ? [] : [`eni:${eni}`]),
    ...[...new Set(addresses)].filter((address) => address !== undefined).map((address) => `address:${address}`),
    ...(text(one.PrivateDnsName) === undefined ? [] : [`name:${text(one.PrivateDnsName)}`]),
  ];
  return members.map((member) => ({
    member,
    host,
    ...(account === undefined ? {} : { account }),
    ...(region === undefined ? {} : { region }),
    ...(vpc === undefined ? {} : { vpc }),
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
    how: 'inventory' as const,
    ...(forwards ? { forwards: true as const } : {}),
  }));
}
