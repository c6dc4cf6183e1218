import { describe, expect, test } from 'vitest';
import { makeMemoryCacheCluster } from '../../../functions/adapters/memory/memory-cache-cluster.ts';
import {
  evict,
  fenceIn,
  heldIn,
  makeMemoryRedis,
  restartEmpty,
} from '../../../functions/adapters/memory/memory-redis.ts';
import { type Clock, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { CacheKey } from '../../../functions/core/propagation/event.ts';
import { breakerCopiesContract } from '../contract/breaker-copies.ts';
import { type CacheClusterSubject, cacheClusterContract } from '../contract/cache-cluster.ts';
import { callerCopiesContract } from '../contract/caller-copies.ts';

function makeSettableClock(): Clock & { advance(ms: number): void } {
  let nowMs = 1_700_000_000_000;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

const makeSubject = async (): Promise<CacheClusterSubject> => {
  const clock = makeSettableClock();
  const redis = makeMemoryRedis(clock);
  const endOf = (item: string, name: string): number | null | undefined => {
    const key = name as CacheKey;
    if (item === 'value') return redis.values.get(key)?.endsAtMs;
    if (item === 'lease') return redis.leases.get(key)?.endsAtMs;
    if (item === 'grant') return redis.grants.get(name)?.endsAtMs;
    return fenceIn(redis, key)?.endsAtMs;
  };
  return {
    cluster: makeMemoryCacheCluster({ name: 'redis-a-0', redis, clock }),
    other: makeMemoryCacheCluster({ name: 'redis-a-0', redis, clock, pageSize: 100 }),
    clock,
    remainingMs: async (item, name) => {
      const endsAtMs = endOf(item, name);
      return typeof endsAtMs === 'number' ? endsAtMs - clock.nowMs() : endsAtMs === null ? null : 0;
    },
    outlive: async (item, name) => clock.advance((endOf(item, name) ?? 0) - clock.nowMs()),
    restartEmpty: async () => restartEmpty(redis),
    end: async () => {},
  };
};

cacheClusterContract('memory', makeSubject);
callerCopiesContract('memory', makeSubject);
breakerCopiesContract('memory', makeSubject);

describe('a memory Redis', () => {
  test('evicts what has a lifetime, and has nothing else to evict', async () => {
    const clock = makeSettableClock();
    const redis = makeMemoryRedis(clock);
    const cluster = makeMemoryCacheCluster({ name: 'redis-a-0', redis, clock });
    const soon = () => deadlineAfter(clock, 1_000);
    await cluster.prepare('n', soon());
    await cluster.markReady('n', 1, soon());
    await cluster.fence([{ key: 'm:1', version: 3, databaseCluster: 'c0', memberId: '1' }], soon());
    await cluster.publishGrant('c0', clock.nowMs() + 1_000, soon());
    const three = { key: 'm:1', version: 3, value: 'three', lifetimeMs: 1_000 } as const;
    await cluster.lease(['m:1'], 't', 1_000, 1, soon());
    expect(evict(redis, 'leases', 'm:1')).toBe(true);
    expect(await cluster.fill('t', [three], soon())).toEqual(['refused']);
    await cluster.lease(['m:1'], 't', 1_000, 1, soon());
    await cluster.fill('t', [three], soon());
    expect(evict(redis, 'values', 'm:1')).toBe(true);
    expect(evict(redis, 'grants', 'c0')).toBe(true);
    expect(evict(redis, 'values', 'm:1')).toBe(false);
    expect(await cluster.read('m:1', ['c0'], soon())).toEqual({ value: null, grants: [], state: null });
    expect(await cluster.lease(['m:1'], 't', 1_000, 1, soon())).toEqual([
      { kind: 'granted', fenceVersion: 3 },
    ]);
  });

  test('goes by its own clock, not by those of the processes that use it', async () => {
    const own = makeSettableClock();
    const redis = makeMemoryRedis(own);
    const process = makeSettableClock();
    const cluster = makeMemoryCacheCluster({ name: 'redis-a-0', redis, clock: process });
    const soon = () => deadlineAfter(process, 1_000);
    await cluster.publishGrant('c0', own.nowMs() + 1_000, soon());
    process.advance(60_000);
    expect((await cluster.read('m:1', ['c0'], soon())).grants).toEqual(['c0']);
    own.advance(1_000);
    expect((await cluster.read('m:1', ['c0'], soon())).grants).toEqual([]);
    expect(heldIn(redis, redis.grants, 'c0')).toBeNull();
  });
});
