/** Recovers a search cluster by hand: the steps that a relay makes, at a pace, with progress. */
import { type Clock, deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import type { Next, Recovery } from '../../functions/core/search/breaker.ts';
import type { SearchUpkeep } from '../../functions/core/search/ports.ts';
import {
  type Findings,
  nothingFound,
  type Reconcile,
  together,
} from '../../functions/core/search/reconcile.ts';
import { makeRecovery } from '../../functions/core/search/recovery.ts';
import { slotCount } from '../../functions/core/sharding/sharding.ts';

export interface ResyncPorts {
  readonly cluster: SearchUpkeep;
  readonly reconcile: Reconcile;
  /** Of the writers, read anew for each step: a promotion may come between. */
  readonly epoch: () => Promise<number>;
  readonly clock: Clock;
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  /** 1 is the first. */
  readonly pass: number;
  readonly nextSlot: number;
  /** In this pass. */
  readonly found: Findings;
}

export interface ResyncReport {
  readonly isEqual: boolean;
  /** Where to go on; of a run that ended. */
  readonly nextSlot: number;
  readonly passes: number;
  /** In all passes. */
  readonly found: Findings;
  /** Why it was given up. */
  readonly failure: DependencyUnavailable | null;
}

const stepMs = 2_000;
const againMs = 1_000;
const attemptsMax = 10;
/**
 * A cluster remembers what was deleted for a minute, and takes nothing older meanwhile: passes are repeated for longer than
 * that. One that never comes out equal has a fault that comparing does not mend.
 */
const passesMax = 100;
const quickPasses = 3;

export async function resync(
  { cluster, reconcile, epoch, clock, onProgress }: ResyncPorts,
  { fromSlot, slotsPerSecond }: { readonly fromSlot: number; readonly slotsPerSecond: number },
): Promise<ResyncReport> {
  const recover = makeRecovery({ reconcile, clock });
  let pass = 1;
  let all = nothingFound;
  let found = nothingFound;
  let attempts = 0;
  const { incarnation } = await cluster.standing(deadlineAfter(clock, stepMs));
  // What an earlier run has done proves nothing: that pass is not clean, and is followed by a whole one.
  let position: Next = { state: 'recovering', nextSlot: fromSlot, isClean: fromSlot === 0, incarnation };
  while (position.state === 'recovering' && pass <= passesMax) {
    const beganMs = clock.monotonicMs();
    const seen: Recovery = { ...position, version: 0 };
    try {
      const step = await recover(cluster, seen, await epoch(), deadlineAfter(clock, stepMs));
      position = step.next;
      found = together(found, step.found);
      all = together(all, step.found);
      attempts = 0;
    } catch (error) {
      if (!(error instanceof DependencyUnavailable)) throw error;
      if (++attempts === attemptsMax)
        return { isEqual: false, nextSlot: seen.nextSlot, passes: pass, found: all, failure: error };
      await clock.sleep(againMs);
      continue;
    }
    const isPassOver = position.state !== 'recovering' || position.nextSlot < seen.nextSlot + 1;
    const nextSlot = isPassOver ? slotCount : position.state === 'recovering' ? position.nextSlot : slotCount;
    onProgress({ pass, nextSlot, found });
    if (isPassOver && position.state === 'recovering') {
      pass++;
      found = nothingFound;
      if (pass > quickPasses) await clock.sleep(againMs);
    }
    const restMs = ((nextSlot - seen.nextSlot) / slotsPerSecond) * 1000 - (clock.monotonicMs() - beganMs);
    if (restMs > 0 && position.state === 'recovering') await clock.sleep(restMs);
  }
  return {
    isEqual: position.state === 'closed',
    nextSlot: 0,
    passes: Math.min(pass, passesMax),
    found: all,
    failure: null,
  };
}
