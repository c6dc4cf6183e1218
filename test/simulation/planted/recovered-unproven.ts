import type { Plant } from './plant.ts';

export const recoveredUnproven: Plant = {
  name: 'recovered-unproven',
  what: 'A search cluster that lost everything is read again as soon as a part of it was compared.',
  invariants: ['I4', 'I6'],
  theme: 'searching',
  isRare: true,
  patches: [
    {
      file: 'functions/core/search/recovery.ts',
      find: "    if (nextSlot < slotCount) return { next: { state: 'recovering', nextSlot, isClean, incarnation }, found };",
      replace:
        "    if (nextSlot > 600) nextSlot = slotCount;\n    if (nextSlot < slotCount) return { next: { state: 'recovering', nextSlot, isClean, incarnation }, found };\n    isClean = true;",
    },
  ],
};
