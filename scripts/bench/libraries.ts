/**
 * What others would put in the place of our cache, each with its second tier alone: one Redis, and nothing kept in the
 * process, because a function has neither the memory nor the time between requests to keep such copies true.
 */
import { createKeyv } from '@keyv/redis';
import { BentoCache, bentostore } from 'bentocache';
import { redisDriver } from 'bentocache/drivers/redis';
import { createCache } from 'cache-manager';
import { Cacheable } from 'cacheable';
import { Redis } from 'ioredis';

export interface Library {
  readonly name: 'bare' | 'bentocache' | 'cacheable' | 'cacheManager';
  /** The value under the key, loaded and stored when there is none. */
  getOrLoad<Value>(key: string, load: () => Promise<Value>): Promise<Value | undefined>;
  /** What its manual says to do when a value has changed. */
  invalidate(key: string): Promise<unknown>;
  close(): Promise<unknown>;
}

const lifetimeMs = 600_000;

export const libraryNames = ['bare', 'bentocache', 'cacheable', 'cacheManager'] as const;

export function openLibrary(name: Library['name'], redisUrl: string): Library {
  return { bare, bentocache, cacheable, cacheManager }[name](redisUrl);
}

/** What goes wrong fails the request that finds out; without a listener the client would print it. */
export function openRedis(url: string): Redis {
  const redis = new Redis(url, { enableReadyCheck: false });
  redis.on('error', () => {});
  return redis;
}

/** `GET`, `JSON.parse`, and `SET` on a miss. */
function bare(url: string): Library {
  const redis = openRedis(url);
  return {
    name: 'bare',
    async getOrLoad(key, load) {
      const text = await redis.get(key);
      if (text !== null) return JSON.parse(text);
      const value = await load();
      await redis.set(key, JSON.stringify(value), 'PX', lifetimeMs);
      return value;
    },
    invalidate: (key) => redis.del(key),
    close: () => redis.quit(),
  };
}

function bentocache(url: string): Library {
  const connection = openRedis(url);
  const bento = new BentoCache({
    default: 'redis',
    stores: { redis: bentostore().useL2Layer(redisDriver({ connection })) },
  });
  return {
    name: 'bentocache',
    getOrLoad: (key, load) => bento.getOrSet({ key, factory: load, ttl: lifetimeMs }),
    invalidate: (key) => bento.delete({ key }),
    close: () => bento.disconnectAll(),
  };
}

function cacheable(url: string): Library {
  const cache = new Cacheable({ primary: createKeyv(url), ttl: lifetimeMs });
  return {
    name: 'cacheable',
    getOrLoad: (key, load) => cache.getOrSet(key, load, { ttl: lifetimeMs }),
    invalidate: (key) => cache.delete(key),
    close: () => cache.disconnect(),
  };
}

function cacheManager(url: string): Library {
  const cache = createCache({ stores: [createKeyv(url)], ttl: lifetimeMs });
  return {
    name: 'cacheManager',
    getOrLoad: (key, load) => cache.wrap(key, load),
    invalidate: (key) => cache.del(key),
    close: () => cache.disconnect(),
  };
}
