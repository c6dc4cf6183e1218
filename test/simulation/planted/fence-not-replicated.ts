import type { Plant } from './plant.ts';

export const fenceNotReplicated: Plant = {
  name: 'fence-not-replicated',
  what: 'A fence counts as delivered when the primary alone has it: its replica takes over without it.',
  invariants: ['I4', 'I6'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/memory-cache-cluster.ts',
      find: 'fence: (fences, deadline) => changeEverywhere(',
      replace: 'fence: (fences, deadline) => change(',
    },
  ],
};
