/**
 * The relay: what keeps a centre's promises between requests. One round (`tick`) of it, in every centre:
 *
 * - copies the centre's topology into its Redis clusters, with the replicas that are out (`replica-watch.ts`);
 * - carries revoked keys to every Redis, and the registry of callers to its own (`caller-keeper.ts`);
 * - keeps each of its Redis clusters ready, granted and swept (`cache-keeper.ts`);
 * - keeps the search clusters in use: breakers, recovery, comparison with the database (`core/search/search-keeper.ts`);
 * - compares what its Redis clusters have cached with the database (`core/cache/cache-audit.ts`);
 * - sweeps its journal of entries that outlived their outbox rows, and reports those that stay for too long.
 *
 * And in the centre that holds the writers, for each database cluster: renews the lease to write (`lease-keeper.ts`),
 * writes the heartbeat, works the outbox (`outbox-worker.ts`), and trims what is past its age (`trimmer.ts`); and it compares the directory with
 * the members (`core/directory/directory-audit.ts`). What was away when the epoch began is told of it: the other centre's
 * topology, and the search clusters' aliases (`epoch-carrier.ts`).
 *
 * Relays may overlap, die and be paused anywhere: every duty may be done twice, late, and by two at once. A duty that
 * fails costs its own work only, and is done again in the next round.
 */

import { makeCacheKeeper } from '../cache/cache-keeper.ts';
import type { CacheCluster } from '../cache/ports.ts';
import type { Directory } from '../directory/ports.ts';
import type { CentreState } from '../failover/centre-state.ts';
import { grantMs, writeLeaseMs } from '../failover/durations.ts';
import { makeEpochCarrier } from '../failover/epoch-carrier.ts';
import { makeLeaseKeeper } from '../failover/lease-keeper.ts';
import type { ClusterControl, EpochRegister, Trimming } from '../failover/ports.ts';
import { makeReplicaWatch } from '../failover/replica-watch.ts';
import type { Retention } from '../failover/retention.ts';
import type { Topology, TopologyDocument } from '../failover/topology.ts';
import { makeTrimmer } from '../failover/trimmer.ts';
import { type Clock, type Deadline, deadlineAfter, remainingMs, within } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { orNull } from '../kernel/invariant.ts';
import type { Positions } from '../search/breaker.ts';
import type { SearchEpochs } from '../search/ports.ts';
import type { Sharding } from '../sharding/sharding.ts';
import type { CentreName } from './event.ts';
import { makeOutboxWorker } from './outbox-worker.ts';
import type { Outbox } from './ports.ts';
import type { Sinks } from './propagate.ts';
import { nobodyListens, type RelayObserver } from './relay-observer.ts';

export interface RelayPorts {
  readonly centre: CentreName;
  readonly databaseClusters: readonly string[];
  readonly control: ClusterControl;
  readonly outbox: Outbox;
  readonly directory: Pick<Directory, 'settle' | 'shownBy'>;
  readonly sinks: Sinks;
  /** The replicas of each centre, by name: sources of that centre. The same names in every database cluster. */
  readonly replicas: Readonly<Record<CentreName, readonly string[]>>;
  /** The registers a lease to write may be renewed against: the other centre's, and the witness's. */
  readonly registers: readonly EpochRegister[];
  readonly centreState: CentreState;
  /** The durable topology of this centre. */
  readonly readTopology: (deadline: Deadline) => Promise<Topology>;
  /** It, and the other centre's, for whoever changes them. Absent where nobody may. */
  readonly ownTopology?: TopologyDocument;
  readonly otherTopology?: TopologyDocument | undefined;
  /** @default none */
  readonly searchEpochs?: readonly SearchEpochs[];
  readonly trimming: Trimming;
  readonly retention: Retention;
  /** Something that a person must look into. */
  readonly report: (notice: RelayNotice) => void;
  readonly sharding: Pick<Sharding, 'clusterOfSlot' | 'slotOf'>;
  /** One round of what is kept for callers. Absent where requests are not admitted by callers' keys. */
  readonly keepCallers?: (deadline: Deadline) => Promise<void>;
  /** What keeps the search clusters in use. Absent where there is nothing to keep them by. */
  readonly searchKeeper?: { readonly duties: readonly Duty[]; positions(): Positions };
  /** Compare what a centre keeps with the database. Absent where nothing is compared. */
  readonly audits?: {
    readonly cache: (cache: CacheCluster, deadline: Deadline) => Promise<void>;
    readonly directory: (deadline: Deadline) => Promise<void>;
  };
  readonly ids: Ids;
  readonly clock: Clock;
  readonly observer?: RelayObserver;
}

