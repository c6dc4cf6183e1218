import type { Plant } from './plant.ts';

/** A bound row is a conflict whether or not the member it names holds the identifier. */
export const conflictByRowAlone: Plant = {
  name: 'conflict-by-row-alone',
  invariants: ['I6'],
  patches: [
    {
      file: 'functions/core/directory/claim.ts',
      find: "if (holds(member, row.key, row.token)) return { kind: 'bound' };",
      replace: "if (row.state === 'bound' || holds(member, row.key, row.token)) return { kind: 'bound' };",
    },
  ],
};
