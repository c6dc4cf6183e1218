import type { Plant } from './plant.ts';

/** A commit does not look at the trimming mark: the void that stood in its way may be trimmed. */
export const commitIgnoresMark: Plant = {
  name: 'commit-ignores-mark',
  invariants: ['I1', 'I4'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/member-store.ts',
      find: ' || dayOfToken(token) < tables.control.oldestTokenDay',
      replace: '',
    },
  ],
};
