import { Redis } from 'ioredis';
import { makeRedisCacheCluster } from '../../../functions/adapters/redis/redis-cache-cluster.ts';
import { makeSystemClock } from '../../../functions/adapters/system/system-clock.ts';
import { engineAddress } from '../../engines.ts';
import type { CacheClusterSubject, CacheItem } from '../contract/cache-cluster.ts';

const prefixes: Record<CacheItem, string> = { value: 'v:', fence: 'f:', lease: 'l:', grant: 'g:' };

/** A database of its own in the tests' Redis: the fences of others stay out of sight. */
export function redisUrl(database: number): string {
  const url = new URL(engineAddress('redis-a-0'));
  url.pathname = `/${database}`;
  return url.href;
}

export async function makeRedisSubject(
  database: number,
  user?: { readonly name: string; readonly password: string },
): Promise<CacheClusterSubject & { readonly raw: Redis }> {
  const url = redisUrl(database);
  const raw = new Redis(url);
  await raw.flushdb();
  const clock = makeSystemClock();
  const cluster = makeRedisCacheCluster({ name: 'redis-a-0', url, user }, clock);
  const other = makeRedisCacheCluster({ name: 'redis-a-0', url, user }, clock);
  return {
    raw,
    cluster,
    other,
    clock,
    remainingMs: async (item, name) => {
      const left = await raw.pttl(prefixes[item] + name);
      return left === -1 ? null : Math.max(0, left);
    },
    outlive: async (item, name) => {
      await raw.pexpire(prefixes[item] + name, 0);
    },
    restartEmpty: async () => {
      await raw.flushdb();
    },
    end: async () => {
      cluster.close();
      other.close();
      await raw.flushdb();
      await raw.quit();
    },
  };
}
