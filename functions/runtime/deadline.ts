import type { Context } from 'aws-lambda';
import { type Clock, type Deadline, deadlineAfter } from '../core/kernel/clock.ts';
import { answerMarginMs } from './limits.ts';

/** What is left of the invocation, without what it takes to answer, and never more than `capMs`. */
export function deadlineOf(
  clock: Clock,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  capMs: number,
): Deadline {
  const leftMs = Math.max(0, context.getRemainingTimeInMillis() - answerMarginMs);
  return deadlineAfter(clock, Math.min(capMs, leftMs));
}
