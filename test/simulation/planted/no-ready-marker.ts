import type { Plant } from './plant.ts';

export const noReadyMarker: Plant = {
  name: 'no-ready-marker',
  what: 'A Redis that came up empty is cached in at once: its fences are lost, and a lagging replica refills the old value.',
  invariants: ['I4', 'I6'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/memory-cache-cluster.ts',
      find: "if (redis.readySince === null || redis.readySince > epoch) return { kind: 'not-ready' };",
      replace: '',
    },
  ],
};