/**
 * `journal-overdue`: this many entries, or more, are older than they may become. They are all that is sure to be left of
 * acknowledged writes, and hold sealed members: a sink or a replica is away, and they stay until it is back or taken out
 * of use.
 */
export interface RelayNotice {
  readonly notice: 'journal-overdue';
  readonly databaseCluster: string;
  readonly entries: number;
}

/** One thing the relay keeps doing. Its failure or slowness is its own: no other duty waits for it. */
export interface Duty {
  readonly name: string;
  readonly everyMs: number;
  /** One round. May throw DependencyUnavailable: then it is done again in the next round. */
  readonly round: (deadline: Deadline) => Promise<void>;
}

export interface Relay {
  readonly duties: readonly Duty[];
  /** One round of every duty. Never throws for a part that is away. */
  tick(deadline: Deadline): Promise<void>;
  /** Rounds of every duty, each at its own pace, until `endsAt`. */
  run(endsAt: Deadline): Promise<void>;
}

/** With what a process remembers of the registry, below the 30 s within which a disabled key is refused. */
const callersEveryMs = 3_000;
const compareEveryMs = 10_000;
/** Until they are told of the epoch, a centre that returns finds no writer, and its search clusters are not read. */
const epochEveryMs = 1_000;
const journalSweepAgeMs = 60_000;
const journalSweepMax = 500;
const journalReportEveryMs = 600_000;
const journalReportMax = 100;
/** No round may outlast this: a duty that hangs is given up and begun anew. */
const roundMs = 3_000;

