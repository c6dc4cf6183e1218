import type { Plant } from './plant.ts';

export const suspendedNotTried: Plant = {
  name: 'suspended-not-tried',
  what: 'A write does not try to fence a Redis that is known to be suspended: under load its count never stands still.',
  invariants: ['I6'],
  isRare: true,
  patches: [
    {
      file: 'functions/core/propagation/propagate.ts',
      find: 'if (await reached(cache.fence(fences, within(clock, deadline, fenceMs))))',
      replace:
        'if (fenceMs !== shareMs.suspendedFence && (await reached(cache.fence(fences, within(clock, deadline, fenceMs)))))',
    },
  ],
};
