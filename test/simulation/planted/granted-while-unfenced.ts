import type { Plant } from './plant.ts';

export const grantedWhileUnfenced: Plant = {
  name: 'granted-while-unfenced',
  what: 'A Redis is granted although an old change lacks its fence there.',
  invariants: ['I4'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/cluster-control.ts',
      find: "if (unfenced) return { kind: 'unfenced' };",
      replace: '',
    },
  ],
};
