/**
 * Two centres on the test engines: what `functions/runtime/composition/` makes of an environment, made of the same
 * adapters, but so that every port of every process can be stepped through. The processes share connections; nothing
 * else. What the protocol tests leave behind is under names of their own.
 */
import { createHash } from 'node:crypto';
import {
  makeIdentifierHasher,
  makeKeyedHasher,
  makeSlotHasher,
} from '../../functions/adapters/crypto/hashers.ts';
import { makeSealer } from '../../functions/adapters/crypto/sealer.ts';
import { makeClusterControl } from '../../functions/adapters/mysql/cluster-control.ts';
import { makeMysqlDirectory } from '../../functions/adapters/mysql/directory.ts';
import { makeJournalEpochRegister } from '../../functions/adapters/mysql/epoch-register.ts';
import { makeJournal } from '../../functions/adapters/mysql/journal.ts';
import {
  makeMysqlReplicaSource,
  makeMysqlWriterSource,
} from '../../functions/adapters/mysql/member-source.ts';
import { makeMysqlMemberStore } from '../../functions/adapters/mysql/member-store.ts';
import { makeMysqlMemberWalk } from '../../functions/adapters/mysql/member-walk.ts';
import { makeOutbox } from '../../functions/adapters/mysql/outbox.ts';
import { makeMysqlRegistrations } from '../../functions/adapters/mysql/registrations.ts';
import { makeMysqlTokens } from '../../functions/adapters/mysql/tokens.ts';
import { makeMysqlTrimming } from '../../functions/adapters/mysql/trimming.ts';
import { makeIds } from '../../functions/adapters/system/ids.ts';
import { makeSystemRandom } from '../../functions/adapters/system/system-random.ts';
import type { CacheCluster } from '../../functions/core/cache/ports.ts';
import { type MemberReader, makeMemberReader } from '../../functions/core/cache/reader.ts';
import { pick } from '../../functions/core/cache/rendezvous.ts';
import type { Lane } from '../../functions/core/caller/caller.ts';
import { makeCentreState } from '../../functions/core/failover/centre-state.ts';
import { shareMs } from '../../functions/core/failover/durations.ts';
import type { EpochRegister } from '../../functions/core/failover/ports.ts';
import { retention } from '../../functions/core/failover/retention.ts';
import { type Clock, type Deadline, within } from '../../functions/core/kernel/clock.ts';
import { orNull } from '../../functions/core/kernel/invariant.ts';
import { type MemberImporter, makeMemberImporter } from '../../functions/core/member/importer.ts';
import type { MemberSource } from '../../functions/core/member/ports.ts';
import { makeRefresh } from '../../functions/core/member/refresh.ts';
import { makeRotation, type Rotation, type RotationReport } from '../../functions/core/member/rotation.ts';
import { makeTouch, type Touch } from '../../functions/core/member/touch.ts';
import { type MemberWriter, makeMemberWriter } from '../../functions/core/member/writer.ts';
import { makeApplyChange } from '../../functions/core/propagation/apply-change.ts';
import { type CentreName, cacheKeyOfMember, otherCentre } from '../../functions/core/propagation/event.ts';
import type { SyncMessage } from '../../functions/core/propagation/ports.ts';
import type { Sinks } from '../../functions/core/propagation/propagate.ts';
import { makeRelay, type Relay, type RelayNotice } from '../../functions/core/propagation/relay.ts';
import { makeBreakers } from '../../functions/core/search/breakers.ts';
import { makeSharding } from '../../functions/core/sharding/sharding.ts';
import { laneLimits } from '../../functions/runtime/lanes.ts';
import { makeSources } from '../../functions/runtime/sources.ts';
import { connectEngines, type EngineOptions, searchCentres } from './engines-in-use.ts';
import { makeSteps, type Steps } from './steps.ts';

const keyOf = (name: string): Buffer => createHash('sha256').update(name).digest();

const random = makeSystemRandom();
const identifiersKey = (version: string) => ({ version, key: keyOf(`identifiers ${version}`) });
const sealingKey = (id: string) => ({ id, key: keyOf(`sealing ${id}`) });

