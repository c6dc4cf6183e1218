import { beforeEach, expect, it } from 'vitest';
import { makeHangGuard } from '../../../functions/core/failover/hang-guard.ts';
import { type Clock, type Deadline, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';

let atMs = 0;
const clock: Clock = {
  nowMs: () => 0,
  monotonicMs: () => atMs,
  async sleep(ms) {
    atMs += ms;
  },
};

/** How the part is just now, and how often it was asked. */
let part: 'answers' | 'hangs' | 'refuses';
let asked = 0;
const make = () =>
  makeHangGuard({ clock })('part', {
    name: 'part',
    async ask(question: string, deadline: Deadline): Promise<string> {
      asked += 1;
      if (part === 'hangs') atMs = deadline.atMonotonicMs;
      if (part !== 'answers') throw new DependencyUnavailable('part', part);
      return `answer to ${question}`;
    },
    close: () => 'closed',
  });
let guarded: ReturnType<typeof make>;
const ask = (withinMs = 300): Promise<string> =>
  guarded.ask('it', deadlineAfter(clock, withinMs)).catch((error: DependencyUnavailable) => error.message);

beforeEach(() => {
  [atMs, asked, part] = [0, 0, 'answers'];
  guarded = make();
});

it('passes on what is asked, answered and refused, and everything that has no deadline', async () => {
  expect(guarded.name).toBe('part');
  expect(guarded.close()).toBe('closed');
  expect(await ask()).toBe('answer to it');
  part = 'refuses';
  for (let count = 0; count < 10; count++) await ask();
  expect(asked).toBe(11);
});

it('asks no more once it hung twice in a row: whoever comes then fails at once', async () => {
  part = 'hangs';
  await ask();
  await ask();
  expect([asked, atMs]).toEqual([2, 600]);
  expect(await ask()).toBe('part did not answer');
  expect([asked, atMs]).toEqual([2, 600]);
});

it('a single hang is an accident: an answer, or a refusal, in between begins the count anew', async () => {
  for (const between of ['answers', 'refuses'] as const) {
    part = 'hangs';
    await ask();
    part = between;
    await ask();
  }
  part = 'hangs';
  await ask();
  expect(asked).toBe(5);
  part = 'answers';
  expect(await ask()).toBe('answer to it');
});

it('after a pause one call probes; the others go on failing until it is answered', async () => {
  part = 'hangs';
  await ask();
  await ask();
  atMs += 1_999;
  await ask();
  expect(asked).toBe(2);
  atMs += 1;
  part = 'answers';
  const [probe, other] = [ask(), ask()];
  expect(await other).toBe('part did not answer');
  expect(await probe).toBe('answer to it');
  expect(asked).toBe(3);
  expect(await ask()).toBe('answer to it');
});

it('a probe that hangs leaves it alone for another pause', async () => {
  part = 'hangs';
  await ask();
  await ask();
  atMs += 2_000;
  await ask();
  expect(asked).toBe(3);
  await ask();
  expect(asked).toBe(3);
  atMs += 2_000;
  await ask();
  expect(asked).toBe(4);
});

it('who gave it hardly any time learns nothing', async () => {
  part = 'hangs';
  for (let count = 0; count < 5; count++) await ask(50);
  part = 'answers';
  expect(await ask()).toBe('answer to it');
});

it('a fault of another kind is no hang', async () => {
  const guard = makeHangGuard({ clock })('part', {
    async ask(deadline: Deadline) {
      atMs = deadline.atMonotonicMs;
      throw new Error('damaged');
    },
  });
  for (let count = 0; count < 4; count++)
    await expect(guard.ask(deadlineAfter(clock, 300))).rejects.toThrow('damaged');
});

it('may be told that one is enough', async () => {
  let count = 0;
  const guard = makeHangGuard({ clock })(
    'part',
    {
      async ask(deadline: Deadline) {
        count += 1;
        atMs = deadline.atMonotonicMs;
        throw new DependencyUnavailable('part', 'hangs');
      },
    },
    1,
  );
  for (let turn = 0; turn < 3; turn++) await guard.ask(deadlineAfter(clock, 300)).catch(() => {});
  expect(count).toBe(1);
});
