import { beforeEach, describe, expect, test } from 'vitest';
import { makeMemoryCacheCluster } from '../../../functions/adapters/memory/memory-cache-cluster.ts';
import { makeMemoryRedis } from '../../../functions/adapters/memory/memory-redis.ts';
import { loseMemorySearch } from '../../../functions/adapters/memory/search-cluster.ts';
import type { Topology } from '../../../functions/core/failover/topology.ts';
import { DependencyUnavailable, orNull } from '../../../functions/core/kernel/invariant.ts';
import {
  closed,
  type Next,
  type Position,
  pauseMs,
  probeMs,
} from '../../../functions/core/search/breaker.ts';
import { makeBreakers } from '../../../functions/core/search/breakers.ts';
import { makeSearchKeeper } from '../../../functions/core/search/search-keeper.ts';
import { topology } from '../../runtime/fake-parts.ts';
import { makeReconciled } from './reconciled.ts';

let at: ReturnType<typeof makeReconciled>;
let redis: ReturnType<typeof makeMemoryRedis>;
let isAway: boolean;
/** What the cluster was asked for. */
let asked: number;

beforeEach(() => {
  at = makeReconciled();
  redis = makeMemoryRedis(at.clock);
  isAway = false;
  asked = 0;
  for (let index = 0; index < 20; index++) {
    at.row(`m-${index}`, 5, `k-${index}`);
    at.document(`m-${index}`, 5, `k-${index}`);
  }
  at.setTurn(async (moment) => {
    if (moment === 'before') asked++;
    if (moment === 'before' && isAway) throw new DependencyUnavailable('backup', new Error('away'));
  });
});

function relay(change: Partial<Topology> = {}) {
  const copies = { 'redis-a-0': makeMemoryCacheCluster({ name: 'redis-a-0', redis, clock: at.clock }) };
  const found: [string, number, object][] = [];
  const keeper = makeSearchKeeper({
    centre: 'A',
    clusters: { backup: at.cluster },
    breakers: makeBreakers({ copies, shared: () => ({}), clock: at.clock }),
    reconcile: at.reconcile,
    centreState: { current: async () => ({ ...topology, ...change }) },
    random: () => 0.5,
    clock: at.clock,
    compared: (...all) => void found.push(all),
  });
  const round = async (duty: string) => {
    const one = keeper.duties.find(({ name }) => name === duty);
    if (!one) throw new Error(`no duty ${duty}`);
    await one.round(at.soon());
  };
  return {
    found,
    keeper,
    round,
    async keep() {
      await round('breakers');
      await round('search backup');
    },
  };
}
const stands = (): Position => redis.breakers.get('backup') ?? closed;
const put = (next: Next): void => {
  redis.breakers.set('backup', { ...next, version: stands().version + 1 } as Position);
};

describe('an open breaker', () => {
  beforeEach(() => put({ state: 'open', times: 0 }));

  test('is left alone for its pause', async () => {
    const one = relay();
    await one.keep();
    at.clock.advance(pauseMs(0) - 1);
    await one.keep();
    expect([stands().state, asked]).toEqual(['open', 0]);
  });

  test('is probed then; answered, it recovers, and is closed when it is proven equal', async () => {
    const one = relay();
    await one.keep();
    at.clock.advance(pauseMs(0));
    await one.keep();
    expect(stands()).toMatchObject({ state: 'recovering', nextSlot: 0 });
    for (let round = 0; round < 10 && stands().state === 'recovering'; round++) await one.keep();
    expect(stands().state).toBe('closed');
    expect(one.keeper.positions().backup).toEqual(stands());
  });

  test('not answered, it stays open for longer', async () => {
    const one = relay();
    await one.keep();
    isAway = true;
    at.clock.advance(pauseMs(0));
    await one.keep();
    expect(stands()).toMatchObject({ state: 'open', times: 1 });
    at.clock.advance(pauseMs(0));
    await one.keep();
    expect(stands()).toMatchObject({ state: 'open', times: 1 });
    at.clock.advance(pauseMs(1) - pauseMs(0));
    await one.keep();
    expect(stands()).toMatchObject({ state: 'open', times: 2 });
  });

  test('is probed by one of several relays', async () => {
    const [one, other] = [relay(), relay()];
    for (const each of [one, other]) await each.keep();
    at.clock.advance(pauseMs(0));
    for (const each of [one, other]) await each.round('breakers');
    const before = asked;
    await Promise.all([one.round('search backup'), other.round('search backup')]);
    expect(asked - before).toBe(1);
    expect(stands().state).toBe('recovering');
  });

  test('whoever was elected and died is followed by another', async () => {
    put({ state: 'probing', times: 1 });
    const one = relay();
    await one.keep();
    at.clock.advance(probeMs - 1);
    await one.keep();
    expect(stands()).toMatchObject({ state: 'probing', times: 1 });
    at.clock.advance(1);
    await one.keep();
    expect(stands().state).toBe('recovering');
  });
});

describe('a cluster that may not be read', () => {
  test('is taken out, filled, and opened, whatever its breaker said', async () => {
    loseMemorySearch(at.state);
    const one = relay();
    await one.keep();
    expect(stands().state).toBe('recovering');
    for (let round = 0; round < 10 && stands().state === 'recovering'; round++) {
      expect(at.state.isReadable).toBe(false);
      await one.keep();
    }
    expect(stands().state).toBe('closed');
    expect([at.state.isReadable, at.state.members.size, at.state.identifiers.size]).toEqual([true, 20, 20]);
    expect(
      one.found.map(([sink, , { differing }]: [string, number, { differing?: number }]) => [sink, differing]),
    ).toContainEqual(['search:backup', 40]);
  });

  test('that goes away while it recovers is open, and begins anew when it is back', async () => {
    put({ state: 'recovering', nextSlot: 0, isClean: true, incarnation: '' });
    const one = relay();
    isAway = true;
    await one.keep();
    expect(stands()).toMatchObject({ state: 'open', times: 0 });
    isAway = false;
    await one.keep();
    at.clock.advance(pauseMs(0));
    await one.keep();
    expect(stands()).toMatchObject({ state: 'recovering', nextSlot: 0 });
  });

  test('stays in recovery while it takes nothing of this epoch, and answers', async () => {
    put({ state: 'recovering', nextSlot: 0, isClean: true, incarnation: '' });
    at.row('m-0', 6);
    at.state.epoch = 2;
    const one = relay();
    for (let round = 0; round < 5; round++) await one.keep();
    expect(stands()).toMatchObject({ state: 'recovering', nextSlot: 0 });
  });
});

describe('a cluster in use', () => {
  test('is compared all the time, slice by slice from anywhere, and mended', async () => {
    for (const [memberId] of at.state.members) at.row(memberId, 6);
    const one = relay();
    for (let round = 0; round < 20; round++) await orNull(one.round('compare backup'));
    expect([...at.state.members.values()].every(({ version }) => version === 6)).toBe(true);
    expect(one.found.some(([, slots]) => slots > 0)).toBe(true);
  });

  test.each([
    ['in the other centre', { writer: 'B' } as const, null],
    ['while it is not read', {}, { state: 'open', times: 0 } as const],
  ])('is not compared %s', async (_, change, next) => {
    if (next) put(next);
    const one = relay(change);
    await one.round('breakers');
    await one.round('compare backup');
    expect([one.found, asked]).toEqual([[], 0]);
  });
});
