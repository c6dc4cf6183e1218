import type { Plant } from './plant.ts';

export const leaseOutlivesPromise: Plant = {
  name: 'lease-outlives-promise',
  what: "The lease to write counts from the database's clock after the asking: it outlives the promise it stands on.",
  invariants: ['I5'],
  isRare: true,
  patches: [
    {
      file: 'functions/core/failover/lease-keeper.ts',
      find: 'own.readAt',
      replace: '(await control.epoch(databaseCluster, deadline)).readAt',
    },
  ],
};
