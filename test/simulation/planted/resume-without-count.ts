import type { Plant } from './plant.ts';

/** A suspended Redis is granted again although a write has relied on the suspension since it was emptied. */
export const resumeWithoutCount: Plant = {
  name: 'resume-without-count',
  invariants: ['I4'],
  patches: [
    {
      file: 'functions/adapters/memory/cluster-control.ts',
      find: "if (grant?.reliedCount !== count) return 'counted-since';",
      replace: "if (!grant) return 'counted-since';",
    },
  ],
};
