import type { Plant } from './plant.ts';

export const acknowledgedBeforeOlder: Plant = {
  name: 'acknowledged-before-older',
  what: 'A change is acknowledged while an older one of the same member, which freed an identifier, is not fenced yet.',
  invariants: ['I4', 'I6'],
  theme: 'late',
  patches: [
    {
      file: 'functions/core/member/write-flow.ts',
      find: 'committed.olderUnfenced > 0',
      replace: 'committed.olderUnfenced < 0',
    },
  ],
};