export function makeRelay(ports: RelayPorts): Relay {
  const { centre, databaseClusters, control, outbox, sinks, centreState, readTopology, clock } = ports;
  const { retention, report, searchKeeper, audits } = ports;
  const { observer = nobodyListens } = ports;
  const ownCaches: readonly CacheCluster[] = Object.values(sinks.caches[centre]);
  const keepLease = makeLeaseKeeper(ports);
  const cacheKeeper = makeCacheKeeper(ports);
  const workOutbox = makeOutboxWorker(ports);
  const trim = makeTrimmer(ports);
  const replicasOut = makeReplicaWatch({ ...ports, replicas: ports.replicas[centre] });
  const carryEpoch = makeEpochCarrier(ports);

  const copyTopology = async (deadline: Deadline): Promise<void> => {
    const [topology, out] = await Promise.all([readTopology(deadline), replicasOut(deadline)]);
    const told = out.length > 0 ? { ...topology, replicasOut: out } : topology;
    const text = JSON.stringify(told);
    // As a Redis would show it: with where the breakers stand.
    centreState.saw(JSON.stringify({ ...told, breakers: searchKeeper?.positions() ?? {} }));
    await Promise.all(ownCaches.map((cache) => orNull(cache.putState(text, within(clock, deadline, 500)))));
  };

  const sweepJournal = async (databaseCluster: string, deadline: Deadline): Promise<void> => {
    const journal = sinks.journals[centre];
    const entries = await journal.entries(databaseCluster, journalSweepAgeMs, journalSweepMax, deadline);
    if (entries.length === 0) return;
    const alive = await outbox.existing(databaseCluster, entries, deadline);
    const isAlive = new Set(alive.map(({ memberId, version }) => `${memberId}@${version}`));
    // Without a row, every replica here showed the change before the row went.
    const outlived = entries.filter(({ memberId, version }) => !isAlive.has(`${memberId}@${version}`));
    if (outlived.length > 0) await journal.trim(databaseCluster, outlived, deadline);
  };

  const reportJournal = async (databaseCluster: string, deadline: Deadline): Promise<void> => {
    const { journalMs } = retention;
    const overdue = await sinks.journals[centre].entries(
      databaseCluster,
      journalMs,
      journalReportMax,
      deadline,
    );
    if (overdue.length > 0) report({ notice: 'journal-overdue', databaseCluster, entries: overdue.length });
  };

  /** A duty of one of the two centres only, as the topology tells them apart. */
  const onlyAt =
    (where: 'writer' | 'other', round: (deadline: Deadline, topology: Topology) => Promise<void>) =>
    async (deadline: Deadline): Promise<void> => {
      const topology = await centreState.current(deadline);
      if ((topology.writer === centre) === (where === 'writer')) await round(deadline, topology);
    };

  const duties: readonly Duty[] = [
    { name: 'topology', everyMs: 2_000, round: copyTopology },
    ...(searchKeeper?.duties ?? []),
    ...(ports.keepCallers ? [{ name: 'callers', everyMs: callersEveryMs, round: ports.keepCallers }] : []),
    ...(audits
      ? [
          {
            name: 'compare directory',
            everyMs: compareEveryMs,
            round: onlyAt('writer', (deadline) => audits.directory(deadline)),
          },
          ...ownCaches.map(
            (cache): Duty => ({
              name: `compare ${cache.name}`,
              everyMs: compareEveryMs,
              round: (deadline) => audits.cache(cache, deadline),
            }),
          ),
        ]
      : []),
    ...ownCaches.flatMap((cache): Duty[] => [
      {
        name: `cache ${cache.name}`,
        everyMs: grantMs / 4,
        round: async (deadline) => cacheKeeper.keep(cache, await centreState.current(deadline), deadline),
      },
      {
        name: `sweep ${cache.name}`,
        everyMs: 5_000,
        round: (deadline) => cacheKeeper.sweep(cache, deadline),
      },
    ]),
    {
      name: 'epoch',
      everyMs: epochEveryMs,
      round: onlyAt('writer', (deadline, topology) => carryEpoch(topology, deadline)),
    },
    ...databaseClusters.flatMap((cluster): Duty[] => [
      {
        name: `lease ${cluster}`,
        everyMs: writeLeaseMs / 8,
        round: onlyAt('writer', (deadline) => keepLease(cluster, deadline)),
      },
      {
        name: `beat ${cluster}`,
        everyMs: 500,
        round: onlyAt('writer', (deadline) => control.beat(cluster, deadline)),
      },
      {
        // Nobody waits for it: what it finishes was acknowledged long ago, or never. Larger rounds cost less.
        name: `outbox ${cluster}`,
        everyMs: 1_000,
        round: onlyAt('writer', (deadline, topology) => workOutbox(cluster, topology, deadline)),
      },
      {
        name: `trim ${cluster}`,
        everyMs: 5_000,
        round: onlyAt('writer', (deadline) => trim(cluster, deadline)),
      },
      {
        name: `journal ${cluster}`,
        everyMs: 10_000,
        // In the writers' centre too: a promotion leaves there what it read.
        round: (deadline) => sweepJournal(cluster, deadline),
      },
      {
        name: `journal report ${cluster}`,
        everyMs: journalReportEveryMs,
        round: onlyAt('other', (deadline) => reportJournal(cluster, deadline)),
      },
    ]),
  ];

  return {
    duties,
    async tick(deadline) {
      await Promise.all(duties.map((duty) => orNull(duty.round(within(clock, deadline, roundMs)))));
    },
    async run(endsAt) {
      await Promise.all(
        duties.map(async (duty) => {
          while (remainingMs(clock, endsAt) > 0) {
            const beganMs = clock.monotonicMs();
            const ended = await orNull(duty.round(deadlineAfter(clock, roundMs)));
            observer.round(duty.name, ended === null ? 'unavailable' : 'done');
            const restMs = duty.everyMs - (clock.monotonicMs() - beganMs);
            await clock.sleep(Math.min(Math.max(restMs, 0), remainingMs(clock, endsAt)));
          }
        }),
      );
    },
  };
}
