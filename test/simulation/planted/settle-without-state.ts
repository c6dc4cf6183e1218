import type { Plant } from './plant.ts';

export const settleWithoutState: Plant = {
  name: 'settle-without-state',
  what: 'The directory is settled by token alone: a late "bind" raises a row that was freed since.',
  invariants: ['I1', 'I4', 'I6'],
  theme: 'contended',
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/directory.ts',
      find: "if (row.state !== 'claimed' && (to === 'bound' || row.state !== 'bound')) continue;",
      replace: '',
    },
  ],
};
