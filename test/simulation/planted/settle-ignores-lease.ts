import type { Plant } from './plant.ts';

export const settleIgnoresLease: Plant = {
  name: 'settle-ignores-lease',
  what: "The directory's last step does not look at the lease to write: every other transaction does.",
  invariants: ['I5'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/directory.ts',
      find: 'if (!isWriter(tables, nowMs, slots)) return false;',
      replace: 'void slots;',
    },
  ],
};
