import type { Plant } from './plant.ts';

export const filledByOlderEpoch: Plant = {
  name: 'filled-by-older-epoch',
  what: 'Who does not know of a promotion yet fills a Redis of the new epoch, from the old writers and their copies.',
  invariants: ['I4', 'I2', 'I6'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/memory-cache-cluster.ts',
      find: 'redis.readySince === null || redis.readySince > epoch',
      replace: 'redis.readySince === null',
    },
  ],
};
