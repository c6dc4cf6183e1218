import type { Plant } from './plant.ts';

export const leastAdvancedElected: Plant = {
  name: 'least-advanced-elected',
  what: "The least advanced copy is promoted: the journal has let go what the other one showed. (The engine's twin is patched.)",
  invariants: ['I3', 'I1'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'test/simulation/lineage.ts',
      find: '(replicas[other]?.applied ?? 0) - (replicas[one]?.applied ?? 0)',
      replace: '(replicas[one]?.applied ?? 0) - (replicas[other]?.applied ?? 0)',
    },
  ],
};
