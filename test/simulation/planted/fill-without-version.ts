import type { Plant } from './plant.ts';

export const fillWithoutVersion: Plant = {
  name: 'fill-without-version',
  what: "The fence's version is compared nowhere between the source and the cache: neither by the reader nor by the fill. (Either alone still holds.)",
  invariants: ['I4', 'I6'],
  patches: [
    {
      file: 'functions/adapters/memory/memory-cache-cluster.ts',
      find: 'heldIn(redis, redis.leases, key) !== token || fenceVersion(key) > version',
      replace: 'heldIn(redis, redis.leases, key) !== token',
    },
    {
      file: 'functions/core/cache/loading.ts',
      find: 'version >= minVersion',
      replace: 'version >= 0',
    },
    {
      file: 'functions/core/cache/read-through.ts',
      find: 'version === null || version < fenceVersion',
      replace: 'version === null',
    },
  ],
};
