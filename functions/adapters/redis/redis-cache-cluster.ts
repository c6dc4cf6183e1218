/**
 * One Redis (or Valkey) without cluster mode, as a centre's {@link CacheCluster}. Uses commands of Redis 6.2; needs
 * `maxmemory-policy volatile-lru`.
 */
import type { CacheCluster, Fence } from '../../core/cache/ports.ts';
import { type Clock, type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import * as keys from './keys.ts';
import { makeRedisBreakerCopies } from './redis-breaker-copies.ts';
import { makeRedisCallerCopies } from './redis-caller-copies.ts';
import {
  makeRedisConnection,
  type RedisConnection,
  type RedisConnectionOptions,
  type RedisRequest,
} from './redis-connection.ts';
import { makeScriptRunner } from './script-runner.ts';
import { endFences } from './scripts/end-fences.ts';
import { fence } from './scripts/fence.ts';
import { fill } from './scripts/fill.ts';
import { grantEnds } from './scripts/grant-ends.ts';
import { lease } from './scripts/lease.ts';
import { markReady } from './scripts/mark-ready.ts';
import { openFences } from './scripts/open-fences.ts';
import { prepare } from './scripts/prepare.ts';
import { publishGrant } from './scripts/publish-grant.ts';
import { putState } from './scripts/put-state.ts';
import { release } from './scripts/release.ts';

const openFencesLookedAt = 500;
const valuesLookedAt = 300;
const stateKeys = [keys.topologyKey, keys.revokedKey, keys.stateKey, keys.breakersKey];

export interface RedisCacheClusterOptions extends RedisConnectionOptions {
  /**
   * How many replicas it has: *all* that could be promoted. Fences and emptying count only when every one of them has
   * them; with one missing they fail, and the writers rely on the end of the grant instead. @default 0
   */
  readonly replicas?: number;
}

export function makeRedisCacheCluster(
  options: RedisCacheClusterOptions,
  clock: Clock,
): CacheCluster & Pick<RedisConnection, 'close'> {
  const { name, replicas = 0 } = options;
  const connection = makeRedisConnection(options, clock);
  const { run, runWith } = makeScriptRunner(connection);

  async function command(deadline: Deadline, ...[commandName, ...args]: [string, ...(string | number)[]]) {
    return (await connection.exchange([{ name: commandName, args }], deadline))[0];
  }

  /** Goes out with a write, on its connection: there alone it knows what to wait for. */
  function waitForReplicas(deadline: Deadline): RedisRequest[] {
    if (replicas === 0) return [];
    // Not to the very deadline, so that its answer says how many have it. Zero would mean for ever.
    const heldMs = Math.max(1, Math.floor(remainingMs(clock, deadline) * 0.9));
    return [{ name: 'wait', args: [replicas, heldMs], heldMs }];
  }

  function requireReplicas(acknowledged: unknown): void {
    if (replicas === 0 || Number(acknowledged) >= replicas) return;
    const cause = new Error(`${acknowledged} of ${replicas} replicas have it`);
    throw new DependencyUnavailable(name, cause);
  }

  return {
    ...makeRedisCallerCopies(name, connection, { run }),
    ...makeRedisBreakerCopies(connection, { run }),
    close: connection.close,

    async read(key, databaseClusters, deadline) {
      // The value last: a grant counts only if it was there before the value was read.
      const args = [...databaseClusters.map(keys.grantKey), keys.stateKey, keys.valueKey(key)];
      const [reply] = await connection.exchange([{ name: 'mget', args }], deadline);
      const found = reply as (string | null)[];
      const count = databaseClusters.length;
      return {
        grants: databaseClusters.filter((_, index) => found[index] !== null),
        state: found[count] ?? null,
        value: found[count + 1] ?? null,
      };
    },

    async readMany(cacheKeys, databaseClusters, deadline) {
      const args = [...databaseClusters.map(keys.grantKey), keys.stateKey, ...cacheKeys.map(keys.valueKey)];
      const found = (await command(deadline, 'mget', ...args)) as (string | null)[];
      const count = databaseClusters.length;
      return {
        grants: databaseClusters.filter((_, index) => found[index] !== null),
        state: found[count] ?? null,
        values: found.slice(count + 1),
      };
    },

    async lease(cacheKeys, token, leaseMs, epoch, deadline) {
      const named = cacheKeys.flatMap((key) => [keys.fenceKey(key), keys.leaseKey(key)]);
      const reply = await run(lease, [keys.readyKey, ...named], [token, leaseMs, epoch], deadline);
      if (reply === null) return cacheKeys.map(() => ({ kind: 'not-ready' }));
      return (reply as ['granted' | 'filling', string][]).map(([kind, version]) => ({
        kind,
        fenceVersion: Number(version),
      }));
    },

    async fill(token, fills, deadline) {
      const named = fills.flatMap(({ key }) => [keys.leaseKey(key), keys.fenceKey(key), keys.valueKey(key)]);
      const args = fills.flatMap(({ version, value, lifetimeMs }) => [version, value, lifetimeMs]);
      const filled = (await run(fill, named, [token, ...args], deadline)) as number[];
      return filled.map((one) => (one === 1 ? 'filled' : 'refused'));
    },

    async release(cacheKeys, token, deadline) {
      await run(release, cacheKeys.map(keys.leaseKey), [token], deadline);
    },

    async fence(fences, deadline) {
      if (fences.length === 0) return;
      const named = fences.flatMap(({ key }) => [keys.fenceKey(key), keys.valueKey(key), keys.leaseKey(key)]);
      const wait = waitForReplicas(deadline);
      const [, acknowledged] = await runWith(fence, named, fences.map(noteOf), wait, deadline);
      requireReplicas(acknowledged);
    },

    async endFences(fences, endMs, deadline) {
      if (fences.length === 0) return;
      const named = fences.map(({ key }) => keys.fenceKey(key));
      await run(endFences, named, [endMs, ...fences.map(({ version }) => version)], deadline);
    },

    async openFences(cursor, deadline) {
      const args = [cursor, keys.fencePattern, openFencesLookedAt];
      const [next, found] = (await run(openFences, [], args, deadline)) as [string, string[]];
      return { cursor: next, fences: fencesOf(found) };
    },

    async values(cursor, deadline) {
      const args = [cursor, 'MATCH', keys.valuePattern, 'COUNT', valuesLookedAt];
      const [next, found] = (await command(deadline, 'scan', ...args)) as [string, string[]];
      if (found.length === 0) return { cursor: next, values: [] };
      const texts = (await command(deadline, 'mget', ...found)) as (string | null)[];
      return {
        cursor: next,
        values: found.flatMap((name, index) => {
          const value = texts[index] ?? null;
          return value === null ? [] : [{ key: keys.cacheKeyOfValue(name), value }];
        }),
      };
    },

    async grantAgesMs(databaseClusters, deadline) {
      if (databaseClusters.length === 0) return [];
      const reply = await run(grantEnds, databaseClusters.map(keys.grantEndKey), [], deadline);
      const [time, ends] = reply as [[string, string], (string | null)[]];
      return ends.map((endsAtMs) =>
        endsAtMs === null ? null : Math.max(0, millisecondsOf(time) - Number(endsAtMs)),
      );
    },

    async clockMs(deadline) {
      return millisecondsOf((await command(deadline, 'time')) as [string, string]);
    },

    async publishGrant(databaseCluster, endsAtMs, deadline) {
      const named = [keys.grantKey(databaseCluster), keys.grantEndKey(databaseCluster)];
      await run(publishGrant, named, [endsAtMs], deadline);
    },

    async empty(deadline) {
      const flush = { name: 'flushdb', args: ['SYNC'] };
      const [, acknowledged] = await connection.exchange([flush, ...waitForReplicas(deadline)], deadline);
      requireReplicas(acknowledged);
    },

    async readiness(deadline) {
      const [ready, nonce] = (await command(deadline, 'mget', keys.readyKey, keys.nonceKey)) as (
        | string
        | null
      )[];
      if (ready !== null) return { kind: 'ready', epoch: Number(ready) };
      return nonce ? { kind: 'preparing', nonce } : { kind: 'blank' };
    },

    async prepare(nonce, deadline) {
      await run(prepare, [keys.readyKey, keys.nonceKey], [nonce], deadline);
    },

    async markReady(nonce, epoch, deadline) {
      const marked = await run(markReady, [keys.readyKey, keys.nonceKey], [nonce, epoch], deadline);
      return marked === 1 ? 'ready' : 'nonce-gone';
    },

    async putState(state, deadline) {
      await run(putState, stateKeys, [state], deadline);
    },
  };
}

const noteOf = ({ version, databaseCluster, memberId }: Fence): string =>
  `${version} ${databaseCluster} ${memberId}`;

function fencesOf(keysAndNotes: readonly string[]): Fence[] {
  const fences: Fence[] = [];
  for (let i = 0; i + 1 < keysAndNotes.length; i += 2) {
    const [version = '', databaseCluster = '', memberId = ''] = (keysAndNotes[i + 1] ?? '').split(' ');
    const key = keys.cacheKeyOfFence(keysAndNotes[i] ?? '');
    fences.push({ key, version: Number(version), databaseCluster, memberId });
  }
  return fences;
}

const millisecondsOf = ([seconds, microseconds]: readonly [string, string]): number =>
  Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
