import type { WriterRefused } from '../directory/ports.ts';
import type { Deadline } from '../kernel/clock.ts';
import type { CentreName } from '../propagation/event.ts';

export interface RegisteredEpoch {
  readonly epoch: number;
  readonly centre: CentreName;
}

/** An epoch register: one stands in A, one in B, one at the witness. */
export interface EpochRegister {
  readonly name: string;
  read(deadline: Deadline): Promise<RegisteredEpoch & { readonly longestPromiseMs: number }>;
  /**
   * Promises not to let a newer epoch open for `lengthMs` from now, and remembers the longest promise it ever gave.
   * `older-epoch`: it holds another one, newer or older (then it must be raised first), or an equal one of another
   * centre. It renews none of those.
   */
  renew(epoch: RegisteredEpoch, lengthMs: number, deadline: Deadline): Promise<'promised' | 'older-epoch'>;
  /** Raises the register to a newer epoch; the same epoch of the same centre again is `raised`. */
  raise(epoch: RegisteredEpoch, deadline: Deadline): Promise<'raised' | 'older-epoch'>;
}

/** What a database cluster's writer knows of its own right to write, read in one view. */
export interface ClusterEpoch extends RegisteredEpoch {
  /** Of the lease to write, by the database's clock; 0 when it has ended. */
  readonly leaseRemainingMs: number;
  /** The database's clock at the reading, as it prints it. Opaque: handed back to `extendLease`. */
  readonly readAt: string;
}

/** The control rows of each database cluster, at its writer. */
export interface ClusterControl {
  epoch(databaseCluster: string, deadline: Deadline): Promise<ClusterEpoch>;

  /**
   * Moves the end of the lease to `readAt + lengthMs`, if the row still has this epoch and ends earlier.
   * `readAt` must have been read before the promise was asked for.
   */
  extendLease(
    databaseCluster: string,
    epoch: RegisteredEpoch,
    readAt: string,
    lengthMs: number,
    deadline: Deadline,
  ): Promise<'extended' | 'older-epoch'>;

  /** Writes the heartbeat row, which replicas are measured by. */
  beat(databaseCluster: string, deadline: Deadline): Promise<void>;

  /** How far `replica` is behind, in milliseconds, by its heartbeat row: an upper bound. */
  lagMs(databaseCluster: string, replica: string, deadline: Deadline): Promise<number>;

  /**
   * In one transaction: sees that the lease to write stands, that `redis` is not suspended, and that no outbox row
   * older than `unfencedAgeMs` lacks its fence there; then records that a grant may live for `lengthMs` more, cut to
   * what is left of the lease.
   */
  recordGrant(
    databaseCluster: string,
    redis: string,
    lengthMs: number,
    unfencedAgeMs: number,
    deadline: Deadline,
  ): Promise<
    | { readonly kind: 'recorded'; readonly lengthMs: number }
    | { readonly kind: 'suspended'; readonly count: number }
    | { readonly kind: 'unfenced' | 'not-the-writer' }
  >;

  /**
   * Marks `redis` as suspended and counts the write that relies on it.
   * @returns how long its last recorded grant may still live, in milliseconds
   */
  suspend(databaseCluster: string, redis: string, deadline: Deadline): Promise<number>;

  /** Ends a suspension, if its count is still `count`: nobody relied on it since before the emptying. */
  resume(
    databaseCluster: string,
    redis: string,
    count: number,
    deadline: Deadline,
  ): Promise<'resumed' | 'counted-since'>;

  /** The Redis clusters that are suspended, by name. For telemetry. */
  suspended(databaseCluster: string, deadline: Deadline): Promise<readonly string[]>;

  /** The highest outbox sequence that is visible now; 0 when there is none. */
  lastSequence(databaseCluster: string, deadline: Deadline): Promise<number>;
}

/** Trimming at the writer of each database cluster: what is kept for a time only. Everything may be done twice. */
export interface Trimming {
  /**
   * Raises the trimming mark to `oldestDay`, or to the database's own day if that is earlier: no single clock that is
   * far ahead ends all claims. It never goes back. Commits that are under way come first; from then on none with an
   * older token is accepted, and no older token is voided.
   */
  raiseTokenMark(
    databaseCluster: string,
    oldestDay: number,
    deadline: Deadline,
  ): Promise<{ readonly kind: 'raised' } | WriterRefused>;

  /**
   * Deletes from these slots what is past its age, at most `rowsMax` rows of a slot's table: decided tokens below the
   * mark, records of requests by when they committed, registrations by when a request last came with their key.
   * `unfinished`: the slots that may have more.
   */
  trim(
    databaseCluster: string,
    slots: readonly number[],
    ages: { readonly idempotencyMs: number; readonly registrationMs: number },
    rowsMax: number,
    deadline: Deadline,
  ): Promise<{ readonly kind: 'trimmed'; readonly unfinished: readonly number[] } | WriterRefused>;
}
