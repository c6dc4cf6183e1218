import type { Plant } from './plant.ts';

export const operatorsSwitchIgnored: Plant = {
  name: 'operators-switch-ignored',
  what: 'Where breakers stand takes the place of what an operator has switched off.',
  invariants: ['I7'],
  theme: 'searching',
  isRare: true,
  patches: [
    {
      file: 'functions/core/failover/centre-state.ts',
      find: '[...new Set([...suspendedParts, ...untoldSearch, ...broken])]',
      replace: 'broken',
    },
  ],
};
