import type { Deadline } from '../kernel/clock.ts';
import type { Caller } from './caller.ts';

/** The registry of callers. */
export interface CallerRegistry {
  /** The caller that has a live key with this hash, or null. */
  byKeyHash(keyHash: string, deadline: Deadline): Promise<Caller | null>;
}
