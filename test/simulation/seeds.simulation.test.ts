/** The shipped code survives: a fixed set of seeds, and some that nobody has tried before. */
import { expect, test } from 'vitest';
import { hunt } from './hunt.ts';

test('no invariant is violated in a fixed set of seeds', async () => {
  const { failed, runs, operations, commits } = await hunt({ fromSeed: 1, seconds: 60, runsMax: 30 });
  expect(failed?.violation ?? null).toBeNull();
  expect(runs).toBe(30);
  expect(operations).toBeGreaterThan(10_000);
  expect(commits).toBeGreaterThan(1_000);
}, 170_000);

test('nor in new ones', async () => {
  const fromSeed = Math.floor(Date.now() / 1000) * 1000;
  const { failed, runs } = await hunt({ fromSeed, seconds: 60 });
  expect(failed && `seed ${failed.seed}: ${failed.violation?.message}`).toBeNull();
  expect(runs).toBeGreaterThan(0);
}, 240_000);
