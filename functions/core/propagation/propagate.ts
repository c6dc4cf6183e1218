/**
 * Bringing a committed event to its sinks: the way of a write between its commit and its receipt, of a repeat of the
 * request, and of the relay for what a dead process left. Every step may be repeated.
 *
 * The directory's last step goes before all others, except for what was let go: that follows the journal (`settling.ts`).
 * Then, all at once, each with its own share of the time: fences in the Redis clusters of both centres, documents in the
 * active search cluster, the other centre's journal, the queues for the rest.
 */

import type { CacheCluster, Fence } from '../cache/ports.ts';
import { pick } from '../cache/rendezvous.ts';
import type { DirectoryChange } from '../directory/directory.ts';
import type { Directory } from '../directory/ports.ts';
import { shareMs } from '../failover/durations.ts';
import type { ClusterControl, RegisteredEpoch } from '../failover/ports.ts';
import type { Deadline } from '../kernel/clock.ts';
import { type Clock, remainingMs, within } from '../kernel/clock.ts';
import { orNull, reached } from '../kernel/invariant.ts';
import type { SearchCluster } from '../search/ports.ts';
import { type CentreName, centreNames, type MemberEvent, otherCentre, type SinkName } from './event.ts';
import type { Journal, Outbox, SyncQueue } from './ports.ts';
import { settledAtOnce, settledOnceJournaled } from './settling.ts';

/** Where the sinks are. One object serves all flows of a process. */
export interface Sinks {
  /** The Redis clusters of each centre, by name. */
  readonly caches: Readonly<Record<CentreName, Readonly<Record<string, CacheCluster>>>>;
  /** Every search cluster by name, and the centre whose queue feeds it. */
  readonly search: Readonly<Record<string, { readonly cluster: SearchCluster; readonly centre: CentreName }>>;
  readonly journals: Readonly<Record<CentreName, Journal>>;
  readonly queues: Readonly<Record<CentreName, SyncQueue>>;
}

export interface PropagatePorts {
  readonly sinks: Sinks;
  readonly directory: Pick<Directory, 'settle'>;
  readonly control: Pick<ClusterControl, 'suspend'>;
  readonly outbox: Pick<Outbox, 'delivered'>;
  readonly clock: Clock;
}

/** An event on its way: its outbox row, the sinks to bring it to, and who brings it. */
export interface Delivery {
  readonly databaseCluster: string;
  readonly sequence: number;
  readonly event: MemberEvent;
  readonly pending: readonly SinkName[];
  readonly writer: RegisteredEpoch;
  /** The search cluster that is put to directly; the others get it through their centre's queue. */
  readonly activeSearch: string | undefined;
  /** Redis clusters that are known to be suspended, with no grant left: little time is lost on them. */
  readonly suspended: readonly string[];
}

export type Propagated =
  | { readonly kind: 'acknowledged'; readonly durability: 'both-centres' | 'one-centre' }
  /** There must be no receipt: another epoch has begun, or a Redis that lacks the fence may still be believed. */
  | { readonly kind: 'no-receipt' };

export const journalSink = 'journal' as const;
export const directorySink = 'directory' as const;
export const searchSink = (name: string): SinkName => `search:${name}`;
export const redisSink = (name: string): SinkName => `redis:${name}`;

/** The fences of an event, by the Redis cluster that its keys live in. */
export function fencesOf(
  sinks: Pick<Sinks, 'caches'>,
  databaseCluster: string,
  event: MemberEvent,
): ReadonlyMap<CacheCluster, readonly Fence[]> {
  const fences = new Map<CacheCluster, Fence[]>();
  for (const centre of centreNames) {
    const byName = sinks.caches[centre];
    for (const key of event.cacheKeys) {
      const cache = byName[pick(Object.keys(byName), key)];
      if (!cache) continue;
      const fence = { key, version: event.version, databaseCluster, memberId: event.memberId };
      const mine = fences.get(cache);
      if (mine) mine.push(fence);
      else fences.set(cache, [fence]);
    }
  }
  return fences;
}

/** Every sink that an event must reach. */
export function sinksOf(sinks: Sinks, databaseCluster: string, event: MemberEvent): readonly SinkName[] {
  return [
    ...(event.directory.length > 0 ? [directorySink] : []),
    journalSink,
    ...Object.keys(sinks.search).map(searchSink),
    ...[...fencesOf(sinks, databaseCluster, event).keys()].map((cache) => redisSink(cache.name)),
  ];
}

