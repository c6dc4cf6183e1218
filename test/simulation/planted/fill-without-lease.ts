import type { Plant } from './plant.ts';

export const fillWithoutLease: Plant = {
  name: 'fill-without-lease',
  what: 'The lease is not asked for when a value is filled: a slow filler puts an old value behind a fence that has ended.',
  invariants: ['I4', 'I6'],
  theme: 'late',
  patches: [
    {
      file: 'functions/adapters/memory/memory-cache-cluster.ts',
      find: 'heldIn(redis, redis.leases, key) !== token || fenceVersion(key) > version',
      replace: 'fenceVersion(key) > version',
    },
  ],
};
