import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CfnParameterGroup,
  CfnReplicationGroup,
  CfnSubnetGroup,
  CfnUser,
  CfnUserGroup,
} from 'aws-cdk-lib/aws-elasticache';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { cacheNames, type StageSettings } from '../centre.ts';
import { accept } from '../constructs/accept.ts';
import { publish, published } from '../constructs/published.ts';
import { stackName } from '../names.ts';
import { cacheAccess, cacheUser } from './cache-access.ts';
import { placeOf } from './keys.ts';
import { networkOf, ports } from './network.ts';
import { passwordOf } from './secrets.ts';

const engine = 'valkey';

const parameters = {
  // Only keys with a lifetime are evicted: values, leases and grants. A fence has none until every source shows its
  // change, and so is never evicted, however full it is; when nothing else is left to evict, a fence that cannot be put
  // is refused, and its write waits for the end of the grant instead.
  'maxmemory-policy': 'volatile-lru',
  // For the replicas' buffers: without it a Redis that is full of values could not feed a replica that comes back.
  'reserved-memory-percent': '25',
  // Rendezvous hashing over several of them is the only sharding: a script's keys are always in one.
  'cluster-enabled': 'no',
  // Connections of execution environments that were frozen for good.
  timeout: '600',
} as const;

/**
 * The Redis clusters of a centre (Valkey, cluster mode off), each with its replicas in other zones. They keep nothing on
 * disk and are not backed up: what one held is found again, never believed.
 *
 * Publishes `cache/NAME/url` (without user and password).
 */
export class CacheStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, centre: CentreName) {
    super(scope, stackName(settings, 'cache', centre), placeOf(settings, centre));
    const { nodeType, replicas, engineVersion } = settings.cache;
    const network = networkOf(this, settings, centre);
    const keyArn = published(this, settings, centre, 'key');
    const parameterGroup = new CfnParameterGroup(this, 'Parameters', {
      cacheParameterGroupFamily: 'valkey8',
      description: 'Redis clusters of membership: see cache.ts.',
      properties: parameters,
    });
    const subnetGroup = new CfnSubnetGroup(this, 'Subnets', {
      description: 'The isolated data subnets of the centre.',
      subnetIds: network.dataSubnetIds(),
    });
    const user = new CfnUser(this, 'User', {
      engine,
      userId: `membership-${settings.stage}`,
      userName: cacheUser,
      accessString: cacheAccess,
      authenticationMode: { Type: 'password', Passwords: [passwordOf(settings, 'cache')] },
    });
    const userGroup = new CfnUserGroup(this, 'Users', {
      engine,
      userGroupId: `membership-${settings.stage}`,
      userIds: [user.ref],
    });
    const logs = new LogGroup(this, 'SlowLog', {
      retention: settings.logDays as RetentionDays,
      encryptionKey: Key.fromKeyArn(this, 'PlaceKey', keyArn),
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const urls = cacheNames(settings, centre).map((name) => {
      const group = new CfnReplicationGroup(this, name, {
        replicationGroupId: `ms-${settings.stage}-${name}`,
        replicationGroupDescription: `${name} of membership ${settings.stage}`,
        engine,
        engineVersion,
        cacheNodeType: nodeType,
        numCacheClusters: 1 + replicas,
        automaticFailoverEnabled: replicas > 0,
        multiAzEnabled: replicas > 0,
        cacheParameterGroupName: parameterGroup.ref,
        cacheSubnetGroupName: subnetGroup.ref,
        securityGroupIds: [network.group('cache').securityGroupId],
        port: ports.redis,
        transitEncryptionEnabled: true,
        transitEncryptionMode: 'required',
        atRestEncryptionEnabled: true,
        kmsKeyId: keyArn,
        userGroupIds: [userGroup.ref],
        snapshotRetentionLimit: 0,
        autoMinorVersionUpgrade: false,
        logDeliveryConfigurations: [
          {
            logType: 'slow-log',
            logFormat: 'json',
            destinationType: 'cloudwatch-logs',
            destinationDetails: { cloudWatchLogsDetails: { logGroup: logs.logGroupName } },
          },
        ],
      });
      accept(group, {
        AEC5: 'The port is no secret: nothing but the functions of both centres has a way to it.',
        AEC6: 'Users have passwords (a user group), which takes the place of the one token.',
        ...(replicas === 0 && { AEC4: 'A stage on one machine has one zone.' }),
      });
      return [
        `cache/${name}/url`,
        `${settings.enginesAskUsers ? 'rediss' : 'redis'}://${group.attrPrimaryEndPointAddress}:${group.attrPrimaryEndPointPort}`,
      ] as const;
    });
    publish(this, settings, centre, Object.fromEntries(urls));
  }
}
