import type { Context } from 'aws-lambda';
import { deadlineAfter } from './core/kernel/clock.ts';
import type { Lazily } from './runtime/api/parts.ts';
import type { RelayParts } from './runtime/batch.ts';
import { relayParts } from './runtime/composition/background.ts';
import { relayMarginMs } from './runtime/limits.ts';
import { metricsOf } from './runtime/telemetry/emf.ts';
import { failureLine } from './runtime/telemetry.ts';

const failed = metricsOf({
  dimensions: ['operation'],
  metrics: [{ name: 'relaysFailed', unit: 'Count' }],
});

/**
 * The relay of a centre: its duties, round after round, until the invocation's time is nearly up. The schedule starts
 * the next invocation before this one ends; two at once do no harm. Beside it, its report to telemetry.
 */
export const makeRelayOutbox =
  (parts: Lazily<RelayParts>) =>
  async (_event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const { centre, clock, relay, report, log } = parts();
    const forMs = Math.max(0, context.getRemainingTimeInMillis() - relayMarginMs);
    try {
      const endsAt = deadlineAfter(clock, forMs);
      await Promise.all([relay.run(endsAt), report.run(endsAt)]);
    } catch (error) {
      log(
        {
          operation: 'relay-outbox',
          centre,
          outcome: 'failed',
          relaysFailed: 1,
          failure: failureLine(error),
        },
        failed,
      );
      throw error;
    }
  };

export const handler = makeRelayOutbox(relayParts);
