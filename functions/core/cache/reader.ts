/**
 * Reading: the cache in front of the sources, and how sure the answer is.
 *
 *   hit, its grants there            -> fresh
 *   hit, a grant has lapsed          -> the writer; if it does not answer, the cached value, bounded by the grant's age
 *   miss, lease granted              -> the sources, fill; fresh if the grants were there before
 *   miss, somebody else is filling   -> wait briefly for the fill, else the sources without a fill
 *   miss, this Redis is not ready    -> the writer; if it does not answer, the sources, stale
 *   Redis away                       -> the same
 *
 * Sources are asked from the nearest to the writer. One that knows less than the fence is passed over; what the
 * writer says is final. A lookup by identifier answers only if the entry names the member *and* the member itself holds
 * the identifier with the entry's token (I2). While the hash key is rotated, an identifier has two keys: "nobody" is the
 * answer only if both say so.
 */

import type { IdentifierKey } from '../directory/directory.ts';
import type { CentreState } from '../failover/centre-state.ts';
import {
  entryLifetimeMs,
  fillLeaseMs,
  fillWaitMs,
  nobodyLifetimeMs,
  shareMs,
} from '../failover/durations.ts';
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { orNull, reached } from '../kernel/invariant.ts';
import type { Identifier, IdentifierHasher } from '../member/identifiers.ts';
import type { MemberSource, Sealer } from '../member/ports.ts';
import { type CacheKey, cacheKeyOfIdentifier, cacheKeyOfMember } from '../propagation/event.ts';
import type { Sharding } from '../sharding/sharding.ts';
import { type Freshness, lessSure, type ReadAnswer } from './answers.ts';
import { type Entry, entryOf, openEntry } from './entry.ts';
import { findIn, type Target, unlessDamaged } from './find.ts';
import type { CacheCluster, CacheReading } from './ports.ts';

export interface MemberReaderPorts {
  /** The Redis cluster of this centre that a key lives in. */
  readonly cacheOf: (key: CacheKey) => CacheCluster;
  /** What this centre reads before the writer, nearest first. */
  readonly sources: (deadline: Deadline) => Promise<readonly MemberSource[]>;
  readonly writer: MemberSource;
  readonly centreState: CentreState;
  readonly sharding: Sharding;
  readonly hasher: IdentifierHasher;
  readonly sealer: Sealer;
  readonly ids: Ids;
  readonly clock: Clock;
  /** 0 to below 1: jitters lifetimes. */
  readonly random: () => number;
}

export interface MemberReader {
  /** @throws DependencyUnavailable when nothing can answer within the deadline */
  member(memberId: string, deadline: Deadline): Promise<ReadAnswer>;
  lookUp(identifier: Identifier, deadline: Deadline): Promise<ReadAnswer>;
}

const fillPollMs = 5;

/** What was found, where. */
interface Loaded {
  readonly entry: Entry;
  readonly source: string;
  readonly final: boolean;
}

