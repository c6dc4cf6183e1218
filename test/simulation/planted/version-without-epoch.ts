import type { Plant } from './plant.ts';

export const versionWithoutEpoch: Plant = {
  name: 'version-without-epoch',
  what: 'Versions go on from the last, whatever the epoch: what a lost writer gave away is given again.',
  invariants: ['I5', 'I6'],
  theme: 'promoting',
  patches: [
    {
      file: 'functions/core/failover/epoch.ts',
      find: 'Math.max(epoch * changesPerEpoch, ...lasts) + 1',
      replace: 'Math.max(Math.min(epoch, 1) * changesPerEpoch, ...lasts) + 1',
    },
  ],
};
