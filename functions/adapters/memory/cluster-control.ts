import { firstSequenceOf } from '../../core/failover/epoch.ts';
import type { ClusterControl } from '../../core/failover/ports.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { leaseStands, type MemoryClusters, memoryClusterOf, memoryReplicaOf } from './cluster-lookup.ts';
import { commitTo, type MemoryRedisGrant } from './memory-cluster.ts';
import { isSameEpoch } from './memory-journal.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** The control rows in memory: same outcomes as in MySQL, a method one step on the clusters' state. */
export function makeMemoryClusterControl(options: {
  readonly clusters: MemoryClusters;
  readonly turn?: Turn;
}): ClusterControl {
  const { clusters, turn = noTurn } = options;
  const at = (databaseCluster: string) => memoryClusterOf(clusters, databaseCluster);

  return {
    epoch: (databaseCluster) =>
      taking(turn, databaseCluster, () => {
        const { writer, clock } = at(databaseCluster);
        const nowMs = clock.nowMs();
        const leaseRemainingMs = Math.max(0, writer.control.leaseEndsMs - nowMs);
        return { ...writer.control.epoch, leaseRemainingMs, readAt: String(nowMs) };
      }),

    extendLease: (databaseCluster, epoch, readAt, lengthMs) =>
      taking(turn, databaseCluster, () =>
        commitTo(at(databaseCluster), ({ control }) => {
          if (!isSameEpoch(control.epoch, epoch)) return 'older-epoch';
          control.leaseEndsMs = Math.max(control.leaseEndsMs, Number(readAt) + lengthMs);
          return 'extended';
        }),
      ),

    close: (databaseCluster, epoch, redises) =>
      taking(turn, databaseCluster, () =>
        commitTo(at(databaseCluster), ({ control, redisGrant }, nowMs) => {
          if (isSameEpoch(control.epoch, epoch)) return 'closed';
          if (control.epoch.epoch >= epoch.epoch) return 'older-epoch';
          for (const redis of redises) {
            const grant = redisGrant.get(redis) ?? neverGranted(nowMs);
            redisGrant.set(redis, { ...grant, suspended: true, reliedCount: grant.reliedCount + 1 });
          }
          control.leaseEndsMs = 0;
          control.lastSequence = Math.max(control.lastSequence, firstSequenceOf(epoch.epoch));
          control.epoch = { epoch: epoch.epoch, centre: epoch.centre };
          return 'closed';
        }),
      ),

    beat: (databaseCluster) =>
      taking(turn, databaseCluster, () =>
        commitTo(at(databaseCluster), (tables, nowMs) => {
          if (!leaseStands(tables, nowMs)) return;
          tables.control.heartbeat = { beat: tables.control.heartbeat.beat + 1, beatAtMs: nowMs };
        }),
      ),

    lagMs: (databaseCluster, replica) =>
      taking(turn, `${databaseCluster} ${replica}`, () => {
        const cluster = at(databaseCluster);
        const { heartbeat } = memoryReplicaOf(cluster, replica).control;
        return Math.max(0, cluster.clock.nowMs() - heartbeat.beatAtMs);
      }),

    recordGrant: (databaseCluster, redis, lengthMs, unfencedAgeMs) =>
      taking(turn, databaseCluster, () =>
        commitTo(at(databaseCluster), (tables, nowMs) => {
          if (!leaseStands(tables, nowMs)) return { kind: 'not-the-writer' };
          const grant = tables.redisGrant.get(redis) ?? neverGranted(nowMs);
          if (grant.suspended) return { kind: 'suspended', count: grant.reliedCount };
          const unfenced = [...tables.outbox.values()].some(
            (row) => row.committedAtMs <= nowMs - unfencedAgeMs && row.pending.includes(`redis:${redis}`),
          );
          if (unfenced) return { kind: 'unfenced' };
          const endsMs = Math.min(nowMs + lengthMs, tables.control.leaseEndsMs);
          tables.redisGrant.set(redis, { ...grant, grantEndsMs: Math.max(grant.grantEndsMs, endsMs) });
          return { kind: 'recorded', lengthMs: endsMs - nowMs };
        }),
      ),

    suspend: (databaseCluster, redis) =>
      taking(turn, databaseCluster, () =>
        commitTo(at(databaseCluster), (tables, nowMs) => {
          if (!leaseStands(tables, nowMs)) throw leaseEnded(databaseCluster);
          const grant = tables.redisGrant.get(redis) ?? neverGranted(nowMs);
          tables.redisGrant.set(redis, { ...grant, suspended: true, reliedCount: grant.reliedCount + 1 });
          return Math.max(0, grant.grantEndsMs - nowMs);
        }),
      ),

    resume: (databaseCluster, redis, count) =>
      taking(turn, databaseCluster, () =>
        commitTo(at(databaseCluster), (tables, nowMs) => {
          if (!leaseStands(tables, nowMs)) throw leaseEnded(databaseCluster);
          const grant = tables.redisGrant.get(redis);
          if (grant?.reliedCount !== count) return 'counted-since';
          tables.redisGrant.set(redis, { ...grant, suspended: false });
          return 'resumed';
        }),
      ),

    suspended: (databaseCluster) =>
      taking(turn, databaseCluster, () =>
        [...at(databaseCluster).writer.redisGrant]
          .filter(([, { suspended }]) => suspended)
          .map(([redis]) => redis)
          .sort(),
      ),

    lastSequence: (databaseCluster) =>
      taking(turn, databaseCluster, () => Math.max(0, ...at(databaseCluster).writer.outbox.keys())),
  };
}

const neverGranted = (nowMs: number): MemoryRedisGrant => ({
  grantEndsMs: nowMs,
  suspended: false,
  reliedCount: 0,
});

function leaseEnded(databaseCluster: string): DependencyUnavailable {
  return new DependencyUnavailable(
    `database ${databaseCluster}`,
    new Error('its lease to write has ended, or its epoch is closed'),
  );
}
