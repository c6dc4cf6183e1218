/**
 * What every function is made of, from the environment. The files of this directory are the only place that wires:
 * everything is made on first use and kept by the process; nothing connects, and no driver but the cache's is loaded,
 * before something needs it. What only some functions have stands in a file of its own, so that the others do not load it.
 */
import { makeSlotHasher } from '../../adapters/crypto/hashers.ts';
import { parseKeyring } from '../../adapters/crypto/keyring.ts';
import { makeClusterControl } from '../../adapters/mysql/cluster-control.ts';
import { type Database, makeDatabase } from '../../adapters/mysql/database.ts';
import { makeMysqlDirectory } from '../../adapters/mysql/directory.ts';
import { makeJournal } from '../../adapters/mysql/journal.ts';
import { makeMysqlMemberStore } from '../../adapters/mysql/member-store.ts';
import { makeOutbox } from '../../adapters/mysql/outbox.ts';
import { makeMysqlRegistrations } from '../../adapters/mysql/registrations.ts';
import { makeMysqlTokens } from '../../adapters/mysql/tokens.ts';
import { makeMysqlTrimming } from '../../adapters/mysql/trimming.ts';
import { makeSearchCluster } from '../../adapters/opensearch/search-cluster.ts';
import { makeTopologyStore } from '../../adapters/parameters/topology-store.ts';
import { makeRedisCacheCluster } from '../../adapters/redis/redis-cache-cluster.ts';
import { makeSyncQueue } from '../../adapters/sqs/sync-queue.ts';
import { makeSystemClock } from '../../adapters/system/system-clock.ts';
import { makeSystemRandom } from '../../adapters/system/system-random.ts';
import type { CacheCluster } from '../../core/cache/ports.ts';
import type { Lane } from '../../core/caller/caller.ts';
import { makeCentreState } from '../../core/failover/centre-state.ts';
import { shareMs } from '../../core/failover/durations.ts';
import { type Deadline, within } from '../../core/kernel/clock.ts';
import { orNull } from '../../core/kernel/invariant.ts';
import { type CentreName, cacheKeyOfMember } from '../../core/propagation/event.ts';
import type { Sinks } from '../../core/propagation/propagate.ts';
import { makeSharding } from '../../core/sharding/sharding.ts';
import type { Settings } from '../env.ts';
import { laneLimits } from '../lanes.ts';
import { type Dependency, makeMeter } from '../telemetry/meter.ts';

import { makeServers } from './servers.ts';

/** The relay must see what was just published; everybody else has the copy in Redis, and this only without it. */
const topologyRememberMs = { api: 5_000, background: 0 } as const;

type Purpose = keyof typeof topologyRememberMs;

/** To one server. An environment of the API serves one request at a time, which asks a server only a few things at once. */
const connectionsMaxOf = {
  api: (lane: Lane) => laneLimits[lane].connectionsMax,
  background: () => 4,
} as const;

