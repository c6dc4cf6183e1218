import type { Plant } from './plant.ts';

export const grantedWhileSuspended: Plant = {
  name: 'granted-while-suspended',
  what: 'A Redis is granted although a write relies on nobody believing it: its fence is outstanding; and it is never resumed.',
  invariants: ['I4', 'I6'],
  patches: [
    {
      file: 'functions/adapters/memory/cluster-control.ts',
      find: "if (grant.suspended) return { kind: 'suspended', count: grant.reliedCount };",
      replace: '',
    },
  ],
};
