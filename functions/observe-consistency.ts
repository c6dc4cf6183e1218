import type { Context } from 'aws-lambda';
import { deadlineAfter } from './core/kernel/clock.ts';
import type { Lazily } from './runtime/api/parts.ts';
import type { ObserverParts } from './runtime/batch.ts';
import { observerParts } from './runtime/composition/observer.ts';
import { observerMarginMs } from './runtime/limits.ts';
import { failureLine } from './runtime/telemetry.ts';

/**
 * The consistency observer of a centre, until the invocation's time is nearly up. The schedule starts the next
 * invocation when this one follows nothing new any more.
 */
export const makeObserveConsistency =
  (parts: Lazily<ObserverParts>) =>
  async (_event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const { clock, observer, log } = parts();
    const forMs = Math.max(0, context.getRemainingTimeInMillis() - observerMarginMs);
    try {
      await observer.run(deadlineAfter(clock, forMs));
    } catch (error) {
      log({ operation: 'observe-consistency', failure: failureLine(error) });
      throw error;
    }
  };

export const handler = makeObserveConsistency(observerParts);
