import type { Context } from 'aws-lambda';
import { deadlineAfter } from './core/kernel/clock.ts';
import type { Lazily } from './runtime/api/parts.ts';
import type { RelayParts } from './runtime/batch.ts';
import { relayParts } from './runtime/composition.ts';
import { relayMarginMs } from './runtime/limits.ts';
import { failureLine } from './runtime/telemetry.ts';

/**
 * The relay of a centre: its duties, round after round, until the invocation's time is nearly up. The schedule starts
 * the next invocation before this one ends; two at once do no harm.
 */
export const makeRelayOutbox =
  (parts: Lazily<RelayParts>) =>
  async (_event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const { clock, relay, log } = parts();
    const forMs = Math.max(0, context.getRemainingTimeInMillis() - relayMarginMs);
    try {
      await relay.run(deadlineAfter(clock, forMs));
    } catch (error) {
      log({ operation: 'relay-outbox', failure: failureLine(error) });
      throw error;
    }
  };

export const handler = makeRelayOutbox(relayParts);
