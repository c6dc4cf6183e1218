/**
 * Working the outbox of a database cluster, at its writer.
 *
 *   pending sinks, old enough  --redeliver--> no pending sink
 *   no pending sink            --every replica shows it, no older row of the member--> completed: fences get their end, the journal's entry and the row go
 *
 * A row whose write may still be under way is left to it: nothing is done twice that a live process does anyway.
 */
import type { CacheCluster, Fence } from '../cache/ports.ts';
import type { DirectoryChange } from '../directory/directory.ts';
import type { Directory } from '../directory/ports.ts';
import { fenceEndMs, orphanedAfterMs, shareMs } from '../failover/durations.ts';
import type { ClusterControl, RegisteredEpoch } from '../failover/ports.ts';
import type { Topology } from '../failover/topology.ts';
import { type Clock, type Deadline, remainingMs, within } from '../kernel/clock.ts';
import { orNull, reached } from '../kernel/invariant.ts';
import {
  type CentreName,
  centreNames,
  type MemberEvent,
  type OutboxRow,
  otherCentre,
  type SinkName,
} from './event.ts';
import type { Outbox } from './ports.ts';
import { directorySink, fencesOf, journalSink, redisSink, type Sinks, searchSink } from './propagate.ts';
import { nobodyListens, type RelayObserver } from './relay-observer.ts';
import { settledAtOnce, settledOnceJournaled } from './settling.ts';
import { makeShownBy } from './shown.ts';

export interface OutboxWorkerPorts {
  readonly control: Pick<ClusterControl, 'epoch'>;
  readonly outbox: Outbox;
  readonly directory: Pick<Directory, 'settle' | 'shownBy'>;
  readonly sinks: Sinks;
  readonly replicas: Readonly<Record<CentreName, readonly string[]>>;
  readonly clock: Clock;
  readonly observer?: RelayObserver;
}

const rowsMax = 200;
/** What a page of rows may take: no other is begun when less than that is left of the round. */
const pageMs = 1_500;

export type OutboxWorker = (databaseCluster: string, topology: Topology, deadline: Deadline) => Promise<void>;

