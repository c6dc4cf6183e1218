import { expect, test } from 'vitest';
import { plants } from './planted/plants.ts';
import { huntPlanted, patched } from './planting.ts';

test.each(plants.filter((plant) => !plant.isRare))(
  'the simulation finds $name',
  async (plant) => {
    const { violation } = await huntPlanted(plant, { fromSeed: 1, seconds: 60 });
    expect(plant.invariants).toContain(violation?.invariant);
  },
  200_000,
);

test('there are at least twenty, each by a name of its own', () => {
  expect(new Set(plants.map(({ name }) => name)).size).toBe(plants.length);
  expect(plants.length).toBeGreaterThanOrEqual(20);
});

test('a patch that does not fit is refused', () => {
  const patch = { file: 'a.ts', find: 'x', replace: 'y' };
  expect(patched('axb', patch)).toBe('ayb');
  expect(() => patched('ab', patch)).toThrow('0 times');
  expect(() => patched('xx', patch)).toThrow('2 times');
});
