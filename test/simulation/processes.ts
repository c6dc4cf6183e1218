/** The shipped code as processes on the simulated engines: what `functions/runtime/composition/` does on real ones. */
import { makeMemoryClusterControl } from '../../functions/adapters/memory/cluster-control.ts';
import { makeMemoryDigests } from '../../functions/adapters/memory/digests.ts';
import { makeMemoryDirectory } from '../../functions/adapters/memory/directory.ts';
import { makeMemoryEpochRegister } from '../../functions/adapters/memory/epoch-register.ts';
import { makeMemoryJournalAdapter } from '../../functions/adapters/memory/journal.ts';
import { makeMemoryLedger } from '../../functions/adapters/memory/ledger.ts';
import {
  makeMemoryReplicaSource,
  makeMemoryWriterSource,
} from '../../functions/adapters/memory/member-source.ts';
import { makeMemoryMemberStore } from '../../functions/adapters/memory/member-store.ts';
import { makeMemoryMemberWalk } from '../../functions/adapters/memory/member-walk.ts';
import { makeMemoryCacheCluster } from '../../functions/adapters/memory/memory-cache-cluster.ts';
import type { MemoryRegister } from '../../functions/adapters/memory/memory-journal.ts';
import { makeMemoryOutbox } from '../../functions/adapters/memory/outbox.ts';
import { makeMemoryRecoveryStore } from '../../functions/adapters/memory/recovery-store.ts';
import { makeMemoryRegistrations } from '../../functions/adapters/memory/registrations.ts';
import {
  makeMemorySearchCluster,
  makeMemorySearchEpochs,
} from '../../functions/adapters/memory/search-cluster.ts';
import { makeMemorySearchUpkeep } from '../../functions/adapters/memory/search-upkeep.ts';
import { makeMemorySyncQueue } from '../../functions/adapters/memory/sync-queue.ts';
import { makeMemoryTokens } from '../../functions/adapters/memory/tokens.ts';
import {
  makeMemoryTopologyDocument,
  makeMemoryTopologyStore,
} from '../../functions/adapters/memory/topology-store.ts';
import { makeMemoryTrimming } from '../../functions/adapters/memory/trimming.ts';
import { taking } from '../../functions/adapters/memory/turn.ts';
import { makeCacheAudit } from '../../functions/core/cache/cache-audit.ts';
import type { CacheCluster } from '../../functions/core/cache/ports.ts';
import { type MemberReader, makeMemberReader } from '../../functions/core/cache/reader.ts';
import { pick } from '../../functions/core/cache/rendezvous.ts';
import type { Lane } from '../../functions/core/caller/caller.ts';
import { makeDirectoryAudit } from '../../functions/core/directory/directory-audit.ts';
import { makeCentreState } from '../../functions/core/failover/centre-state.ts';
import { shareMs } from '../../functions/core/failover/durations.ts';
import type { Elected } from '../../functions/core/failover/ports.ts';
import { makePromotion } from '../../functions/core/failover/promotion.ts';
import { makeRecovery } from '../../functions/core/failover/recovery.ts';
import type { Topology } from '../../functions/core/failover/topology.ts';
import { type Deadline, deadlineAfter, within } from '../../functions/core/kernel/clock.ts';
import type { Ids } from '../../functions/core/kernel/ids.ts';
import { orNull } from '../../functions/core/kernel/invariant.ts';
import type { MemberSource, Sealer } from '../../functions/core/member/ports.ts';
import { makeRefresh, type Refresh } from '../../functions/core/member/refresh.ts';
import { makeTouch } from '../../functions/core/member/touch.ts';
import { type MemberWriter, makeMemberWriter } from '../../functions/core/member/writer.ts';
import { makeApplyChange } from '../../functions/core/propagation/apply-change.ts';
import {
  type CacheKey,
  type CentreName,
  cacheKeyOfMember,
  otherCentre,
} from '../../functions/core/propagation/event.ts';
import type { SyncMessage } from '../../functions/core/propagation/ports.ts';
import type { Sinks } from '../../functions/core/propagation/propagate.ts';
import { makeRelay, type Relay } from '../../functions/core/propagation/relay.ts';
import { makeBreakers } from '../../functions/core/search/breakers.ts';
import type { SearchUpkeep } from '../../functions/core/search/ports.ts';
import { makeReconcile } from '../../functions/core/search/reconcile.ts';
import { makeSearchKeeper, nobodysId } from '../../functions/core/search/search-keeper.ts';
import { identifierHasherOf, type Keyrings } from './cheap-crypto.ts';
import type { Violation } from './checks.ts';
import { readThoughSwitchedOff } from './checks-of-search.ts';
import { cacheNames, clusterNames, type Engines, replicaNames, searchCentres, sharding } from './engines.ts';
import { candidatesIn } from './lineage.ts';
import { makeProcess, type SimulatedProcess, type Surroundings } from './process.ts';
import type { ShortAges } from './short-ages.ts';

