import { beforeEach, expect, test } from 'vitest';
import { loseMemorySearch } from '../../functions/adapters/memory/search-cluster.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { Misused, readOptions } from '../../scripts/resync/options.ts';
import { describe as told } from '../../scripts/resync/report.ts';
import { type Progress, resync } from '../../scripts/resync/run.ts';
import { makeReconciled } from '../core/search/reconciled.ts';

let at: ReturnType<typeof makeReconciled>;
let seen: Progress[];
beforeEach(() => {
  at = makeReconciled();
  seen = [];
  for (let index = 0; index < 20; index++) at.row(`m-${index}`, 5, `k-${index}`);
  loseMemorySearch(at.state);
});

const run = (fromSlot = 0, slotsPerSecond = 1_000_000) =>
  resync(
    { ...at, epoch: async () => 1, onProgress: (progress) => void seen.push(progress) },
    { fromSlot, slotsPerSecond },
  );

test('ends with a cluster that is equal and open, and says what it did', async () => {
  const report = await run();
  expect(report).toMatchObject({ isEqual: true, passes: 2, found: { differing: 40, mended: 40 } });
  expect([at.state.isReadable, at.state.members.size]).toEqual([true, 20]);
  expect(seen.at(-1)).toMatchObject({ pass: 2, nextSlot: 1024, found: { differing: 0 } });
  expect(told('backup', report)).toContain('equals the database');
});

test('what an earlier run has done is no proof: a whole pass follows', async () => {
  const report = await run(1023);
  expect(report).toMatchObject({ isEqual: true, passes: 3 });
  expect(at.state.members.size).toBe(20);
});

test('keeps its pace', async () => {
  const beganMs = at.clock.monotonicMs();
  await run(0, 100);
  expect(at.clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(10_000);
});

test('gives up a cluster that does not answer, and says where to go on', async () => {
  let calls = 0;
  at.setTurn(async (moment) => {
    if (moment === 'before' && ++calls > 30) throw new DependencyUnavailable('backup', new Error('away'));
    if (moment === 'before') at.clock.advance(100);
  });
  const report = await run();
  expect(report.isEqual).toBe(false);
  expect(report.nextSlot).toBeGreaterThan(0);
  expect(told('backup', report)).toContain(`--from ${report.nextSlot}`);
  expect(at.state.isReadable).toBe(false);
});

test.each([
  [[], /--target is missing/],
  [['--target', 'nowhere'], /no search cluster "nowhere"; there are backup/],
  [['--target', 'backup', '--rate', '0'], /--rate takes/],
  [['--target', 'backup', '--from', '1024'], /--from takes/],
  [['--unknown'], /unknown/],
])('misuse %j is explained', (args, why) => {
  expect(() => readOptions(args, ['backup'])).toThrow(Misused);
  expect(() => readOptions(args, ['backup'])).toThrow(why);
});

test('options have their usual values', () => {
  expect(readOptions(['--target', 'backup'], ['backup'])).toEqual({
    target: 'backup',
    isLost: false,
    prepare: null,
    slotsPerSecond: 256,
    fromSlot: 0,
  });
  expect(readOptions(['--help'], [])).toBe('help');
});
