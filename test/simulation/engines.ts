/**
 * The engines of both centres, as plain state that outlives every process: two database clusters with their replicas,
 * two Redis clusters a centre, three search clusters, a journal and a queue a centre, the witness, the topologies.
 */
import {
  type MemoryCluster,
  makeMemoryCluster,
  replicate,
} from '../../functions/adapters/memory/memory-cluster.ts';
import { makeMemoryJournal, makeMemoryRegister } from '../../functions/adapters/memory/memory-journal.ts';
import { type MemoryRedis, makeMemoryRedis } from '../../functions/adapters/memory/memory-redis.ts';
import {
  type MemorySearchState,
  makeMemorySearchState,
} from '../../functions/adapters/memory/search-cluster.ts';
import type { MemoryTopologyState } from '../../functions/adapters/memory/topology-store.ts';
import { writeLeaseMs } from '../../functions/core/failover/durations.ts';
import type { Topology } from '../../functions/core/failover/topology.ts';
import type { Clock } from '../../functions/core/kernel/clock.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { SyncMessage } from '../../functions/core/propagation/ports.ts';
import { makeSharding } from '../../functions/core/sharding/sharding.ts';
import { slotHasher } from './cheap-crypto.ts';
import { elected } from './lineage.ts';
import { clockSpeed } from './process.ts';
import type { Randomness } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { startOfTimeMs } from './short-ages.ts';

export const clusterNames = ['c0', 'c1'] as const;
export const cacheNames = { A: ['redis-a-0', 'redis-a-1'], B: ['redis-b-0', 'redis-b-1'] } as const;
export const searchCentres: Readonly<Record<string, CentreName>> = {
  primary: 'A',
  backup: 'B',
  marketing: 'B',
};
/** One of A's, standing for its standbys, and two of B's: enough for any difference between them. */
export const replicaNames = { A: ['a-1'], B: ['b-1', 'b-2'] } as const;
const epoch = { epoch: 1, centre: 'A' } as const;

export const sharding = makeSharding(slotHasher, {
  version: 1,
  ranges: [
    { first: 0, last: 511, cluster: 'c0' },
    { first: 512, last: 1023, cluster: 'c1' },
  ],
  exceptions: {},
});

export type Engines = ReturnType<typeof makeEngines>;

/**
 * @param readsFirst what the centres read first: `replicas`, and no search cluster; `search`, both of them; or what is drawn
 * @param hasReplica whether each Redis has a replica, which may take over
 */
