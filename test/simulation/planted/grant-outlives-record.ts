import type { Plant } from './plant.ts';

export const grantOutlivesRecord: Plant = {
  name: 'grant-outlives-record',
  what: 'A grant is published by the clock after it was recorded: it outlives what a write waits for.',
  invariants: ['I4'],
  theme: 'cut-off',
  patches: [
    {
      file: 'functions/core/cache/cache-keeper.ts',
      find: 'clockMs + recorded.lengthMs',
      replace: '(await cache.clockMs(deadline)) + recorded.lengthMs',
    },
  ],
};
