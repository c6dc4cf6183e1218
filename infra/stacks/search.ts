import { ArnFormat, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnResourcePolicy, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnDomain } from 'aws-cdk-lib/aws-opensearchservice';
import type { Construct } from 'constructs';
import { indexTemplate } from '../../functions/adapters/opensearch/mappings.ts';
import { indexKinds } from '../../functions/adapters/opensearch/names.ts';
import { firstEpoch } from '../../functions/core/failover/epoch.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { type SearchName, type StageSettings, searchNames } from '../centre.ts';
import { accept, acceptWildcards } from '../constructs/accept.ts';
import { DeployFunction } from '../constructs/deploy-function.ts';
import { publish, published } from '../constructs/published.ts';
import { stackName } from '../names.ts';
import { placeOf } from './keys.ts';
import { networkOf } from './network.ts';
import { passwordOf, secretArn, useOfKey } from './secrets.ts';

const logTypes = ['SEARCH_SLOW_LOGS', 'INDEX_SLOW_LOGS', 'ES_APPLICATION_LOGS', 'AUDIT_LOGS'] as const;

/** A domain's name has at most 28 characters. */
export const domainName = ({ stage }: Pick<StageSettings, 'stage'>, name: SearchName): string =>
  `member-${stage}-${name}`;

/**
 * The search clusters of a centre: OpenSearch domains in its isolated subnets. Whoever reaches one is asked for user and
 * password (fine-grained access): the service's user reads and writes documents and swaps aliases, nothing else.
 *
 * The service fixes some things that one would set elsewhere, the number of search threads among them: docs/deployment.md.
 *
 * Publishes `search/NAME/url`.
 */
