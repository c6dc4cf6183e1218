import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeRedisCacheCluster } from '../../../functions/adapters/redis/redis-cache-cluster.ts';
import type { Fence } from '../../../functions/core/cache/ports.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { breakerCopiesContract } from '../contract/breaker-copies.ts';
import { cacheClusterContract } from '../contract/cache-cluster.ts';
import { callerCopiesContract } from '../contract/caller-copies.ts';
import { makeProxy } from './proxy.ts';
import { attachReplica } from './replica.ts';
import { makeRedisSubject, redisUrl } from './subject.ts';

const database = 9;
const minuteMs = 60_000;

cacheClusterContract('redis', () => makeRedisSubject(database));
callerCopiesContract('redis', () => makeRedisSubject(database));
breakerCopiesContract('redis', () => makeRedisSubject(database));

describe('a Redis cache cluster', () => {
  let subject: Awaited<ReturnType<typeof makeRedisSubject>>;
  const soon = () => deadlineAfter(subject.clock, 10_000);
  const fenceAt = (version: number, key: Fence['key'] = 'm:1'): Fence => ({
    key,
    version,
    databaseCluster: 'c0',
    memberId: '1',
  });
  beforeEach(async () => {
    subject = await makeRedisSubject(database);
    await subject.cluster.prepare('n', soon());
    await subject.cluster.markReady('n', 1, soon());
  });
  afterEach(() => subject.end());

  const withSettings = async (settings: Record<string, string>, during: () => Promise<void>) => {
    const before: string[][] = [];
    for (const name of Object.keys(settings))
      before.push((await subject.raw.config('GET', name)) as string[]);
    try {
      for (const [name, value] of Object.entries(settings)) await subject.raw.config('SET', name, value);
      await during();
    } finally {
      for (const [name = '', value = ''] of before) await subject.raw.config('SET', name, value);
    }
  };

  test('a reading is one MGET that names the value after the grants', async () => {
    const proxy = await makeProxy(redisUrl(database));
    const cluster = makeRedisCacheCluster({ name: 'redis-a-0', url: proxy.url }, subject.clock);
    await cluster.clockMs(soon());
    proxy.takeReceived();
    await cluster.read('m:1', ['c0', 'c1'], soon());
    const words = proxy
      .takeReceived()
      .split('\r\n')
      .filter((word) => word !== '' && !/^[*$]/.test(word));
    expect(words).toEqual(['mget', 'g:c0', 'g:c1', 'state', 'v:m:1']);
    cluster.close();
    await proxy.end();
  });

  test('scripts go by their digest, and by their text only to a Redis that does not know them', async () => {
    const proxy = await makeProxy(redisUrl(database));
    const cluster = makeRedisCacheCluster({ name: 'redis-a-0', url: proxy.url }, subject.clock);
    const commandsOfLease = async (token: string) => {
      proxy.takeReceived();
      expect((await cluster.lease(['m:1'], token, 1, 1, soon()))[0]?.kind).not.toBe('not-ready');
      return proxy.takeReceived().match(/\b(evalsha|eval)\b/g);
    };
    await subject.raw.script('FLUSH');
    await cluster.clockMs(soon());
    expect(await commandsOfLease('t1')).toEqual(['evalsha', 'eval']);
    expect(await commandsOfLease('t1')).toEqual(['evalsha']);
    await subject.raw.script('FLUSH');
    await cluster.fence([fenceAt(8)], soon());
    expect(await cluster.lease(['m:1'], 't2', 1, 1, soon())).toEqual([{ kind: 'granted', fenceVersion: 8 }]);
    cluster.close();
    await proxy.end();
  });

  test('memory pressure evicts values, and never a fence', async () => {
    const { cluster, raw } = subject;
    const used = Number(/used_memory:(\d+)/.exec(await raw.info('memory'))?.[1]);
    const settings = { maxmemory: String(used + 4 * 2 ** 20), 'maxmemory-policy': 'volatile-lru' };
    await withSettings(settings, async () => {
      const fences = Array.from({ length: 2_000 }, (_, i) => fenceAt(i + 1, `i:1.${i}`));
      await cluster.fence(fences, soon());
      const value = 'x'.repeat(10_000);
      for (let i = 0; i < 1_500; i++) {
        await cluster.lease([`m:${i}`], 't', minuteMs, 1, soon());
        await cluster.fill('t', [{ key: `m:${i}`, version: 1, value, lifetimeMs: minuteMs }], soon());
      }
      const kept = (await raw.keys('v:m:*')).length;
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBeLessThan(1_000);
      expect(await raw.exists(...fences.map(({ key }) => `f:${key}`))).toBe(fences.length);
      expect(await cluster.readiness(soon())).toEqual({ kind: 'ready', epoch: 1 });
    });
  });

  test('one too full for a fence refuses it whole', async () => {
    const { cluster, raw } = subject;
    await cluster.fence([fenceAt(1)], soon());
    await withSettings({ maxmemory: '1', 'maxmemory-policy': 'volatile-lru' }, async () => {
      await expect(cluster.fence([fenceAt(8), fenceAt(8, 'm:2')], soon())).rejects.toThrow(
        DependencyUnavailable,
      );
    });
    expect(await raw.get('f:m:1')).toBe('1 c0 1');
    expect(await raw.exists('f:m:2')).toBe(0);
  });

  test('a grant stands exactly until the clock of this Redis shows its end', async () => {
    const { cluster } = subject;
    const endsAtMs = (await cluster.clockMs(soon())) + 50;
    await cluster.publishGrant('c0', endsAtMs, soon());
    let before: number;
    do {
      before = await cluster.clockMs(soon());
      const { grants } = await cluster.read('m:1', ['c0'], soon());
      const after = await cluster.clockMs(soon());
      if (after < endsAtMs) expect(grants).toEqual(['c0']);
      if (before > endsAtMs) expect(grants).toEqual([]);
    } while (before <= endsAtMs);
    expect((await cluster.grantAgesMs(['c0'], soon()))[0]).toBeGreaterThan(0);
  });

  describe('with replicas', () => {
    const diskless = { 'repl-diskless-sync': 'yes', 'repl-diskless-sync-delay': '0' };
    const makeReplicated = () =>
      makeRedisCacheCluster({ name: 'redis-a-0', url: redisUrl(database), replicas: 1 }, subject.clock);

    test('a fence, or emptying, fails while a replica is missing, and has been done all the same', async () => {
      const cluster = makeReplicated();
      const shortly = () => deadlineAfter(subject.clock, 300);
      await expect(cluster.fence([fenceAt(8)], shortly())).rejects.toThrow(DependencyUnavailable);
      expect((await cluster.openFences('0', soon())).fences).toEqual([fenceAt(8)]);
      await expect(cluster.empty(shortly())).rejects.toThrow(DependencyUnavailable);
      // What stands behind it on the same connection comes after it.
      expect(await cluster.readiness(soon())).toEqual({ kind: 'blank' });
      expect(await subject.raw.dbsize()).toBe(0);
      cluster.close();
    });

    test('it counts only when the replica has acknowledged it', async () => {
      await withSettings(diskless, async () => {
        const cluster = makeReplicated();
        const replica = await attachReplica(redisUrl(database));
        await cluster.fence([fenceAt(8)], soon());
        replica.acknowledge(false);
        await expect(cluster.fence([fenceAt(9)], deadlineAfter(subject.clock, 300))).rejects.toThrow(
          DependencyUnavailable,
        );
        // A late, older change relies on the newer fence, and so on the replica having that one.
        const late = makeReplicated();
        await expect(late.fence([fenceAt(7)], deadlineAfter(subject.clock, 300))).rejects.toThrow(
          DependencyUnavailable,
        );
        replica.acknowledge(true);
        await late.fence([fenceAt(7)], soon());
        await cluster.empty(soon());
        cluster.close();
        late.close();
        await replica.end();
      });
    });
  });
});
