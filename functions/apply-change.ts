import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { TraceParent } from './core/propagation/trace.ts';
import type { Lazily } from './runtime/api/parts.ts';
import type { ApplyChangeParts } from './runtime/batch.ts';
import { applyChangeParts } from './runtime/composition/apply-change.ts';
import { deadlineOf } from './runtime/deadline.ts';
import { applyChangeMs } from './runtime/limits.ts';
import { batchRecord } from './runtime/telemetry/batch-record.ts';
import { failureLine } from './runtime/telemetry.ts';

/**
 * Takes a batch of the centre's queue and brings each change to the sinks it names. What fails is reported, comes
 * again, and goes to the dead-letter queue in the end; the relay brings it to its sinks all the same.
 */
export const makeApplyChangeFunction =
  (parts: Lazily<ApplyChangeParts>) =>
  async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const { centre, clock, decode, apply, log, meter, traces } = parts();
    const beganMs = clock.monotonicMs();
    meter.reset();
    const traceParents: TraceParent[] = [];
    const deadline = deadlineOf(clock, context, applyChangeMs);
    const applied = Records.map(async ({ body }) => {
      const message = decode(body);
      if (message === null) throw new TypeError('not a message of a known form');
      if (message.event.trace !== undefined) traceParents.push(message.event.trace);
      await apply(message, deadline);
    });
    const failures = (await Promise.allSettled(applied)).flatMap((outcome, index) =>
      outcome.status === 'rejected' ? [{ reason: outcome.reason as unknown, record: Records[index] }] : [],
    );
    const failure = failures[0] && failureLine(failures[0].reason);
    const { line, metrics } = batchRecord(
      {
        centre,
        records: Records,
        traceParents,
        failed: failures.length,
        failure,
        durationMs: clock.monotonicMs() - beganMs,
        nowMs: clock.nowMs(),
        readings: meter.readings(),
      },
      traces,
    );
    log(line, metrics);
    return {
      batchItemFailures: failures.map(({ record }) => ({ itemIdentifier: record?.messageId ?? '' })),
    };
  };

export const handler = makeApplyChangeFunction(applyChangeParts);
