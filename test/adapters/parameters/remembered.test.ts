import { expect, test } from 'vitest';
import { remembered } from '../../../functions/adapters/parameters/remembered.ts';
import { type Deadline, deadlineAfter, remainingMs } from '../../../functions/core/kernel/clock.ts';
import { makeHandClock } from '../wall-clock.ts';

/** A store in which each reading waits until the test answers it. */
function makeStore() {
  const readings: { deadline: Deadline; answer(value: string): void; fail(): void }[] = [];
  const read = (deadline: Deadline) =>
    new Promise<string>((answer, reject) => {
      readings.push({ deadline, answer, fail: () => reject(new Error('down')) });
    });
  return { readings, read };
}

test('one request at most waits for a newer answer, and only briefly', async () => {
  const clock = makeHandClock();
  const { readings, read } = makeStore();
  const value = remembered(read, { clock });
  const soon = () => deadlineAfter(clock, 2_000);
  const first = value(soon());
  expect(remainingMs(clock, readings[0]?.deadline ?? soon())).toBe(2_000);
  readings[0]?.answer('one');
  expect(await first).toBe('one');

  clock.advance(30_000);
  const waits = value(soon());
  expect(remainingMs(clock, readings[1]?.deadline ?? soon())).toBe(300);
  expect(await value(soon())).toBe('one');
  readings[1]?.fail();
  expect(await waits).toBe('one');
  expect(readings).toHaveLength(2);
});

test('an answer that comes late does not replace a newer one', async () => {
  const clock = makeHandClock();
  const { readings, read } = makeStore();
  const value = remembered(read, { clock });
  const soon = () => deadlineAfter(clock, 60_000);
  const slow = value(soon());
  clock.advance(10);
  const quick = value(soon());
  readings[1]?.answer('newer');
  await quick;
  readings[0]?.answer('older');
  expect(await slow).toBe('older');
  expect(await value(soon())).toBe('newer');
});

test('nothing is remembered when nothing may be', async () => {
  const clock = makeHandClock();
  let count = 0;
  const fails = { now: false };
  const read = async () => {
    if (fails.now) throw new Error('down');
    return ++count;
  };
  const value = remembered(read, { clock, rememberMs: 0, keepMs: 0 });
  const deadline = deadlineAfter(clock, 1_000);
  expect([await value(deadline), await value(deadline)]).toEqual([1, 2]);
  fails.now = true;
  await expect(value(deadline)).rejects.toThrow('down');
});
