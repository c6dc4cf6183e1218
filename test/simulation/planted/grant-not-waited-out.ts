import type { Plant } from './plant.ts';

export const grantNotWaitedOut: Plant = {
  name: 'grant-not-waited-out',
  what: 'A write that cannot fence a Redis acknowledges while that Redis may still be believed.',
  invariants: ['I4'],
  patches: [
    {
      file: 'functions/core/propagation/propagate.ts',
      find: 'if (grantEndsInMs > 0) await clock.sleep(grantEndsInMs);',
      replace: '',
    },
  ],
};
