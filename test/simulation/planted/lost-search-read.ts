import type { Plant } from './plant.ts';

export const lostSearchRead: Plant = {
  name: 'lost-search-read',
  what: 'A search cluster that was made anew is read at once: whoever is not in it is nobody.',
  invariants: ['I4', 'I6'],
  theme: 'searching',
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/search-cluster.ts',
      find: '  state.isReadable = false;\n',
      replace: '',
    },
  ],
};