export interface Shared {
  readonly engines: Engines;
  readonly sealer: Sealer;
  readonly ids: Ids;
  readonly ages: ShortAges;
  readonly surroundings: Surroundings;
  readonly keyrings: Keyrings;
  readonly report: (violation: Violation) => void;
  /** Whether relays compare what is in use with the database: elsewhere it would mend what other bugs have done. */
  readonly isCompared: boolean;
  /** Hears of each probe of a search cluster. */
  readonly probed: (centre: CentreName, search: string) => void;
}

export interface ApiProcess extends SimulatedProcess {
  /** Of the critical lane. */
  readonly reader: MemberReader;
  /** Of the marketing lane: it has neither replicas nor the writer. */
  readonly marketingReader: MemberReader;
  readonly writer: MemberWriter;
  readonly refresh: Refresh;
}

export interface RelayProcess extends SimulatedProcess {
  readonly relay: Relay;
}

export interface ConsumerProcess extends SimulatedProcess {
  apply(message: SyncMessage, deadline: Deadline): Promise<void>;
}

export function makeApiProcess(name: string, centre: CentreName, shared: Shared): ApiProcess {
  const { process, sinks, stores, centreState, operatorsSwitch, ids, sealer, clusters, turn } = wire(
    name,
    centre,
    shared,
    true,
  );
  const { clock } = process;
  const { report } = shared;
  const { random } = shared.surroundings;
  const hasher = identifierHasherOf(name, shared.keyrings);
  const caches = sinks.caches[centre];
  const names = Object.keys(caches);
  const breakers = makeBreakers({ copies: caches, shared: centreState.breakers, clock });
  const watched: Readonly<Record<string, MemberSource>> = Object.fromEntries(
    Object.entries(sinks.search).map(([one, { cluster }]) => [one, breakers.watched(one, cluster)]),
  );
  const replicas = replicaNames[centre].map((replica) =>
    process.through(
      replica,
      makeMemoryReplicaSource({
        name: `replica:${replica}`,
        clusters,
        sharding,
        choose: () => replica,
        turn: process.turn((cluster) => `${cluster} ${replica}`),
      }),
    ),
  );
  const writerSource = process.through(
    'writer',
    makeMemoryWriterSource({ name: 'writer', clusters, sharding, turn }),
  );

  const forReading = {
    cacheOf: (key: CacheKey) => caches[pick(names, key)] as CacheCluster,
    centreState,
    sharding,
    hasher,
    sealer,
    ids,
    clock,
    random: random.fraction,
  };
  const searched = async (lane: Lane, deadline: Deadline) => {
    const { search, suspendedParts } = await centreState.current(deadline);
    const read = search[lane].filter((one) => !suspendedParts.includes(one) && breakers.mayRead(one));
    const switchedOff = read.find((one) => operatorsSwitch().includes(one));
    if (switchedOff !== undefined) report(readThoughSwitchedOff(name, switchedOff));
    return read.flatMap((one) => watched[one] ?? []);
  };
  const reader = makeMemberReader({
    ...forReading,
    sources: async (deadline) => [...(await searched('critical', deadline)), random.pick(replicas)],
    writer: writerSource,
  });
  const marketingReader = makeMemberReader({
    ...forReading,
    sources: (deadline) => searched('marketing', deadline),
    writer: null,
  });
  const ports = { ...stores, sinks, centreState, sharding, hasher, sealer, ids, clock };
  return {
    ...process,
    reader,
    marketingReader,
    writer: makeMemberWriter(ports),
    refresh: makeRefresh(ports),
  };
}

