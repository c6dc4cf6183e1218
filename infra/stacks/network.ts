import { Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type PlaceName, placeNames, type StageSettings } from '../centre.ts';
import { publish, published } from '../constructs/published.ts';
import { stackName } from '../names.ts';
import { placeOf } from './keys.ts';

export const ports = { mysql: 3306, redis: 6379, https: 443 } as const;

/** AWS services that a place's functions call inside of the network, and the other centre's through peering. */
const centreServices = {
  sqs: ec2.InterfaceVpcEndpointAwsService.SQS,
  ssm: ec2.InterfaceVpcEndpointAwsService.SSM,
  secretsmanager: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  kms: ec2.InterfaceVpcEndpointAwsService.KMS,
  logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  rds: ec2.InterfaceVpcEndpointAwsService.RDS,
} as const;
/** A gateway serves its own region alone: the centres reach the witness's table through this. */
const witnessServices = { dynamodb: ec2.InterfaceVpcEndpointAwsService.DYNAMODB } as const;

/** What the parts of a centre listen on, by the security group that stands before them. */
const groups = {
  database: ports.mysql,
  cache: ports.redis,
  search: ports.https,
  endpoints: ports.https,
} as const;
type GroupName = keyof typeof groups;

/**
 * The network of a place: isolated subnets in three zones, without a way out to the internet (no gateway, no NAT), and
 * endpoints for the services of AWS that functions call. A service of another place is called through peering, by its
 * endpoint's own name: PrivateLink across regions does not cover SQS, SSM and Secrets Manager.
 *
 * Publishes `network/vpc`, `network/subnets/{functions,data}/{0,1,2}`, `network/routes/{0..5}`,
 * `network/groups/{functions,database,cache,search}`, and `network/endpoints/SERVICE`: the host under which a service's
 * endpoint is reached from every place.
 */
export class NetworkStack extends Stack {
  readonly #zones: readonly string[];

  constructor(scope: Construct, settings: StageSettings, place: PlaceName) {
    super(scope, stackName(settings, 'network', place), placeOf(settings, place));
    const { zones, cidr } = settings.places[place];
    this.#zones = zones;
    const isCentre = place !== 'witness';
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(cidr),
      availabilityZones: [...zones],
      natGateways: 0,
      createInternetGateway: false,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'functions', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 20 },
        { name: 'data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 21 },
      ],
    });
    this.#keepFlowLogs(vpc, settings, place);

    if (isCentre) {
      vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });
      vpc.addGatewayEndpoint('DynamoDb', { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB });
    }
    const made = isCentre ? this.#centreGroups(vpc, settings, place) : this.#witnessGroups(vpc, settings);
    const services = isCentre ? centreServices : witnessServices;
    const endpoints = Object.entries(services).map(([name, service]) => {
      const endpoint = vpc.addInterfaceEndpoint(name, {
        service,
        subnets: { subnetGroupName: 'data' },
        securityGroups: [made.endpoints],
        open: false,
        // The plain names mean the own region's endpoint; another place's is called by the name published here.
        privateDnsEnabled: isCentre,
      });
      return [`network/endpoints/${name}`, hostOf(endpoint)] as const;
    });

    const subnets = (group: string) => vpc.selectSubnets({ subnetGroupName: group }).subnets;
    publish(this, settings, place, {
      'network/vpc': vpc.vpcId,
      ...listed(
        'network/subnets/functions',
        subnets('functions').map(({ subnetId }) => subnetId),
      ),
      ...listed(
        'network/subnets/data',
        subnets('data').map(({ subnetId }) => subnetId),
      ),
      ...listed(
        'network/routes',
        vpc.isolatedSubnets.map(({ routeTable }) => routeTable.routeTableId),
      ),
      ...Object.fromEntries(
        Object.entries(made).map(([name, group]) => [`network/groups/${name}`, group.securityGroupId]),
      ),
      ...Object.fromEntries(endpoints),
    });
  }

  override get availabilityZones(): string[] {
    return [...this.#zones];
  }

  #keepFlowLogs(vpc: ec2.Vpc, settings: StageSettings, place: PlaceName): void {
    const logGroup = new LogGroup(this, 'FlowLogs', {
      retention: settings.logDays as RetentionDays,
      encryptionKey: Key.fromKeyArn(this, 'PlaceKey', published(this, settings, place, 'key')),
      removalPolicy: settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'FlowLogsRole', {
      assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [logGroup.logGroupArn],
      }),
    );
    vpc.addFlowLog('Flow', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup, role),
      trafficType: ec2.FlowLogTrafficType.ALL,
    });
  }

  /** Functions reach the parts of both centres and the endpoints; nothing reaches functions. */
  #centreGroups(vpc: ec2.Vpc, settings: StageSettings, place: PlaceName) {
    const functions = this.#group(vpc, 'functions', 'The functions of the centre.');
    const made = Object.fromEntries(
      (Object.entries(groups) as [GroupName, number][]).map(([name, port]) => {
        const group = this.#group(vpc, name, `Before the ${name} of the centre.`);
        group.addIngressRule(functions, ec2.Port.tcp(port), 'functions of the centre');
        for (const other of placeNames.filter((each) => each !== place && each !== 'witness')) {
          // Groups of another region cannot be named across peering: its network stands for them.
          group.addIngressRule(
            ec2.Peer.ipv4(settings.places[other].cidr),
            ec2.Port.tcp(port),
            `functions of centre ${other}`,
          );
        }
        functions.addEgressRule(group, ec2.Port.tcp(port), `the ${name} of the centre`);
        return [name, group];
      }),
    ) as Record<GroupName, ec2.SecurityGroup>;
    for (const other of placeNames.filter((each) => each !== place)) {
      const wanted = other === 'witness' ? [ports.https] : Object.values(ports);
      for (const port of wanted) {
        functions.addEgressRule(ec2.Peer.ipv4(settings.places[other].cidr), ec2.Port.tcp(port), `${other}`);
      }
    }
    // The gateways to S3 and DynamoDB have public addresses. Nothing else outside has a route.
    functions.addEgressRule(
      ec2.Peer.anyIpv4(),
      ec2.Port.tcp(ports.https),
      'S3 and DynamoDB, by their gateways',
    );
    // The proxy asks the database as a client; it stands in the same group.
    made.database.addIngressRule(made.database, ec2.Port.tcp(ports.mysql), 'the proxy before the writer');
    made.database.addEgressRule(made.database, ec2.Port.tcp(ports.mysql), 'the proxy before the writer');
    return { functions, ...made };
  }

  #witnessGroups(vpc: ec2.Vpc, settings: StageSettings) {
    const endpoints = this.#group(vpc, 'endpoints', 'Before the endpoint of the witness.');
    for (const centre of ['A', 'B'] as const) {
      const peer = ec2.Peer.ipv4(settings.places[centre].cidr);
      endpoints.addIngressRule(peer, ec2.Port.tcp(ports.https), `functions of centre ${centre}`);
    }
    return { endpoints };
  }

  #group(vpc: ec2.Vpc, name: string, description: string): ec2.SecurityGroup {
    return new ec2.SecurityGroup(this, `Group-${name}`, {
      vpc: vpc as ec2.IVpc,
      description,
      allowAllOutbound: false,
    });
  }
}