export class SearchStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, centre: CentreName) {
    super(scope, stackName(settings, 'search', centre), placeOf(settings, centre));
    const logGroups = this.#logGroups(settings, centre);
    const network = networkOf(this, settings, centre);
    const names = searchNames.filter((name) => settings.search[name].centre === centre);
    const isSpread = names.some((name) => settings.search[name].dataNodes > 1);
    const subnetIds = network.dataSubnetIds(isSpread ? 3 : 1);
    const clusters = names.map((name) => {
      const domain = this.#domain(settings, centre, name, {
        subnetIds,
        securityGroupId: network.group('search').securityGroupId,
        logGroups,
      });
      const scheme = settings.enginesAskUsers ? 'https' : 'http';
      return { name, url: `${scheme}://${domain.attrDomainEndpoint}`, ...sizeOf(settings, name) };
    });
    publish(
      this,
      settings,
      centre,
      Object.fromEntries(clusters.map(({ name, url }) => [`search/${name}/url`, url])),
    );
    this.#prepare(settings, centre, clusters, network.forFunctions());
  }

  /** Templates, indexes, aliases and the service's user: before any function needs them. */
  #prepare(
    settings: StageSettings,
    centre: CentreName,
    clusters: readonly object[],
    network: ReturnType<ReturnType<typeof networkOf>['forFunctions']>,
  ): void {
    const preparer = new DeployFunction(this, 'Preparer', {
      settings,
      entry: 'prepare-search',
      description: 'Brings indexes, aliases and access of the search clusters of a centre up to date.',
      timeout: Duration.minutes(5),
      network,
    });
    const [admin, user] = [
      secretArn(this, settings, centre, 'search-admin'),
      secretArn(this, settings, centre, 'search'),
    ];
    preparer.function.addToRolePolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [admin, user] }),
    );
    preparer.function.addToRolePolicy(useOfKey(this, settings, centre));
    new CustomResource(this, 'Prepared', {
      resourceType: 'Custom::PreparedSearch',
      serviceToken: preparer.functionArn,
      serviceTimeout: Duration.minutes(6),
      properties: {
        region: this.region,
        admin,
        user,
        clusters,
        epoch: firstEpoch.epoch,
        access: settings.enginesAskUsers ? 'users' : 'open',
        // Another template is another resource: it is put when it has changed.
        templates: JSON.stringify(
          indexKinds.map((kind) => indexTemplate('', kind, { shards: 0, replicas: 0 })),
        ),
      },
    });
  }

  #domain(
    settings: StageSettings,
    centre: CentreName,
    name: SearchName,
    place: { subnetIds: string[]; securityGroupId: string; logGroups: ReadonlyMap<string, LogGroup> },
  ): CfnDomain {
    const size = settings.search[name];
    const severalZones = size.dataNodes > 1;
    const everythingIn = this.formatArn({
      service: 'es',
      resource: 'domain',
      resourceName: `${domainName(settings, name)}/*`,
    });
    const domain = new CfnDomain(this, name, {
      domainName: domainName(settings, name),
      engineVersion: 'OpenSearch_2.19',
      clusterConfig: {
        instanceType: size.instanceType,
        instanceCount: size.dataNodes,
        dedicatedMasterEnabled: size.masterNodes > 0,
        ...(size.masterNodes > 0 && {
          dedicatedMasterCount: size.masterNodes,
          dedicatedMasterType: size.masterInstanceType,
        }),
        zoneAwarenessEnabled: severalZones,
        ...(severalZones && { zoneAwarenessConfig: { availabilityZoneCount: 3 } }),
        multiAzWithStandbyEnabled: false,
      },
      ebsOptions: { ebsEnabled: true, volumeType: 'gp3', volumeSize: size.volumeGb },
      vpcOptions: {
        subnetIds: severalZones ? place.subnetIds : place.subnetIds.slice(0, 1),
        securityGroupIds: [place.securityGroupId],
      },
      encryptionAtRestOptions: { enabled: true, kmsKeyId: published(this, settings, centre, 'key') },
      nodeToNodeEncryptionOptions: { enabled: true },
      domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
      advancedSecurityOptions: {
        enabled: true,
        internalUserDatabaseEnabled: true,
        masterUserOptions: {
          masterUserName: 'membership_admin',
          masterUserPassword: passwordOf(settings, 'search-admin'),
        },
      },
      accessPolicies: new PolicyDocument({
        statements: [
          new PolicyStatement({
            principals: [new AnyPrincipal()],
            actions: ['es:ESHttpGet', 'es:ESHttpHead', 'es:ESHttpPost', 'es:ESHttpPut', 'es:ESHttpDelete'],
            resources: [everythingIn],
          }),
        ],
      }),
      logPublishingOptions: Object.fromEntries(
        [...place.logGroups].map(([type, { logGroupArn }]) => [
          type,
          { enabled: true, cloudWatchLogsLogGroupArn: logGroupArn },
        ]),
      ),
      softwareUpdateOptions: { autoSoftwareUpdateEnabled: false },
    });
    acceptWildcards(
      domain,
      [everythingIn],
      'Paths within the one domain: which of them a request may touch is judged by fine-grained access.',
    );
    domain.applyRemovalPolicy(settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    accept(domain, {
      OS3: 'In a network without a way out there are no addresses to allow: its security group allows the functions of both centres.',
      OS5: 'Requests have user and password, over TLS, and are judged by fine-grained access, which takes no signed request beside them.',
      ...(size.masterNodes === 0 && { OS4: 'A stage on one machine has one node.' }),
      ...(!severalZones && { OS7: 'A stage on one machine has one node.' }),
    });
    return domain;
  }

  #logGroups(settings: StageSettings, centre: CentreName): ReadonlyMap<string, LogGroup> {
    const encryptionKey = Key.fromKeyArn(this, 'PlaceKey', published(this, settings, centre, 'key'));
    const made = new Map(
      logTypes.map((type) => [
        type as string,
        new LogGroup(this, type, {
          retention: settings.logDays as RetentionDays,
          encryptionKey,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ]),
    );
    const policyDocument = new PolicyDocument({
      statements: [
        new PolicyStatement({
          principals: [new ServicePrincipal('es.amazonaws.com')],
          actions: ['logs:PutLogEvents', 'logs:CreateLogStream'],
          resources: [...made.values()].map(({ logGroupArn }) => logGroupArn),
          conditions: {
            ArnLike: {
              'aws:SourceArn': this.formatArn({
                service: 'es',
                resource: 'domain',
                resourceName: `member-${settings.stage}-*`,
                arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
              }),
            },
          },
        }),
      ],
    });
    new CfnResourcePolicy(this, 'LogsPolicy', {
      policyName: `${this.stackName}-logs`,
      policyDocument: this.toJsonString(policyDocument.toJSON()),
    });
    return made;
  }
}

const sizeOf = ({ search }: StageSettings, name: SearchName) => {
  const { shards, replicas } = search[name];
  return { shards, replicas };
};