/** The keys of a process, by their versions and ids; the current ones first. */
export interface Keys {
  readonly identifiers: readonly string[];
  readonly sealing: readonly string[];
}

export const cryptoOf = ({ identifiers, sealing }: Keys) => ({
  hasher: makeIdentifierHasher(identifiers.map(identifiersKey)),
  sealer: makeSealer(sealing.map(sealingKey), random),
});

const usualKeys: Keys = { identifiers: ['1'], sealing: ['1'] };
export const { hasher } = cryptoOf(usualKeys);
/** Opens what any of the tests' processes has sealed. */
export const { sealer } = cryptoOf({ ...usualKeys, sealing: ['1', '2'] });
export const sharding = makeSharding(makeSlotHasher(keyOf('slots')), {
  version: 1,
  ranges: [
    { first: 0, last: 511, cluster: 'c0' },
    { first: 512, last: 1023, cluster: 'c1' },
  ],
  exceptions: {},
});

/**
 * A clock that stands still, so that no deadline passes while a test holds a process; sleeping moves it on. It is far
 * ahead of the one that the engines are reached by: no call is given up.
 */
export const standingClock = (sleep: (ms: number) => Promise<void> = async () => {}): Clock => {
  let atMs = 100_000_000;
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => atMs,
    async sleep(ms) {
      await sleep(ms);
      atMs += ms;
    },
  };
};

export interface ProcessOptions {
  readonly steps?: Steps;
  readonly clock?: Clock;
  readonly keys?: Keys;
  /** @default critical */
  readonly lane?: Lane;
  /** Registers besides the other centre's, in place of the witness's. */
  readonly registers?: readonly EpochRegister[];
  /** The writer that it knows, whoever writes now. For a process of an older epoch. */
  readonly writesAt?: string;
  /** What its relay reports is put here. */
  readonly notices?: RelayNotice[];
}

/** The functions of one centre as one process; each is wired as it is shipped. */
export interface Process {
  readonly centre: CentreName;
  readonly clock: Clock;
  readonly reader: MemberReader;
  readonly writer: MemberWriter;
  readonly importer: MemberImporter;
  readonly relay: Relay;
  readonly touch: Touch;
  readonly apply: (message: SyncMessage, deadline: Deadline) => Promise<void>;
  readonly sinks: Sinks;
  readonly writerSource: MemberSource;
  /** Rotates the keys of these members, and of no others. */
  rotate(memberIds: readonly string[], options?: Partial<Rotation>): Promise<RotationReport>;
}

export type Centres = Awaited<ReturnType<typeof makeCentres>>;

