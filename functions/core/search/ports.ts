import type { Deadline } from '../kernel/clock.ts';
import type { MemberSource } from '../member/ports.ts';
import type { DigestKind, DigestSource } from '../propagation/digests.ts';
import type { MemberEvent } from '../propagation/event.ts';
import type { Calls, Position, Positions, Windows } from './breaker.ts';
import type { IdentifierDocument, MemberDocument, SearchDocument } from './search.ts';

/** One search cluster. As a {@link MemberSource} it answers by real-time gets: see `search.ts` for why. */
export interface SearchCluster extends MemberSource {
  /**
   * Puts an event's documents, through the write alias of `epoch`. External versioning: a document that is already
   * as new, or newer, is left alone and counts as put.
   * - `stale-epoch`: there is no such alias (any more): a writer of an older epoch changes nothing here.
   */
  put(events: readonly MemberEvent[], epoch: number, deadline: Deadline): Promise<'put' | 'stale-epoch'>;
}

/** Which life of a cluster this is, and whether it may be read: only while it is does it answer as a source. */
export interface Standing {
  /** Another one as soon as the cluster, or an index of it, was made anew. */
  readonly incarnation: string;
  readonly isReadable: boolean;
}

/** A change of a document that makes it what the database says, at the version at least of what was found there. */
export type Mending =
  | SearchDocument
  /** Of what the database knows nothing of: it goes, unless something newer stands there. */
  | { readonly index: DigestKind; readonly id: string; readonly gone: { readonly version: number } };

/** A search cluster as it is compared with the database and mended, whether or not it may be read. */
export interface SearchUpkeep extends DigestSource {
  standing(deadline: Deadline): Promise<Standing>;
  /** Opens the cluster for readers, or closes it to them, for good: the mark is kept in the cluster itself. */
  setReadable(isReadable: boolean, deadline: Deadline): Promise<void>;
  /** Lets digests show everything that was put until now. */
  refresh(deadline: Deadline): Promise<void>;
  /** The documents as they stand, by real-time gets. One of another form is `damaged`. */
  memberDocuments(
    memberIds: readonly string[],
    deadline: Deadline,
  ): Promise<readonly (MemberDocument | Damaged | null)[]>;
  identifierDocuments(
    keys: readonly string[],
    deadline: Deadline,
  ): Promise<readonly (IdentifierDocument | Damaged | null)[]>;
  /** Through the write alias of `epoch`. Each is refused, and counts as done, where something newer stands. */
  mend(mendings: readonly Mending[], epoch: number, deadline: Deadline): Promise<'mended' | 'stale-epoch'>;
}

/** A document that this code did not write; `version` is the one that the cluster keeps of it. */
export interface Damaged {
  readonly state: 'damaged';
  readonly version: number;
}

/** What each Redis of a centre keeps of breakers. Throws `DependencyUnavailable` when it does not answer in time. */
export interface BreakerCopies {
  /** (script) Adds calls to the window that is now by the clock of this Redis, and tells of it and the one before. */
  countCalls(cluster: string, calls: Calls, windowMs: number, deadline: Deadline): Promise<Windows>;
  /**
   * (script) Puts a position into the state that every read brings along, unless a version above `seenVersion` stands
   * there: then somebody else was first.
   */
  moveBreaker(
    cluster: string,
    seenVersion: number,
    to: Position,
    deadline: Deadline,
  ): Promise<'moved' | 'overtaken'>;
  breakers(deadline: Deadline): Promise<Positions>;
}

/** Which epoch's writers a search cluster takes documents of. */
export interface SearchEpochs {
  readonly name: string;
  /**
   * Opens it for the writers of `epoch`, and closes it to all older ones, in one step. The same epoch again is `opened`.
   * @param isTrusted false: it may hold what an older epoch lost. Then, in the same step, it is closed to readers too,
   * until it was compared with the database
   */
  open(epoch: number, isTrusted: boolean, deadline: Deadline): Promise<'opened' | 'older-epoch'>;
}
