/** Two centres' registries and Redis clusters in memory, each of which may be away, with their relays' keepers. */
import { makeMemoryCacheCluster } from '../../../functions/adapters/memory/memory-cache-cluster.ts';
import { makeMemoryRedis, restartEmpty, stateIn } from '../../../functions/adapters/memory/memory-redis.ts';
import {
  type MemoryRegistryState,
  makeMemoryRegistryStore,
} from '../../../functions/adapters/memory/registry-store.ts';
import { parseRegistryCopy } from '../../../functions/adapters/parameters/registry-text.ts';
import { makeCallerKeeper } from '../../../functions/core/caller/caller-keeper.ts';
import { makeRegistrar } from '../../../functions/core/caller/registrar.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { type CentreName, centreNames, otherCentre } from '../../../functions/core/propagation/event.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';
import { topology } from '../../runtime/fake-parts.ts';

/** What is registered of a caller. */
export const orders = {
  name: 'orders',
  owner: 'who',
  team: 'team',
  purpose: 'why',
  lane: 'critical',
  operations: ['read'],
  ratePerSecond: 5,
} as const;

const cacheNames = { A: ['redis-a-0', 'redis-a-1'], B: ['redis-b-0', 'redis-b-1'] } as const;
const allCacheNames = centreNames.flatMap((centre) => cacheNames[centre]);

export function makeTwoCentres() {
  const clock = makeHandClock();
  /** Pairs of who asks and what does not answer: `A>redis-b-0`; `*` asks from everywhere. */
  const away = new Set<string>();
  const states: Record<CentreName, MemoryRegistryState> = {
    A: { registrations: null },
    B: { registrations: null },
  };
  const redises = new Map(allCacheNames.map((name) => [name as string, makeMemoryRedis(clock)]));
  const turnOf = (who: string) => (name: string) => {
    if (away.has(`${who}>${name}`) || away.has(`*>${name}`))
      throw new DependencyUnavailable(name, new Error('taken away by the test'));
    return Promise.resolve();
  };
  const guarded = <Port extends object>(who: string, name: string, port: Port): Port =>
    new Proxy(port, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          await turnOf(who)(name);
          return Reflect.apply(value, target, args);
        };
      },
    });
  const registryOf = (who: string, centre: CentreName) =>
    guarded(
      who,
      `registry ${centre}`,
      makeMemoryRegistryStore({ name: `registry ${centre}`, state: states[centre] }),
    );
  const cachesOf = (who: string, centre: CentreName) =>
    cacheNames[centre].map((name) => {
      const redis = redises.get(name) ?? makeMemoryRedis(clock);
      return guarded(who, name, makeMemoryCacheCluster({ name, redis, clock }));
    });
  const readTopology = (who: CentreName) => async () => {
    await turnOf(who)(`topology ${who}`);
    return topology;
  };
  const soon = () => deadlineAfter(clock, 60_000);
  let keys = 0;
  return {
    clock,
    away,
    states,
    soon,
    registrar: makeRegistrar({
      registries: { A: registryOf('operator', 'A'), B: registryOf('operator', 'B') },
      caches: { A: cachesOf('operator', 'A'), B: cachesOf('operator', 'B') },
      parse: parseRegistryCopy,
      newKey: () => {
        keys += 1;
        return { key: `key-${keys}`, hash: `hash-${keys}` };
      },
      clock,
    }),
    /** One round of the relay of a centre. */
    tick: async (centre: CentreName): Promise<void> => {
      const keep = makeCallerKeeper({
        own: cachesOf(centre, centre),
        others: cachesOf(centre, otherCentre(centre)),
        registry: registryOf(centre, centre),
        readTopology: readTopology(centre),
        clock,
      });
      await keep(soon());
      for (const cache of cachesOf(centre, centre))
        await cache.putState(JSON.stringify(topology), soon()).catch(() => {});
    },
    /** In which Redis clusters the key is refused. */
    refusedIn: (hash: string): readonly string[] =>
      [...redises].flatMap(([name, redis]) => (redis.revoked.has(hash) ? [name] : [])),
    stateOf: (name: string) => JSON.parse(stateIn(redises.get(name) ?? makeMemoryRedis(clock)) ?? 'null'),
    restart: (name: string) => restartEmpty(redises.get(name) ?? makeMemoryRedis(clock)),
  };
}

export const everyRedis: readonly string[] = allCacheNames;
