import type { Plant } from './plant.ts';

export const journalReadBeforeRaise: Plant = {
  name: 'journal-read-before-raise',
  what: 'A promotion reads the journal to its end before the register beside it is raised.',
  invariants: ['I3', 'I1', 'I5', 'I8'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/core/failover/promotion.ts',
      find: 'epoch: isBegun ? registered.epoch : Math.max(...known) + 1,',
      replace: 'epoch: standing.epoch + 1,',
    },
    {
      file: 'functions/core/failover/promotion.ts',
      find: 'heed(await registers.own.raise(epoch, inMs(askMs)));',
      replace: '',
    },
    {
      file: 'functions/core/failover/promotion.ts',
      find: "await step('open', () =>",
      replace: "heed(await registers.own.raise(epoch, inMs(askMs)));\n    await step('open', () =>",
    },
  ],
};
