import { beforeEach, describe, expect, test } from 'vitest';
import { makeMemoryCacheCluster } from '../../../functions/adapters/memory/memory-cache-cluster.ts';
import {
  type MemoryRedis,
  makeMemoryRedis,
  restartEmpty,
} from '../../../functions/adapters/memory/memory-redis.ts';
import type { CacheCluster } from '../../../functions/core/cache/ports.ts';
import { pick } from '../../../functions/core/cache/rendezvous.ts';
import { makeCentreState } from '../../../functions/core/failover/centre-state.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { sourceOf } from '../../../functions/core/member/source.ts';
import { beginning, type Position, pauseMs, windowMs } from '../../../functions/core/search/breaker.ts';
import { type Breakers, makeBreakers } from '../../../functions/core/search/breakers.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';
import { topology } from '../../runtime/fake-parts.ts';

const names = ['redis-a-0', 'redis-a-1'];
const home = pick(names, 'breaker:primary');
const other = names.find((name) => name !== home) ?? '';

let clock: ReturnType<typeof makeHandClock>;
let redises: Readonly<Record<string, MemoryRedis>>;
let away: Set<string>;

beforeEach(() => {
  clock = makeHandClock();
  away = new Set();
  redises = Object.fromEntries(names.map((name) => [name, makeMemoryRedis(clock)]));
});

interface Process {
  readonly breakers: Breakers;
  /** Which of these are out of use after a reading of that Redis. */
  out(redis?: string): Promise<readonly string[]>;
  ask(outcome: 'well' | 'fails', tookMs?: number, givenMs?: number): Promise<void>;
  readonly told: string[];
}

async function process(): Promise<Process> {
  const told: string[] = [];
  const copies: Record<string, CacheCluster> = {};
  for (const [name, redis] of Object.entries(redises)) {
    const turn = async (): Promise<void> => {
      told.push(name);
      if (away.has(name)) throw new DependencyUnavailable(name, new Error('away'));
    };
    copies[name] = makeMemoryCacheCluster({ name, redis, clock, turn });
    if (!away.has(name)) await copies[name].putState(JSON.stringify(topology), soon());
  }
  told.length = 0;
  const state = makeCentreState({ fromCache: async () => null, fromStore: async () => topology });
  const breakers = makeBreakers({ copies, shared: state.breakers, clock });
  let outcome: 'well' | 'fails' = 'well';
  let tookMs = 0;
  const members = async () => {
    clock.advance(tookMs);
    if (outcome === 'fails') throw new DependencyUnavailable('primary', new Error('it fails'));
    return [null];
  };
  const watched = breakers.watched('primary', sourceOf({ name: 'primary', members, identifiers: members }));
  return {
    breakers,
    told,
    async out(redis = home) {
      state.saw((await copies[redis]?.read('m:1', [], soon()))?.state ?? null);
      const { suspendedParts } = await state.current(soon());
      return suspendedParts;
    },
    async ask(next, took = 5, givenMs = 300) {
      [outcome, tookMs] = [next, took];
      const asked = watched.member('m', deadlineAfter(clock, givenMs));
      if (next === 'fails') await expect(asked).rejects.toThrow(DependencyUnavailable);
      else await asked;
      // What is told is not waited for: a few turns of the loop carry it out.
      for (let turn = 0; turn < 40; turn++) await Promise.resolve();
    },
  };
}

const soon = () => deadlineAfter(clock, 10_000);
const times = async (count: number, run: () => Promise<void>) => {
  for (let index = 0; index < count; index++) await run();
};

