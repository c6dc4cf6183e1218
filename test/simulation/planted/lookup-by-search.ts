import type { Plant } from './plant.ts';

export const lookupBySearch: Plant = {
  name: 'lookup-by-search',
  what: 'Search is asked by searches, which see a put only after the next refresh.',
  invariants: ['I4', 'I6'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/search-cluster.ts',
      find: 'state.members.get(memberId)',
      replace: 'refreshed(state).members.get(memberId)',
    },
    {
      file: 'functions/adapters/memory/search-cluster.ts',
      find: 'state.identifiers.get(key)',
      replace: 'refreshed(state).identifiers.get(key)',
    },
    {
      file: 'functions/adapters/memory/search-cluster.ts',
      find: '/** External versioning: what is as new already stays. */',
      replace: `const shown = new WeakMap<MemorySearchState, MemorySearchState & { asked: number }>();
/** What a search sees: every twentieth comes after a refresh. */
function refreshed(state: MemorySearchState): MemorySearchState {
  const last = shown.get(state);
  if (last && last.asked++ < 20) return last;
  const next = { ...state, members: new Map(state.members), identifiers: new Map(state.identifiers), asked: 0 };
  shown.set(state, next);
  return next;
}

/** External versioning: what is as new already stays. */`,
    },
  ],
};
