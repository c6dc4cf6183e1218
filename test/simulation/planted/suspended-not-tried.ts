import type { Plant } from './plant.ts';

/** A write does not try to fence a Redis that is known to be suspended: under load its count never stands still. */
export const suspendedNotTried: Plant = {
  name: 'suspended-not-tried',
  invariants: ['I6'],
  patches: [
    {
      file: 'functions/core/propagation/propagate.ts',
      find: 'if (await reached(cache.fence(fences, share)))',
      replace: 'if (!isSuspended && (await reached(cache.fence(fences, share))))',
    },
  ],
};
