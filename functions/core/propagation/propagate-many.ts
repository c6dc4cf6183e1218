/**
 * Bringing many committed events of one database cluster to their sinks at once: what `propagate.ts` does for one, with
 * the same promises. No queue: what other writes leave to it, the documents of all search clusters, is put here. They are
 * registrations: nothing is let go (`settling.ts`).
 */

import type { CacheCluster, Fence } from '../cache/ports.ts';
import type { DirectoryChange } from '../directory/directory.ts';
import type { RegisteredEpoch } from '../failover/ports.ts';
import { type Deadline, within } from '../kernel/clock.ts';
import { orNull, reached } from '../kernel/invariant.ts';
import { type MemberEvent, otherCentre, type SinkName } from './event.ts';
import type { Outbox } from './ports.ts';
import {
  directorySink,
  fencesOf,
  journalSink,
  makeFenceOrSuspend,
  type Propagated,
  type PropagatePorts,
  redisSink,
  searchSink,
} from './propagate.ts';

/** Events that were committed together and that no sink has yet. */
export interface ManyDeliveries {
  readonly databaseCluster: string;
  readonly rows: readonly { readonly sequence: number; readonly event: MemberEvent }[];
  readonly writer: RegisteredEpoch;
}

/**
 * Larger than for one event: nobody waits for the answer, a batch is hundreds of them, and a Redis that is suspended for
 * nothing but the batch's own slowness would cost everybody.
 */
const batchShareMs = { fence: 4_000, journal: 5_000, search: 8_000 } as const;
/** To a Redis in one script: it does nothing else meanwhile. */
const fencesMax = 300;

/** What becomes of all of them together: a receipt for each, or for none. */
export function makePropagateMany(
  ports: PropagatePorts & { readonly outbox: Pick<Outbox, 'deliveredMany'> },
): (deliveries: ManyDeliveries, deadline: Deadline) => Promise<Propagated> {
  const { sinks, directory, outbox, clock } = ports;
  const fenceOrSuspend = makeFenceOrSuspend(ports);

  const settle = async (events: readonly MemberEvent[], deadline: Deadline) => {
    const byVersion = new Map<number, DirectoryChange[]>();
    for (const { version, directory: changes } of events) {
      const mine = byVersion.get(version);
      if (mine) mine.push(...changes);
      else byVersion.set(version, [...changes]);
    }
    for (const [version, changes] of byVersion) {
      const settled = await directory.settle(changes, version, deadline);
      if (settled.kind === 'not-the-writer') return settled;
    }
    return { kind: 'settled' } as const;
  };

  return async ({ databaseCluster, rows, writer }, deadline) => {
    const events = rows.map(({ event }) => event);
    const delivered: SinkName[] = [];
    const settled = await orNull(settle(events, deadline));
    if (settled?.kind === 'not-the-writer') return { kind: 'no-receipt' };
    if (settled) delivered.push(directorySink);

    const fences = new Map<CacheCluster, Fence[]>();
    for (const event of events) {
      for (const [cache, mine] of fencesOf(sinks, databaseCluster, event)) {
        const known = fences.get(cache);
        if (known) known.push(...mine);
        else fences.set(cache, [...mine]);
      }
    }
    const journal = sinks.journals[otherCentre(writer.centre)];
    const searches = Object.entries(sinks.search);
    const [journaled, fenced, put] = await Promise.all([
      orNull(
        journal.appendMany(databaseCluster, events, writer, within(clock, deadline, batchShareMs.journal)),
      ),
      Promise.all(
        [...fences].map(([cache, mine]) =>
          fenceOrSuspend(databaseCluster, inParts(cache), mine, batchShareMs.fence, deadline),
        ),
      ),
      Promise.all(
        searches.map(([, { cluster }]) =>
          orNull(cluster.put(events, writer.epoch, within(clock, deadline, batchShareMs.search))),
        ),
      ),
    ]);
    if (journaled === 'appended') delivered.push(journalSink);
    for (const [index, [name]] of searches.entries()) {
      if (put[index] === 'put') delivered.push(searchSink(name));
    }
    for (const [index, cache] of [...fences.keys()].entries()) {
      if (fenced[index] === 'fenced') delivered.push(redisSink(cache.name));
    }
    // Best effort: what is not struck off is done once more by the relay, and changes nothing.
    const sequences = rows.map(({ sequence }) => sequence);
    await reached(outbox.deliveredMany(databaseCluster, sequences, delivered, deadline));

    if (journaled === 'refused' || fenced.includes('failed')) return { kind: 'no-receipt' };
    return { kind: 'acknowledged', durability: journaled === 'appended' ? 'both-centres' : 'one-centre' };
  };
}

/** A Redis that takes its fences in several scripts. */
function inParts(cache: CacheCluster): Pick<CacheCluster, 'name' | 'fence'> {
  return {
    name: cache.name,
    async fence(fences, deadline) {
      const parts: Promise<void>[] = [];
      for (let from = 0; from < fences.length; from += fencesMax) {
        const part = fences.slice(from, from + fencesMax);
        // A connection that was not there yet, or not any more, is no reason to suspend a Redis.
        parts.push(
          reached(cache.fence(part, deadline)).then((done) =>
            done ? undefined : cache.fence(part, deadline),
          ),
        );
      }
      await Promise.all(parts);
    },
  };
}
