import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { type PlaceName, placeNames, stages } from '../../infra/centre.ts';
import {
  type Properties,
  propertiesOf,
  type Resource,
  resourcesOf,
  stackOf,
  templateOf,
} from './synthesis.ts';

const stage = 'production';
const { places } = stages[stage];
const centres = ['A', 'B'] as const;
const network = (place: PlaceName) => stackOf(stage, 'network', place);

test.each(placeNames)('%s has isolated subnets in three zones, and no way out', (place) => {
  const template = templateOf(stage, 'network', place);
  template.hasResourceProperties('AWS::EC2::VPC', {
    CidrBlock: places[place].cidr,
    EnableDnsHostnames: true,
    EnableDnsSupport: true,
  });
  const zones = propertiesOf(network(place), 'AWS::EC2::Subnet').map(({ AvailabilityZone: zone }) => zone);
  expect(zones.sort()).toEqual([...places[place].zones, ...places[place].zones].sort());
  for (const type of ['NatGateway', 'InternetGateway', 'EIP', 'EgressOnlyInternetGateway', 'Route']) {
    template.resourceCountIs(`AWS::EC2::${type}`, 0);
  }
  for (const subnet of propertiesOf(network(place), 'AWS::EC2::Subnet')) {
    expect(subnet.MapPublicIpOnLaunch).toBe(false);
  }
});

test('the networks do not overlap, so that they can be joined', () => {
  const first = placeNames.map((place) => places[place].cidr.split('.').slice(0, 2).join('.'));
  expect(new Set(first).size).toBe(placeNames.length);
  for (const place of placeNames) expect(places[place].cidr).toMatch(/\/16$/);
});

test.each(placeNames)('%s logs its flows, encrypted', (place) => {
  templateOf(stage, 'network', place).hasResourceProperties('AWS::EC2::FlowLog', {
    ResourceType: 'VPC',
    TrafficType: 'ALL',
    LogDestinationType: 'cloud-watch-logs',
  });
  for (const group of propertiesOf(network(place), 'AWS::Logs::LogGroup')) {
    if (group.RetentionInDays === stages[stage].logDays)
      expect(Object.keys(group)).toContain('RetentionInDays');
  }
  expect(propertiesOf(network(place), 'AWS::Logs::LogGroup').filter(({ KmsKeyId }) => KmsKeyId)).toHaveLength(
    1,
  );
});

test.each(centres)(
  '%s has interface endpoints for what functions call, and gateways for S3 and DynamoDB',
  (centre) => {
    const endpoints = propertiesOf(network(centre), 'AWS::EC2::VPCEndpoint');
    const service = ({ ServiceName: name }: Properties): string =>
      (typeof name === 'string' ? name : name['Fn::Join'][1].join('')).split('.').at(-1);
    const names = (type: string) =>
      endpoints
        .filter(({ VpcEndpointType: found }) => found === type)
        .map(service)
        .sort();
    expect(names('Interface')).toEqual(['kms', 'logs', 'rds', 'secretsmanager', 'sqs', 'ssm']);
    expect(names('Gateway')).toEqual(['dynamodb', 's3']);
    for (const endpoint of endpoints) {
      if (endpoint.VpcEndpointType === 'Interface') {
        expect(endpoint.PrivateDnsEnabled).toBe(true);
        expect(endpoint.SubnetIds).toHaveLength(3);
        expect(endpoint.SecurityGroupIds).toHaveLength(1);
      } else {
        expect(endpoint.RouteTableIds).toHaveLength(6);
      }
    }
  },
);

test("the witness's table is reached by an interface endpoint of its own region", () => {
  const [endpoint, ...others] = propertiesOf(network('witness'), 'AWS::EC2::VPCEndpoint');
  expect(others).toEqual([]);
  expect(JSON.stringify(endpoint.ServiceName)).toContain('dynamodb');
  // Its public name means the gateway of the centre's own region there: it is called by its own name.
  expect(endpoint.PrivateDnsEnabled).toBe(false);
});

describe.each(centres)('the security groups of %s', (centre) => {
  const other = centre === 'A' ? 'B' : 'A';
  const rulesInto = (name: string) => {
    const stack = network(centre);
    const [id, group] = resourcesOf(stack, 'AWS::EC2::SecurityGroup').find(([key]) =>
      key.startsWith(`Group${name}`),
    ) as readonly [string, Resource];
    const separate = propertiesOf(stack, 'AWS::EC2::SecurityGroupIngress').filter(
      ({ GroupId }) => GroupId['Fn::GetAtt']?.[0] === id,
    );
    return [...(group.Properties.SecurityGroupIngress ?? []), ...separate];
  };

  test.each([
    ['database', 3306],
    ['cache', 6379],
    ['search', 443],
    ['endpoints', 443],
  ])('let functions of both centres to the %s, on its port alone', (name, port) => {
    const rules = rulesInto(name);
    for (const { FromPort, ToPort } of rules) expect([FromPort, ToPort]).toEqual([port, port]);
    expect(rules.map(({ CidrIp }) => CidrIp).filter(Boolean)).toEqual([places[other].cidr]);
    const sources = rules.flatMap(({ SourceSecurityGroupId: source }) =>
      source ? [source['Fn::GetAtt'][0]] : [],
    );
    expect(sources.some((id: string) => id.startsWith('Groupfunctions'))).toBe(true);
    expect(sources.every((id: string) => /^Group(functions|database)/.test(id))).toBe(true);
  });

  test('let nothing to functions, and functions only where they have to go', () => {
    expect(rulesInto('functions')).toEqual([]);
    const template = templateOf(stage, 'network', centre);
    for (const port of [3306, 6379, 443]) {
      template.hasResourceProperties('AWS::EC2::SecurityGroup', {
        GroupDescription: 'The functions of the centre.',
        SecurityGroupEgress: Match.arrayWith([
          Match.objectLike({ CidrIp: places[other].cidr, FromPort: port, ToPort: port }),
        ]),
      });
    }
  });
});

describe('peering', () => {
  const asked = { A: ['B', 'witness'], B: ['witness'], witness: [] } as const;

  test.each(placeNames)('of %s: every pair is joined once, with routes both ways', (place) => {
    const stack = stackOf(stage, 'peering', place);
    const regions = propertiesOf(stack, 'AWS::EC2::VPCPeeringConnection').map(({ PeerRegion }) => PeerRegion);
    expect(regions).toEqual(asked[place].map((other) => places[other].region));
    const routes = propertiesOf(stack, 'AWS::EC2::Route');
    for (const other of placeNames.filter((each) => each !== place)) {
      const there = routes.filter(({ DestinationCidrBlock: to }) => to === places[other].cidr);
      expect(new Set(there.map(({ RouteTableId }) => RouteTableId.Ref)).size).toBe(6);
      for (const { VpcPeeringConnectionId: by } of there) expect(by).toBeDefined();
    }
    expect(routes).toHaveLength(12);
  });
});
