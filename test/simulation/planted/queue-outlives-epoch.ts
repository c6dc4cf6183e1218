import type { Plant } from './plant.ts';

export const queueOutlivesEpoch: Plant = {
  name: 'queue-outlives-epoch',
  what: 'A consumer puts what a writer of an older epoch has sent, through the alias of the new one.',
  invariants: ['I6', 'I4', 'I2'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/core/propagation/apply-change.ts',
      find: 'if ((message.epoch ?? message.event.epoch) < epoch) return;',
      replace: '',
    },
  ],
};
