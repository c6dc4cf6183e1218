/**
 * How long each store keeps what it holds of a member, in one place. `docs/data-protection.md` tells the same from the
 * reader's side. The lifetimes of cached entries are in `durations.ts`: a fence deletes what is cached of a member at once.
 *
 * Members, directory rows and the history have no end. A cancelled member's row is a tombstone, a directory row a keyed
 * hash, a history entry names of what changed and keyed hashes: none holds a name or an identifier.
 */

import { dayOf } from '../kernel/ids.ts';

const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/**
 * How long a repeat of a request is known: callers are told so. Counted from its commit, by the database's clock. Far
 * longer than any process may run that has read "not seen yet", so that nothing commits a second time in the background.
 */
export const idempotencyMs = 24 * hourMs;

/**
 * How long a registration's key names its member, counted from the last request that came with it. Longer than the
 * record of its commit, which comes within one invocation of such a request: while that is known, a repeat finds it, and
 * after that the key is refused for an hour rather than taken for a new registration.
 */
export const registrationMs = idempotencyMs + hourMs;

/**
 * Decided tokens of today and of this many days before it are kept; with them go the commits that might still come. At
 * least one, or midnight would end claims under way; two, so that a clock may be wrong by a day. A process whose clock
 * is more than that behind has every claim refused: it must be seen, and harms nobody.
 */
export const tokenDays = 2;

/**
 * A message that was not taken by then never will be: the relay has brought its change to the sinks long before. Dead
 * letters count from when they were first sent, so theirs must be the longer one: a working week to look into them.
 */
export const queueDays = 4;
export const deadLetterDays = 7;

/**
 * A journal entry goes when every replica shows its change: mostly within a minute. It is never deleted for its age,
 * since it may be all that is left of an acknowledged write; the relay reports entries that are older than this.
 */
export const journalDays = 1;

/**
 * The binary logs of the database servers, which replicas follow by: the longest that a replica may be away without being
 * made anew. A setting of the servers.
 */
export const binaryLogDays = 1;

/** What trimming goes by. A simulation has shorter ages. */
export interface Retention {
  /** Slots of a database cluster that one round of the relay looks into. */
  readonly slotsARound: number;
  readonly idempotencyMs: number;
  readonly registrationMs: number;
  /** Journal entries above this age are reported. */
  readonly journalMs: number;
  /** The oldest day whose tokens are kept, as tokens name days, at a time of the wall clock. */
  oldestTokenDay(nowMs: number): number;
}

export const retention: Retention = {
  slotsARound: 16,
  idempotencyMs,
  registrationMs,
  journalMs: journalDays * dayMs,
  oldestTokenDay: (nowMs) => dayOf(nowMs - tokenDays * dayMs),
};
