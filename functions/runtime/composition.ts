/**
 * The only place that wires: from the environment to the parts of each function. Everything is made on first use and
 * kept by the process; nothing connects, and no driver but the cache's is loaded, before something needs it.
 */
import {
  hashCallerKey,
  makeIdentifierHasher,
  makeKeyedHasher,
  makeSlotHasher,
} from '../adapters/crypto/hashers.ts';
import { parseKeyring } from '../adapters/crypto/keyring.ts';
import { makeSealer } from '../adapters/crypto/sealer.ts';
import { makeEpochRegister } from '../adapters/dynamodb/epoch-register.ts';
import { makeReadBack } from '../adapters/http/read-back.ts';
import { makeClusterControl } from '../adapters/mysql/cluster-control.ts';
import { type Database, makeDatabase } from '../adapters/mysql/database.ts';
import { makeMysqlDirectory } from '../adapters/mysql/directory.ts';
import { makeJournalEpochRegister } from '../adapters/mysql/epoch-register.ts';
import { makeMysqlReplicaHistory, makeMysqlWriterHistory } from '../adapters/mysql/history-source.ts';
import { makeJournal } from '../adapters/mysql/journal.ts';
import { makeMysqlReplicaSource, makeMysqlWriterSource } from '../adapters/mysql/member-source.ts';
import { makeMysqlMemberStore } from '../adapters/mysql/member-store.ts';
import { makeOutbox } from '../adapters/mysql/outbox.ts';
import { makeMysqlRegistrations } from '../adapters/mysql/registrations.ts';
import { makeMysqlTokens } from '../adapters/mysql/tokens.ts';
import { makeMysqlTrimming } from '../adapters/mysql/trimming.ts';
import { makeSearchCluster } from '../adapters/opensearch/search-cluster.ts';
import { makeCallerRegistry } from '../adapters/parameters/caller-registry.ts';
import type { Parameter } from '../adapters/parameters/parameters.ts';
import { makeRegistryStore } from '../adapters/parameters/registry-store.ts';
import { makeTopologyStore } from '../adapters/parameters/topology-store.ts';
import { makeRedisCacheCluster } from '../adapters/redis/redis-cache-cluster.ts';
import { decodeMessage } from '../adapters/sqs/message.ts';
import { makeQueueGauge } from '../adapters/sqs/queue-gauge.ts';
import { makeSyncQueue } from '../adapters/sqs/sync-queue.ts';
import { makeIds } from '../adapters/system/ids.ts';
import { makeSystemClock } from '../adapters/system/system-clock.ts';
import { makeSystemRandom } from '../adapters/system/system-random.ts';
import type { CacheCluster } from '../core/cache/ports.ts';
import { makeMemberReader } from '../core/cache/reader.ts';
import { pick } from '../core/cache/rendezvous.ts';
import type { Lane } from '../core/caller/caller.ts';
import { makeCallerKeeper } from '../core/caller/caller-keeper.ts';
import { makeCentreState } from '../core/failover/centre-state.ts';
import { observedAfterMs, shareMs } from '../core/failover/durations.ts';
import { retention } from '../core/failover/retention.ts';
import { type Deadline, within } from '../core/kernel/clock.ts';
import { DependencyUnavailable, orNull } from '../core/kernel/invariant.ts';
import { makeHistoryReader } from '../core/member/history-reader.ts';
import type { MemberSource } from '../core/member/ports.ts';
import { makeMemberWriter } from '../core/member/writer.ts';
import { makeObserver } from '../core/observer/observer.ts';
import { makeApplyChange } from '../core/propagation/apply-change.ts';
import { type CentreName, cacheKeyOfMember, otherCentre } from '../core/propagation/event.ts';
import { makeGauges } from '../core/propagation/gauges.ts';
import type { Sinks } from '../core/propagation/propagate.ts';
import { makeRelay } from '../core/propagation/relay.ts';
import { makeSharding } from '../core/sharding/sharding.ts';
import type { ApiParts, Lazily } from './api/parts.ts';
import { makeBodies } from './api/schemas.ts';
import type { ApplyChangeParts, ObserverParts, RelayParts } from './batch.ts';
import { readSettings, type Settings, SettingsInvalid } from './env.ts';
import { makeHealth } from './health.ts';
import { laneLimits } from './lanes.ts';
import { observedShare } from './limits.ts';
import { makeSources } from './sources.ts';
import { type Dependency, makeMeter } from './telemetry/meter.ts';
import { makeRelayReport } from './telemetry/relay-report.ts';
import { makeTraces } from './telemetry/traces.ts';
import { logToStandardOutput } from './telemetry.ts';

/** The relay must see what was just published; everybody else has the copy in Redis, and this only without it. */
const topologyRememberMs = { api: 5_000, background: 0 } as const;

type Purpose = keyof typeof topologyRememberMs;

/** To one server. An environment of the API serves one request at a time, which asks a server only a few things at once. */
const connectionsMaxOf = {
  api: (lane: Lane) => laneLimits[lane].connectionsMax,
  background: () => 4,
} as const;

