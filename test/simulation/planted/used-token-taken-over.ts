import type { Plant } from './plant.ts';

export const usedTokenTakenOver: Plant = {
  name: 'used-token-taken-over',
  what: 'A claim past its deadline is taken over even if its token turns out to be used: its writer has committed.',
  invariants: ['I1', 'I4'],
  isRare: true,
  patches: [
    {
      file: 'functions/core/directory/claim.ts',
      find: "if (voided.kind === 'void') return",
      replace: "if (voided.kind !== 'trimmed') return",
    },
  ],
};
