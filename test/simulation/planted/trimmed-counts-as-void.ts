import type { Plant } from './plant.ts';

/** Whoever takes a claim over takes a trimmed token for a void one, and does not ask the member. */
export const trimmedCountsAsVoid: Plant = {
  name: 'trimmed-counts-as-void',
  invariants: ['I1', 'I4'],
  isRare: true,
  patches: [
    {
      file: 'functions/core/directory/claim.ts',
      find: "if (voided.kind === 'void') return takeOver",
      replace: "if (voided.kind !== 'used') return takeOver",
    },
  ],
};
