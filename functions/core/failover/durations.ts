/**
 * The durations that promises rest on, and how they hang together. None of them is needed for safety to hold within a
 * process, however long it is paused; what is said of each is what it costs, and what it must be longer than.
 */

/** A write gives up after this long: then no receipt, and the same request may come again. */
export const writeDeadlineMs = 5_000;

/** A read gives up after this long. */
export const readDeadlineMs = 1_000;

/**
 * How long an identifier may stay claimed before others may take it over (by voiding its token first). Longer than a
 * write's deadline, so that nobody voids the claim of a write that may still be acknowledged.
 */
export const claimMs = 3 * writeDeadlineMs;

/** How long a write waits for another's live claim of the same identifier before it answers 503. */
export const claimWaitMs = 1_500;

/**
 * The length of a grant: how long a Redis cluster that was cut off may still be believed, and so the longest that a
 * write waits, once, for a Redis it cannot fence. Shorter than a write's deadline.
 */
export const grantMs = 2_000;

/** The length of a lease to write: how long a centre that was cut off may still write, and so what a promotion waits out. */
export const writeLeaseMs = 4_000;

/** How far a replica may be behind the others of its centre before it is not read any more. */
export const replicaLagMaxMs = 5_000;

/** A row of the outbox this old is the relay's to finish: no write that could still be acknowledged is behind it. */
export const orphanedAfterMs = writeDeadlineMs + 1_000;

/** The end that a fence gets once every source shows its change. */
export const fenceEndMs = 5_000;

/** The lease to fill a cache entry. A filler that takes longer has its fill refused, and nothing worse. */
export const fillLeaseMs = 1_000;

/** How long a reader waits for another's fill before it reads through. */
export const fillWaitMs = 60;

/** How long an entry may stay cached (jittered down by up to a quarter), and one that says "nobody". */
export const entryLifetimeMs = 30 * 60_000;
export const nobodyLifetimeMs = 5 * 60_000;

/** When the observer reads a write back, counted from its acknowledgement. */
export const observedAfterMs = [0, 1_000, 5_000, 60_000] as const;

/** Each part's share of a request's time: what hangs is given up for what still answers. */
export const shareMs = {
  cache: 150,
  search: 300,
  replica: 300,
  writer: 600,
  fence: 400,
  /**
   * Of a fence for a Redis that is suspended already: every write pays this to find out whether it is back. Well above
   * the round trip between the centres, or a Redis of the other centre would stay suspended for as long as writes go on.
   */
  suspendedFence: 200,
  journal: 600,
  queue: 400,
  /** Of the durable registry of callers, while an old copy of it is at hand. */
  registry: 300,
} as const;

/**
 * How long a process goes by the registry of callers as it read it. With the relay's pace, well below the 30 s within
 * which a disabled key is refused: that holds by the registry too where a revocation cannot reach.
 */
export const registryRememberMs = 15_000;

/** A copy of the registry in Redis this young is as good as the durable one: it was read just now. */
export const registryCopyYoungMs = 60_000;

/** How long a process goes on with the last registry that it read, while there is no newer one to be had. */
export const registryKeepMs = 3_600_000;

/**
 * How long a key that the registry refuses stays revoked in Redis besides: longer than anybody goes by a registry that
 * knew it as live.
 */
export const revocationMs = 2 * registryKeepMs;
