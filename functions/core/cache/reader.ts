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
 *
 * A lane without the writer (see docs/lanes.md) does without it: a hit whose grant has lapsed is bounded by its age, and
 * what none of its sources knows is refused. What is not a plain hit is done in `read-through.ts`, for one as for many.
 */

import type { IdentifierKey } from '../directory/directory.ts';
import type { CentreState } from '../failover/centre-state.ts';
import { shareMs } from '../failover/durations.ts';
import { type Deadline, within } from '../kernel/clock.ts';
import { DependencyUnavailable, orNull } from '../kernel/invariant.ts';
import type { Identifier, IdentifierHasher } from '../member/identifiers.ts';
import { type CacheKey, cacheKeyOfIdentifier, cacheKeyOfMember } from '../propagation/event.ts';
import type { Sharding } from '../sharding/sharding.ts';
import { eitherOf, type ReadAnswer, type ReadOutcome } from './answers.ts';
import { openEntry } from './entry.ts';
import type { Target } from './find.ts';
import type { CacheCluster } from './ports.ts';
import {
  answerOf,
  clustersOf,
  eachCache,
  type FirstReading,
  isGranted,
  makeReadThrough,
  type ReadThroughPorts,
} from './read-through.ts';

export interface MemberReaderPorts extends ReadThroughPorts {
  /** The Redis cluster of this centre that a key lives in. */
  readonly cacheOf: (key: CacheKey) => CacheCluster;
  readonly centreState: CentreState;
  readonly sharding: Sharding;
  readonly hasher: IdentifierHasher;
}

export interface MemberReader {
  /** @throws DependencyUnavailable when nothing can answer within the deadline */
  member(memberId: string, deadline: Deadline): Promise<ReadAnswer>;
  lookUp(identifier: Identifier, deadline: Deadline): Promise<ReadAnswer>;
  /**
   * Each identifier's own outcome, in order, in a number of round trips that does not grow with them. Whoever calls
   * bounds how many there are; the same may come twice, and is asked for once.
   */
  lookUpMany(identifiers: readonly Identifier[], deadline: Deadline): Promise<readonly ReadOutcome[]>;
}

export function makeMemberReader(ports: MemberReaderPorts): MemberReader {
  const { cacheOf, centreState, sharding, hasher, sealer, clock } = ports;
  const readThrough = makeReadThrough(ports);

  /** The way of nearly every request: one round trip, and nothing of what a miss needs. */
  const read = async (target: Target, deadline: Deadline): Promise<ReadAnswer> => {
    const cache = cacheOf(target.cacheKey);
    const reading = await orNull(
      cache.read(target.cacheKey, target.databaseClusters, within(clock, deadline, shareMs.cache)),
    );
    if (reading === null) return one({ target, cache, grants: null, entry: null }, deadline);
    centreState.saw(reading.state);
    const entry = reading.value === null ? null : openEntry(reading.value, target, sealer);
    if (entry && isGranted(reading.grants, target))
      return answerOf({ entry, source: 'cache' }, { freshness: 'fresh' });
    return one({ target, cache, grants: reading.grants, entry }, deadline);
  };

  const one = async (reading: FirstReading, deadline: Deadline): Promise<ReadAnswer> => {
    const [outcome] = (await readThrough([reading], deadline)) as readonly [ReadOutcome];
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };

  /** One reading a Redis, all at once; then everything that is no plain hit together. */
  const readMany = async (
    targets: readonly Target[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<Target, ReadOutcome>> => {
    const all: FirstReading[] = [];
    const places = targets.map((target) => ({ target, cache: cacheOf(target.cacheKey) }));
    await eachCache(places, async (cache, its) => {
      const keys = its.map(({ target }) => target.cacheKey);
      const reading = await orNull(
        cache.readMany(keys, clustersOf(its), within(clock, deadline, shareMs.cache)),
      );
      if (reading !== null) centreState.saw(reading.state);
      for (const [index, place] of its.entries()) {
        const text = reading?.values[index] ?? null;
        const entry = text === null ? null : openEntry(text, place.target, sealer);
        all.push({ ...place, grants: reading?.grants ?? null, entry });
      }
    });
    const outcomes = await readThrough(all, deadline);
    return new Map(all.map(({ target }, index) => [target, outcomes[index] as ReadOutcome]));
  };

  // Every cluster's grant, not only the member's: the identifier may have moved on to a member of another cluster,
  // whose fence this Redis missed, before the unbinding from this one was fenced here.
  const targetOf = (key: IdentifierKey): Target => ({
    kind: 'identifier',
    key,
    cacheKey: cacheKeyOfIdentifier(key),
    databaseClusters: sharding.clusters,
  });

  const byKey = (key: IdentifierKey, deadline: Deadline): Promise<ReadAnswer> =>
    read(targetOf(key), deadline);

  /** Of each key once, whatever comes twice; nothing is asked when there are none. */
  const byKeys = async (
    keys: readonly IdentifierKey[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<IdentifierKey, ReadOutcome>> => {
    const targets = [...new Set(keys)].map((key) => ({ key, target: targetOf(key) }));
    const outcomes = await readMany(
      targets.map(({ target }) => target),
      deadline,
    );
    return new Map(targets.map(({ key, target }) => [key, outcomes.get(target) as ReadOutcome]));
  };

  /**
   * The older key first, since rotation moves members from it to the current one, taking before it frees: whoever is gone
   * from the older key before it was asked is under the current one when that is asked. The other way round, a member
   * could be moved between the two questions and be missed by both. Whoever holds it under both is asked for by the
   * current one, too: a process that knows one key alone fences that one alone.
   */
  const byEitherKey = async (
    current: IdentifierKey,
    older: IdentifierKey,
    deadline: Deadline,
  ): Promise<ReadAnswer> => {
    const first = await byKey(older, deadline);
    if (first.kind === 'member' && !isUnder(current, first)) return first;
    if (first.kind === 'nobody') return eitherOf(first, await byKey(current, deadline));
    return eitherOf(first, await orNull(byKey(current, deadline)));
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
    async lookUpMany(identifiers, deadline) {
      const asked = identifiers.map((identifier) => {
        const [current = '', older] = hasher.keysOf(identifier);
        return { current, older };
      });
      // All by their older keys, then those that nobody was found by; in that order, as `byEitherKey` says.
      const first = await byKeys(
        asked.flatMap(({ older }) => older ?? []),
        deadline,
      );
      const open = asked.filter(({ current, older }) => {
        const before = first.get(older ?? '');
        return isNobody(before) || isUnder(current, before);
      });
      const second = await byKeys(
        open.map(({ current }) => current),
        deadline,
      );
      return asked.map(({ current, older }) => {
        const before = first.get(older ?? '');
        if (before && !isNobody(before) && !isUnder(current, before)) return before;
        const after = second.get(current) as ReadOutcome;
        if (before === undefined) return after;
        if (!(after instanceof Error)) return eitherOf(before as ReadAnswer, after);
        const isAway = after instanceof DependencyUnavailable && !isNobody(before);
        return isAway ? eitherOf(before as ReadAnswer, null) : after;
      });
    },
  };
}

/** Whether nobody was found, or nothing was asked. */
const isNobody = (outcome: ReadOutcome | undefined): boolean =>
  outcome === undefined || (!(outcome instanceof Error) && outcome.kind === 'nobody');

/** Whether somebody was found who holds what was asked for under this key, too. */
const isUnder = (key: IdentifierKey, outcome: ReadOutcome | undefined): boolean =>
  outcome !== undefined &&
  !(outcome instanceof Error) &&
  outcome.kind === 'member' &&
  outcome.member.holdings.some((held) => held.key === key);
