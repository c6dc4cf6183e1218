import type { Plant } from './plant.ts';

export const fenceShorterThanLag: Plant = {
  name: 'fence-shorter-than-lag',
  what: 'A fence is set with an end at once, as if no source were ever behind for longer than that.',
  invariants: ['I4', 'I6'],
  patches: [
    {
      file: 'functions/adapters/memory/memory-cache-cluster.ts',
      find: 'ordinal: redis.lastOrdinal, endsAtMs: null',
      replace: 'ordinal: redis.lastOrdinal, endsAtMs: redis.clock.nowMs() + 5_000',
    },
  ],
};
