import type { Plant } from './plant.ts';

export const probeNotElected: Plant = {
  name: 'probe-not-elected',
  what: 'A breaker moves whatever stands there: every relay that finds a probe due elects itself.',
  invariants: ['I7'],
  theme: 'searching',
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/memory-cache-cluster.ts',
      find: "if ((redis.breakers.get(cluster)?.version ?? 0) > seenVersion) return 'overtaken';",
      replace: '',
    },
  ],
};
