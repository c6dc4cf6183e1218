/**
 * One Redis as a centre's {@link CacheCluster}, in memory: what `adapters/redis` does, for the simulation and for
 * tests. Each call is one synchronous step on a {@link MemoryRedis}.
 */
import type { CacheCluster, Fence } from '../../core/cache/ports.ts';
import { type Clock, type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { CacheKey } from '../../core/propagation/event.ts';
import { noCalls, sumOf } from '../../core/search/breaker.ts';
import {
  fenceIn,
  heldIn,
  type MemoryRedis,
  remember,
  replicated,
  restartEmpty,
  stateIn,
} from './memory-redis.ts';
import { noTurn, type Turn, taking } from './turn.ts';

const revokedKeysMax = 500;

export interface MemoryCacheClusterOptions {
  readonly name: string;
  readonly redis: MemoryRedis;
  /** The process's own clock: deadlines are measured with it. */
  readonly clock: Clock;
  /** @default no simulation */
  readonly turn?: Turn;
  /** How many fences a page of `openFences` holds. @default 500 */
  readonly pageSize?: number;
}

export function makeMemoryCacheCluster(options: MemoryCacheClusterOptions): CacheCluster {
  const { name, redis, clock, turn = noTurn, pageSize = 500 } = options;

  function requireTime(deadline: Deadline): void {
    if (remainingMs(clock, deadline) === 0) {
      throw new DependencyUnavailable(name, new Error('the deadline has passed'));
    }
  }

  async function read<T>(deadline: Deadline, effect: (nowMs: number) => T): Promise<T> {
    requireTime(deadline);
    return taking(turn, name, () => effect(redis.clock.nowMs()));
  }

  async function change<T>(deadline: Deadline, effect: (nowMs: number) => T): Promise<T> {
    requireTime(deadline);
    return taking(turn, name, () => {
      remember(redis);
      return effect(redis.clock.nowMs());
    });
  }

  /** Done only when the replica that would take over has it, as by `WAIT`. */
  async function changeEverywhere(deadline: Deadline, effect: () => void): Promise<void> {
    requireTime(deadline);
    await turn('before', name);
    const { failovers } = redis;
    const copy = remember(redis);
    effect();
    await turn('between', name);
    if (redis.failovers !== failovers) {
      throw new DependencyUnavailable(name, new Error('it failed over before its replica had it'));
    }
    replicated(redis, copy);
    await turn('after', name);
  }

  const fenceVersion = (key: CacheKey): number => fenceIn(redis, key)?.fence.version ?? 0;

  function put(fence: Fence): void {
    if (fenceVersion(fence.key) <= fence.version) {
      redis.lastOrdinal += 1;
      redis.fences.set(fence.key, { fence, ordinal: redis.lastOrdinal, endsAtMs: null });
    }
    redis.values.delete(fence.key);
    redis.leases.delete(fence.key);
  }

  return {
    name,

    read: (key, databaseClusters, deadline) =>
      read(deadline, () => ({
        grants: databaseClusters.filter((cluster) => heldIn(redis, redis.grants, cluster) !== null),
        state: stateIn(redis),
        value: heldIn(redis, redis.values, key),
      })),

    readMany: (keys, databaseClusters, deadline) =>
      read(deadline, () => ({
        grants: databaseClusters.filter((cluster) => heldIn(redis, redis.grants, cluster) !== null),
        state: stateIn(redis),
        values: keys.map((key) => heldIn(redis, redis.values, key)),
      })),

    lease: (keys, token, leaseMs, epoch, deadline) =>
      change(deadline, (nowMs) =>
        keys.map((key) => {
          if (redis.readySince === null || redis.readySince > epoch) return { kind: 'not-ready' };
          const holder = heldIn(redis, redis.leases, key);
          if (holder !== null && holder !== token)
            return { kind: 'filling', fenceVersion: fenceVersion(key) };
          redis.leases.set(key, { held: token, endsAtMs: nowMs + leaseMs });
          return { kind: 'granted', fenceVersion: fenceVersion(key) };
        }),
      ),

    fill: (token, fills, deadline) =>
      change(deadline, (nowMs) =>
        fills.map(({ key, version, value, lifetimeMs }) => {
          if (heldIn(redis, redis.leases, key) !== token || fenceVersion(key) > version) return 'refused';
          redis.values.set(key, { held: value, endsAtMs: nowMs + lifetimeMs });
          redis.leases.delete(key);
          return 'filled';
        }),
      ),

    release: (keys, token, deadline) =>
      change(deadline, () => {
        for (const key of keys) if (heldIn(redis, redis.leases, key) === token) redis.leases.delete(key);
      }),

    fence: (fences, deadline) => changeEverywhere(deadline, () => fences.forEach(put)),

    endFences: (fences, endMs, deadline) =>
      change(deadline, (nowMs) => {
        for (const { key, version } of fences) {
          const found = fenceIn(redis, key);
          if (found?.fence.version !== version || found.endsAtMs !== null) continue;
          redis.fences.set(key, { ...found, endsAtMs: nowMs + endMs });
        }
      }),

    openFences: (cursor, deadline) =>
      read(deadline, () => {
        const open = [...redis.fences.values()].filter(({ endsAtMs }) => endsAtMs === null);
        const rest = open
          .filter(({ ordinal }) => ordinal > Number(cursor))
          .sort((a, b) => a.ordinal - b.ordinal);
        const page = rest.slice(0, pageSize);
        const last = rest.length > page.length ? page.at(-1) : undefined;
        return { cursor: String(last?.ordinal ?? 0), fences: page.map(({ fence }) => fence) };
      }),

    values: (cursor, deadline) =>
      read(deadline, () => {
        const all = [...redis.values.keys()].sort();
        const from = Number(cursor);
        const page = all.slice(from, from + pageSize);
        const next = from + page.length;
        return {
          cursor: next >= all.length ? '0' : String(next),
          values: page.flatMap((key) => {
            const value = heldIn(redis, redis.values, key);
            return value === null ? [] : [{ key, value }];
          }),
        };
      }),

    grantAgesMs: (databaseClusters, deadline) =>
      read(deadline, (nowMs) =>
        databaseClusters.map((cluster) => {
          const endMs = redis.grantEndsMs.get(cluster);
          return endMs === undefined ? null : Math.max(0, nowMs - endMs);
        }),
      ),

    clockMs: (deadline) => read(deadline, (nowMs) => nowMs),

    publishGrant: (databaseCluster, endsAtMs, deadline) =>
      change(deadline, () => {
        if ((redis.grantEndsMs.get(databaseCluster) ?? endsAtMs) > endsAtMs) return;
        redis.grantEndsMs.set(databaseCluster, endsAtMs);
        redis.grants.set(databaseCluster, { held: true, endsAtMs });
      }),

    empty: (deadline) => changeEverywhere(deadline, () => restartEmpty(redis)),

    readiness: (deadline) =>
      read(deadline, () => {
        if (redis.readySince !== null) return { kind: 'ready', epoch: redis.readySince };
        return redis.nonce === null ? { kind: 'blank' } : { kind: 'preparing', nonce: redis.nonce };
      }),

    prepare: (nonce, deadline) =>
      change(deadline, () => {
        if (redis.readySince === null) redis.nonce ??= nonce;
      }),

    markReady: (nonce, epoch, deadline) =>
      change(deadline, () => {
        if (redis.nonce !== nonce) return 'nonce-gone';
        redis.readySince = Math.max(redis.readySince ?? 0, epoch);
        return 'ready';
      }),

    putState: (state, deadline) =>
      change(deadline, () => {
        redis.topology = state;
      }),

    revoked: (deadline) => read(deadline, () => [...redis.revoked.keys()]),

    revoke: (keyHashes, deadline) =>
      change(deadline, () => {
        if (new Set([...redis.revoked.keys(), ...keyHashes]).size > revokedKeysMax)
          throw new DependencyUnavailable(name, new Error('too many keys would be revoked here'));
        for (const hash of keyHashes) redis.revoked.set(hash, true);
      }),

    forgetRevoked: (keyHashes, deadline) =>
      change(deadline, () => {
        for (const hash of keyHashes) redis.revoked.delete(hash);
      }),

    countCalls: (cluster, calls, windowMs, deadline) =>
      change(deadline, (nowMs) => {
        const number = Math.floor(nowMs / windowMs);
        const held = redis.calls.get(cluster);
        const windows =
          held?.number === number
            ? { ...held, current: sumOf(held.current, calls) }
            : { number, current: calls, previous: held?.number === number - 1 ? held.current : noCalls };
        redis.calls.set(cluster, windows);
        return windows;
      }),

    moveBreaker: (cluster, seenVersion, to, deadline) =>
      change(deadline, () => {
        if ((redis.breakers.get(cluster)?.version ?? 0) > seenVersion) return 'overtaken';
        redis.breakers.set(cluster, to);
        return 'moved';
      }),

    breakers: (deadline) => read(deadline, () => Object.fromEntries(redis.breakers)),

    putRegistry: (text, deadline) =>
      change(deadline, (nowMs) => {
        redis.registry = { text, putAtMs: nowMs };
      }),

    registry: (deadline) =>
      read(deadline, (nowMs) => {
        if (redis.registry === null) return null;
        return { text: redis.registry.text, ageMs: nowMs - redis.registry.putAtMs };
      }),
  };
}
