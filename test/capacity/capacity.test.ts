import { expect, test } from 'vitest';
import { assumed } from '../../scripts/capacity/assumptions.ts';
import { monthOf, readPrices } from '../../scripts/capacity/cost.ts';
import { capacityOf } from '../../scripts/capacity/model.ts';
import { Misused, readOptions } from '../../scripts/capacity/options.ts';
import { describeCapacity } from '../../scripts/capacity/report.ts';

const workload = { members: 1.2e9, readsPerSecond: 30_000, writesPerSecond: 20_000 };
const prices = readPrices(new URL('../../scripts/capacity/prices.json', import.meta.url));
const none = { members: 1_000, readsPerSecond: 1, writesPerSecond: 1 };

test('no shard of the travel group’s passes 50 GB, and shards are a multiple of the data nodes', () => {
  const { figures, sizes } = capacityOf(workload, assumed());
  const shardBytes = figures.filter(({ name }) => name.startsWith('bytes a shard'));
  expect(shardBytes).toHaveLength(2);
  for (const { value } of shardBytes) expect(value).toBeLessThanOrEqual(50e9);
  expect(sizes.memberShards % sizes.searchDataNodes).toBe(0);
  expect(sizes.identifierShards % sizes.searchDataNodes).toBe(0);
});

test('every size grows with what it depends on, and none is zero', () => {
  const least = capacityOf(none, assumed()).sizes;
  const most = capacityOf(workload, assumed()).sizes;
  for (const [name, value] of Object.entries(least)) {
    expect(value, name).toBeGreaterThan(0);
    expect(most[name as keyof typeof most], name).toBeGreaterThan(value);
  }
});

test('an assumption that is given is the one that counts', () => {
  const { sizes } = capacityOf(workload, assumed({ transactionsPerWriter: 20_000 }));
  expect(sizes.databaseClusters).toBe(4);
});

test('every figure shows its formula, every assumption its reason', () => {
  const capacity = capacityOf(workload, assumed());
  const text = describeCapacity({ workload, assumptions: assumed(), capacity, prices });
  for (const { name, formula } of capacity.figures) {
    expect(text).toContain(`= ${formula}`);
    expect(text).toContain(name);
  }
  expect(text).toContain('two round trips between the centres');
});

test('a month’s cost has every use, by the user’s own prices', () => {
  const { usage } = capacityOf(workload, assumed());
  const dear = { ...prices, units: Object.fromEntries(Object.keys(prices.units).map((name) => [name, 1])) };
  const sum = Object.values(usage).reduce((total, quantity) => total + quantity, 0);
  expect(monthOf(usage, dear).total).toBeCloseTo(sum, 0);
  expect(() => monthOf(usage, { ...prices, units: {} })).toThrow(/has none for/);
  expect(Object.keys(prices.units).sort()).toEqual(Object.keys(usage).sort());
});

test.each([
  [['--members', '10', '--reads', '1'], '--writes must be a number above 0'],
  [['--members', 'many', '--reads', '1', '--writes', '1'], '--members must be'],
  [['--members', '1', '--reads', '1', '--writes', '1', '--assume', 'luck=1'], 'no assumption "luck"'],
  [['--nodes', '3'], "Unknown option '--nodes'"],
])('refuses %s', (args, message) => {
  expect(() => readOptions(args)).toThrow(Misused);
  expect(() => readOptions(args)).toThrow(message);
});

test('reads what it is asked', () => {
  const args = ['--members', '1.2e9', '--reads', '30000', '--writes', '20000', '--assume', 'growth=2'];
  expect(readOptions(args)).toMatchObject({ workload, assumptions: { growth: 2 }, json: false });
});
