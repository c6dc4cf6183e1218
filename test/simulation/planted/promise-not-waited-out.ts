import type { Plant } from './plant.ts';

export const promiseNotWaitedOut: Plant = {
  name: 'promise-not-waited-out',
  what: 'A promotion opens before the longest promise to the old epoch is over.',
  invariants: ['I5', 'I3'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/core/failover/promotion.ts',
      find: 'await clock.sleep(Math.max(0, raisedAtMs + lengthMs - clock.monotonicMs()));',
      replace: 'void lengthMs;',
    },
  ],
};
