import type { Plant } from './plant.ts';

export const cachesKeptInPromotion: Plant = {
  name: 'caches-kept-in-promotion',
  what: 'A promotion suspends no Redis: they keep what was cached of changes that are lost.',
  invariants: ['I4', 'I6', 'I2', 'I5'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/cluster-control.ts',
      find: 'redisGrant.set(redis, { ...grant, suspended: true, reliedCount: grant.reliedCount + 1 });\n          }\n          control.leaseEndsMs = 0;',
      replace: 'redisGrant.set(redis, grant);\n          }\n          control.leaseEndsMs = 0;',
    },
  ],
};
