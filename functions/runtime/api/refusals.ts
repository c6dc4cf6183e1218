import { ShareUsedUp } from '../../core/cache/answers.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { retryAfterFailureMs } from '../limits.ts';
import { Refusal, unavailable } from './problems.ts';

/** What the caller is told of whatever was thrown. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  // middy's own, shortly before the invocation would be cut off.
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  if (error instanceof DependencyUnavailable || isLate) {
    const isRefusal = error instanceof DependencyUnavailable && error.cause instanceof ShareUsedUp;
    return unavailable(retryAfterFailureMs, {}, isRefusal ? 'lane-exhausted' : 'unavailable');
  }
  return new Refusal('internal');
}