export const apiParts: Lazily<ApiParts> = once(() => makeApiParts(readSettings(process.env)));
export const applyChangeParts: Lazily<ApplyChangeParts> = once(() =>
  makeApplyChangeParts(readSettings(process.env)),
);
export const relayParts: Lazily<RelayParts> = once(() => makeRelayParts(readSettings(process.env)));
export const observerParts: Lazily<ObserverParts> = once(() => makeObserverParts(readSettings(process.env)));

function makeApiParts(settings: Settings): ApiParts {
  const shared = makeShared(settings, 'api');
  const { clock, random, keyring, centreState, sinks, sharding, clusters, stores, replicaNames } = shared;
  const { CENTRE: centre, LANE: lane, PLATFORMS: platforms } = settings;
  const hasher = makeIdentifierHasher(keyring.identifiers);
  const sealer = makeSealer(keyring.sealing, random);
  const ids = makeIds(clock, random);
  const writerSource = makeMysqlWriterSource({ name: 'writer', clusters, sharding });
  const caches = sinks.caches[centre];
  const cacheNames = Object.keys(caches);
  const replicas = replicaNames[centre].map(
    (replica): MemberSource =>
      makeMysqlReplicaSource({ name: `replica:${replica}`, clusters, sharding, choose: () => replica }),
  );
  const isWriterHere = Object.values(settings.DATABASES).every(
    ({ writers }) => writers[centre] !== undefined,
  );

  return {
    centre,
    lane,
    platforms,
    bodies: makeBodies(platforms),
    clock,
    callers: makeCallerRegistry({
      ...parameterOf(settings, shared, 'CALLERS_PARAMETER'),
      copies: Object.values(caches),
    }),
    hashCallerKey,
    requestHasher: makeKeyedHasher(keyring.requests),
    state: centreState,
    reader: makeMemberReader({
      cacheOf: (key) => caches[pick(cacheNames, key)] as CacheCluster,
      ...makeSources({
        lane,
        limits: laneLimits[lane],
        search: mapValues(sinks.search, ({ cluster }): MemberSource => cluster),
        replicas,
        writer: writerSource,
        centreState,
        clock,
        random: random.fraction,
      }),
      centreState,
      sharding,
      hasher,
      sealer,
      ids,
      clock,
      random: random.fraction,
    }),
    writer: makeMemberWriter({ ...stores, sinks, centreState, sharding, hasher, sealer, ids, clock }),
    health: makeHealth({
      caches: Object.values(caches),
      sources: [
        ...Object.values(sinks.search).flatMap((at) => (at.centre === centre ? [at.cluster] : [])),
        ...replicas,
        ...(isWriterHere ? [writerSource] : []),
      ],
      clock,
    }),
    log: logToStandardOutput,
    meter: shared.meter,
    traces: makeTraces(random),
  };
}

function makeApplyChangeParts(settings: Settings): ApplyChangeParts {
  const { clock, random, sinks, stores, centreState, meter } = makeShared(settings, 'background');
  return {
    centre: settings.CENTRE,
    clock,
    decode: decodeMessage,
    apply: makeApplyChange({ sinks, outbox: stores.outbox, centreState, clock }),
    log: logToStandardOutput,
    meter,
    traces: makeTraces(random),
  };
}

function makeRelayParts(settings: Settings): RelayParts {
  const shared = makeShared(settings, 'background');
  const { clock, random, sinks, stores, centreState, sharding, journals, replicaNames, topology, meter } =
    shared;
  const { CENTRE: centre, WITNESS } = settings;
  const other = otherCentre(centre);
  const { url: queueUrl, ...queue } = settings.QUEUES[centre];
  const report = makeRelayReport({
    centre,
    gauges: makeGauges({
      centre,
      databaseClusters: sharding.clusters,
      ...stores,
      journal: sinks.journals[centre],
      queue: makeQueueGauge({ ...queue, name: `queue-${centre.toLowerCase()}`, queueUrl, clock }),
      caches: Object.values(sinks.caches[centre]),
      replicas: replicaNames[centre],
      centreState,
      clock,
    }),
    meter,
    log: logToStandardOutput,
    clock,
  });
  const relay = makeRelay({
    centre,
    databaseClusters: sharding.clusters,
    observer: report.observer,
    ...stores,
    sinks,
    sharding,
    retention,
    report: report.notice,
    replicas: replicaNames,
    registers: [
      makeJournalEpochRegister({ name: `register-${other.toLowerCase()}`, database: journals[other] }),
      meter.timed(
        'witness',
        makeEpochRegister({ ...WITNESS, name: 'witness', tableName: WITNESS.table, clock }),
      ),
    ],
    centreState,
    readTopology: (deadline) => topology.read(deadline),
    keepCallers: makeCallerKeeper({
      own: Object.values(sinks.caches[centre]),
      others: Object.values(sinks.caches[other]),
      registry: makeRegistryStore(parameterOf(settings, shared, 'CALLERS_PARAMETER')),
      readTopology: (deadline) => topology.read(deadline),
      clock,
    }),
    ids: makeIds(clock, random),
    clock,
  });
  return { centre, clock, relay, report, log: logToStandardOutput };
}