export async function makeCentres(options: EngineOptions = {}) {
  const engines = await connectEngines(sharding, options);
  return { ...engines, process: (centre: CentreName, given: ProcessOptions = {}) => compose(centre, given) };

  function compose(
    centre: CentreName,
    {
      steps = makeSteps(),
      clock = standingClock(),
      keys = usualKeys,
      lane = 'critical',
      ...given
    }: ProcessOptions,
  ): Process {
    const { caches, databases, journals, queues, search, topologies, replicaNames } = engines;
    const { through } = steps;
    const clusters = mapValues(databases, (servers, cluster) => ({
      writer: through(
        `writer ${cluster}`,
        given.writesAt ? engines.server(cluster, given.writesAt) : servers.writer,
      ),
      replicas: mapValues(servers.replicas, (replica, name) => through(`${name} ${cluster}`, replica)),
    }));
    const journalOf = (at: CentreName) => through(`journal-${at}`, journals[at]);
    const sinks: Sinks = {
      caches: mapValues(caches, (byName) => mapValues(byName, (cache, name) => through(name, cache))),
      search: mapValues(search, (cluster, name) => ({
        cluster: through(`search:${name}`, cluster),
        centre: searchCentres[name] ?? 'A',
      })),
      journals: {
        A: makeJournal({ database: journalOf('A') }),
        B: makeJournal({ database: journalOf('B') }),
      },
      queues: mapValues(queues, (queue, at) => through(`queue-${at}`, queue)),
    };
    const mysql = { clusters, sharding };
    const stores = {
      members: through('members', makeMysqlMemberStore(mysql), 'port'),
      registrations: through('registrations', makeMysqlRegistrations(mysql), 'port'),
      directory: through('directory', makeMysqlDirectory(mysql), 'port'),
      tokens: through('tokens', makeMysqlTokens(mysql), 'port'),
      outbox: through('outbox', makeOutbox({ clusters }), 'port'),
      control: through('control', makeClusterControl({ clusters }), 'port'),
      trimming: through('trimming', makeMysqlTrimming({ clusters }), 'port'),
    };
    const writerSource = through('writer', makeMysqlWriterSource({ name: 'writer', ...mysql }), 'port');
    const replicas = replicaNames[centre].map(
      (replica): MemberSource =>
        makeMysqlReplicaSource({ name: `replica:${replica}`, ...mysql, choose: () => replica }),
    );
    const topology = through('topology', topologies[centre]);
    const own: Readonly<Record<string, CacheCluster>> = sinks.caches[centre];
    const centreState = makeCentreState({
      async fromCache(deadline) {
        for (const cache of Object.values(own)) {
          const share = within(clock, deadline, shareMs.cache);
          const reading = await orNull(cache.read(cacheKeyOfMember('state'), [], share));
          if (reading !== null && reading.state !== null) return reading.state;
        }
        return null;
      },
      fromStore: (deadline) => topology.read(deadline),
    });
    const ids = makeIds(clock, random);
    const other = otherCentre(centre);
    const shared = { ...stores, sinks, centreState, sharding, retention, ...cryptoOf(keys), ids, clock };
    return {
      centre,
      clock,
      sinks,
      writerSource,
      reader: makeMemberReader({
        ...shared,
        cacheOf: (key) => own[pick(Object.keys(own), key)] as CacheCluster,
        ...makeSources({
          lane,
          limits: laneLimits[lane],
          search: mapValues(sinks.search, ({ cluster }): MemberSource => cluster),
          replicas,
          writer: writerSource,
          centreState,
          breakers: makeBreakers({ copies: own, shared: centreState.breakers, clock }),
          clock,
          random: () => 0,
        }),
        random: () => 0,
      }),
      writer: makeMemberWriter(shared),
      importer: makeMemberImporter(shared),
      apply: makeApplyChange(shared),
      touch: makeTouch(shared),
      rotate(memberIds, rotation) {
        const walk = through('walk', makeMysqlMemberWalk(mysql), 'port');
        const slots = new Set(memberIds.map((memberId) => sharding.slotOf(memberId)));
        return makeRotation({
          ...shared,
          databaseClusters: sharding.clusters,
          refresh: makeRefresh(shared),
          requestHasher: makeKeyedHasher(keyOf('requests')),
          stores: [],
          walk: {
            async page(slot, ...rest) {
              if (!slots.has(slot)) return { kind: 'page', members: [] };
              const page = await walk.page(slot, ...rest);
              if (page.kind !== 'page') return page;
              return { ...page, members: page.members.filter((one) => memberIds.includes(one.memberId)) };
            },
          },
        })({
          run: ids.token(),
          ratePerSecond: 1_000_000,
          waitMs: 10_000,
          versions: keys.identifiers,
          ...rotation,
        });
      },
      relay: makeRelay({
        ...shared,
        centre,
        databaseClusters: sharding.clusters,
        report: (notice) => void given.notices?.push(notice),
        replicas: replicaNames,
        registers: [
          makeJournalEpochRegister({ name: `register-${other}`, database: journalOf(other) }),
          ...(given.registers ?? []).map((register) => through(register.name, register)),
        ],
        readTopology: (deadline) => topology.read(deadline),
      }),
    };
  }
}

function mapValues<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  map: (value: From, name: Name) => To,
): Readonly<Record<Name, To>> {
  const entries = Object.entries(record) as [Name, From][];
  return Object.fromEntries(entries.map(([name, value]) => [name, map(value, name)])) as Record<Name, To>;
}