describe('the breakers of a centre', () => {
  test('failures of several functions add up, and all of them see it with their next reading of any Redis', async () => {
    const [one, two] = [await process(), await process()];
    await times(2, () => one.ask('fails'));
    expect(await two.out()).toEqual([]);
    await times(2, () => two.ask('fails'));
    expect(await one.out()).toEqual(['primary']);
    expect(await two.out(other)).toEqual(['primary']);
  });

  test('one window too slow makes it suspect, which is read; the next one opens it', async () => {
    const one = await process();
    const aWindow = async () => {
      clock.advance(windowMs - (clock.nowMs() % windowMs));
      await times(7, () => one.ask('well', 120));
    };
    await aWindow();
    expect(await one.out()).toEqual([]);
    await aWindow();
    expect(await one.out()).toEqual([]);
    expect((await one.breakers.sync(soon())).primary).toMatchObject({ state: 'suspect' });
    await aWindow();
    expect(await one.out()).toEqual(['primary']);
  });

  test('a call that was given next to no time says nothing by failing', async () => {
    const one = await process();
    await times(9, () => one.ask('fails', 30, 20));
    expect(await one.out()).toEqual([]);
    expect(redises[home]?.calls.size).toBe(0);
  });

  test('calls that go well are told of together, and not one by one', async () => {
    const one = await process();
    await times(19, () => one.ask('well', 1));
    expect(one.told).toEqual([]);
    await one.ask('well', 1);
    expect(redises[home]?.calls.get('primary')?.current).toEqual({ calls: 20, failures: 0, ms: 20 });
  });

  test('of several that would probe, one is elected', async () => {
    const [one, two] = [await process(), await process()];
    await times(4, () => one.ask('fails'));
    const [seen] = [(await one.breakers.sync(soon())).primary as Position];
    const probing = { state: 'probing', times: 0 } as const;
    const elected = await Promise.all([
      one.breakers.move('primary', seen, probing, soon()),
      two.breakers.move('primary', seen, probing, soon()),
    ]);
    expect(elected.filter((position) => position !== null)).toHaveLength(1);
    expect(await one.breakers.move('primary', seen, beginning, soon())).toBeNull();
  });

  test('how long it stands is by the own clock, from when the position was seen first', async () => {
    const one = await process();
    const open: Position = { state: 'open', times: 0, version: 4 };
    expect(one.breakers.standsForMs('primary', open)).toBe(0);
    clock.advance(700);
    expect(one.breakers.standsForMs('primary', open)).toBe(700);
    expect(one.breakers.standsForMs('primary', { ...open, version: 5 })).toBe(0);
  });

  test('a Redis that came up empty is told where they stand, its home too', async () => {
    const one = await process();
    await times(4, () => one.ask('fails'));
    for (const name of names) {
      const redis = redises[name] as MemoryRedis;
      restartEmpty(redis);
      await one.breakers.sync(soon());
      expect(redis.breakers.get('primary')).toMatchObject({ state: 'open' });
    }
  });

  describe('while their home does not answer', () => {
    beforeEach(() => {
      away.add(home);
    });

    test('a process opens for itself, lets one call through after the pause, and closes by it', async () => {
      const one = await process();
      const two = await process();
      await times(4, () => one.ask('fails'));
      expect([one.breakers.mayRead('primary'), two.breakers.mayRead('primary')]).toEqual([false, true]);
      clock.advance(pauseMs(0));
      expect([one.breakers.mayRead('primary'), one.breakers.mayRead('primary')]).toEqual([true, false]);
      await one.ask('fails');
      expect(one.breakers.mayRead('primary')).toBe(false);
      clock.advance(pauseMs(0));
      expect(one.breakers.mayRead('primary')).toBe(true);
      await one.ask('well');
      expect([one.breakers.mayRead('primary'), one.breakers.mayRead('primary')]).toEqual([true, true]);
    });

    test("once it is back, the centre's position counts", async () => {
      const one = await process();
      await times(4, () => one.ask('fails'));
      away.clear();
      clock.advance(pauseMs(0));
      expect(one.breakers.mayRead('primary')).toBe(true);
      await one.ask('well');
      expect(one.breakers.mayRead('primary')).toBe(true);
      expect((await one.breakers.sync(soon())).primary).toBeUndefined();
    });
  });
});

test("an operator's switch wins over a breaker that is closed, and stays when one closes", async () => {
  const state = makeCentreState({ fromCache: async () => null, fromStore: async () => topology });
  const text = (breakers: object) =>
    JSON.stringify({ ...topology, version: 2, suspendedParts: ['primary'], breakers });
  state.saw(text({ primary: { state: 'closed', version: 3 } }));
  expect((await state.current(soon())).suspendedParts).toEqual(['primary']);
  state.saw(text({ backup: { state: 'open', times: 0, version: 1 } }));
  expect((await state.current(soon())).suspendedParts).toEqual(['primary', 'backup']);
  state.saw(text({ backup: { state: 'closed', version: 4 } }));
  expect((await state.current(soon())).suspendedParts).toEqual(['primary']);
});

test('two that two homes moved on to, each for itself, become one: the more careful, and newer than both', async () => {
  const relay = await process();
  const of = (name: string): MemoryRedis => redises[name] as MemoryRedis;
  of(home).breakers.set('primary', { state: 'closed', version: 5 });
  of(other).breakers.set('primary', { ...beginning, version: 5 });
  expect(await relay.breakers.sync(soon())).toEqual({ primary: { ...beginning, version: 6 } });
  for (const name of names) expect(of(name).breakers.get('primary')).toEqual({ ...beginning, version: 6 });
  expect(await relay.breakers.sync(soon())).toEqual({ primary: { ...beginning, version: 6 } });
});
