import type { Plant } from './plant.ts';

export const outboxNumbersAgain: Plant = {
  name: 'outbox-numbers-again',
  what: 'A new epoch numbers its outbox rows from where the replica stood: what is struck off for a lost row strikes off another one.',
  invariants: ['I6', 'I3', 'I4'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/cluster-control.ts',
      find: 'control.lastSequence = Math.max(control.lastSequence, firstSequenceOf(epoch.epoch));',
      replace: 'void firstSequenceOf;',
    },
  ],
};
