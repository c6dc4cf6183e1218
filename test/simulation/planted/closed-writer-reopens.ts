import type { Plant } from './plant.ts';

export const closedWriterReopens: Plant = {
  name: 'closed-writer-reopens',
  what: 'A relay renews the lease to write of whatever epoch its database names, also that of another centre.',
  invariants: ['I5', 'I4', 'I3', 'I1'],
  theme: 'promoting',
  patches: [
    {
      file: 'functions/core/failover/lease-keeper.ts',
      find: 'if (own.centre !== centre)',
      replace: 'if (own.centre !== centre && own.epoch < 0)',
    },
  ],
};
