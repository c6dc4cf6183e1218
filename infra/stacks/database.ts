import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  CfnDBClusterParameterGroup,
  CfnDBParameterGroup,
  CfnDBSubnetGroup,
  CfnGlobalCluster,
} from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { schemaFingerprint } from '../../functions/adapters/mysql/schema/fingerprint.ts';
import { firstEpoch } from '../../functions/core/failover/epoch.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { databaseClusters, type StageSettings } from '../centre.ts';
import { AuroraCluster, type AuroraClusterProps, engine } from '../constructs/aurora-cluster.ts';
import { DeployFunction } from '../constructs/deploy-function.ts';
import { publish, published } from '../constructs/published.ts';
import { WriterProxy } from '../constructs/writer-proxy.ts';
import { databaseClusterName, globalClusterName, stackName } from '../names.ts';
import { clusterParameters, instanceParameters } from './database-parameters.ts';
import { placeOf } from './keys.ts';
import { networkOf, ports } from './network.ts';
import { passwordOf, secretArn, useOfKey } from './secrets.ts';

/** The centre that the database clusters begin with as their writers'. */
const primaryCentre: CentreName = 'A';

/**
 * The databases of a centre: its half of every database cluster (an Aurora global cluster: the writer and its standbys
 * in A, replicas in B), and its journal, which belongs to this centre alone. Both centres have a proxy before the
 * writer's place; replicas are read by their own names, so that a reader knows which one it asks.
 *
 * Publishes `database/CLUSTER/writer`, `database/CLUSTER/servers/{0..}` (A) or `database/CLUSTER/replicas/{r0..}` (B),
 * `database/journal` and `database/journal/servers/{0..}`, each `host:port`.
 */
export class DatabaseStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, centre: CentreName) {
    super(scope, stackName(settings, 'database', centre), placeOf(settings, centre));
    const { database, keepsData, places } = settings;
    const network = networkOf(this, settings, centre);
    const subnetIds = network.dataSubnetIds();
    const securityGroupId = network.group('database').securityGroupId;
    const named = (what: string) => databaseClusterName(settings, what, centre);

    const family = 'aurora-mysql8.0';
    const clusterParameterGroup = new CfnDBClusterParameterGroup(this, 'ClusterParameters', {
      family,
      description: 'Clusters of membership: see database-parameters.ts.',
      parameters: clusterParameters,
    });
    const instanceParameterGroup = new CfnDBParameterGroup(this, 'InstanceParameters', {
      family,
      description: 'Servers of membership: see database-parameters.ts.',
      parameters: instanceParameters,
    });
    const subnetGroup = new CfnDBSubnetGroup(this, 'Subnets', {
      dbSubnetGroupDescription: 'The isolated data subnets of the centre.',
      subnetIds,
    });
    const shared = {
      engineVersion: database.engineVersion,
      zones: places[centre].zones,
      subnetGroup: subnetGroup.ref,
      securityGroupId,
      clusterParameterGroup: clusterParameterGroup.ref,
      instanceParameterGroup: instanceParameterGroup.ref,
      keyArn: published(this, settings, centre, 'key'),
      backupDays: database.backupDays,
      keepsData,
    } satisfies Partial<AuroraClusterProps>;
    const admin = { username: 'membership_admin', password: passwordOf(settings, 'database-admin') };
    const before = (id: string, cluster: AuroraCluster) =>
      new WriterProxy(this, `${id}-proxy`, {
        name: named(id),
        cluster,
        subnetIds,
        securityGroupId,
        secretArns: (['database-1', 'database-2'] as const).map((name) =>
          secretArn(this, settings, centre, name),
        ),
        useOfKey: useOfKey(this, settings, centre),
        connectionsPercentMax: database.proxyConnectionsPercentMax,
      });

    const endpoints: Record<string, string> = {};
    const made: AuroraCluster[] = [];
    for (const name of databaseClusters(settings)) {
      const globalCluster = globalClusterName(settings, name);
      const isPrimary = centre === primaryCentre;
      const global = isPrimary
        ? new CfnGlobalCluster(this, `${name}-global`, {
            globalClusterIdentifier: globalCluster,
            engine,
            engineVersion: database.engineVersion,
            storageEncrypted: true,
            deletionProtection: keepsData,
          })
        : null;
      const cluster = new AuroraCluster(this, name, {
        ...shared,
        identifier: named(name),
        instanceClass: database.instanceClass,
        servers: database.servers[centre],
        globalCluster,
        ...(isPrimary && { admin }),
      });
      if (global) cluster.node.addDependency(global);
      made.push(cluster);
      endpoints[`database/${name}/writer`] = `${before(name, cluster).endpoint}:${ports.mysql}`;
      const group = isPrimary ? 'servers/' : 'replicas/r';
      Object.assign(endpoints, serversOf(cluster, `database/${name}/${group}`));
    }

    const journal = new AuroraCluster(this, 'journal', {
      ...shared,
      identifier: named('journal'),
      instanceClass: database.journalInstanceClass,
      servers: database.journalServers,
      admin,
    });
    endpoints['database/journal'] = `${before('journal', journal).endpoint}:${ports.mysql}`;
    Object.assign(endpoints, serversOf(journal, 'database/journal/servers/'));
    publish(this, settings, centre, endpoints);
    this.#prepare(settings, centre, endpoints, [...made, journal], network.forFunctions());
  }

  /** Accounts and schema, once the servers stand: before any function needs them, and each time that they have changed. */
  #prepare(
    settings: StageSettings,
    centre: CentreName,
    endpoints: Readonly<Record<string, string>>,
    databases: readonly AuroraCluster[],
    network: ReturnType<ReturnType<typeof networkOf>['forFunctions']>,
  ): void {
    const { shardMap, authoritiesFile } = settings.database;
    const preparer = new DeployFunction(this, 'Preparer', {
      settings,
      entry: 'prepare-databases',
      description: 'Brings accounts and schema of the databases of a centre up to date.',
      timeout: Duration.minutes(15),
      network,
    });
    const names = ['database-admin', 'database-1', 'database-2'] as const;
    const [admin, ...users] = names.map((name) => secretArn(this, settings, centre, name));
    preparer.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [admin as string, ...users],
      }),
    );
    preparer.function.addToRolePolicy(useOfKey(this, settings, centre));
    const below = (prefix: string) =>
      Object.keys(endpoints).flatMap((name) => (name.startsWith(prefix) ? [endpoints[name] as string] : []));
    const prepared = new CustomResource(this, 'Prepared', {
      resourceType: 'Custom::PreparedDatabases',
      serviceToken: preparer.functionArn,
      serviceTimeout: Duration.minutes(16),
      properties: {
        region: this.region,
        ...(authoritiesFile !== undefined && { authorities: authoritiesFile }),
        admin,
        users,
        clusters: databaseClusters(settings).map((name) => ({
          name,
          slots: shardMap.ranges
            .filter(({ cluster }) => cluster === name)
            .map(({ first, last }) => ({ first, last })),
          servers: [...below(`database/${name}/servers/`), ...below(`database/${name}/replicas/`)],
        })),
        journal: below('database/journal/servers/'),
        opening: firstEpoch,
        // Another schema is another resource: it is applied when it has changed.
        schema: schemaFingerprint(),
      },
    });
    for (const database of databases) prepared.node.addDependency(database);
  }
}

const serversOf = (cluster: AuroraCluster, prefix: string): Record<string, string> =>
  Object.fromEntries(
    cluster.servers.map((server, index) => [
      `${prefix}${index}`,
      `${server.attrEndpointAddress}:${server.attrEndpointPort}`,
    ]),
  );
