import type { Plant } from './plant.ts';

export const conflictByRowAlone: Plant = {
  name: 'conflict-by-row-alone',
  what: 'A bound row is a conflict whether or not the member it names holds the identifier.',
  invariants: ['I6'],
  patches: [
    {
      file: 'functions/core/directory/claim.ts',
      find: "if (holds(member, row.key, row.token)) return { kind: 'bound' };",
      replace: "if (row.state === 'bound' || holds(member, row.key, row.token)) return { kind: 'bound' };",
    },
  ],
};
