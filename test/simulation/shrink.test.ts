/** Shrinking finds the smallest run that fails the same check, and takes no other failure for it. */
import { expect, test } from 'vitest';
import type { Violation } from './checks.ts';
import { shrink } from './shrink.ts';
import type { RunOptions } from './simulate.ts';

const violationOf = (check: string): Violation => ({ invariant: 'I1', check, message: '', keys: [] });
const failed = { seed: 9, violation: violationOf('oneOwner'), operationsMax: 300, choices: 60 };

/** Needs 40 operations of two callers, evictions, and the forced choices 7 and 31. */
async function run({ operationsMax = 400, clients = 8, without = [], only }: RunOptions) {
  const has = (number: number): boolean => only?.includes(number) ?? true;
  const fails = operationsMax >= 40 && clients >= 2 && !without.includes('evict') && has(7) && has(31);
  const other = fails ? null : violationOf('commitsOnce');
  return {
    violation: fails ? violationOf('oneOwner') : other,
    operations: Math.min(operationsMax, 300),
    choices: 60,
    steps: 1_000,
  };
}

test('nothing is left that is not needed', async () => {
  const shrunk = await shrink(failed, run);
  expect(shrunk).toMatchObject({ seed: 9, operationsMax: 40, clients: 2, only: [7, 31], isExhausted: true });
  expect(shrunk.without).not.toContain('evict');
  expect(shrunk.without.length).toBeGreaterThan(10);
});

test('it comes to the same each time, and gives up after so many steps', async () => {
  expect(await shrink(failed, run)).toEqual(await shrink(failed, run));
  const endless = await shrink(failed, async (options) => ({ ...(await run(options)), steps: 3_000_000 }));
  expect(endless.isExhausted).toBe(false);
  expect((await run(endless)).violation?.check).toBe('oneOwner');
});