export function makeMemberReader(ports: MemberReaderPorts): MemberReader {
  const { cacheOf, sources, writer, centreState, sharding, hasher, sealer, ids, clock, random } = ports;

  const askWriter = async (target: Target, deadline: Deadline): Promise<Loaded> => {
    const entry = await findIn(writer, target, sealer, deadline);
    // The writer is final: what it finds half done names nobody.
    return { entry: entry ?? { found: null, version: null }, source: writer.name, final: true };
  };

  /** The nearest source that knows at least `minVersion`, at last the writer. */
  const load = async (target: Target, minVersion: number, deadline: Deadline): Promise<Loaded> => {
    for (const source of await sources(deadline)) {
      const found = findIn(source, target, sealer, within(clock, deadline, shareMs.search));
      const entry = await orNull(unlessDamaged(found));
      if (entry && entry.version !== null && entry.version >= minVersion)
        return { entry, source: source.name, final: false };
    }
    return askWriter(target, deadline);
  };

  const isGranted = (reading: CacheReading, target: Target): boolean =>
    target.databaseClusters.every((cluster) => reading.grants.includes(cluster));

  /** How long ago the last missing grant was still there: everything acknowledged before that is in the answer. */
  const ageOf = async (cache: CacheCluster, target: Target, deadline: Deadline): Promise<Freshness> => {
    const ages = await orNull(
      cache.grantAgesMs(target.databaseClusters, within(clock, deadline, shareMs.cache)),
    );
    if (ages === null || ages.includes(null)) return { freshness: 'stale' };
    return { freshness: 'bounded', ageMs: Math.max(...ages.map((age) => age ?? 0)) };
  };

  const answer = ({ entry, source }: Omit<Loaded, 'final'>, freshness: Freshness): ReadAnswer =>
    entry.found
      ? { kind: 'member', member: entry.found.member, source, ...freshness }
      : { kind: 'nobody', source, ...freshness };

  const writerFirst = async (
    target: Target,
    deadline: Deadline,
    otherwise: () => Promise<ReadAnswer>,
  ): Promise<ReadAnswer> => {
    const loaded = await orNull(askWriter(target, within(clock, deadline, shareMs.writer)));
    return loaded ? answer(loaded, { freshness: 'fresh' }) : otherwise();
  };

  /** Without a cache that can vouch for anything: the writer, or whatever a source shows, and no promise. */
  const uncached = (target: Target, deadline: Deadline): Promise<ReadAnswer> =>
    writerFirst(target, deadline, async () =>
      answer(await load(target, 0, deadline), { freshness: 'stale' }),
    );

  const hit = async (
    cache: CacheCluster,
    reading: CacheReading,
    entry: Entry,
    target: Target,
    deadline: Deadline,
  ): Promise<ReadAnswer> => {
    const cached = { entry, source: 'cache' };
    if (isGranted(reading, target)) return answer(cached, { freshness: 'fresh' });
    return writerFirst(target, deadline, async () => answer(cached, await ageOf(cache, target, deadline)));
  };

  const miss = async (
    cache: CacheCluster,
    reading: CacheReading,
    target: Target,
    deadline: Deadline,
  ): Promise<ReadAnswer> => {
    const token = ids.token();
    const share = (): Deadline => within(clock, deadline, shareMs.cache);
    const lease = await orNull(cache.lease(target.cacheKey, token, fillLeaseMs, share()));
    if (lease === null || lease.kind === 'not-ready') return uncached(target, deadline);
    if (lease.kind === 'filling') {
      const filled = await waitForFill(cache, target, deadline);
      if (filled) return hit(cache, filled.reading, filled.entry, target, deadline);
    }
    const granted = isGranted(reading, target);
    const asOf = granted ? ({ freshness: 'fresh' } as const) : await ageOf(cache, target, deadline);
    let loaded: Loaded | null = null;
    try {
      if (!granted) loaded = await orNull(askWriter(target, within(clock, deadline, shareMs.writer)));
      loaded ??= await load(target, lease.fenceVersion, deadline);
    } finally {
      if (lease.kind === 'granted')
        await settleLease(cache, token, loaded, lease.fenceVersion, target, share());
    }
    return answer(loaded, loaded.final ? { freshness: 'fresh' } : asOf);
  };

  /** Fills, or gives the lease back. Whether that worked changes nothing for this answer. */
  const settleLease = async (
    cache: CacheCluster,
    token: string,
    loaded: Loaded | null,
    fenceVersion: number,
    target: Target,
    deadline: Deadline,
  ): Promise<void> => {
    const version = loaded?.entry.version ?? null;
    if (!loaded || version === null || version < fenceVersion) {
      await reached(cache.release(target.cacheKey, token, deadline));
      return;
    }
    const stored = loaded.entry.found?.stored ?? null;
    const lifetimeMs = Math.round((stored ? entryLifetimeMs : nobodyLifetimeMs) * (1 - random() / 4));
    await orNull(cache.fill(target.cacheKey, token, version, entryOf(stored, version), lifetimeMs, deadline));
  };

  const waitForFill = async (
    cache: CacheCluster,
    target: Target,
    deadline: Deadline,
  ): Promise<{ reading: CacheReading; entry: Entry } | null> => {
    for (let waitedMs = 0; waitedMs < fillWaitMs; waitedMs += fillPollMs) {
      await clock.sleep(fillPollMs);
      const reading = await orNull(
        cache.read(target.cacheKey, target.databaseClusters, within(clock, deadline, shareMs.cache)),
      );
      if (reading === null) return null;
      const entry = reading.value === null ? null : openEntry(reading.value, target, sealer);
      if (entry) return { reading, entry };
    }
    return null;
  };

  const read = async (target: Target, deadline: Deadline): Promise<ReadAnswer> => {
    const cache = cacheOf(target.cacheKey);
    const reading = await orNull(
      cache.read(target.cacheKey, target.databaseClusters, within(clock, deadline, shareMs.cache)),
    );
    if (reading === null) return uncached(target, deadline);
    centreState.saw(reading.state);
    const entry = reading.value === null ? null : openEntry(reading.value, target, sealer);
    return entry ? hit(cache, reading, entry, target, deadline) : miss(cache, reading, target, deadline);
  };

  // Every cluster's grant, not only the member's: the identifier may have moved on to a member of another cluster,
  // whose fence this Redis missed, before the unbinding from this one was fenced here.
  const byKey = (key: IdentifierKey, deadline: Deadline): Promise<ReadAnswer> =>
    read(
      { kind: 'identifier', key, cacheKey: cacheKeyOfIdentifier(key), databaseClusters: sharding.clusters },
      deadline,
    );

  /**
   * The older key first, since rotation moves members from it to the current one, taking before it frees: whoever is gone
   * from the older key before it was asked is under the current one when that is asked. The other way round, a member
   * could be moved between the two questions and be missed by both.
   */
  const byEitherKey = async (
    current: IdentifierKey,
    older: IdentifierKey,
    deadline: Deadline,
  ): Promise<ReadAnswer> => {
    const first = await byKey(older, deadline);
    if (first.kind === 'member') return first;
    const second = await byKey(current, deadline);
    return second.kind === 'member' ? second : lessSure(first, second);
  };

  return {
    member: (memberId, deadline) =>
      read(
        {
          kind: 'member',
          memberId,
          cacheKey: cacheKeyOfMember(memberId),
          databaseClusters: [sharding.clusterOf(memberId)],
        },
        deadline,
      ),
    lookUp(identifier, deadline) {
      const [current = '', older] = hasher.keysOf(identifier);
      return older === undefined ? byKey(current, deadline) : byEitherKey(current, older, deadline);
    },
  };
}
