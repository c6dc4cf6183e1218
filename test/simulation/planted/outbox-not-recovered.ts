import type { Plant } from './plant.ts';

export const outboxNotRecovered: Plant = {
  name: 'outbox-not-recovered',
  what: 'A promotion leaves the directory rows of replicated outboxes to the relay.',
  invariants: ['I1', 'I8', 'I6'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/core/failover/recovery.ts',
      find: 'await fromOutbox(databaseCluster, epoch, deadline);',
      replace: 'void fromOutbox;',
    },
  ],
};
