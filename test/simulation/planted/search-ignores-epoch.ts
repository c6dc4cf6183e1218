import type { Plant } from './plant.ts';

export const searchIgnoresEpoch: Plant = {
  name: 'search-ignores-epoch',
  what: 'Search takes documents through the alias of an epoch that was closed.',
  invariants: ['I5'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/search-cluster.ts',
      find: "if (state.epoch !== epoch) return 'stale-epoch';",
      replace: '',
    },
  ],
};