export function makeOutboxWorker(ports: OutboxWorkerPorts): OutboxWorker {
  const { control, outbox, directory, sinks, replicas, clock, observer = nobodyListens } = ports;
  const shownBy = makeShownBy(ports);
  const after = new Map<string, number>();

  /**
   * Brings rows to the sinks they lack: the directory first (what was let go follows the journal), the others at once, each
   * sink for all rows together.
   */
  const redeliver = async (
    rows: readonly OutboxRow[],
    writer: RegisteredEpoch,
    deadline: Deadline,
  ): Promise<void> => {
    const struck = new Map<OutboxRow, SinkName[]>(rows.map((row) => [row, []]));
    const strike = (row: OutboxRow, sink: SinkName): void => void struck.get(row)?.push(sink);
    const lacking = (sink: SinkName): readonly OutboxRow[] =>
      rows.filter((row) => row.pending.includes(sink));

    const settle = async ({ event }: OutboxRow, changes: readonly DirectoryChange[]): Promise<boolean> => {
      if (changes.length === 0) return true;
      return (await orNull(directory.settle(changes, event.version, deadline)))?.kind === 'settled';
    };
    for (const row of lacking(directorySink)) {
      const isSettled = await settle(row, settledAtOnce(row.event));
      if (isSettled && settledOnceJournaled(row.event).length === 0) strike(row, directorySink);
    }

    const journal = sinks.journals[otherCentre(writer.centre)];
    const toJournal = async (): Promise<void> => {
      for (const row of lacking(journalSink)) {
        const share = within(clock, deadline, shareMs.journal);
        const taken = await orNull(journal.append(row.databaseCluster, row.event, writer, share));
        if (taken === null) return;
        if (taken === 'appended') strike(row, journalSink);
      }
    };
    const isJournaled = (row: OutboxRow): boolean =>
      !row.pending.includes(journalSink) || (struck.get(row)?.includes(journalSink) ?? false);
    const toDirectory = async (): Promise<void> => {
      await toJournal();
      for (const row of lacking(directorySink).filter(isJournaled)) {
        // All of it: what was to be settled at once may not have been.
        if (settledOnceJournaled(row.event).length > 0 && (await settle(row, row.event.directory)))
          strike(row, directorySink);
      }
    };
    const toSearch = async (name: string): Promise<void> => {
      const mine = lacking(searchSink(name));
      const cluster = sinks.search[name]?.cluster;
      if (mine.length === 0 || !cluster) return;
      const put = await orNull(
        cluster.put(
          mine.map((row) => row.event),
          writer.epoch,
          within(clock, deadline, 3 * shareMs.search),
        ),
      );
      if (put === 'put') for (const row of mine) strike(row, searchSink(name));
    };
    const toCache = async (cache: CacheCluster): Promise<void> => {
      const mine = lacking(redisSink(cache.name));
      if (mine.length === 0) return;
      const fences = mine.flatMap((row) => fencesOf(sinks, row.databaseCluster, row.event).get(cache) ?? []);
      if (await reached(cache.fence(fences, within(clock, deadline, shareMs.fence)))) {
        for (const row of mine) strike(row, redisSink(cache.name));
      }
    };
    await Promise.all([
      toDirectory(),
      ...Object.keys(sinks.search).map(toSearch),
      ...centreNames.flatMap((centre) => Object.values(sinks.caches[centre]).map(toCache)),
    ]);
    const delivered = [...struck].filter(([, done]) => done.length > 0);
    if (delivered.length > 0) observer.redelivered(delivered.map(([row]) => row));
    await Promise.all(
      delivered.map(([row, done]) =>
        reached(outbox.delivered(row.databaseCluster, row.sequence, done, deadline)),
      ),
    );
  };

  /** Of rows that every sink has, those that every replica of both centres shows too. A replica out of use shows nothing to anybody. */
  const shownEverywhere = async (
    databaseCluster: string,
    rows: readonly OutboxRow[],
    topology: Topology,
    deadline: Deadline,
  ): Promise<readonly OutboxRow[]> => {
    const inUse = centreNames
      .flatMap((centre) => replicas[centre])
      .filter((name) => !topology.suspendedParts.includes(name));
    const shown = await Promise.all(
      inUse.map((replica) =>
        orNull(shownBy(databaseCluster, replica, rows, within(clock, deadline, 2 * shareMs.replica))),
      ),
    );
    return rows.filter((row) => shown.every((mine) => mine?.includes(row)));
  };

  const complete = async (
    databaseCluster: string,
    rows: readonly OutboxRow[],
    writer: RegisteredEpoch,
    topology: Topology,
    deadline: Deadline,
  ): Promise<void> => {
    const shown = inOrder(await shownEverywhere(databaseCluster, rows, topology, deadline));
    if (shown.length === 0) return;
    const events: readonly MemberEvent[] = shown.map((row) => row.event);
    const byCache = new Map<CacheCluster, Fence[]>();
    for (const event of events) {
      for (const [cache, fences] of fencesOf(sinks, databaseCluster, event)) {
        const known = byCache.get(cache);
        if (known) known.push(...fences);
        else byCache.set(cache, [...fences]);
      }
    }
    // A fence that could not be given its end is swept later: it outlived its row.
    await Promise.all(
      [...byCache].map(([cache, fences]) =>
        reached(cache.endFences(fences, fenceEndMs, within(clock, deadline, shareMs.fence))),
      ),
    );
    const trimmed = await reached(
      sinks.journals[otherCentre(writer.centre)].trim(databaseCluster, events, deadline),
    );
    if (!trimmed) return;
    await outbox.remove(
      databaseCluster,
      shown.map((row) => row.sequence),
      deadline,
    );
    observer.completed(shown.length);
  };

  return async (databaseCluster, topology, deadline) => {
    const { epoch, centre, leaseRemainingMs } = await control.epoch(databaseCluster, deadline);
    if (leaseRemainingMs === 0) return;
    const writer = { epoch, centre };
    for (;;) {
      const from = after.get(databaseCluster) ?? 0;
      const rows = await outbox.due(databaseCluster, orphanedAfterMs, from, rowsMax, deadline);
      // Around in pages: rows that are stuck because a sink is away do not hold up those behind them.
      after.set(databaseCluster, rows.length < rowsMax ? 0 : (rows.at(-1)?.sequence ?? 0));
      const [done, left] = [
        rows.filter((row) => row.pending.length === 0),
        rows.filter((row) => row.pending.length > 0),
      ];
      await Promise.all([
        left.length > 0 && redeliver(left, writer, deadline),
        done.length > 0 && complete(databaseCluster, done, writer, topology, deadline),
      ]);
      // A page of rows that only have to go is followed by the next at once: seeding fills several a round.
      const isMoreDone = rows.length === rowsMax && left.length === 0;
      if (!isMoreDone || remainingMs(clock, deadline) < pageMs) return;
    }
  };
}

/** Of rows that could be completed, those of whose member every older row is completed too: see `OutboxRow.olderRows`. */
function inOrder(rows: readonly OutboxRow[]): readonly OutboxRow[] {
  const completed = new Map<string, number>();
  return [...rows]
    .sort((one, other) => one.event.version - other.event.version)
    .filter(({ event, olderRows }) => {
      const before = completed.get(event.memberId) ?? 0;
      if (before < olderRows) return false;
      completed.set(event.memberId, before + 1);
      return true;
    });
}
