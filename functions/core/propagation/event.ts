/**
 * An event: one committed change, with everything its sinks need. It is written to the outbox in the change's own
 * transaction, and its row stays there until every sink has it and every source that a centre reads shows it.
 */
import type { DirectoryChange, IdentifierKey, Token } from '../directory/directory.ts';
import type { HistoryEntry } from '../member/history.ts';
import type { Receipt, StoredMember } from '../member/member.ts';
import type { TraceParent } from './trace.ts';

/** `A` holds the database writers in the normal case, `B` the replicas. */
export type CentreName = 'A' | 'B';

export const centreNames = ['A', 'B'] as const satisfies readonly CentreName[];

export function otherCentre(centre: CentreName): CentreName {
  return centre === 'A' ? 'B' : 'A';
}

/** Within a sink: `directory`, `journal`, `search:NAME`, `redis:NAME`. */
export type SinkName = 'directory' | 'journal' | `search:${string}` | `redis:${string}`;

/** Under what a cache entry is kept: `m:MEMBERID` or `i:IDENTIFIERKEY`. */
export type CacheKey = `m:${string}` | `i:${string}`;

export const cacheKeyOfMember = (memberId: string): CacheKey => `m:${memberId}`;
export const cacheKeyOfIdentifier = (key: IdentifierKey): CacheKey => `i:${key}`;

/** That a caller's request was done: scoped to (caller, key, member). */
export interface IdempotencyRecord {
  readonly caller: string;
  /** The caller's `Idempotency-Key` as it came: 1 to 128 printable characters. */
  readonly key: string;
  /** A keyed hash of operation, member and body: tells a repeat from another request under the same key. */
  readonly requestHash: string;
  /** The receipt without its durability, which a repeat derives. */
  readonly receipt: Omit<Receipt, 'durability'>;
}

export interface MemberEvent {
  readonly memberId: string;
  readonly version: number;
  /** The epoch that committed it. */
  readonly epoch: number;
  readonly member: StoredMember;
  readonly directory: readonly DirectoryChange[];
  /** Every cache key that answers this member: its own, and those of all identifiers it held before or holds after. */
  readonly cacheKeys: readonly CacheKey[];
  /** What a search document of each identifier held after must say; freed ones become tombstones. */
  readonly identifiers: readonly { readonly key: IdentifierKey; readonly token: Token }[];
  readonly history: HistoryEntry;
  readonly idempotency: IdempotencyRecord;
  /** The request that committed it, for those who bring it to its sinks. Older events have none. */
  readonly trace?: TraceParent;
}

/** An outbox row: an event, and the sinks that do not have it yet. */
export interface OutboxRow {
  /** The database cluster whose outbox it is. */
  readonly databaseCluster: string;
  /** The row's number in that outbox. */
  readonly sequence: number;
  readonly event: MemberEvent;
  readonly pending: readonly SinkName[];
  /**
   * How many older rows of the same member are in the outbox still. A member's rows leave in order: the fence of a
   * change covers keys that only an older change proves (an update fences the phone that a registration bound), and the
   * newest fence of a key is the only one there is.
   */
  readonly olderRows: number;
}
