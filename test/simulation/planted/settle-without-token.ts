import type { Plant } from './plant.ts';

export const settleWithoutToken: Plant = {
  name: 'settle-without-token',
  what: 'Unbinding without compare-and-set: a late settling frees, or raises, whatever stands in the row now.',
  invariants: ['I1', 'I4', 'I6'],
  patches: [
    {
      file: 'functions/adapters/memory/directory.ts',
      find: 'if (row?.token !== token) continue;',
      replace: 'if (!row) continue;',
    },
  ],
};
