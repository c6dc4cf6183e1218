import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { databaseClusters, type StageName, stageNames, stages } from '../../infra/centre.ts';
import { clusterParameters } from '../../infra/stacks/database-parameters.ts';
import { type Properties, propertiesOf, resourcesOf, stackOf, templateOf } from './synthesis.ts';

const centres = ['A', 'B'] as const;
const clustersIn = (stage: StageName, centre: 'A' | 'B') =>
  propertiesOf(stackOf(stage, 'database', centre), 'AWS::RDS::DBCluster');
const isJournal = ({ DBClusterIdentifier: name }: Properties) => name.includes('-journal-');

describe.each(stageNames)('the databases of %s', (stage) => {
  const { database, keepsData } = stages[stage];
  const names = databaseClusters(stages[stage]);

  test('slots are laid over the clusters by the shard map, every slot once', () => {
    const slots = database.shardMap.ranges.flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
    expect(slots.sort((one, other) => one - other)).toEqual(Array.from({ length: 1024 }, (_, slot) => slot));
  });

  test('each database cluster is a global cluster, with its primary in A and a secondary in B', () => {
    const globals = propertiesOf(stackOf(stage, 'database', 'A'), 'AWS::RDS::GlobalCluster');
    const globalNames = names.map((name) => `membership-${stage}-${name}`);
    expect(globals.map(({ GlobalClusterIdentifier: id }) => id)).toEqual(globalNames);
    for (const global of globals) {
      expect(global).toMatchObject({
        Engine: 'aurora-mysql',
        StorageEncrypted: true,
        DeletionProtection: keepsData,
      });
    }
    templateOf(stage, 'database', 'B').resourceCountIs('AWS::RDS::GlobalCluster', 0);
    for (const centre of centres) {
      const halves = clustersIn(stage, centre).filter((cluster) => !isJournal(cluster));
      expect(halves.map(({ GlobalClusterIdentifier: id }) => id)).toEqual(globalNames);
      for (const half of halves) {
        // No replica forwards writes: it would write for whoever takes it for a writer.
        expect(half.EnableGlobalWriteForwarding).toBe(false);
        expect(half.MasterUsername === undefined).toBe(centre === 'B');
      }
    }
  });

  test('each centre has a journal of its own, and nobody follows it', () => {
    for (const centre of centres) {
      const journals = clustersIn(stage, centre).filter(isJournal);
      expect(journals).toHaveLength(1);
      expect(journals[0].GlobalClusterIdentifier).toBeUndefined();
    }
  });

  test.each(centres)('the servers of %s: as many as the settings say, spread over the zones', (centre) => {
    const stack = stackOf(stage, 'database', centre);
    const servers = propertiesOf(stack, 'AWS::RDS::DBInstance');
    expect(servers).toHaveLength(names.length * database.servers[centre] + database.journalServers);
    for (const name of names) {
      const own = servers.filter(({ DBInstanceIdentifier: id }) =>
        id.startsWith(`membership-${stage}-${name}-`),
      );
      expect(new Set(own.map(({ AvailabilityZone: zone }) => zone)).size).toBe(Math.min(3, own.length));
      expect(own.map(({ PromotionTier: tier }) => tier)).toEqual(own.map((_, index) => index));
    }
    for (const server of servers) {
      expect(server).toMatchObject({ PubliclyAccessible: false, AutoMinorVersionUpgrade: false });
    }
  });

  test.each(centres)('in %s all rests encrypted, backed up and protected', (centre) => {
    for (const cluster of clustersIn(stage, centre)) {
      expect(cluster).toMatchObject({
        StorageEncrypted: true,
        BackupRetentionPeriod: database.backupDays,
        DeletionProtection: keepsData,
        EnableCloudwatchLogsExports: ['audit', 'error', 'slowquery'],
      });
      expect(JSON.stringify(cluster.KmsKeyId)).toContain(`membership${stage}${centre}key`);
      // Not available for a global cluster; and never a password in a template.
      expect(cluster.ManageMasterUserPassword).toBeUndefined();
      if (cluster.MasterUserPassword !== undefined)
        expect(cluster.MasterUserPassword).toBe(
          `{{resolve:secretsmanager:membership/${stage}/database-admin:SecretString:password}}`,
        );
    }
    for (const [, { DeletionPolicy: policy }] of resourcesOf(
      stackOf(stage, 'database', centre),
      'AWS::RDS::DBCluster',
    )) {
      expect(policy).toBe(keepsData ? 'Snapshot' : 'Delete');
    }
  });

  test.each(centres)(
    'in %s a proxy stands before every writer, and takes both users, over TLS alone',
    (centre) => {
      const template = templateOf(stage, 'database', centre);
      template.resourcePropertiesCountIs(
        'AWS::RDS::DBProxy',
        {
          EngineFamily: 'MYSQL',
          RequireTLS: true,
          DebugLogging: false,
          Auth: [
            Match.objectLike({ AuthScheme: 'SECRETS', IAMAuth: 'DISABLED' }),
            Match.objectLike({ AuthScheme: 'SECRETS', IAMAuth: 'DISABLED' }),
          ],
        },
        names.length + 1,
      );
      template.resourcePropertiesCountIs(
        'AWS::RDS::DBProxyTargetGroup',
        {
          TargetGroupName: 'default',
          ConnectionPoolConfigurationInfo: Match.objectLike({
            MaxConnectionsPercent: database.proxyConnectionsPercentMax,
          }),
        },
        names.length + 1,
      );
    },
  );

  test('replicas are published one by one, writers by their proxies, in both centres', () => {
    const published = (centre: 'A' | 'B') =>
      propertiesOf(stackOf(stage, 'database', centre), 'AWS::SSM::Parameter').map(({ Name: name }) => name);
    for (const name of names) {
      for (const centre of centres) {
        expect(published(centre)).toContain(`/membership/${stage}/${centre}/database/${name}/writer`);
        expect(published(centre)).toContain(`/membership/${stage}/${centre}/database/journal`);
      }
      for (let replica = 0; replica < database.servers.B; replica++) {
        expect(published('B')).toContain(`/membership/${stage}/B/database/${name}/replicas/r${replica}`);
      }
    }
  });

  test.each(centres)(
    'the schema of %s is brought up to date before functions come, and when it has changed',
    (centre) => {
      const [prepared] = propertiesOf(stackOf(stage, 'database', centre), 'Custom::PreparedDatabases');
      expect(prepared.schema).toMatch(/^[0-9a-f]{16}$/);
      expect(prepared.clusters.map(({ name }: Properties) => name)).toEqual(names);
      expect(prepared.clusters.flatMap(({ slots }: Properties) => slots)).toEqual(
        database.shardMap.ranges.map(({ first, last }) => ({ first, last })),
      );
      expect(prepared.opening).toEqual({ epoch: 1, centre: 'A' });
    },
  );
});

