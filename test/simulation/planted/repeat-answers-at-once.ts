import type { Plant } from './plant.ts';

export const repeatAnswersAtOnce: Plant = {
  name: 'repeat-answers-at-once',
  what: 'A repeat answers as soon as it finds the record of the first attempt, whatever that left undone.',
  invariants: ['I3', 'I4'],
  patches: [
    {
      file: 'functions/core/member/write-flow.ts',
      find: 'if (row === null)',
      replace: 'if (row === null || row !== null)',
    },
  ],
};
