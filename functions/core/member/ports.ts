import type { IdentifierKey, Token } from '../directory/directory.ts';
import type { WriterRefused } from '../directory/ports.ts';
import type { Deadline } from '../kernel/clock.ts';
import type { DependencyUnavailable } from '../kernel/invariant.ts';
import type { IdempotencyRecord, MemberEvent, SinkName } from '../propagation/event.ts';
import type { Member, StoredMember } from './member.ts';

/** Seals members for every store, and opens them. AES-256-GCM with a key id and a format number in front. */
export interface Sealer {
  /** The id of the key that seals now: see `keyIdOf`. */
  readonly keyId: string;
  seal(member: Member): string;
  /** @throws SealBroken when the text was tampered with, or its key or format is unknown */
  open(stored: StoredMember): Member;
}

/** The id of the key that a sealed text opens with. The text is `FORMAT.KEYID.` and what is sealed. */
export const keyIdOf = (sealed: string): string => sealed.split('.', 2)[1] ?? '';

/** A keyed hash of texts: for request bodies and callers' keys that must be compared but not kept. */
export interface KeyedHasher {
  hash(...parts: readonly string[]): string;
}

/** What a registration begins with: which member this caller's key is about. */
export interface RegistrationRecord {
  readonly caller: string;
  readonly key: string;
  readonly requestHash: string;
  readonly memberId: string;
}

/** The record that stands there, whoever inserted it; `epoch` is the writer's, as read with it. */
export interface BegunRegistration {
  readonly kind: 'registration';
  readonly memberId: string;
  readonly requestHash: string;
  readonly epoch: number;
}

/** The registration record of (caller, key), in the slot of their hash: which member a registration is about. */
export interface Registrations {
  /** Inserts the record, or answers with the one that stands there. */
  begin(record: RegistrationRecord, deadline: Deadline): Promise<BegunRegistration | WriterRefused>;

  /** The same for up to 1,000 at once, one transaction a database cluster; answers in the order of `records`. */
  beginMany(
    records: readonly RegistrationRecord[],
    deadline: Deadline,
  ): Promise<
    { readonly kind: 'registrations'; readonly begun: readonly BegunRegistration[] } | WriterRefused
  >;
}

/** A member as its writer knows it, read in one consistent view. */
export interface MemberAtWriter {
  readonly stored: StoredMember | null;
  /** The caller's earlier request under this key for this member, if there was one. */
  readonly repeat: IdempotencyRecord | null;
  /** The epoch of the writer that answered. */
  readonly epoch: number;
}

/** Everything that one commit writes in the member's slot, and checks, in one transaction. */
export interface Commit {
  /** The version the member must have; null when it must not exist. */
  readonly expectedVersion: number | null;
  readonly event: MemberEvent;
  /** The tokens of the claims it uses up: written as `used`. */
  readonly tokens: readonly Token[];
  /** Every sink that the event must reach. */
  readonly sinks: readonly SinkName[];
}

/** A Redis cluster that is suspended for this database cluster: it has lost, or will lose at `grantEndsInMs`, its grant. */
export interface Suspension {
  readonly redis: string;
  /** Until the recorded end of its last grant, by the database's clock; 0 when it has passed. */
  readonly grantEndsInMs: number;
}

export type CommitOutcome =
  | {
      readonly kind: 'committed';
      readonly databaseCluster: string;
      /** The number of the event's outbox row. */
      readonly sequence: number;
      /** How many older changes of the member lack a fence somewhere: it is acknowledged together with them. */
      readonly olderUnfenced: number;
      readonly suspended: readonly Suspension[];
    }
  /** Committed, but the lease to write had ended when read again afterwards: there must be no receipt. */
  | { readonly kind: 'lease-ended' }
  /** The member has another version (or exists already, or not at all). */
  | { readonly kind: 'version-changed' }
  /** One of the claims was voided, or is older than the trimming mark. */
  | { readonly kind: 'token-void' }
  /** This caller's key has been used for this member meanwhile. */
  | { readonly kind: 'repeated' }
  | WriterRefused;

export type CommitManyOutcome =
  | {
      readonly kind: 'committed';
      readonly databaseCluster: string;
      /** The numbers of the outbox rows, in the order of the commits. */
      readonly sequences: readonly number[];
      readonly suspended: readonly Suspension[];
    }
  | { readonly kind: 'lease-ended' | 'refused' }
  | WriterRefused;

