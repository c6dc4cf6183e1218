import type { Plant } from './plant.ts';

export const rowsLeaveOutOfOrder: Plant = {
  name: 'rows-leave-out-of-order',
  what: "A member's newer change ends the fences of an older one that is not shown everywhere.",
  invariants: ['I4'],
  theme: 'lagging',
  isRare: true,
  patches: [
    {
      file: 'functions/core/propagation/outbox-worker.ts',
      find: 'if (before < olderRows) return false;',
      replace: 'void olderRows;',
    },
  ],
};
