/**
 * Keeping a Redis cluster of this centre worth believing.
 *
 *   blank --nonce--> preparing --every source shows the snapshot--> ready --restart, emptying--> blank
 *
 * Redis runs without persistence, so one that comes up empty may have lost fences. The keeper puts a nonce, *then*
 * takes a snapshot (the outbox of every database cluster), and marks the Redis ready once every source of this centre
 * shows all of it, if the nonce still stands: whatever was fenced before the restart is then either shown by every
 * source, or fenced again.
 *
 * Grants: for each database cluster, the clock of the Redis is read, the writer records the end, then the grant is
 * published to expire at that first reading plus the length: so it never outlives what was recorded. A suspended
 * Redis is emptied, made ready again, and resumed only if no write has relied on the suspension since before the emptying.
 */

import type { Directory } from '../directory/ports.ts';
import { fenceEndMs, grantMs, orphanedAfterMs } from '../failover/durations.ts';
import type { ClusterControl } from '../failover/ports.ts';
import type { Topology } from '../failover/topology.ts';
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { orNull } from '../kernel/invariant.ts';
import type { CentreName } from '../propagation/event.ts';
import type { Outbox } from '../propagation/ports.ts';
import { directorySink, searchSink } from '../propagation/propagate.ts';
import { makeShownBy } from '../propagation/shown.ts';
import type { CacheCluster } from './ports.ts';

export interface CacheKeeperPorts {
  readonly centre: CentreName;
  readonly databaseClusters: readonly string[];
  readonly control: Pick<ClusterControl, 'recordGrant' | 'resume' | 'lastSequence'>;
  readonly outbox: Pick<Outbox, 'due' | 'shownBy' | 'existing'>;
  readonly directory: Pick<Directory, 'shownBy'>;
  readonly replicas: Readonly<Record<CentreName, readonly string[]>>;
  readonly ids: Ids;
  readonly clock: Clock;
}

const partShareMs = 1_000;
/** How many outbox rows of a snapshot are looked at in one round. */
const snapshotPage = 1_000;

/** Where the outboxes stood when a nonce was standing. */
interface Snapshot {
  readonly nonce: string;
  readonly lastSequences: ReadonlyMap<string, number>;
}

export interface CacheKeeper {
  /** Makes the Redis ready and renews its grants. */
  keep(cache: CacheCluster, topology: Topology, deadline: Deadline): Promise<void>;
  /** Gives an end to fences whose outbox row is gone: a late repeat put them back after they had been completed. */
  sweep(cache: CacheCluster, deadline: Deadline): Promise<void>;
}

export function makeCacheKeeper(ports: CacheKeeperPorts): CacheKeeper {
  const { centre, databaseClusters, control, outbox, replicas, ids, clock } = ports;
  const shownBy = makeShownBy(ports);
  const snapshots = new Map<string, Snapshot>();
  /** For each (Redis, database cluster) that was emptied for its suspension: the count read before the emptying. */
  const emptiedAt = new Map<string, number>();

  const takeSnapshot = async (nonce: string, deadline: Deadline): Promise<Snapshot> => {
    const lasts = await Promise.all(
      databaseClusters.map(
        async (cluster) => [cluster, await control.lastSequence(cluster, deadline)] as const,
      ),
    );
    return { nonce, lastSequences: new Map(lasts) };
  };

  /** Whether every source that this centre reads shows all changes of a cluster up to `sequence`. */
  const isShown = async (
    cluster: string,
    sequence: number,
    topology: Topology,
    deadline: Deadline,
  ): Promise<boolean> => {
    const sources = [
      directorySink,
      ...[...topology.search.critical, ...topology.search.marketing].map(searchSink),
    ];
    const inUse = replicas[centre].filter((name) => !topology.suspendedParts.includes(name));
    for (let after = 0; ; ) {
      const rows = await outbox.due(cluster, 0, after, snapshotPage, deadline);
      const mine = rows.filter((row) => row.sequence <= sequence);
      if (mine.some((row) => row.pending.some((sink) => sources.includes(sink)))) return false;
      const shown = await Promise.all(inUse.map((replica) => shownBy(cluster, replica, mine, deadline)));
      if (shown.some((own) => own.length < mine.length)) return false;
      const last = rows.at(-1);
      if (!last || last.sequence >= sequence) return true;
      after = last.sequence;
    }
  };

  const keepReady = async (cache: CacheCluster, topology: Topology, deadline: Deadline): Promise<boolean> => {
    const state = await cache.readiness(deadline);
    if (state.kind === 'ready') {
      if (state.epoch === topology.epoch) return true;
      // Whoever goes by that epoch could fill it, from the old writers and their copies.
      if (state.epoch < topology.epoch) await cache.empty(deadline);
      return false;
    }
    if (state.kind === 'blank') {
      await cache.prepare(ids.token(), deadline);
      return false;
    }
    const earlier = snapshots.get(cache.name);
    const snapshot = earlier?.nonce === state.nonce ? earlier : await takeSnapshot(state.nonce, deadline);
    snapshots.set(cache.name, snapshot);
    for (const [cluster, sequence] of snapshot.lastSequences) {
      if (!(await isShown(cluster, sequence, topology, deadline))) return false;
    }
    return (await cache.markReady(snapshot.nonce, topology.epoch, deadline)) === 'ready';
  };

  const grant = async (
    cache: CacheCluster,
    cluster: string,
    isReady: boolean,
    deadline: Deadline,
  ): Promise<void> => {
    const suspensionOf = `${cache.name} ${cluster}`;
    const clockMs = await cache.clockMs(deadline);
    const recorded = await control.recordGrant(cluster, cache.name, grantMs, orphanedAfterMs, deadline);
    if (recorded.kind === 'recorded') {
      emptiedAt.delete(suspensionOf);
      await cache.publishGrant(cluster, clockMs + recorded.lengthMs, deadline);
    } else if (recorded.kind === 'suspended') {
      if (emptiedAt.get(suspensionOf) !== recorded.count) {
        await cache.empty(deadline);
        emptiedAt.set(suspensionOf, recorded.count);
      } else if (isReady) {
        await control.resume(cluster, cache.name, recorded.count, deadline);
      }
    }
  };

  const sweep = async (cache: CacheCluster, deadline: Deadline): Promise<void> => {
    let cursor = '0';
    do {
      const page = await cache.openFences(cursor, deadline);
      cursor = page.cursor;
      for (const cluster of databaseClusters) {
        const fences = page.fences.filter((fence) => fence.databaseCluster === cluster);
        if (fences.length === 0) continue;
        const alive = await outbox.existing(cluster, fences, deadline);
        const isAlive = new Set(alive.map(({ memberId, version }) => `${memberId}@${version}`));
        const outlived = fences.filter(({ memberId, version }) => !isAlive.has(`${memberId}@${version}`));
        if (outlived.length > 0) await cache.endFences(outlived, fenceEndMs, deadline);
      }
    } while (cursor !== '0');
  };

  return {
    sweep,
    async keep(cache, topology, deadline) {
      const isReady =
        (await orNull(keepReady(cache, topology, within(clock, deadline, partShareMs)))) ?? false;
      // All at once: a database cluster that is away must not lapse the grants of the others.
      await Promise.all(
        databaseClusters.map((cluster) =>
          orNull(grant(cache, cluster, isReady, within(clock, deadline, partShareMs))),
        ),
      );
    },
  };
}
