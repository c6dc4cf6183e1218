import { type DigestKind, digestsOf } from '../../core/propagation/digests.ts';
import type { Damaged, SearchUpkeep } from '../../core/search/ports.ts';
import { identifierDocumentOf, memberDocumentOf } from '../../core/search/search.ts';
import { pairsOfParts } from './digests.ts';
import type { MemorySearchState } from './search-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** A search cluster in memory, from the inside: same outcomes as in OpenSearch, each call one step on the state. */
export function makeMemorySearchUpkeep(options: {
  readonly name: string;
  readonly state: MemorySearchState;
  readonly slotOf: (id: string) => number;
  readonly turn?: Turn;
}): SearchUpkeep {
  const { name, state, slotOf, turn = noTurn } = options;

  const pairsIn = (
    kind: DigestKind,
    slots: readonly number[],
  ): ReadonlyMap<number, readonly (readonly [string, string])[]> => {
    const stamps =
      kind === 'members'
        ? [...state.members].map(([id, { version }]) => [id, String(version)] as const)
        : [...state.identifiers].flatMap(([id, document]) =>
            document.state === 'bound' ? [[id, document.token] as const] : [],
          );
    const bySlot = new Map<number, (readonly [string, string])[]>(slots.map((slot) => [slot, []]));
    for (const pair of stamps) bySlot.get(slotOf(pair[0]))?.push(pair);
    return bySlot;
  };
  const look = <Document extends { readonly version: number }, Read>(
    index: ReadonlyMap<string, Document>,
    ids: readonly string[],
    read: (id: string, found: Document) => Read | undefined,
  ): readonly (Read | Damaged | null)[] =>
    ids.map((id) => {
      const found = index.get(id);
      if (!found) return null;
      return read(id, found) ?? { state: 'damaged', version: found.version };
    });

  return {
    name,
    standing: () =>
      taking(turn, name, () => ({ incarnation: String(state.lives), isReadable: state.isReadable })),
    setReadable: (isReadable) =>
      taking(turn, name, () => {
        state.isReadable = isReadable;
      }),
    refresh: () => taking(turn, name, () => {}),
    digests: (kind, slots) =>
      taking(turn, name, () => {
        const pairs = pairsIn(kind, slots);
        return slots.map((slot) => digestsOf(pairs.get(slot) ?? []));
      }),
    pairs: (kind, wanted) =>
      taking(turn, name, () => {
        const slots = wanted.map(({ slot }) => slot);
        return pairsOfParts(pairsIn(kind, slots), wanted);
      }),
    memberDocuments: (ids) => taking(turn, name, () => look(state.members, ids, memberDocumentOf)),
    identifierDocuments: (keys) =>
      taking(turn, name, () => look(state.identifiers, keys, (_, found) => identifierDocumentOf(found))),
    mend: (mendings, epoch) =>
      taking(turn, name, () => {
        if (state.epoch !== epoch) return 'stale-epoch';
        for (const mending of mendings) {
          const index = state[mending.index] as Map<string, { readonly version: number }>;
          const version = 'gone' in mending ? mending.gone.version : mending.document.version;
          if ((index.get(mending.id)?.version ?? 0) > version) continue;
          if ('gone' in mending) index.delete(mending.id);
          else index.set(mending.id, mending.document);
        }
        return 'mended';
      }),
  };
}
