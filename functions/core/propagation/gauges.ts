/**
 * How far behind everything is that runs after a write was acknowledged, and what a centre's promises stand on: read
 * from time to time for telemetry, and never to decide anything. Each centre reads what only it can see: its replicas,
 * its Redis clusters, its journal and its queue; the centre of the writers the outboxes and the leases too.
 */
import type { CacheCluster } from '../cache/ports.ts';
import type { CentreState } from '../failover/centre-state.ts';
import type { ClusterControl } from '../failover/ports.ts';
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { orNull } from '../kernel/invariant.ts';
import type { BreakerState, Positions } from '../search/breaker.ts';
import type { CentreName } from './event.ts';
import type { Backlog, Journal, Outbox, QueueDepth, QueueGauge } from './ports.ts';

export interface GaugesPorts {
  readonly centre: CentreName;
  readonly databaseClusters: readonly string[];
  readonly control: Pick<ClusterControl, 'epoch' | 'lagMs' | 'suspended'>;
  readonly outbox: Pick<Outbox, 'backlog'>;
  /** The own centre's. */
  readonly journal: Pick<Journal, 'backlog'>;
  readonly queue: QueueGauge;
  readonly caches: readonly Pick<CacheCluster, 'name' | 'readiness' | 'grantAgesMs'>[];
  /** The own centre's. */
  readonly replicas: readonly string[];
  readonly centreState: CentreState;
  /** Where the breakers of search clusters stand; one that is not named is closed. */
  readonly breakers: () => Positions;
  readonly searchClusters: readonly string[];
  readonly clock: Clock;
}

/** `null` stands for what did not answer; what is not this centre's to read is left out. */
export interface DatabaseGauges {
  readonly outbox?: Backlog | null;
  readonly journal?: Backlog | null;
  /** What is left of the lease to write. */
  readonly leaseMs?: number | null;
  /** By the replica's name. */
  readonly lagMs: Readonly<Record<string, number | null>>;
}

export interface RedisGauges {
  readonly state: 'ready' | 'preparing' | 'blank' | 'away';
  /** The database clusters whose grant it holds now. */
  readonly grants: readonly string[];
  /** The database clusters at whose writer it is marked as suspended. */
  readonly suspendedFor: readonly string[];
}

export interface Gauges {
  readonly epoch: number;
  readonly writer: CentreName;
  /** Out of use by the centre's topology. */
  readonly suspendedParts: readonly string[];
  readonly databases: Readonly<Record<string, DatabaseGauges>>;
  readonly redis: Readonly<Record<string, RedisGauges>>;
  readonly queue: QueueDepth | null;
  /** The breaker of each search cluster, in this centre. */
  readonly search: Readonly<Record<string, BreakerState>>;
}

const shareMs = 1_000;

/** @throws DependencyUnavailable when the centre's state cannot be read; everything else that is away is null */
export function makeGauges(ports: GaugesPorts): (deadline: Deadline) => Promise<Gauges> {
  const { centre, databaseClusters, control, outbox, journal, queue, caches, replicas, centreState, clock } =
    ports;

  const ofDatabase = async (
    cluster: string,
    hasWriter: boolean,
    share: Deadline,
  ): Promise<DatabaseGauges> => {
    const lags = Promise.all(
      replicas.map(
        async (replica) => [replica, await orNull(control.lagMs(cluster, replica, share))] as const,
      ),
    );
    if (!hasWriter) {
      const [waiting, lagMs] = await Promise.all([orNull(journal.backlog(cluster, share)), lags]);
      return { journal: waiting, lagMs: Object.fromEntries(lagMs) };
    }
    const [waiting, epoch, lagMs] = await Promise.all([
      orNull(outbox.backlog(cluster, share)),
      orNull(control.epoch(cluster, share)),
      lags,
    ]);
    return { outbox: waiting, leaseMs: epoch?.leaseRemainingMs ?? null, lagMs: Object.fromEntries(lagMs) };
  };

  const ofRedis = async (
    cache: GaugesPorts['caches'][number],
    suspended: ReadonlyMap<string, readonly string[]>,
    share: Deadline,
  ): Promise<RedisGauges> => {
    const [readiness, ages] = await Promise.all([
      orNull(cache.readiness(share)),
      orNull(cache.grantAgesMs(databaseClusters, share)),
    ]);
    return {
      state: readiness?.kind ?? 'away',
      grants: databaseClusters.filter((_, index) => ages?.[index] === 0),
      suspendedFor: databaseClusters.filter((cluster) => suspended.get(cluster)?.includes(cache.name)),
    };
  };

  return async (deadline) => {
    const { epoch, writer, suspendedParts } = await centreState.current(deadline);
    const share = within(clock, deadline, shareMs);
    const byCluster = async <Value>(read: (cluster: string) => Promise<Value>) =>
      Promise.all(databaseClusters.map(async (cluster) => [cluster, await read(cluster)] as const));
    const suspended = byCluster(async (cluster) => (await orNull(control.suspended(cluster, share))) ?? []);
    const [databases, redis, depth] = await Promise.all([
      byCluster((cluster) => ofDatabase(cluster, writer === centre, share)),
      Promise.all(
        caches.map(
          async (cache) => [cache.name, await ofRedis(cache, new Map(await suspended), share)] as const,
        ),
      ),
      orNull(queue.depth(share)),
    ]);
    return {
      epoch,
      writer,
      suspendedParts,
      databases: Object.fromEntries(databases),
      redis: Object.fromEntries(redis),
      queue: depth,
      search: Object.fromEntries(
        ports.searchClusters.map((name) => [name, ports.breakers()[name]?.state ?? 'closed']),
      ),
    };
  };
}
