import type { Plant } from './plant.ts';

export const fenceEndsEarly: Plant = {
  name: 'fence-ends-early',
  what: 'Fences get their end before every replica shows the change.',
  invariants: ['I3', 'I4'],
  patches: [
    {
      file: 'functions/core/propagation/outbox-worker.ts',
      find: 'shown.every((mine) => mine?.includes(row))',
      replace: 'shown.length >= 0 || row.sequence > 0',
    },
  ],
};