function makeObserverParts(settings: Settings): ObserverParts {
  const { clock, random, keyring, sharding, clusters, stores, sinks, replicaNames } = makeShared(
    settings,
    'background',
  );
  const { CENTRE: centre, OBSERVER: at } = settings;
  if (!at) throw new SettingsInvalid('The environment is not as it must be: OBSERVER is missing.');
  const readBack = (where: CentreName) =>
    makeReadBack({ name: `api-${where.toLowerCase()}`, url: at.urls[where], key: at.key, clock });
  const log = (line: object) => logToStandardOutput({ operation: 'observe-consistency', ...line });
  const observer = makeObserver(
    {
      databaseClusters: sharding.clusters,
      ...stores,
      readBack: { A: readBack('A'), B: readBack('B') },
      writer: makeMysqlWriterSource({ name: 'writer', clusters, sharding }),
      sources: [
        ...replicaNames[centre].map((replica) =>
          makeMysqlReplicaSource({ name: `replica:${replica}`, clusters, sharding, choose: () => replica }),
        ),
        ...Object.values(sinks.search).map(({ cluster }) => cluster),
      ],
      sealer: makeSealer(keyring.sealing, random),
      clock,
      random: random.fraction,
    },
    {
      share: observedShare,
      delaysMs: observedAfterMs,
      onMiss: (miss) => log({ outcome: 'missed', miss }),
      onReport: (report) => log({ outcome: 'report', report }),
    },
  );
  return { clock, observer, log: logToStandardOutput };
}

/** What operators' commands are made of: the same parts as the functions', with the same settings. */
export function makeOperatorParts(settings: Settings) {
  const shared = makeShared(settings, 'background');
  const { clock, random, keyring, clusters, sharding, replicaNames } = shared;
  const replicas = [...replicaNames[settings.CENTRE], ...replicaNames[otherCentre(settings.CENTRE)]];
  return {
    ...shared,
    settings,
    history: makeHistoryReader({
      writer: makeMysqlWriterHistory({ clusters, sharding }),
      replicas: replicas.map((replica) => makeMysqlReplicaHistory({ replica, clusters, sharding })),
      clock,
    }),
    hasher: makeIdentifierHasher(keyring.identifiers),
    sealer: makeSealer(keyring.sealing, random),
    requestHasher: makeKeyedHasher(keyring.requests),
    ids: makeIds(clock, random),
  };
}

/** What every function is made of. */
function makeShared(settings: Settings, purpose: Purpose) {
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

  const cachesOf = (at: CentreName): Readonly<Record<string, CacheCluster>> =>
    mapValues(settings.CACHES[at], (url, name) =>
      meter.timed(at === centre ? 'cache' : 'otherCache', makeRedisCacheCluster({ name, url }, clock)),
    );
  const caches = { A: cachesOf('A'), B: cachesOf('B') };
  const centreState = makeCentreState({
    fromCache: (deadline) => stateIn(Object.values(caches[centre]), deadline),
    fromStore: (deadline) => topology.read(deadline),
  });

  /** The writer of the epoch that this centre knows of. */
  const current = (name: string, writers: Readonly<Record<string, Database>>): Database => ({
    name,
    async run(statements, deadline) {
      const writer = writers[(await centreState.current(deadline)).writer];
      if (!writer) throw new DependencyUnavailable(name, new Error('no address of the writer is known'));
      return writer.run(statements, deadline);
    },
    end: async () => void (await Promise.all(Object.values(writers).map((writer) => writer.end()))),
  });
  const connect = (dependency: Dependency, name: string, at: string): Database => {
    const url = new URL(`mysql://${at}`);
    const own = url.username && {
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
    };
    const address = { host: url.hostname, port: Number(url.port), ...(own || { user, password }) };
    const database = makeDatabase({ name, address, connectionsMax, clock });
    return meter.timed(dependency, database);
  };
  const clusters = mapValues(settings.DATABASES, ({ writers, replicas }, cluster) => ({
    writer: current(
      `database ${cluster}`,
      mapValues(defined(writers), (at, where) => connect('writer', `database ${cluster} in ${where}`, at)),
    ),
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
      cluster: meter.timed('search', makeSearchCluster({ name: `search:${name}`, url, clock })),
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
    journals,
    sinks,
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

function parameterOf(
  { PARAMETERS, ...names }: Settings,
  { clock, meter }: Pick<ReturnType<typeof makeShared>, 'clock' | 'meter'>,
  variable: 'TOPOLOGY_PARAMETER' | 'CALLERS_PARAMETER',
) {
  const through = (parameter: Parameter): Parameter => meter.timed('parameters', parameter);
  return { ...PARAMETERS, name: 'parameters', parameterName: names[variable], clock, through };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}

function defined<Value>(
  record: Readonly<Record<string, Value | undefined>>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}
