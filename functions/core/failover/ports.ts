import type { IdentifierKey, Token } from '../directory/directory.ts';
import type { WriterRefused } from '../directory/ports.ts';
import type { Deadline } from '../kernel/clock.ts';
import type { StoredMember } from '../member/member.ts';
import type { RegistrationRecord } from '../member/ports.ts';
import type { CentreName, MemberEvent, SinkName } from '../propagation/event.ts';

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

  /**
   * Closes this server to every epoch before `epoch`, in one transaction that waits for every commit under way: the
   * epoch's row says so, the lease to write ends, each of `redises` is suspended as if a write had relied on it (so it is
   * emptied before it is granted again), and the outbox numbers its rows from where no earlier epoch's can be. Done
   * before, it changes nothing.
   * - `older-epoch`: the row has a newer epoch, or this one of another centre.
   */
  close(
    databaseCluster: string,
    epoch: RegisteredEpoch,
    redises: readonly string[],
    deadline: Deadline,
  ): Promise<'closed' | 'older-epoch'>;

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

/**
 * What an ended epoch left, carried out at servers that are closed to it and not open yet. Everything goes by version
 * and may be done again, at any time: what is there, or newer, stays. Guarded by the epoch's row.
 */
export interface RecoveryStore {
  /** The member as it stands there, lease or not. */
  member(memberId: string, deadline: Deadline): Promise<StoredMember | null>;
  /** Of `events` (of one database cluster, at most 1,000), those whose commit is not there. */
  missing(
    databaseCluster: string,
    events: readonly MemberEvent[],
    deadline: Deadline,
  ): Promise<readonly MemberEvent[]>;
  /** The commit again, in one transaction: member, used tokens, idempotency record, history, and an outbox row for `sinks`. */
  carryOut(
    databaseCluster: string,
    epoch: RegisteredEpoch,
    event: MemberEvent,
    sinks: readonly SinkName[],
    deadline: Deadline,
  ): Promise<'done' | 'older-epoch'>;
  /** Directory rows, each in the slot of its key: as told, unless the row is as new or newer. At most 1,000. */
  place(
    epoch: RegisteredEpoch,
    rows: readonly PlacedRow[],
    deadline: Deadline,
  ): Promise<'done' | 'older-epoch'>;
  /** Registration records, each in the slot of its (caller, key): those that stand stay. At most 1,000. */
  register(
    epoch: RegisteredEpoch,
    records: readonly RegistrationRecord[],
    deadline: Deadline,
  ): Promise<'done' | 'older-epoch'>;
}

/** Where an ended epoch left an identifier. */
export interface PlacedRow {
  readonly key: IdentifierKey;
  readonly state: 'bound' | 'free';
  readonly token: Token;
  readonly memberId: string;
  readonly version: number;
}

export interface Elected {
  /** Its name among the centre's replicas, or null where the centre's writer has an address that moves by itself. */
  readonly server: string | null;
  /** False: an earlier call had begun to elect it already, planned or forced: it may lack what the old writer has. */
  readonly isNew: boolean;
}

/** The engine's own part in a promotion: Aurora's, or that of servers which follow one another. Everything may be repeated. */
export interface DatabaseEngine {
  /** Why no copy of the database cluster in `to` could become its writer now; empty when one could. */
  faults(databaseCluster: string, to: CentreName, deadline: Deadline): Promise<readonly string[]>;
  /**
   * Lets nothing more come from the old writer, and makes the most advanced copy in `to` the writer, with everything
   * that it had received. `planned`: the old writer is closed, and the copy has all of it.
   */
  promote(
    databaseCluster: string,
    to: CentreName,
    how: 'planned' | 'forced',
    deadline: Deadline,
  ): Promise<Elected>;
  /**
   * Lets every other copy follow the writer in `to`; one that holds what the writer does not is built anew.
   * @returns those that do not follow yet, and why
   */
  follow(databaseCluster: string, to: CentreName, deadline: Deadline): Promise<readonly string[]>;
}

/** What a promotion took out of the journal, or found that an old epoch's database alone had. */
export interface LedgerEntry {
  /** The epoch that began. */
  readonly epoch: number;
  readonly databaseCluster: string;
  /** `from-journal`: carried out in the new epoch. `one-centre`: only the lost centre had it; it is not carried out. */
  readonly kind: 'from-journal' | 'one-centre';
  readonly event: MemberEvent;
}

export interface RecordedLoss extends LedgerEntry {
  readonly recordedAt: string;
}

/** The loss ledger, in the journal database of the centre that was promoted. */
export interface Ledger {
  /** At most 1,000. An entry that is there stays. */
  record(entries: readonly LedgerEntry[], deadline: Deadline): Promise<void>;
  /** In the order of recording, above `after`. */
  page(
    after: number,
    limit: number,
    deadline: Deadline,
  ): Promise<readonly (RecordedLoss & { readonly number: number })[]>;
  /** Deletes what promotions up to `epoch` recorded. @returns how many */
  forget(epoch: number, deadline: Deadline): Promise<number>;
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
