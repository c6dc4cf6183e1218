import type { RegisteredEpoch } from '../failover/ports.ts';
import type { Deadline } from '../kernel/clock.ts';
import type { MemberEvent, OutboxRow, SinkName } from './event.ts';

/** The outbox of each database cluster, at its writer. */
export interface Outbox {
  /** Strikes sinks off a row. A row that is gone is no error: every sink had it. */
  delivered(
    databaseCluster: string,
    sequence: number,
    sinks: readonly SinkName[],
    deadline: Deadline,
  ): Promise<void>;

  /** Strikes the same sinks off up to 1,000 rows. Those of a row that it does not list are no error. */
  deliveredMany(
    databaseCluster: string,
    sequences: readonly number[],
    sinks: readonly SinkName[],
    deadline: Deadline,
  ): Promise<void>;

  /** How many rows there are. */
  length(databaseCluster: string, deadline: Deadline): Promise<number>;

  /** The row of an event, or null when it is gone: then every sink has it and every source shows it. */
  find(
    databaseCluster: string,
    memberId: string,
    version: number,
    deadline: Deadline,
  ): Promise<OutboxRow | null>;

  /** The rows of older changes of the member that a Redis lacks the fence of: see `write-flow.ts`. */
  unfencedBefore(
    databaseCluster: string,
    memberId: string,
    version: number,
    deadline: Deadline,
  ): Promise<readonly OutboxRow[]>;

  /** Whether the other centre's journal may lack any change of the member: see `settling.ts`. */
  awaitsJournal(databaseCluster: string, memberId: string, deadline: Deadline): Promise<boolean>;

  /**
   * The oldest rows above `afterSequence`: those with no pending sink, and those at least `minAgeMs` old. At most
   * `limit`. Paging on keeps rows that are stuck (a sink is away) from holding up those behind them.
   */
  due(
    databaseCluster: string,
    minAgeMs: number,
    afterSequence: number,
    limit: number,
    deadline: Deadline,
  ): Promise<readonly OutboxRow[]>;

  /** Of `sequences`, those which *this replica* shows: the commit itself and the directory's last step. */
  shownBy(
    databaseCluster: string,
    replica: string,
    sequences: readonly number[],
    deadline: Deadline,
  ): Promise<readonly number[]>;

  /** Deletes a row that is completed. */
  remove(databaseCluster: string, sequences: readonly number[], deadline: Deadline): Promise<void>;

  /** What waits there, at the writer. For telemetry. */
  backlog(databaseCluster: string, deadline: Deadline): Promise<Backlog>;

  /** Of `events`, those that have a row. For sweeping what outlived its row. */
  existing(
    databaseCluster: string,
    events: readonly { readonly memberId: string; readonly version: number }[],
    deadline: Deadline,
  ): Promise<readonly { readonly memberId: string; readonly version: number }[]>;
}

/** A centre's journal: every acknowledged change of the other centre's writer, until every promotable replica here has it. */
export interface Journal {
  /**
   * One statement, conditional on the epoch register that stands beside it being at `writer`, the epoch and centre
   * of who appends (which, for a repeat or the relay, may be later than the event's own). `refused`: it is not; the
   * change must get no receipt at all. Appending again is `appended`.
   */
  append(
    databaseCluster: string,
    event: MemberEvent,
    writer: RegisteredEpoch,
    deadline: Deadline,
  ): Promise<'appended' | 'refused'>;

  /** Appends up to 1,000 events, all or none: `append` for each of them. */
  appendMany(
    databaseCluster: string,
    events: readonly MemberEvent[],
    writer: RegisteredEpoch,
    deadline: Deadline,
  ): Promise<'appended' | 'refused'>;

  /** Removes the entries of these events. Only when every promotable replica here shows them. */
  trim(
    databaseCluster: string,
    events: readonly { readonly memberId: string; readonly version: number }[],
    deadline: Deadline,
  ): Promise<void>;

  /** Entries at least `minAgeMs` old, oldest first: what a sweep looks at. */
  entries(
    databaseCluster: string,
    minAgeMs: number,
    limit: number,
    deadline: Deadline,
  ): Promise<readonly MemberEvent[]>;

  /**
   * The entries above `after`, by the numbers they were appended under: a promotion reads the journal to its end. Once
   * the register beside it has been raised, no entry of an older epoch is appended any more.
   */
  page(
    databaseCluster: string,
    after: number,
    limit: number,
    deadline: Deadline,
  ): Promise<readonly { readonly number: number; readonly event: MemberEvent }[]>;

  /** What is there of a database cluster. For telemetry. */
  backlog(databaseCluster: string, deadline: Deadline): Promise<Backlog>;
}

/** How much waits. */
export interface Backlog {
  /** Counted up to some 100,000. */
  readonly waiting: number;
  /** The age of what came first; 0 when nothing waits. */
  readonly oldestMs: number;
}

/** The queue towards a centre's consumers. At least once, in any order. */
export interface SyncQueue {
  send(message: SyncMessage, deadline: Deadline): Promise<void>;
}

/** Counts a centre's queue, for telemetry. About right is enough. */
export interface QueueGauge {
  depth(deadline: Deadline): Promise<QueueDepth>;
}

export interface QueueDepth {
  readonly waiting: number;
  /** Handed out, and neither done nor given back yet. */
  readonly underWay: number;
  /** Given up, for a person to look at. */
  readonly dead: number;
}

/** What the consumers get: an event, the sinks of their centre that still lack it, and where to strike them off. */
export interface SyncMessage {
  readonly format: 1;
  /** Of the writer that sent it. @default the event's own */
  readonly epoch?: number | undefined;
  readonly databaseCluster: string;
  readonly sequence: number;
  readonly event: MemberEvent;
  readonly sinks: readonly SinkName[];
}
