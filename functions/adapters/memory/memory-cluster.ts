/**
 * The state of one database cluster, in memory: what a writer has committed, and what each of its replicas shows. It
 * is a plain object apart from the adapters, so that it outlives a simulated process and is shared by several.
 *
 * Every transaction is one synchronous call of {@link commitTo}. Rows are replaced, never changed: tables share them.
 */

import type { DirectoryRow, IdentifierKey, Token } from '../../core/directory/directory.ts';
import { firstEpoch } from '../../core/failover/epoch.ts';
import type { RegisteredEpoch } from '../../core/failover/ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { StoredMember } from '../../core/member/member.ts';
import type { HistoryRow } from '../../core/member/ports.ts';
import type { IdempotencyRecord, MemberEvent, SinkName } from '../../core/propagation/event.ts';

export interface MemoryDirectoryRow extends Omit<DirectoryRow, 'claimExpired'> {
  readonly claimEndsMs: number;
}

export interface MemoryOutboxRow {
  readonly sequence: number;
  readonly event: MemberEvent;
  readonly pending: readonly SinkName[];
  readonly committedAtMs: number;
}

export interface MemoryRedisGrant {
  readonly grantEndsMs: number;
  readonly suspended: boolean;
  readonly reliedCount: number;
}

interface MemoryRegistration {
  readonly memberId: string;
  readonly requestHash: string;
  readonly begunAtMs: number;
}

/** The tables of `schema/tables.ts`, all slots of the cluster together. Times are of the cluster's own clock. */
export interface MemoryTables {
  readonly member: Map<string, StoredMember>;
  readonly directory: Map<IdentifierKey, MemoryDirectoryRow>;
  readonly token: Map<Token, { readonly outcome: 'void' | 'used'; readonly slot: number }>;
  /** By caller, NUL, key. */
  readonly registration: Map<string, MemoryRegistration>;
  /** By caller, NUL, key, NUL, memberId. */
  readonly idempotency: Map<string, IdempotencyRecord & { readonly committedAtMs: number }>;
  readonly history: Map<string, readonly HistoryRow[]>;
  readonly outbox: Map<number, MemoryOutboxRow>;
  readonly redisGrant: Map<string, MemoryRedisGrant>;
  /** Slots that have left this cluster. */
  readonly movedSlot: Set<number>;
  readonly control: MemoryControl;
}

/** The tables that have one row. */
export interface MemoryControl {
  epoch: RegisteredEpoch;
  leaseEndsMs: number;
  heartbeat: { readonly beat: number; readonly beatAtMs: number };
  oldestTokenDay: number;
  lastSequence: number;
}

export type MemoryTransaction<T> = (tables: MemoryTables, nowMs: number) => T;

interface MemoryReplica {
  readonly tables: MemoryTables;
  /** How many of the writer's transactions it shows. */
  applied: number;
}

export interface MemoryCluster {
  readonly name: string;
  readonly clock: Clock;
  readonly writer: MemoryTables;
  readonly replicas: Readonly<Record<string, MemoryReplica>>;
  /** The writer's transactions in order, with the time each saw; only while there are replicas to show them. */
  readonly log: { readonly transaction: MemoryTransaction<unknown>; readonly nowMs: number }[];
}

export interface MemoryClusterOptions {
  readonly name: string;
  readonly clock: Clock;
  /** @default epoch 1 of centre A */
  readonly epoch?: RegisteredEpoch;
  /** How long the first lease to write lasts. @default without end */
  readonly leaseMs?: number;
  /** @default none */
  readonly replicas?: readonly string[];
}

export function makeMemoryCluster(options: MemoryClusterOptions): MemoryCluster {
  const { name, clock, epoch = firstEpoch, leaseMs = Number.POSITIVE_INFINITY } = options;
  const leaseEndsMs = clock.nowMs() + leaseMs;
  const empty = (): MemoryTables => ({
    member: new Map(),
    directory: new Map(),
    token: new Map(),
    registration: new Map(),
    idempotency: new Map(),
    history: new Map(),
    outbox: new Map(),
    redisGrant: new Map(),
    movedSlot: new Set(),
    control: {
      epoch,
      leaseEndsMs,
      heartbeat: { beat: 0, beatAtMs: clock.nowMs() },
      oldestTokenDay: 0,
      lastSequence: 0,
    },
  });
  const replicas = (options.replicas ?? []).map(
    (replica) => [replica, { tables: empty(), applied: 0 }] as const,
  );
  return { name, clock, writer: empty(), replicas: Object.fromEntries(replicas), log: [] };
}

/** The rows of older changes of a member that a Redis lacks the fence of, oldest first. */
export function unfencedBefore(
  tables: MemoryTables,
  { memberId, version }: Pick<MemberEvent, 'memberId' | 'version'>,
): readonly MemoryOutboxRow[] {
  return [...tables.outbox.values()].filter(
    ({ event, pending }) =>
      event.memberId === memberId &&
      event.version < version &&
      pending.some((sink) => sink.startsWith('redis:')),
  );
}

/**
 * Carries out a transaction at the writer. It must be synchronous, depend on nothing but the tables and the time it
 * is given, and decide before it changes anything: replicas repeat it.
 */
export function commitTo<T>(cluster: MemoryCluster, transaction: MemoryTransaction<T>): T {
  const nowMs = cluster.clock.nowMs();
  const result = transaction(cluster.writer, nowMs);
  if (Object.keys(cluster.replicas).length > 0) cluster.log.push({ transaction, nowMs });
  return result;
}

/** Lets a replica show the first `upTo` transactions of the writer, reads excluded. @default all of them */
export function replicate(cluster: MemoryCluster, replica: string, upTo: number = cluster.log.length): void {
  const target = cluster.replicas[replica];
  if (!target) throw new Error(`no replica ${replica} of ${cluster.name}`);
  for (; target.applied < upTo; target.applied++) {
    const entry = cluster.log[target.applied];
    if (!entry) throw new Error(`${cluster.name} has no transaction ${target.applied}`);
    entry.transaction(target.tables, entry.nowMs);
  }
}
