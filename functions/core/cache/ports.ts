import type { CallerCopies } from '../caller/ports.ts';
import type { Deadline } from '../kernel/clock.ts';
import type { CacheKey } from '../propagation/event.ts';
import type { BreakerCopies } from '../search/ports.ts';

/** What one round trip of a hit brings back. Grants were there *before* the value was read. */
export interface CacheReading {
  readonly value: string | null;
  /** The database clusters whose grant this Redis holds. */
  readonly grants: readonly string[];
  /** The centre's state document; null when this Redis has none (yet). */
  readonly state: string | null;
}

/** The same of several keys: their values in order, under the same grants. */
export interface CacheReadings extends Omit<CacheReading, 'value'> {
  readonly values: readonly (string | null)[];
}

/** A value to store under a key. */
export interface Fill {
  readonly key: CacheKey;
  readonly version: number;
  readonly value: string;
  readonly lifetimeMs: number;
}

export interface Fence {
  readonly key: CacheKey;
  readonly version: number;
  /** Whose change it notes: a fence without an outbox row is swept. */
  readonly databaseCluster: string;
  readonly memberId: string;
}

export type LeaseOutcome =
  /** Only the holder of the token may fill, and any fence voids it. `fenceVersion` is 0 without a fence. */
  | { readonly kind: 'granted' | 'filling'; readonly fenceVersion: number }
  /**
   * This Redis came up empty, and may have lost fences; or it was made ready in a newer epoch than the asker goes by, whose
   * sources may be those of the old writers: nothing may be cached in it, and nothing that is loaded is current.
   */
  | { readonly kind: 'not-ready' };

/** One Redis cluster of a centre. Throws `DependencyUnavailable` when it does not answer in time. */
export interface CacheCluster extends CallerCopies, BreakerCopies {
  /** One round trip (`MGET`): the value, the grants of `databaseClusters`, the centre's state. */
  read(key: CacheKey, databaseClusters: readonly string[], deadline: Deadline): Promise<CacheReading>;

  /** The same for several keys, in one round trip too. */
  readMany(
    keys: readonly CacheKey[],
    databaseClusters: readonly string[],
    deadline: Deadline,
  ): Promise<CacheReadings>;

  /**
   * On a miss (script): for each key, tells the fence's version, and grants the lease or says that somebody else is
   * filling. The outcomes are in the order of the keys; `not-ready` is said of all or of none.
   * @param epoch of the topology that the asker goes by
   */
  lease(
    keys: readonly CacheKey[],
    token: string,
    leaseMs: number,
    epoch: number,
    deadline: Deadline,
  ): Promise<readonly LeaseOutcome[]>;

  /** (script) Stores each value only while `token` holds the key's lease *and* its version is at least the fence's. */
  fill(token: string, fills: readonly Fill[], deadline: Deadline): Promise<readonly ('filled' | 'refused')[]>;

  /** Gives the leases back that `token` still holds. */
  release(keys: readonly CacheKey[], token: string, deadline: Deadline): Promise<void>;

  /**
   * (script) For each key: voids the lease, deletes the value, raises the version; a fence gets no end, and a newer
   * fence removes the end of an older one. Resolves when every promotable replica of this Redis has it.
   */
  fence(fences: readonly Fence[], deadline: Deadline): Promise<void>;

  /** (script) Gives each fence that still has this version a short end. */
  endFences(
    fences: readonly { key: CacheKey; version: number }[],
    endMs: number,
    deadline: Deadline,
  ): Promise<void>;

  /** A page of the fences that have no end. `cursor` starts and ends at '0'. */
  openFences(
    cursor: string,
    deadline: Deadline,
  ): Promise<{ readonly cursor: string; readonly fences: readonly Fence[] }>;

  /** A page of what is cached. `cursor` starts and ends at '0'; what comes or goes meanwhile may be missed. */
  values(
    cursor: string,
    deadline: Deadline,
  ): Promise<{
    readonly cursor: string;
    readonly values: readonly { readonly key: CacheKey; readonly value: string }[];
  }>;

  /**
   * For each database cluster, how many milliseconds ago this Redis last held its grant (0 while it does); null when it
   * never did. What was cached under a grant that has lapsed was current that long ago.
   */
  grantAgesMs(databaseClusters: readonly string[], deadline: Deadline): Promise<readonly (number | null)[]>;

  /** The clock of this Redis, in milliseconds. */
  clockMs(deadline: Deadline): Promise<number>;

  /** Publishes a grant that expires when the clock of this Redis shows `endsAtMs`. */
  publishGrant(databaseCluster: string, endsAtMs: number, deadline: Deadline): Promise<void>;

  /** Forgets everything: values, fences, leases, grants, marker, state, what it keeps of callers and breakers. */
  empty(deadline: Deadline): Promise<void>;

  /** `ready`: it may be cached in, since that epoch. `preparing`: the nonce that stands. `blank`: nothing: it came up, or was made, empty. */
  readiness(
    deadline: Deadline,
  ): Promise<{ kind: 'ready'; epoch: number } | { kind: 'blank' } | { kind: 'preparing'; nonce: string }>;

  /** Puts a nonce where there is neither nonce nor marker. */
  prepare(nonce: string, deadline: Deadline): Promise<void>;

  /** (script) Writes the ready marker if `nonce` still stands: it has not come up empty since. A newer epoch's stays. */
  markReady(nonce: string, epoch: number, deadline: Deadline): Promise<'ready' | 'nonce-gone'>;

  /**
   * (script) Puts the centre's topology into the state that every read brings along. Keys that are revoked here stay
   * so, whatever it says.
   */
  putState(state: string, deadline: Deadline): Promise<void>;
}
