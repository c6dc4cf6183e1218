import type { GlobalCluster } from '@aws-sdk/client-rds';
import type { DatabaseEngine } from '../../core/failover/ports.ts';
import { type Clock, type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { type CentreName, otherCentre } from '../../core/propagation/event.ts';
import type { AwsConnection } from '../aws/calls.ts';
import { makeRdsClient } from './client.ts';

/** A global cluster, by its identifier, and the ARN of its cluster in each centre. */
interface GlobalClusterOf {
  readonly global: string;
  readonly members: Readonly<Record<CentreName, string>>;
}

export interface AuroraEngineOptions extends Partial<Pick<AwsConnection, 'endpoint' | 'credentials'>> {
  /** By database cluster. */
  readonly globalClusters: Readonly<Record<string, GlobalClusterOf>>;
  readonly clock: Clock;
}

const pollMs = 2_000;

/**
 * The engine's part of a promotion on Aurora: a global cluster moves its writer to another of its clusters. A switchover
 * waits until that one has everything; a failover takes it with what has arrived there. The region that is asked is that
 * of the promoted centre. Its cluster endpoint is the writer's from then on, and Aurora builds the old one anew.
 */
export function makeAuroraEngine(options: AuroraEngineOptions): DatabaseEngine {
  const { globalClusters, clock } = options;
  const clients = new Map<string, ReturnType<typeof makeRdsClient>>();

  const known = (databaseCluster: string): GlobalClusterOf => {
    const found = globalClusters[databaseCluster];
    if (!found)
      throw new DependencyUnavailable(databaseCluster, new Error('no global cluster is known of it'));
    return found;
  };
  const rdsIn = (arn: string) => {
    const region = arn.split(':')[3] ?? '';
    const client = clients.get(region) ?? makeRdsClient({ ...options, name: `rds in ${region}`, region });
    clients.set(region, client);
    return client;
  };

  const describe = async (databaseCluster: string, to: CentreName, deadline: Deadline) => {
    const { global, members } = known(databaseCluster);
    const found = await rdsIn(members[to])(
      deadline,
      async (client, { DescribeGlobalClustersCommand }, abort) => {
        const command = new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: global });
        return (await client.send(command, abort)).GlobalClusters?.[0];
      },
    );
    if (!found) throw new DependencyUnavailable(databaseCluster, new Error(`there is no ${global}`));
    return found;
  };

  const memberIn = (cluster: GlobalCluster, arn: string) =>
    cluster.GlobalClusterMembers?.find(({ DBClusterArn }) => DBClusterArn === arn);

  /** Switchovers and failovers show while they go on. */
  const isUnderWay = ({ FailoverState }: GlobalCluster): boolean => FailoverState?.Status !== undefined;

  const begin = (databaseCluster: string, to: CentreName, how: 'planned' | 'forced', deadline: Deadline) => {
    const { global, members } = known(databaseCluster);
    const target = { GlobalClusterIdentifier: global, TargetDbClusterIdentifier: members[to] };
    return rdsIn(members[to])(deadline, async (client, sdk, abort) => {
      if (how === 'planned') await client.send(new sdk.SwitchoverGlobalClusterCommand(target), abort);
      else await client.send(new sdk.FailoverGlobalClusterCommand({ ...target, AllowDataLoss: true }), abort);
    });
  };

  return {
    async faults(databaseCluster, to, deadline) {
      const { global, members } = known(databaseCluster);
      const cluster = await describe(databaseCluster, to, deadline);
      return memberIn(cluster, members[to]) ? [] : [`${global} has no cluster ${members[to]}`];
    },

    async promote(databaseCluster, to, how, deadline) {
      const { members } = known(databaseCluster);
      let isBegun = false;
      let isNew = false;
      for (;;) {
        const cluster = await describe(databaseCluster, to, deadline);
        const isBusy = isUnderWay(cluster);
        if (!isBusy && memberIn(cluster, members[to])?.IsWriter) return { server: null, isNew };
        if (!isBusy && !isBegun) {
          await begin(databaseCluster, to, how, deadline);
          isNew = true;
        }
        isBegun = true;
        if (remainingMs(clock, deadline) < pollMs)
          throw new DependencyUnavailable(databaseCluster, new Error('its writer has not moved in time'));
        await clock.sleep(pollMs);
      }
    },

    async follow(databaseCluster, to, deadline) {
      const { members } = known(databaseCluster);
      const other = memberIn(await describe(databaseCluster, to, deadline), members[otherCentre(to)]);
      if (other?.SynchronizationStatus === 'connected') return [];
      return [`${databaseCluster} in ${otherCentre(to)} (${other?.SynchronizationStatus ?? 'not a member'})`];
    },
  };
}