/** What every function is made of. */
export function makeShared(settings: Settings, purpose: Purpose) {
  const { CENTRE: centre, DATABASE_USER: user, DATABASE_PASSWORD: password } = settings;
  const connectionsMax = connectionsMaxOf[purpose](settings.LANE);
  const clock = makeSystemClock();
  const random = makeSystemRandom();
  const meter = makeMeter();
  const keyring = parseKeyring(settings.KEYRING);
  const sharding = makeSharding(makeSlotHasher(keyring.slots), settings.SHARD_MAP);
  const topology = makeTopologyStore({
    ...parameterOf(settings, { clock, meter }, 'TOPOLOGY_PARAMETER'),
    rememberMs: topologyRememberMs[purpose],
  });

  const cacheUser = accountOf(settings.CACHE_USER, settings.CACHE_PASSWORD);
  const searchUser = accountOf(settings.SEARCH_USER, settings.SEARCH_PASSWORD);
  const cachesOf = (at: CentreName): Readonly<Record<string, CacheCluster>> =>
    mapValues(settings.CACHES[at], (url, name) =>
      meter.timed(
        at === centre ? 'cache' : 'otherCache',
        makeRedisCacheCluster({ name, url, user: cacheUser, replicas: settings.CACHE_REPLICAS }, clock),
      ),
    );
  const caches = { A: cachesOf('A'), B: cachesOf('B') };
  const centreState = makeCentreState({
    fromCache: (deadline) => stateIn(Object.values(caches[centre]), deadline),
    fromStore: (deadline) => topology.read(deadline),
  });

  const connect = (dependency: Dependency, name: string, at: string): Database => {
    const url = new URL(`mysql://${at}`);
    const own = url.username && {
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
    };
    const address = {
      host: url.hostname,
      port: Number(url.port),
      ...(own || { user, password }),
      authoritiesFile: settings.DATABASE_CA_FILE,
    };
    const database = makeDatabase({ name, address, connectionsMax, clock });
    return meter.timed(dependency, database);
  };
  const servers = makeServers(settings.DATABASES, (name, at) => connect('writer', name, at));
  const clusters = mapValues(settings.DATABASES, ({ replicas }, cluster) => ({
    writer: servers.current(cluster, centreState),
    replicas: mapValues({ ...replicas.A, ...replicas.B }, (at, name) =>
      connect('replica', `${name} of ${cluster}`, at),
    ),
  }));
  const journals = {
    A: connect('journal', 'journal-a', settings.JOURNALS.A),
    B: connect('journal', 'journal-b', settings.JOURNALS.B),
  };

  const queueOf = (where: keyof Settings['QUEUES']) => {
    const { url, ...at } = settings.QUEUES[where];
    const queue = makeSyncQueue({ ...at, name: `queue-${where.toLowerCase()}`, queueUrl: url, clock });
    return meter.timed('queue', queue);
  };
  const sinks: Sinks = {
    caches,
    search: mapValues(settings.SEARCH, ({ url, centre: fedFrom }, name) => ({
      cluster: meter.timed(
        'search',
        makeSearchCluster({ name: `search:${name}`, url, user: searchUser, clock, slotOf: sharding.slotOf }),
      ),
      centre: fedFrom,
    })),
    journals: { A: makeJournal({ database: journals.A }), B: makeJournal({ database: journals.B }) },
    queues: { A: queueOf('A'), B: queueOf('B') },
  };
  const stores = {
    members: makeMysqlMemberStore({ clusters, sharding }),
    registrations: makeMysqlRegistrations({ clusters, sharding }),
    directory: makeMysqlDirectory({ clusters, sharding }),
    tokens: makeMysqlTokens({ clusters, sharding }),
    outbox: makeOutbox({ clusters }),
    control: makeClusterControl({ clusters }),
    trimming: makeMysqlTrimming({ clusters }),
  };
  const [anyCluster] = Object.values(settings.DATABASES);
  const replicaNames = {
    A: Object.keys(anyCluster?.replicas.A ?? {}),
    B: Object.keys(anyCluster?.replicas.B ?? {}),
  };
  return {
    clock,
    random,
    meter,
    keyring,
    sharding,
    topology,
    centreState,
    clusters,
    servers,
    journals,
    sinks,
    searchUser,
    stores,
    replicaNames,
  };
}

/** Any Redis of the centre has the state; one that has none, or is away, sends to the next. */
async function stateIn(caches: readonly CacheCluster[], deadline: Deadline): Promise<string | null> {
  const clock = makeSystemClock();
  for (const cache of caches) {
    const reading = await orNull(
      cache.read(cacheKeyOfMember('state'), [], within(clock, deadline, shareMs.cache)),
    );
    if (reading !== null && reading.state !== null) return reading.state;
  }
  return null;
}

export function parameterOf(
  { PARAMETERS, ...names }: Settings,
  { clock, meter }: Pick<ReturnType<typeof makeShared>, 'clock' | 'meter'>,
  variable: 'TOPOLOGY_PARAMETER' | 'CALLERS_PARAMETER',
) {
  const through = <Port extends object>(port: Port): Port => meter.timed('parameters', port);
  return { ...PARAMETERS, name: 'parameters', parameterName: names[variable], clock, through };
}

const accountOf = (name: string | undefined, password: string | undefined) =>
  name !== undefined && password !== undefined ? { name, password } : undefined;

export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

export function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