/** Fences one Redis within its share of the time, or makes sure that nobody believes it any more. */
export function makeFenceOrSuspend({ control, clock }: Pick<PropagatePorts, 'control' | 'clock'>) {
  return async (
    databaseCluster: string,
    cache: Pick<CacheCluster, 'name' | 'fence'>,
    fences: readonly Fence[],
    fenceMs: number,
    deadline: Deadline,
  ): Promise<'fenced' | 'suspended' | 'failed'> => {
    if (await reached(cache.fence(fences, within(clock, deadline, fenceMs)))) return 'fenced';
    // Counts this write as one that relies on the suspension, and tells until when the last grant may live.
    const grantEndsInMs = await orNull(control.suspend(databaseCluster, cache.name, deadline));
    if (grantEndsInMs === null || grantEndsInMs > remainingMs(clock, deadline)) return 'failed';
    if (grantEndsInMs > 0) await clock.sleep(grantEndsInMs);
    return 'suspended';
  };
}

export function makePropagate(
  ports: PropagatePorts,
): (delivery: Delivery, deadline: Deadline) => Promise<Propagated> {
  const { sinks, directory, outbox, clock } = ports;
  const fenceOrSuspend = makeFenceOrSuspend(ports);

  const enqueue = async (delivery: Delivery, deadline: Deadline): Promise<void> => {
    const share = within(clock, deadline, shareMs.queue);
    await Promise.all(
      centreNames.map(async (centre) => {
        const rest = Object.entries(sinks.search)
          .filter(([name, at]) => at.centre === centre && name !== delivery.activeSearch)
          .map(([name]) => searchSink(name))
          .filter((sink) => delivery.pending.includes(sink));
        if (rest.length === 0) return;
        const { databaseCluster, sequence, event, writer } = delivery;
        const message = {
          format: 1,
          epoch: writer.epoch,
          databaseCluster,
          sequence,
          event,
          sinks: rest,
        } as const;
        // A message that is not taken is no loss: the relay finds the sinks on the outbox row.
        await reached(sinks.queues[centre].send(message, share));
      }),
    );
  };

  return async (delivery, deadline) => {
    const { databaseCluster, sequence, event, pending, writer } = delivery;
    const lacks = (sink: SinkName): boolean => pending.includes(sink);
    const delivered: SinkName[] = [];

    const settle = async (
      changes: readonly DirectoryChange[],
    ): Promise<'settled' | 'not-the-writer' | null> => {
      if (changes.length === 0 || !lacks(directorySink)) return 'settled';
      return (await orNull(directory.settle(changes, event.version, deadline)))?.kind ?? null;
    };
    const settledFirst = await settle(settledAtOnce(event));
    if (settledFirst === 'not-the-writer') return { kind: 'no-receipt' };

    const active = lacks(searchSink(delivery.activeSearch ?? ''))
      ? sinks.search[delivery.activeSearch ?? '']
      : undefined;
    const fences = [...fencesOf(sinks, databaseCluster, event)].filter(([cache]) =>
      lacks(redisSink(cache.name)),
    );
    const journal = sinks.journals[otherCentre(writer.centre)];
    const append = async () => {
      const journaled = lacks(journalSink)
        ? await orNull(
            journal.append(databaseCluster, event, writer, within(clock, deadline, shareMs.journal)),
          )
        : 'appended';
      const letGo = settledOnceJournaled(event);
      const maySettle = letGo.length === 0 || journaled === 'appended';
      return { journaled, settledLast: maySettle ? await settle(letGo) : null };
    };
    const [{ journaled, settledLast }, fenced, put] = await Promise.all([
      append(),
      Promise.all(
        fences.map(([cache, mine]) => {
          // A suspended Redis is tried too, only not for long: if every write relied on the suspension instead, its
          // count would never stand still, and the Redis never be resumed.
          const isSuspended = delivery.suspended.includes(cache.name);
          const ms = isSuspended ? shareMs.suspendedFence : shareMs.fence;
          return fenceOrSuspend(databaseCluster, cache, mine, ms, deadline);
        }),
      ),
      active && orNull(active.cluster.put([event], writer.epoch, within(clock, deadline, shareMs.search))),
      enqueue(delivery, deadline),
    ]);
    if (settledFirst === 'settled' && settledLast === 'settled') delivered.push(directorySink);
    if (journaled === 'appended') delivered.push(journalSink);
    if (put === 'put') delivered.push(searchSink(delivery.activeSearch ?? ''));
    for (const [index, [cache]] of fences.entries()) {
      if (fenced[index] === 'fenced') delivered.push(redisSink(cache.name));
    }
    // Best effort: what is not struck off is done once more by the relay, and changes nothing.
    await reached(outbox.delivered(databaseCluster, sequence, delivered, deadline));

    if (journaled === 'refused' || settledLast === 'not-the-writer' || fenced.includes('failed'))
      return { kind: 'no-receipt' };
    return { kind: 'acknowledged', durability: journaled === 'appended' ? 'both-centres' : 'one-centre' };
  };
}
