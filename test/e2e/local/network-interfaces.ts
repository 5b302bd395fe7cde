import type { Gateway, LocalService } from './gateway.ts';
import { type Fields, fieldsOf, isFields, listOf, textOf } from './json.ts';
import { modelledService } from './modelled-service.ts';
import { ec2Query } from './protocols.ts';
import { ServiceModel } from './service-model.ts';

/** What filters of DescribeNetworkInterfaces look at. */
const FILTERS: Readonly<Record<string, (one: Fields) => readonly unknown[]>> = {
  'network-interface-id': (one) => [one['NetworkInterfaceId']],
  'vpc-id': (one) => [one['VpcId']],
  'addresses.private-ip-address': (one) =>
    listOf(one['PrivateIpAddresses'] ?? [], 'PrivateIpAddresses').map((address) =>
      isFields(address) ? address['PrivateIpAddress'] : undefined,
    ),
};

/** EC2: the interfaces that an account has, as its answer names them. */
export class NetworkInterfaces {
  readonly interfaces: Fields[] = [];
  readonly service: LocalService;

  constructor(gateway: Gateway) {
    this.service = modelledService({
      ...{ name: 'ec2', model: new ServiceModel('ec2'), protocol: ec2Query, log: gateway.log },
      invalid: 'InvalidParameterValue',
      operations: {
        DescribeNetworkInterfaces: {
          // The action knows no resources.
          resources: () => ['*'],
          run: (input) => ({ NetworkInterfaces: this.interfaces.filter((one) => isAskedFor(one, input)) }),
        },
      },
    });
  }
}

function isAskedFor(one: Fields, input: Fields): boolean {
  const ids = listOf(input['NetworkInterfaceIds'] ?? [], 'NetworkInterfaceIds');
  if (ids.length > 0 && !ids.includes(one['NetworkInterfaceId'])) return false;
  return listOf(input['Filters'] ?? [], 'Filters').every((filter) => {
    const { Name: name, Values: values } = fieldsOf(filter, 'Filters');
    const look = FILTERS[textOf(name, 'Name')];
    if (look === undefined) throw new TypeError(`no local part filters by ${String(name)}`);
    return look(one).some((value) => listOf(values, 'Values').includes(value));
  });
}