const listed = (name: string, values: readonly string[]): Record<string, string> =>
  Object.fromEntries(values.map((value, index) => [`${name}/${index}`, value]));

/** `DnsEntries` holds `ZONE:HOST`; the first is the endpoint's own, of all its zones. */
const hostOf = (endpoint: ec2.InterfaceVpcEndpoint): string =>
  Fn.select(1, Fn.split(':', Fn.select(0, endpoint.vpcEndpointDnsEntries)));

/** A centre's network, as another stack of the centre uses it. */
export function networkOf(scope: Construct, settings: StageSettings, place: PlaceName) {
  const read = (name: string) => published(scope, settings, place, `network/${name}`);
  const subnetIds = (group: string, zones = 3) =>
    Array.from({ length: zones }, (_, index) => read(`subnets/${group}/${index}`));
  const known = new Map<string, ec2.ISecurityGroup>();
  const group = (name: GroupName | 'functions'): ec2.ISecurityGroup => {
    const found =
      known.get(name) ??
      ec2.SecurityGroup.fromSecurityGroupId(scope, `Group-${name}`, read(`groups/${name}`), {
        mutable: false,
      });
    known.set(name, found);
    return found;
  };
  return {
    /** For functions: the network, and their subnets in it. Once a stack. */
    forFunctions: () => {
      const vpc = ec2.Vpc.fromVpcAttributes(scope, 'Vpc', {
        // A function is put into subnets: nothing asks for the network's own id.
        vpcId: 'known-by-its-subnets',
        availabilityZones: [...settings.places[place].zones],
        isolatedSubnetIds: subnetIds('functions'),
      });
      return { vpc, vpcSubnets: { subnets: vpc.isolatedSubnets }, securityGroups: [group('functions')] };
    },
    /** One a zone, in so many of them. */
    dataSubnetIds: (zones = 3) => subnetIds('data', zones),
    group,
    /** The host of a service's endpoint, as it is reached from every place. */
    endpointOf: (at: PlaceName, service: string) =>
      published(scope, settings, at, `network/endpoints/${service}`),
  };
}
