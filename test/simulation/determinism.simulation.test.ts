import { expect, test } from 'vitest';
import { lineOf } from '../../scripts/judge/history.ts';
import { simulate } from './simulate.ts';

test.each([3, 4, 5])(
  'seed %i happens twice in exactly the same way',
  async (seed) => {
    const first = await simulate({ seed, operationsMax: 150, isTold: true });
    const second = await simulate({ seed, operationsMax: 150, isTold: true });
    expect(first.lines.length).toBeGreaterThan(1_000);
    expect(second.lines.join('\n') === first.lines.join('\n')).toBe(true);
    expect(second.history.map(lineOf)).toEqual(first.history.map(lineOf));
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

test('a run that is held to all of its forced choices is the same run; without any it is another', async () => {
  const { steps, choices } = await simulate({ seed: 6, operationsMax: 150 });
  expect(choices).toBeGreaterThan(0);
  const all = Array.from({ length: choices }, (_, index) => index);
  expect((await simulate({ seed: 6, operationsMax: 150, only: all })).steps).toBe(steps);
  expect((await simulate({ seed: 6, operationsMax: 150, only: [] })).steps).not.toBe(steps);
});