export function makeRelayProcess(name: string, centre: CentreName, shared: Shared): RelayProcess {
  const { process, sinks, stores, centreState, topology, ids, sealer, clusters, turn } = wire(
    name,
    centre,
    shared,
  );
  const { engines } = shared;
  const { clock } = process;
  const writer = makeMemoryWriterSource({ name: 'writer', clusters, sharding, turn });
  const keeper = makeSearchKeeper({
    centre,
    clusters: Object.fromEntries(
      Object.entries(engines.search).map(([search, state]) => {
        const upkeep = makeMemorySearchUpkeep({ name: search, state, slotOf: sharding.slotOf, turn });
        return [search, process.through(`${search}-upkeep`, seesProbes(upkeep, centre, shared))];
      }),
    ),
    breakers: makeBreakers({ copies: sinks.caches[centre], shared: centreState.breakers, clock }),
    reconcile: makeReconcile({
      database: process.through('digests', makeMemoryDigests({ clusters, sharding, turn })),
      writer: process.through('writer', writer),
      outbox: stores.outbox,
      sharding,
      touch: makeTouch({
        ...stores,
        sinks,
        centreState,
        sharding,
        hasher: identifierHasherOf(name, shared.keyrings),
        sealer,
        ids,
        clock,
      }),
    }),
    centreState,
    random: shared.surroundings.random.fraction,
    clock,
  });
  const other = otherCentre(centre);
  const registers = [
    { name: `register-${other.toLowerCase()}`, state: engines.journals[other].register },
    { name: 'witness', state: engines.witness },
  ].map((register) =>
    process.through(register.name, makeMemoryEpochRegister({ ...register, turn: process.turn() })),
  );
  const relay = makeRelay({
    centre,
    databaseClusters: sharding.clusters,
    ...stores,
    sinks,
    sharding,
    retention: shared.ages.retention,
    report: () => {},
    replicas: replicaNames,
    registers,
    centreState,
    readTopology: (deadline) => topology.read(deadline),
    searchKeeper: {
      ...keeper,
      duties: keeper.duties.filter((duty) => shared.isCompared || !duty.name.startsWith('compare ')),
    },
    ...(shared.isCompared && {
      audits: {
        cache: makeCacheAudit({ ...stores, writer: process.through('writer', writer), sharding }),
        directory: makeDirectoryAudit({
          ...stores,
          walk: process.through('walk', makeMemoryMemberWalk({ clusters, sharding, turn })),
          writer: process.through('writer', writer),
          sharding,
          sealer,
          random: shared.surroundings.random.fraction,
          clock,
        }),
      },
    }),
    ownTopology: documentOf(process, engines, centre),
    otherTopology: documentOf(process, engines, other),
    searchEpochs: searchEpochsOf(process, engines),
    ids,
    clock,
  });
  return { ...process, relay };
}

export function makeConsumerProcess(name: string, centre: CentreName, shared: Shared): ConsumerProcess {
  const { process, sinks, stores, centreState } = wire(name, centre, shared, true);
  const apply = makeApplyChange({ sinks, outbox: stores.outbox, centreState, clock: process.clock });
  return { ...process, apply };
}

