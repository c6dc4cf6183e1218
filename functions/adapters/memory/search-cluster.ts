import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { sourceOf } from '../../core/member/source.ts';
import type { SearchCluster, SearchEpochs } from '../../core/search/ports.ts';
import {
  documentsOf,
  type IdentifierDocument,
  identifierEntryOf,
  type MemberDocument,
  storedMemberOf,
} from '../../core/search/search.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** What a search cluster holds: a plain object, which outlives a simulated process and is shared by several. */
export interface MemorySearchState {
  /** Whose write aliases stand. */
  epoch: number;
  readonly members: Map<string, MemberDocument>;
  readonly identifiers: Map<string, IdentifierDocument>;
  /** Whether its read aliases stand. */
  isReadable: boolean;
  /** Grows when it loses everything and is made anew. */
  lives: number;
}

export const makeMemorySearchState = (epoch: number): MemorySearchState => ({
  epoch,
  members: new Map(),
  identifiers: new Map(),
  isReadable: true,
  lives: 1,
});

/** It has lost everything, and was made anew: nobody may read it before it is proven equal to the database. */
export function loseMemorySearch(state: MemorySearchState): void {
  state.members.clear();
  state.identifiers.clear();
  state.isReadable = false;
  state.lives++;
}

/** Opens the cluster for the writers of `epoch`, and closes it to all older ones; unless it is trusted, to readers too. */
export function openMemorySearchEpoch(
  state: MemorySearchState,
  epoch: number,
  isTrusted = true,
): 'opened' | 'older-epoch' {
  if (state.epoch > epoch) return 'older-epoch';
  if (state.epoch < epoch && !isTrusted) state.isReadable = false;
  state.epoch = epoch;
  return 'opened';
}

export function makeMemorySearchEpochs(options: {
  readonly name: string;
  readonly state: MemorySearchState;
  readonly turn?: Turn;
}): SearchEpochs {
  const { name, state, turn = noTurn } = options;
  return {
    name,
    open: (epoch, isTrusted) => taking(turn, name, () => openMemorySearchEpoch(state, epoch, isTrusted)),
  };
}

/** A search cluster in memory: the same documents, versions and aliases; each call is one step on the state. */
export function makeMemorySearchCluster(options: {
  readonly name: string;
  readonly state: MemorySearchState;
  readonly turn?: Turn;
}): SearchCluster {
  const { name, state, turn = noTurn } = options;
  /** A document that cannot be read sends the reader to the next source: it is no "nobody". */
  const requireReadable = (): void => {
    if (!state.isReadable) throw new DependencyUnavailable(name, new Error('it may not be read'));
  };
  const readable = <Read>(read: Read | undefined): Read | DependencyUnavailable =>
    read ?? new DependencyUnavailable(name, new Error('a document of another form'));
  return {
    ...sourceOf({
      name,
      members: (memberIds) =>
        taking(turn, name, () => {
          requireReadable();
          return memberIds.map((memberId) => {
            const found = state.members.get(memberId);
            return found === undefined ? null : readable(storedMemberOf(memberId, found));
          });
        }),
      identifiers: (keys) =>
        taking(turn, name, () => {
          requireReadable();
          return keys.map((key) => {
            const found = state.identifiers.get(key);
            return found === undefined ? null : readable(identifierEntryOf(found));
          });
        }),
    }),

    put: (events, epoch) =>
      taking(turn, name, () => {
        if (state.epoch !== epoch) return 'stale-epoch';
        for (const put of events.flatMap((event) => documentsOf(event))) {
          if (put.index === 'members') putNewer(state.members, put.id, put.document);
          else putNewer(state.identifiers, put.id, put.document);
        }
        return 'put';
      }),
  };
}

/** External versioning: what is as new already stays. */
function putNewer<Document extends { readonly version: number }>(
  index: Map<string, Document>,
  id: string,
  document: Document,
): void {
  const standing = index.get(id);
  if (standing === undefined || standing.version < document.version) index.set(id, document);
}
