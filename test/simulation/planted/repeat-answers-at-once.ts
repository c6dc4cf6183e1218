import type { Plant } from './plant.ts';

/** A repeat answers as soon as it finds the record of the first attempt, whatever that left undone. */
export const repeatAnswersAtOnce: Plant = {
  name: 'repeat-answers-at-once',
  invariants: ['I3', 'I4'],
  patches: [
    {
      file: 'functions/core/member/write-flow.ts',
      find: 'if (row === null)',
      replace: 'if (row === null || row !== null)',
    },
  ],
};