export function makeEngines(
  scheduler: Scheduler,
  random: Randomness,
  readsFirst: 'any' | 'replicas' | 'search',
  hasReplica = false,
) {
  /** Every engine's clock is set differently, and runs at a speed of its own. */
  const clock = (): Clock => {
    const offsetMs = startOfTimeMs + random.below(120_000) - 60_000;
    const speed = clockSpeed(random);
    const nowMs = (): number => scheduler.nowMs() * speed + offsetMs;
    return { nowMs, monotonicMs: nowMs, sleep: () => Promise.reject(new Error('engines do not sleep')) };
  };
  const byName = <Name extends string, T>(
    names: readonly Name[],
    make: (name: Name) => T,
  ): Readonly<Record<Name, T>> =>
    Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, T>;

  const first: Readonly<Record<string, MemoryCluster>> = byName(clusterNames, (name) =>
    makeMemoryCluster({
      name,
      clock: clock(),
      epoch,
      leaseMs: writeLeaseMs,
      replicas: Object.values(replicaNames).flat(),
    }),
  );
  const redises: Readonly<Record<string, MemoryRedis>> = byName([...cacheNames.A, ...cacheNames.B], () =>
    makeMemoryRedis(clock(), { hasReplica }),
  );
  const search: Readonly<Record<string, MemorySearchState>> = byName(Object.keys(searchCentres), () =>
    makeMemorySearchState(epoch.epoch),
  );
  const centres = ['A', 'B'] as const;
  /** Those whose writers a promotion has elected. */
  const second: Record<string, MemoryCluster> = {};
  const opened = { isOpen: false };
  const electionHeard: ((name: string) => void)[] = [];
  // At times a centre reads fewer search clusters, or none: then its replicas.
  const topology = (critical: readonly string[]): Topology => ({
    format: 1,
    version: 1,
    epoch: epoch.epoch,
    writer: epoch.centre,
    search: { critical, marketing: ['marketing', 'backup'] },
    suspendedParts: [],
    shardMapVersion: 1,
    revokedKeyHashes: [],
  });

  const criticalOf = (both: readonly string[]): readonly string[] => {
    if (readsFirst === 'replicas') return [];
    return readsFirst === 'search' ? both : random.pick([both, both, both.slice(0, 1), []]);
  };

  /** How far each replica is behind, in milliseconds; and those that stand still until a moment. */
  const lagMs = new Map<string, number>();
  const heldUntilMs = new Map<string, number>();

  const showUpTo = (cluster: MemoryCluster, replica: string, clusterMs: number): void => {
    const shown = cluster.replicas[replica]?.applied ?? 0;
    let upTo = shown;
    while ((cluster.log[upTo]?.nowMs ?? Number.POSITIVE_INFINITY) <= clusterMs) upTo++;
    if (upTo > shown) replicate(cluster, replica, upTo);
  };

  return {
    /** Whose writers count: those of the first epoch, until a promotion has opened. */
    get clusters(): Readonly<Record<string, MemoryCluster>> {
      return opened.isOpen ? second : first;
    },
    first,
    second,
    opened,
    /** The servers that a process takes for the writers and their copies, by the epoch that it knows. */
    clustersOf: (epochOf: () => number): Readonly<Record<string, MemoryCluster>> =>
      Object.defineProperties(
        {},
        Object.fromEntries(
          clusterNames.map((name) => [
            name,
            {
              enumerable: true,
              get: () => (epochOf() > epoch.epoch ? (second[name] ?? first[name]) : first[name]),
            },
          ]),
        ),
      ),
    redises,
    search,
    journals: byName(centres, () => makeMemoryJournal(clock(), epoch)),
    witness: makeMemoryRegister(epoch),
    queues: byName(centres, (): SyncMessage[] => []),
    topologies: {
      A: {
        topology: topology(criticalOf(['primary', 'backup'])),
      },
      B: {
        topology: topology(criticalOf(['backup', 'primary'])),
      },
    } satisfies Readonly<Record<CentreName, MemoryTopologyState>>,

    /** Replication happens when somebody looks: the part `CLUSTER REPLICA` then shows all but what its lag hides. */
    replicateFor(part: string): void {
      const [name = '', replica] = part.split(' ');
      if (replica === undefined || (heldUntilMs.get(part) ?? 0) > scheduler.nowMs()) return;
      const behindMs = lagMs.get(part) ?? 0;
      // Once there is a new writer, B's copies get nothing of the old one.
      const writers = [second[name], replica.startsWith('b-') && second[name] ? undefined : first[name]];
      for (const cluster of writers) {
        if (cluster) showUpTo(cluster, replica, cluster.clock.nowMs() - behindMs * random.fraction());
      }
    },
    /** A copy in B becomes the writer of its database cluster. */
    elect(name: string, copy: string): void {
      const old = first[name];
      if (old) second[name] = elected(old, copy);
      for (const tell of electionHeard) tell(name);
    },
    onElection: (tell: (name: string) => void): void => void electionHeard.push(tell),
    /** What a closed writer has committed reaches its copies in B. */
    catchUpCluster(name: string): void {
      const cluster = first[name];
      if (cluster) for (const replica of replicaNames.B) replicate(cluster, replica);
    },
    setLag: (part: string, ms: number): void => void lagMs.set(part, ms),
    holdReplica: (part: string, forMs: number): void =>
      void heldUntilMs.set(part, Math.max(heldUntilMs.get(part) ?? 0, scheduler.nowMs() + forMs)),
    catchUp(): void {
      lagMs.clear();
      heldUntilMs.clear();
    },
    replicaParts: clusterNames.flatMap((name) =>
      Object.values(replicaNames)
        .flat()
        .map((replica) => `${name} ${replica}`),
    ),
  };
}
