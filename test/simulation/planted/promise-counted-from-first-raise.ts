import type { Plant } from './plant.ts';

export const promiseCountedFromFirstRaise: Plant = {
  name: 'promise-counted-from-first-raise',
  what: 'A promotion counts the longest promise from before the second register was raised.',
  invariants: ['I5', 'I3'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/core/failover/promotion.ts',
      find: 'heed(await registers.own.raise(epoch, inMs(askMs)));',
      replace:
        'const firstMs = clock.monotonicMs();\n    heed(await registers.own.raise(epoch, inMs(askMs)));',
    },
    {
      file: 'functions/core/failover/promotion.ts',
      find: 'raisedAtMs: clock.monotonicMs() };',
      replace: 'raisedAtMs: firstMs };',
    },
  ],
};
