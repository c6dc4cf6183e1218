import type { Plant } from './plant.ts';

export const commitIgnoresLease: Plant = {
  name: 'commit-ignores-lease',
  what: 'A commit does not look at the lease to write: a centre that was cut off goes on.',
  invariants: ['I5'],
  theme: 'closing',
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/member-store.ts',
      find: "if (!isWriter(tables, nowMs, [slot], event.epoch)) return { kind: 'not-the-writer' };",
      replace: 'void slot;',
    },
  ],
};
