import type { Plant } from './plant.ts';

export const mendedByOlder: Plant = {
  name: 'mended-by-older',
  what: 'A document is mended with what was read of its row, whatever has been put since.',
  invariants: ['I4', 'I6'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/search-upkeep.ts',
      find: '          if ((index.get(mending.id)?.version ?? 0) > version) continue;\n',
      replace: '',
    },
  ],
};
