import { type Clock, type Deadline, within } from '../../core/kernel/clock.ts';

export interface RememberOptions {
  readonly clock: Clock;
  /** How long an answer is used without asking again; 30 s when not given. */
  readonly rememberMs?: number;
  /** How long the last answer is used while the store gives none; 1 h when not given. */
  readonly keepMs?: number;
}

/** While an older answer is at hand, nobody waits longer than this for a newer one, nor more often than this. */
const refreshMaxMs = 300;
const retryAfterMs = 5_000;

/**
 * Remembers the last answer of `read`: one, whatever is asked for. A store that does not answer, or answers with
 * something invalid, leaves the last one in use for a bounded time, and delays only the request that found out.
 */
export function remembered<Value>(
  read: (deadline: Deadline) => Promise<Value>,
  { clock, rememberMs = 30_000, keepMs = 3_600_000 }: RememberOptions,
): (deadline: Deadline) => Promise<Value> {
  let last: { readonly value: Value; readonly atMs: number } | undefined;
  let askAgainAtMs = 0;

  return async (deadline) => {
    const startMs = clock.monotonicMs();
    const usable = last !== undefined && startMs < last.atMs + keepMs ? last : undefined;
    if (usable !== undefined && startMs < askAgainAtMs) return usable.value;
    // Before the asking, so that requests beside this one go on with what is known.
    askAgainAtMs = startMs + Math.min(retryAfterMs, rememberMs);
    try {
      const value = await read(usable === undefined ? deadline : within(clock, deadline, refreshMaxMs));
      if (last === undefined || last.atMs <= startMs) {
        last = { value, atMs: startMs };
        askAgainAtMs = startMs + rememberMs;
      }
      return value;
    } catch (error) {
      if (usable === undefined) throw error;
      return usable.value;
    }
  };
}
