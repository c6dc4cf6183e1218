import { beforeEach, expect, test } from 'vitest';
import { loseMemorySearch } from '../../../functions/adapters/memory/search-cluster.ts';
import { beginning, type Next, type Recovery } from '../../../functions/core/search/breaker.ts';
import { makeRecovery } from '../../../functions/core/search/recovery.ts';
import { makeReconciled } from './reconciled.ts';

let at: ReturnType<typeof makeReconciled>;
let recover: ReturnType<typeof makeRecovery>;
const membersMax = 40;

beforeEach(() => {
  at = makeReconciled();
  recover = makeRecovery(at);
  for (let index = 0; index < membersMax; index++) at.row(`m-${index}`, 5, `k-${index}`);
  loseMemorySearch(at.state);
});

/** A step of a few slots: no time passes but what the calls of the cluster take. */
async function step(position: Next): Promise<Next> {
  const given = { ...position, version: 1 } as Recovery;
  return (await recover(at.cluster, given, 1, { atMonotonicMs: at.clock.monotonicMs() + 10 })).next;
}
const slowly = () =>
  at.setTurn(async (moment) => {
    if (moment === 'before') at.clock.advance(1);
  });
async function steps(position: Next, upTo: (next: Next) => boolean): Promise<Next> {
  for (let count = 0; count < 1_000; count++) {
    if (upTo(position)) return position;
    position = await step(position);
  }
  throw new Error('it never ends');
}
const isAnew = (next: Next): boolean => next.state === 'recovering' && next.nextSlot === 0;
const isClosed = (next: Next): boolean => next.state === 'closed';
const half = (next: Next): boolean => next.state === 'recovering' && next.nextSlot > 400;

test('a cluster that lost everything is filled, compared once more, and only then read', async () => {
  slowly();
  let passes = 0;
  const seen: boolean[] = [];
  const last = await steps(beginning, (next) => {
    if (next.state === 'recovering') {
      seen.push(at.state.isReadable);
      if (next.nextSlot === 0) passes++;
    }
    return isClosed(next);
  });
  expect(last).toEqual({ state: 'closed' });
  expect(seen.some(Boolean)).toBe(false);
  expect(at.state.isReadable).toBe(true);
  expect(at.state.members.size).toBe(membersMax);
  expect(at.state.identifiers.size).toBe(membersMax);
  expect(passes, 'the pass that filled it, and the one that found nothing').toBe(2);
});

test('a step can be repeated, and the next goes on where the last one ended', async () => {
  slowly();
  const first = await step(beginning);
  const again = await step(beginning);
  expect(first).toMatchObject({ state: 'recovering' });
  expect(again).toMatchObject({ state: 'recovering' });
  const [one, other] = [await steps(first, isClosed), await steps(again, isClosed)];
  expect([one, other]).toEqual([{ state: 'closed' }, { state: 'closed' }]);
});

test('a pass that found a difference is followed by another', async () => {
  slowly();
  const clean = await steps(beginning, (next) => half(next) && next.state === 'recovering' && next.isClean);
  for (let index = 0; index < 200; index++) at.row(`late-${index}`, 6);
  const second = await steps(clean, (next) => isClosed(next) || isAnew(next));
  expect(second).toMatchObject({ state: 'recovering', nextSlot: 0, isClean: true });
  expect(at.state.isReadable).toBe(false);
  await steps(second, isClosed);
  expect(at.state.members.size).toBe(membersMax + 200);
});

test('what is lost halfway makes it begin anew: the slots behind are empty again', async () => {
  slowly();
  const middle = await steps(beginning, half);
  loseMemorySearch(at.state);
  const next = await step(middle);
  expect(next).toMatchObject({ state: 'recovering', isClean: expect.any(Boolean) });
  expect(next.state === 'recovering' && next.nextSlot).toBeLessThan(400);
  await steps(next, isClosed);
  expect(at.state.members.size).toBe(membersMax);
});

test('what is lost while it is opened is closed again', async () => {
  at.state.isReadable = false;
  slowly();
  const almost = await steps(
    beginning,
    (next) => next.state === 'recovering' && next.isClean && next.nextSlot > 800,
  );
  at.setTurn(async (moment) => {
    if (moment === 'after' && at.state.isReadable) {
      loseMemorySearch(at.state);
      at.state.isReadable = true;
    }
  });
  const next = await steps(almost, (one) => isClosed(one) || isAnew(one));
  expect(next).toMatchObject({ state: 'recovering', nextSlot: 0 });
  expect(at.state.isReadable).toBe(false);
});

test('a cluster without its indexes is left to whoever prepares it', async () => {
  const cluster = { ...at.cluster, standing: async () => ({ incarnation: '', isReadable: false }) };
  await expect(recover(cluster, { ...beginning, version: 1 }, 1, at.soon())).rejects.toMatchObject({
    code: 'dependency-unavailable',
  });
});

test('a cluster that takes nothing of this epoch is not opened', async () => {
  at.state.epoch = 2;
  await expect(step(beginning)).rejects.toMatchObject({ code: 'dependency-unavailable' });
  expect(at.state.isReadable).toBe(false);
});