test.each(centres)(
  'the parameters of %s keep what is acknowledged, and let nobody connect in clear',
  (centre) => {
    templateOf('production', 'database', centre).hasResourceProperties('AWS::RDS::DBClusterParameterGroup', {
      Family: 'aurora-mysql8.0',
      Parameters: clusterParameters,
    });
    expect(clusterParameters).toMatchObject({
      innodb_flush_log_at_trx_commit: '1',
      require_secure_transport: 'ON',
      binlog_format: 'OFF',
      collation_server: 'utf8mb4_bin',
    });
  },
);

describe('secrets', () => {
  const rotated = ['database', 'database-admin'];

  test.each(stageNames)('of %s stand in A with a copy in B, each under the key of its place', (stage) => {
    const secrets = propertiesOf(stackOf(stage, 'secrets', 'A'), 'AWS::SecretsManager::Secret');
    expect(secrets.map(({ Name: name }) => name.split('/').at(-1)).sort()).toEqual(
      [
        'cache',
        'database',
        'database-1',
        'database-2',
        'database-admin',
        'keyring',
        'observer',
        'search',
        'search-admin',
      ].sort(),
    );
    for (const secret of secrets) {
      expect(secret.ReplicaRegions.map(({ Region: region }: Properties) => region)).toEqual([
        stages[stage].places.B.region,
      ]);
      expect(JSON.stringify(secret.KmsKeyId)).toContain(`membership${stage}Akey`);
      expect(JSON.stringify(secret.ReplicaRegions[0].KmsKeyId)).toContain(`membership${stage}Bkey`);
      expect(secret.SecretString).toBeUndefined();
    }
  });

  test.each(stageNames)("of the databases of %s are rotated, by the service's own function", (stage) => {
    const stack = stackOf(stage, 'rotation', 'A');
    const schedules = propertiesOf(stack, 'AWS::SecretsManager::RotationSchedule');
    expect(schedules).toHaveLength(rotated.length);
    for (const schedule of schedules) {
      expect(schedule.RotationRules).toEqual({
        AutomaticallyAfterDays: stages[stage].database.passwordRotationDays,
      });
      expect(schedule.HostedRotationLambda).toBeUndefined();
    }
    templateOf(stage, 'rotation', 'A').hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: Match.anyValue(),
    });
  });
});
