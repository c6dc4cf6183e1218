import type { Plant } from './plant.ts';

export const fenceBeforeCommitOnly: Plant = {
  name: 'fence-before-commit-only',
  what: 'Fences are set before the commit, and not again after it: a reader between the two fills the old value.',
  invariants: ['I4', 'I6'],
  theme: 'late',
  patches: [
    {
      file: 'functions/core/member/write-flow.ts',
      find: 'makePropagate, type PropagatePorts, sinksOf }',
      replace: 'fencesOf, makePropagate, type PropagatePorts, sinksOf }',
    },
    {
      file: 'functions/core/member/write-flow.ts',
      find: 'const all = sinksOf(sinks, databaseCluster, event);',
      replace:
        "const all = sinksOf(sinks, databaseCluster, event).filter((sink) => !sink.startsWith('redis:')); await Promise.all([...fencesOf(sinks, databaseCluster, event)].map(([cache, fences]) => cache.fence(fences, deadline)));",
    },
  ],
};
