/**
 * Time, injected everywhere. Two readings that must not be mixed up: `nowMs` is the wall clock (what people and
 * documents see), `monotonicMs` only ever grows and is what durations and deadlines are measured with.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May jump. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start. Never goes back. */
  monotonicMs(): number;
  /** Resolves after at least `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
}

/** A moment on `Clock.monotonicMs` after which nobody waits for the answer any more. */
export interface Deadline {
  readonly atMonotonicMs: number;
}

/** A deadline `ms` milliseconds from now. */
export function deadlineAfter(clock: Clock, ms: number): Deadline {
  return { atMonotonicMs: clock.monotonicMs() + ms };
}

/** What is left until the deadline, in milliseconds; 0 when it has passed. */
export function remainingMs(clock: Clock, deadline: Deadline): number {
  return Math.max(0, deadline.atMonotonicMs - clock.monotonicMs());
}

/** The earlier of the caller's deadline and `ms` from now: a part's own share of the request's time. */
export function within(clock: Clock, deadline: Deadline, ms: number): Deadline {
  return { atMonotonicMs: Math.min(deadline.atMonotonicMs, clock.monotonicMs() + ms) };
}
