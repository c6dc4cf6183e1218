/** Caches, search clusters, the witness, the documents and the keys. */
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { firstTopology } from '../../functions/core/failover/topology.ts';
import { cacheNames, placeNames, searchNames, stageNames, stages } from '../../infra/centre.ts';
import { cacheAccess } from '../../infra/stacks/cache-access.ts';
import { documentBytesMax, documentText } from '../../infra/stacks/documents.ts';
import { domainName } from '../../infra/stacks/search.ts';
import { type Properties, propertiesOf, resourcesOf, stackOf, templateOf } from './synthesis.ts';

const centres = ['A', 'B'] as const;

describe.each(stageNames)('the caches of %s', (stage) => {
  const { cache } = stages[stage];

  test.each(centres)(
    'in %s: several without cluster mode, encrypted, with users, in several zones',
    (centre) => {
      const groups = propertiesOf(stackOf(stage, 'cache', centre), 'AWS::ElastiCache::ReplicationGroup');
      expect(groups.map(({ ReplicationGroupId: id }) => id)).toEqual(
        cacheNames(stages[stage], centre).map((name) => `ms-${stage}-${name}`),
      );
      expect(groups.length).toBeGreaterThan(1);
      for (const group of groups) {
        expect(group).toMatchObject({
          Engine: 'valkey',
          NumCacheClusters: 1 + cache.replicas,
          MultiAZEnabled: cache.replicas > 0,
          AutomaticFailoverEnabled: cache.replicas > 0,
          TransitEncryptionEnabled: true,
          TransitEncryptionMode: 'required',
          AtRestEncryptionEnabled: true,
          // Nothing that one held is believed again: there is nothing to keep.
          SnapshotRetentionLimit: 0,
        });
        expect(group.UserGroupIds).toHaveLength(1);
        expect(group.NumNodeGroups).toBeUndefined();
        expect(group.ReplicationGroupId.length).toBeLessThanOrEqual(40);
        expect(JSON.stringify(group.KmsKeyId)).toContain(`membership${stage}${centre}key`);
      }
    },
  );

  test.each(centres)('in %s no fence is ever evicted: only keys with a lifetime are', (centre) => {
    templateOf(stage, 'cache', centre).hasResourceProperties('AWS::ElastiCache::ParameterGroup', {
      Properties: Match.objectLike({ 'maxmemory-policy': 'volatile-lru', 'cluster-enabled': 'no' }),
    });
  });

  test.each(centres)(
    'in %s the service has a user with a password, and with no more than its commands',
    (centre) => {
      templateOf(stage, 'cache', centre).hasResourceProperties('AWS::ElastiCache::User', {
        Engine: 'valkey',
        UserName: 'membership',
        AccessString: cacheAccess,
        AuthenticationMode: {
          Type: 'password',
          Passwords: [`{{resolve:secretsmanager:membership/${stage}/cache:SecretString:password}}`],
        },
      });
    },
  );
});