/** Members at their writers. Throws `DependencyUnavailable` when the outcome is not known. */
export interface MemberStore {
  read(
    memberId: string,
    idempotency: { readonly caller: string; readonly key: string } | null,
    deadline: Deadline,
  ): Promise<({ readonly kind: 'member' } & MemberAtWriter) | WriterRefused>;

  /**
   * One transaction, one round trip where the engine allows it: checks the cluster's epoch (`event.epoch`), its lease
   * to write, that the slot is here, the tokens' day and the member's version; writes member, tokens, history,
   * idempotency record and outbox row. Then reads epoch and lease again, what is unfenced before it, and which Redis clusters are
   * suspended.
   */
  commit(commit: Commit, deadline: Deadline): Promise<CommitOutcome>;

  /**
   * The commits of up to 1,000 new members (no `expectedVersion`) of one database cluster and epoch, all or none, in one
   * transaction with the checks of {@link MemberStore.commit}.
   * - `refused`: at least one of them cannot be made. Nothing was written; one at a time tells which, and why.
   */
  commitMany(commits: readonly Commit[], deadline: Deadline): Promise<CommitManyOutcome>;
}

/** What a source tells of one thing: that, or null for "there is none"; or that it cannot tell, and why. */
export type Told<T> = T | null | DependencyUnavailable;

/**
 * Members and the directory as one source shows them: the writer, a replica, or a search cluster. What a source that
 * is not the writer says may be old.
 */
export interface MemberSource {
  readonly name: string;
  /** @throws DependencyUnavailable when it cannot tell */
  member(memberId: string, deadline: Deadline): Promise<StoredMember | null>;
  /** The directory's row, or the search document, of an identifier. @throws DependencyUnavailable when it cannot tell */
  identifier(key: IdentifierKey, deadline: Deadline): Promise<IdentifierEntry | null>;
  /**
   * Several, told of in order, in one round trip to each server that has any of them. One that is away, or a damaged
   * document, costs its own only.
   */
  members(memberIds: readonly string[], deadline: Deadline): Promise<readonly Told<StoredMember>[]>;
  identifiers(keys: readonly IdentifierKey[], deadline: Deadline): Promise<readonly Told<IdentifierEntry>[]>;
}

/** What a source says of an identifier. A `claimed` one decides nothing before its member is looked at. */
export interface IdentifierEntry {
  readonly state: 'free' | 'claimed' | 'bound';
  readonly memberId: string;
  readonly token: Token;
  readonly version: number;
}

/** All members, slot by slot, at their writers. For operators' commands: nothing that waits for an answer may walk. */
export interface MemberWalk {
  /** The first `limit` members of a slot above `afterMemberId` ('' begins), in the order of their ids. */
  page(
    slot: number,
    afterMemberId: string,
    limit: number,
    deadline: Deadline,
  ): Promise<{ readonly kind: 'page'; readonly members: readonly StoredMember[] } | WriterRefused>;
}

/** How much of a store lies under which key: members by the id of their sealing key, identifiers by their key's version. */
export interface KeysInUse {
  readonly sealedWith: Readonly<Record<string, number>>;
  /** Bound identifiers only: nobody is found by the others. */
  readonly boundUnder: Readonly<Record<string, number>>;
}

/** Counts a whole store, part by part. For operators' commands. */
export interface KeyCensus {
  readonly name: string;
  /** Each part is read within `partMs`; together they are all that an operator's question can see. */
  parts(partMs: number): AsyncIterable<KeysInUse>;
}

export function sumOfKeys(one: KeysInUse, other: KeysInUse): KeysInUse {
  return {
    sealedWith: sumOf(one.sealedWith, other.sealedWith),
    boundUnder: sumOf(one.boundUnder, other.boundUnder),
  };
}

function sumOf(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** A row of a member's history; `entry` is what `pastChangeOf` reads. */
export interface HistoryRow {
  readonly version: number;
  readonly entry: string;
}

/** Where histories are read from: the writers, whose answer is final, or a replica, which may lack the newest entries. */
export interface HistorySource {
  readonly name: string;
  /**
   * The entries of a member above `afterVersion`, oldest first, at most `limit`. A member without any was never
   * registered: every commit writes one.
   * @throws DependencyUnavailable also when the writer is not the writer any more
   */
  rows(
    memberId: string,
    afterVersion: number,
    limit: number,
    deadline: Deadline,
  ): Promise<readonly HistoryRow[]>;
}
