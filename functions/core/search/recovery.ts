/**
 * How a search cluster comes back into use: slot by slot it is compared with the database and mended, over and over, until
 * one whole pass has found nothing that differed. What is changed meanwhile keeps coming to it (it is a sink like the
 * others), and is fenced until it has come: so nothing that was looked at falls behind again.
 *
 *   recovering, slot n --some slots compared--> recovering, slot n + some
 *              --the last slot, and the pass was clean--> readable, closed
 *              --the last slot, and it was not-->         recovering, slot 0
 *              --it is another life of the cluster-->     recovering, slot 0
 *
 * Whether a cluster may be read is marked in the cluster itself, so that one which lost everything has lost the mark too:
 * as with a Redis and its ready marker. The pass is about one life of it: had it lost everything halfway, the slots behind
 * would be empty again.
 */
import { type Clock, type Deadline, remainingMs } from '../kernel/clock.ts';
import { DependencyUnavailable } from '../kernel/invariant.ts';
import { digestSlotsMax } from '../propagation/digests.ts';
import { slotCount } from '../sharding/sharding.ts';
import type { Next, Recovery } from './breaker.ts';
import type { SearchUpkeep } from './ports.ts';
import { type Findings, nothingFound, type Reconcile, together } from './reconcile.ts';

export interface RecoveryPorts {
  readonly reconcile: Reconcile;
  readonly clock: Clock;
}

/** What one step came to: how far it is, and what was found on the way. */
export interface RecoveryStep {
  readonly next: Next;
  readonly found: Findings;
}

export type Recover = (
  cluster: SearchUpkeep,
  position: Recovery,
  epoch: number,
  deadline: Deadline,
) => Promise<RecoveryStep>;

/** @throws DependencyUnavailable when the cluster, or a writer, does not answer, or was never prepared for this epoch */
export function makeRecovery({ reconcile, clock }: RecoveryPorts): Recover {
  const slices = makeSlices(clock);

  return async (cluster, position, epoch, deadline) => {
    const { incarnation } = await standingOf(cluster, deadline);
    const isNew = incarnation !== position.incarnation;
    const begun = isNew || position.nextSlot === 0;
    // What was put until now has to be listed, or it would count as missing.
    if (begun) await cluster.refresh(deadline);
    let { nextSlot, isClean } = isNew ? { nextSlot: 0, isClean: true } : position;
    let found = nothingFound;
    const budgetMs = remainingMs(clock, deadline) / 2;
    do {
      const slots = slices.next(cluster.name, nextSlot);
      const one = await slices.timed(cluster.name, () => reconcile(cluster, epoch, slots, deadline));
      if (one === 'stale-epoch')
        throw new DependencyUnavailable(cluster.name, new Error(`no write alias of epoch ${epoch}`));
      found = together(found, one);
      isClean &&= one.differing === 0 && one.failed === 0;
      nextSlot += slots.length;
    } while (nextSlot < slotCount && remainingMs(clock, deadline) > budgetMs);

    if (nextSlot < slotCount) return { next: { state: 'recovering', nextSlot, isClean, incarnation }, found };
    const again: Next = { state: 'recovering', nextSlot: 0, isClean: true, incarnation };
    if (!isClean) return { next: again, found };
    return { next: (await open(cluster, incarnation, deadline)) ? { state: 'closed' } : again, found };
  };
}

/** Opens the life of the cluster that was compared, and no other. */
async function open(cluster: SearchUpkeep, incarnation: string, deadline: Deadline): Promise<boolean> {
  const before = await standingOf(cluster, deadline);
  if (before.incarnation !== incarnation) return false;
  if (before.isReadable) return true;
  await cluster.setReadable(true, deadline);
  const after = await cluster.standing(deadline);
  if (after.incarnation === incarnation) return true;
  await cluster.setReadable(false, deadline);
  return false;
}

async function standingOf(cluster: SearchUpkeep, deadline: Deadline) {
  const standing = await cluster.standing(deadline);
  if (standing.incarnation === '')
    throw new DependencyUnavailable(cluster.name, new Error('its indexes are not there: prepare it first'));
  return standing;
}

/** Below it more slots are taken at a time, above the other fewer. */
const quickMs = 300;
const slowMs = 1_000;

/**
 * So many slots at a time that a comparison takes a moment: all at once while they are small, one by one where each holds
 * a million members.
 */
export function makeSlices(clock: Clock) {
  const sizes = new Map<string, number>();
  return {
    /** The slots from `from` on, to the last at most. */
    next: (name: string, from: number): readonly number[] => {
      const size = Math.min(sizes.get(name) ?? digestSlotsMax / 4, slotCount - from);
      return Array.from({ length: size }, (_, index) => from + index);
    },
    async timed<T>(name: string, compare: () => Promise<T>): Promise<T> {
      const beganMs = clock.monotonicMs();
      const size = sizes.get(name) ?? digestSlotsMax / 4;
      try {
        const result = await compare();
        const tookMs = clock.monotonicMs() - beganMs;
        if (tookMs < quickMs) sizes.set(name, Math.min(digestSlotsMax, size * 2));
        if (tookMs > slowMs) sizes.set(name, Math.max(1, size >> 1));
        return result;
      } catch (error) {
        sizes.set(name, Math.max(1, size >> 1));
        throw error;
      }
    },
  };
}