describe.each(stageNames)('the search clusters of %s', (stage) => {
  const { search, keepsData } = stages[stage];

  test.each(searchNames)(
    '%s is sized as the settings say: shards are a multiple of its data nodes',
    (name) => {
      const { centre, dataNodes, masterNodes, volumeGb, shards } = search[name];
      expect(shards % dataNodes).toBe(0);
      templateOf(stage, 'search', centre).hasResourceProperties('AWS::OpenSearchService::Domain', {
        DomainName: domainName({ stage }, name),
        ClusterConfig: Match.objectLike({
          InstanceCount: dataNodes,
          InstanceType: search[name].instanceType,
          DedicatedMasterEnabled: masterNodes > 0,
          ZoneAwarenessEnabled: dataNodes > 1,
        }),
        EBSOptions: { EBSEnabled: true, VolumeType: 'gp3', VolumeSize: volumeGb },
      });
      expect(domainName({ stage }, name).length).toBeLessThanOrEqual(28);
      if (dataNodes > 1) expect(dataNodes % 3).toBe(0);
    },
  );

  test('stand where they belong: primary and marketing in A, backup in B', () => {
    const inCentre = (centre: 'A' | 'B') =>
      propertiesOf(stackOf(stage, 'search', centre), 'AWS::OpenSearchService::Domain')
        .map(({ DomainName: name }) => name)
        .sort();
    expect(inCentre('A')).toEqual([`member-${stage}-marketing`, `member-${stage}-primary`]);
    expect(inCentre('B')).toEqual([`member-${stage}-backup`]);
  });

  test.each(centres)(
    'in %s: encrypted everywhere, inside the network, asking everybody who he is',
    (centre) => {
      const stack = stackOf(stage, 'search', centre);
      for (const [, { Properties: domain, DeletionPolicy: policy }] of resourcesOf(
        stack,
        'AWS::OpenSearchService::Domain',
      ) as [string, Properties][]) {
        expect(domain).toMatchObject({
          NodeToNodeEncryptionOptions: { Enabled: true },
          DomainEndpointOptions: { EnforceHTTPS: true },
          AdvancedSecurityOptions: { Enabled: true, InternalUserDatabaseEnabled: true },
        });
        expect(domain.EncryptionAtRestOptions.Enabled).toBe(true);
        expect(domain.VPCOptions.SecurityGroupIds).toHaveLength(1);
        for (const log of ['SEARCH_SLOW_LOGS', 'INDEX_SLOW_LOGS', 'ES_APPLICATION_LOGS', 'AUDIT_LOGS']) {
          expect(domain.LogPublishingOptions[log].Enabled).toBe(true);
        }
        expect(policy).toBe(keepsData ? 'Retain' : 'Delete');
      }
    },
  );

  test.each(centres)(
    'in %s indexes and aliases are made by a custom resource, as the settings size them',
    (centre) => {
      const [prepared] = propertiesOf(stackOf(stage, 'search', centre), 'Custom::PreparedSearch');
      const wanted = searchNames.filter((name) => search[name].centre === centre);
      expect(prepared.clusters.map(({ name }: Properties) => name)).toEqual(wanted);
      for (const { name, shards, replicas } of prepared.clusters) {
        const size = search[name as (typeof searchNames)[number]];
        expect([Number(shards), Number(replicas)]).toEqual([size.shards, size.replicas]);
      }
    },
  );
});

describe.each(stageNames)('the documents and keys of %s', (stage) => {
  const settings = stages[stage];

  test('the witness holds one table in a third region, protected', () => {
    const stack = stackOf(stage, 'witness', 'witness');
    expect([settings.places.A.region, settings.places.B.region]).not.toContain(stack.region);
    templateOf(stage, 'witness', 'witness').hasResourceProperties('AWS::DynamoDB::Table', {
      TableName: `membership-${stage}-epoch-register`,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: settings.keepsData,
      SSESpecification: Match.objectLike({ SSEEnabled: true, SSEType: 'KMS' }),
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    const [first] = propertiesOf(stack, 'Custom::FirstEpoch');
    expect(first).toMatchObject({ epoch: 1, centre: 'A' });
  });

  test.each(centres)(
    '%s has its topology and the shard map, each within what a parameter holds',
    (centre) => {
      const stack = stackOf(stage, 'documents', centre);
      const [map] = propertiesOf(stack, 'AWS::SSM::Parameter');
      expect(JSON.parse(map.Value)).toEqual(settings.database.shardMap);
      expect(Buffer.byteLength(map.Value)).toBeLessThan(documentBytesMax);
      const [first] = propertiesOf(stack, 'Custom::FirstTopology');
      expect(JSON.parse(first.topology)).toEqual(firstTopology(centre, settings.database.shardMap.version));
      // With room for what is added to it: a document below the small kind's limit.
      expect(Buffer.byteLength(first.topology)).toBeLessThan(4 * 1024);
    },
  );

  test.each(placeNames)('%s has a key of its own, rotated, under which its stacks are encrypted', (place) => {
    const template = templateOf(stage, 'keys', place);
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    template.hasResourceProperties('AWS::KMS::Alias', { AliasName: `alias/membership-${stage}` });
  });

  test('what a place publishes is copied to the regions of the others', () => {
    for (const place of placeNames) {
      const [copies] = propertiesOf(stackOf(stage, 'keys', place), 'Custom::CopiesOfParameters');
      expect(copies.regions).toEqual(
        placeNames.filter((other) => other !== place).map((other) => settings.places[other].region),
      );
      expect(Object.keys(copies.parameters)).toEqual([`/membership/${stage}/${place}/key`]);
    }
  });
});

test('a shard map with every second slot moved still fits; one that does not is refused by name', () => {
  const { shardMap } = stages.production.database;
  const moved = (count: number) => ({
    ...shardMap,
    exceptions: Object.fromEntries(Array.from({ length: count }, (_, slot) => [slot * 2, 'c1'])),
  });
  expect(() => documentText('map', moved(512))).not.toThrow();
  expect(() => documentText('map', { ...moved(512), more: 'x'.repeat(4_000) })).toThrow(/^map has \d+ bytes/);
});
