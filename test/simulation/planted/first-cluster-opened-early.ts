import type { Plant } from './plant.ts';

export const firstClusterOpenedEarly: Plant = {
  name: 'first-cluster-opened-early',
  what: 'A database cluster is opened as soon as it is taken over, while the others are not settled.',
  invariants: ['I1', 'I3', 'I5'],
  theme: 'promoting',
  patches: [
    {
      file: 'functions/core/failover/promotion.ts',
      find: "const taken = await step('recover', () =>",
      replace:
        "const keepEarly = makeLeaseKeeper({ centre: to, control, registers: [registers.witness, registers.other], clock });\n    await step('open', () => keepEarly(databaseClusters[0] ?? '', inMs(openMs)));\n    const taken = await step('recover', () =>",
    },
  ],
};