function wire(
  name: string,
  centre: CentreName,
  { engines, sealer, ids, ages, surroundings }: Shared,
  isFragile = false,
) {
  const process = makeProcess(name, centre, surroundings, isFragile);
  // A process goes by the newest topology that it has seen; one that starts reads its centre's.
  let epoch = engines.topologies[centre].topology.epoch;
  const saw = (seen: number): void => {
    epoch = Math.max(epoch, seen);
  };
  const clusters = engines.clustersOf(() => epoch);
  const turn = process.turn((part) => partIn(part, epoch));
  const { clock, through } = process;
  const cachesOf = (at: CentreName): Readonly<Record<string, CacheCluster>> =>
    Object.fromEntries(
      cacheNames[at].map((cache) => {
        const redis = engines.redises[cache];
        if (!redis) throw new Error(`no ${cache}`);
        return [
          cache,
          through(cache, makeMemoryCacheCluster({ name: cache, redis, clock, turn, pageSize: 7 })),
        ];
      }),
    );
  const journalOf = (at: CentreName) =>
    through(
      `journal-${at}`,
      makeMemoryJournalAdapter({ name: `journal-${at}`, state: engines.journals[at], turn }),
    );
  const queueOf = (at: CentreName) =>
    through(`queue-${at}`, makeMemorySyncQueue({ name: `queue-${at}`, state: engines.queues[at], turn }));
  const sinks: Sinks = {
    caches: { A: cachesOf('A'), B: cachesOf('B') },
    search: Object.fromEntries(
      Object.entries(engines.search).map(([search, state]) => {
        const cluster = through(search, makeMemorySearchCluster({ name: search, state, turn }));
        return [search, { cluster, centre: searchCentres[search] ?? 'A' }];
      }),
    ),
    journals: { A: journalOf('A'), B: journalOf('B') },
    queues: { A: queueOf('A'), B: queueOf('B') },
  };
  const stores = {
    members: through('members', makeMemoryMemberStore({ clusters, sharding, turn })),
    registrations: through('registrations', makeMemoryRegistrations({ clusters, sharding, turn })),
    directory: through('directory', makeMemoryDirectory({ clusters, sharding, turn })),
    tokens: through('tokens', makeMemoryTokens({ clusters, sharding, turn })),
    outbox: through('outbox', makeMemoryOutbox({ clusters, turn })),
    control: through('control', makeMemoryClusterControl({ clusters, turn })),
    trimming: through('trimming', makeMemoryTrimming({ clusters, sharding, dayOf: ages.dayOf, turn })),
  };
  const topology = through(
    'topology',
    makeMemoryTopologyStore({ name: `topology-${centre}`, state: engines.topologies[centre], turn }),
  );
  const ownCaches = Object.values(sinks.caches[centre]);
  /** What the newest topology that this process has seen says of the operator's switch. */
  let seenText = '';
  let newest = 0;
  let operatorsParts: readonly string[] = [];
  const look = (text: string | null): void => {
    if (text === null || text === seenText) return;
    seenText = text;
    const { version, suspendedParts } = JSON.parse(text) as Topology;
    if (version < newest) return;
    newest = version;
    operatorsParts = suspendedParts;
  };
  const state = makeCentreState({
    async fromCache(deadline) {
      for (const cache of ownCaches) {
        const reading = await orNull(
          cache.read(cacheKeyOfMember('state'), [], within(clock, deadline, shareMs.cache)),
        );
        if (reading !== null && reading.state !== null) {
          look(reading.state);
          return reading.state;
        }
      }
      return null;
    },
    async fromStore(deadline) {
      const read = await topology.read(deadline);
      look(JSON.stringify(read));
      return read;
    },
  });
  const centreState: typeof state = {
    ...state,
    saw(text) {
      look(text);
      if (text !== null) saw((JSON.parse(text) as Topology).epoch);
      state.saw(text);
    },
    async current(deadline) {
      const current = await state.current(deadline);
      saw(current.epoch);
      return current;
    },
  };
  return {
    process,
    sinks,
    stores,
    centreState,
    operatorsSwitch: () => operatorsParts,
    topology,
    ids,
    sealer,
    clusters,
    turn,
  };
}

