import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deadlineAfter } from './core/kernel/clock.ts';
import type { Lazily } from './runtime/api/parts.ts';
import type { ApplyChangeParts } from './runtime/batch.ts';
import { applyChangeParts } from './runtime/composition.ts';
import { answerMarginMs, applyChangeMs } from './runtime/limits.ts';
import { failureLine } from './runtime/telemetry.ts';

/**
 * Takes a batch of the centre's queue and brings each change to the sinks it names. What fails is reported, comes
 * again, and goes to the dead-letter queue in the end; the relay brings it to its sinks all the same.
 */
export const makeApplyChangeFunction =
  (parts: Lazily<ApplyChangeParts>) =>
  async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const { clock, decode, apply, log } = parts();
    const startedAtMs = clock.monotonicMs();
    const leftMs = Math.max(0, context.getRemainingTimeInMillis() - answerMarginMs);
    const deadline = deadlineAfter(clock, Math.min(applyChangeMs, leftMs));
    const outcomes = await Promise.allSettled(
      event.Records.map(async ({ body }) => {
        const message = decode(body);
        if (message === null) throw new TypeError('not a message of a known form');
        await apply(message, deadline);
      }),
    );
    const failed = outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [{ outcome, index }] : []));
    log({
      operation: 'apply-change',
      messages: outcomes.length,
      failed: failed.length,
      durationMs: Math.round(clock.monotonicMs() - startedAtMs),
      failure: failed[0] && failureLine(failed[0].outcome.reason),
    });
    return { batchItemFailures: failed.map(({ index }) => ({ itemIdentifier: event.Records[index]?.messageId ?? '' })) };
  };

export const handler = makeApplyChangeFunction(applyChangeParts);
