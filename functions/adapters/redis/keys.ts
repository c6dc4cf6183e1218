import type { CacheKey } from '../../core/propagation/event.ts';

/**
 * What stands in a Redis, and for how long. Values, leases and grants have a lifetime, and may be evicted when memory
 * runs out (`volatile-lru`). The rest has none, and is never evicted; a fence gets one only when it is to end.
 */
export const valueKey = (key: CacheKey): string => `v:${key}`;
export const fenceKey = (key: CacheKey): string => `f:${key}`;
export const leaseKey = (key: CacheKey): string => `l:${key}`;
export const grantKey = (databaseCluster: string): string => `g:${databaseCluster}`;
/** When the last published grant ends, or ended. */
export const grantEndKey = (databaseCluster: string): string => `ge:${databaseCluster}`;
/** The centre's state: its topology with the breakers and the revoked keys in it. */
export const stateKey = 'state';
export const topologyKey = 'topology';
export const revokedKey = 'revoked';
/** Where the breakers stand, by search cluster. */
export const breakersKey = 'breakers';
/** The calls of a search cluster in the last two windows; it has a lifetime. */
export const callsKey = (searchCluster: string): string => `c:${searchCluster}`;
/** A copy of the registry of callers. */
export const registryKey = 'callers';
export const readyKey = 'ready';
export const nonceKey = 'nonce';

export const valuePattern = 'v:*';
export const cacheKeyOfValue = (value: string): CacheKey => value.slice(2) as CacheKey;
export const fencePattern = 'f:*';
export const cacheKeyOfFence = (fence: string): CacheKey => fence.slice(2) as CacheKey;