/** A relay asks for nobody's document only when it was elected to probe. */
function seesProbes(upkeep: SearchUpkeep, centre: CentreName, { probed }: Shared): SearchUpkeep {
  return {
    ...upkeep,
    memberDocuments(memberIds, deadline) {
      if (memberIds[0] === nobodysId) probed(centre, upkeep.name);
      return upkeep.memberDocuments(memberIds, deadline);
    },
  };
}

/** The writer of the second epoch is another server, and stands in B. */
const partIn = (part: string, epoch: number): string =>
  epoch > 1 && (clusterNames as readonly string[]).includes(part) ? `${part}-b` : part;

const documentOf = (process: SimulatedProcess, engines: Engines, centre: CentreName) =>
  process.through(
    `topology-${centre}`,
    makeMemoryTopologyDocument({
      name: `topology-${centre}`,
      state: engines.topologies[centre],
      turn: process.turn(),
    }),
  );

const searchEpochsOf = (process: SimulatedProcess, engines: Engines) =>
  Object.entries(engines.search).map(([name, state]) =>
    process.through(
      name,
      makeMemorySearchEpochs({
        name,
        state,
        turn: process.turn(),
      }),
    ),
  );

/** One message's worth: Aurora's own takes minutes. */
const electMs = 3_000;

/** Whoever promotes B: a command or a function of B's, which may die at any point. */
export function makePromoterProcess(name: string, shared: Shared) {
  const { process, sinks, topology: _, sealer } = wire(name, 'B', shared, true);
  const { engines } = shared;
  const { through } = process;
  const registerOf = (part: string, state: MemoryRegister) =>
    through(part, makeMemoryEpochRegister({ name: part, state, turn: process.turn() }));
  const ledger = through(
    'ledger',
    makeMemoryLedger({ name: 'journal-B', state: engines.journals.B, turn: process.turn() }),
  );
  const { journals } = sinks;
  const electing = through('engine', {
    async promote(
      cluster: string,
      _to: CentreName,
      how: 'planned' | 'forced',
      _deadline: Deadline,
    ): Promise<Elected> {
      return taking(process.turn(), `${cluster}-b`, () => {
        const old = engines.first[cluster];
        if (!old) throw new Error(`no ${cluster}`);
        if (engines.second[cluster]) return { server: null, isNew: false };
        if (how === 'planned') engines.catchUpCluster(cluster);
        engines.elect(cluster, candidatesIn(old)[0] ?? '');
        return { server: null, isNew: true };
      });
    },
  });
  const promote = makePromotion({
    to: 'B',
    databaseClusters: sharding.clusters,
    registers: {
      own: registerOf('register-b', engines.journals.B.register),
      other: registerOf('register-a', engines.journals.A.register),
      witness: registerOf('witness', engines.witness),
    },
    engine: {
      faults: async () => [],
      follow: async () => [],
      promote: (cluster, to, how) =>
        electing.promote(cluster, to, how, deadlineAfter(process.clock, electMs)),
    },
    serversIn(centre) {
      const epoch = centre === 'A' ? 1 : 2;
      const clusters = engines.clustersOf(() => epoch);
      const turn = process.turn((part) => partIn(part, epoch));
      return {
        control: through('control', makeMemoryClusterControl({ clusters, turn })),
        recover: makeRecovery({
          recovery: through('recovery', makeMemoryRecoveryStore({ clusters, sharding, turn })),
          outbox: through('outbox', makeMemoryOutbox({ clusters, turn })),
          journal: journals.B,
          ledger,
          sinks,
          sealer,
          clock: process.clock,
        }),
      };
    },
    redises: Object.keys(engines.redises),
    caches: { own: Object.values(sinks.caches.B), other: Object.values(sinks.caches.A) },
    searches: searchEpochsOf(process, engines),
    topologies: { own: documentOf(process, engines, 'B'), other: documentOf(process, engines, 'A') },
    clock: process.clock,
  });
  return { ...process, promote };
}
