import { defineConfig } from 'vitest/config';

const engineTests = 'test/**/*.engines.test.ts';
const endToEndTests = 'test/end-to-end/**/*.engines.test.ts';
const deploymentTests = 'test/deployment/**/*.engines.test.ts';
const infraTests = 'test/infra/**/*.test.ts';
const simulationTests = 'test/**/*.simulation.test.ts';

/** One file after the other: they share engines, ports and two cores. */
const sequential = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 180_000 } as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [engineTests, infraTests, simulationTests],
          // Generous: a machine that is busy is no fault of the code.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'infra',
          include: [infraTests],
          globalSetup: ['test/infra/global-setup.ts'],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'engines',
          include: [engineTests],
          exclude: [endToEndTests, deploymentTests],
          globalSetup: ['test/global-setup.ts'],
          ...sequential,
        },
      },
      {
        test: {
          name: 'end-to-end',
          include: [endToEndTests],
          globalSetup: ['test/end-to-end/global-setup.ts'],
          ...sequential,
        },
      },
      { test: { name: 'deployment', include: [deploymentTests], ...sequential } },
      { test: { name: 'simulation', include: [simulationTests], testTimeout: 300_000 } },
    ],
  },
});
