import type { Plant } from './plant.ts';

export const directoryNotRecovered: Plant = {
  name: 'directory-not-recovered',
  what: 'A promotion carries commits out without their directory rows.',
  invariants: ['I1', 'I6'],
  theme: 'promoting',
  patches: [
    {
      file: 'functions/core/failover/recovery.ts',
      find: 'const rows = [...events.flatMap(placedBy), ...freed];',
      replace: 'const rows = [...events.flatMap(placedBy), ...freed].slice(0, 0);',
    },
  ],
};
