import type { Plant } from './plant.ts';

export const recoveringNotWritten: Plant = {
  name: 'recovering-not-written',
  what: 'Changes that come while a search cluster may not be read are struck off, and not put: what was compared falls behind.',
  invariants: ['I4', 'I6'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/search-cluster.ts',
      find: "        if (state.epoch !== epoch) return 'stale-epoch';",
      replace:
        "        if (state.epoch !== epoch) return 'stale-epoch';\n        if (!state.isReadable) return 'put';",
    },
  ],
};
