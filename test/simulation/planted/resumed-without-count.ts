import type { Plant } from './plant.ts';

export const resumedWithoutCount: Plant = {
  name: 'resumed-without-count',
  what: 'A suspended Redis is resumed whether or not a write has relied on the suspension since it was emptied.',
  invariants: ['I4'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/cluster-control.ts',
      find: "if (grant?.reliedCount !== count) return 'counted-since';",
      replace: "if (!grant) return 'counted-since';",
    },
  ],
};
