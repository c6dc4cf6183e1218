import { expect, test } from 'vitest';
import { hunt } from './hunt.ts';
import { simulate } from './simulate.ts';

test.each([3, 4, 5])(
  'seed %i happens twice in exactly the same way',
  async (seed) => {
    const first = await simulate({ seed, operationsMax: 150, isTold: true });
    const second = await simulate({ seed, operationsMax: 150, isTold: true });
    expect(first.lines.length).toBeGreaterThan(1_000);
    expect(second.lines.join('\n') === first.lines.join('\n')).toBe(true);
  },
  30_000,
);

test('telling the story changes nothing', async () => {
  const { lines: told, ...first } = await simulate({ seed: 6, operationsMax: 150, isTold: true });
  const { lines, ...second } = await simulate({ seed: 6, operationsMax: 150 });
  expect(told.length).toBeGreaterThan(0);
  expect(lines).toEqual([]);
  expect(second).toEqual(first);
}, 30_000);

test('another seed is another run', async () => {
  const one = await simulate({ seed: 7, operationsMax: 100 });
  const other = await simulate({ seed: 8, operationsMax: 100 });
  expect(other.steps).not.toBe(one.steps);
});

test('no invariant is violated in a fixed set of seeds', async () => {
  const { failed, runs, operations, commits } = await hunt({ fromSeed: 1, seconds: 90, runsMax: 12 });
  expect(failed?.violation ?? null).toBeNull();
  expect(runs).toBe(12);
  expect(operations).toBeGreaterThan(4_000);
  expect(commits).toBeGreaterThan(500);
}, 90_000);
