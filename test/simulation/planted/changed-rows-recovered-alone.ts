import type { Plant } from './plant.ts';

export const changedRowsRecoveredAlone: Plant = {
  name: 'changed-rows-recovered-alone',
  what: 'A promotion places the directory rows that a change changed, not those of all that its member holds.',
  invariants: ['I1'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/core/failover/recovery.ts',
      find: 'const held = identifiers.map(',
      replace: 'const held = identifiers.filter((one) => directory.some(({ key }) => key === one.key)).map(',
    },
  ],
};
