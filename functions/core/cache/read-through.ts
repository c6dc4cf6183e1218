/**
 * What a read does when the cache alone does not answer it, for several targets at once: one target is the case of one.
 * The states are told in `reader.ts`. However many targets there are, each Redis is asked once for all its leases and once
 * for all its fills, and each source once; those that wait for another's fill do the same once more, later.
 */
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
import type { Sealer } from '../member/ports.ts';
import type { Freshness, ReadAnswer, ReadOutcome } from './answers.ts';
import { type Entry, entryOf, openEntry } from './entry.ts';
import type { Target } from './find.ts';
import { type Failure, type Loaded, type LoadingPorts, makeLoading } from './loading.ts';
import type { CacheCluster, Fill } from './ports.ts';

/** A target with what the first reading of the cache brought. */
export interface FirstReading {
  readonly target: Target;
  readonly cache: CacheCluster;
  /** The database clusters whose grant that Redis held; null when it did not answer. */
  readonly grants: readonly string[] | null;
  readonly entry: Entry | null;
}

/** A target, and the Redis cluster it lives in. */
export interface Place {
  readonly target: Target;
  readonly cache: CacheCluster;
}

/** A target with what is to be done. */
type Job = Place &
  (
    | { readonly kind: 'answered'; readonly answer: ReadAnswer }
    /** Cached, but a grant of it has lapsed: the writer, else the cached value, bounded by the grant's age. */
    | { readonly kind: 'lapsed'; readonly entry: Entry }
    /** No cache that can vouch for anything: the writer, or whatever a source shows, and no promise. */
    | { readonly kind: 'uncached' }
    | {
        readonly kind: 'miss';
        readonly isGranted: boolean;
        readonly holdsLease: boolean;
        readonly fenceVersion: number;
      }
  );

type Miss = Extract<Job, { kind: 'miss' }>;
type Waiting = FirstReading & { readonly fenceVersion: number };

export interface ReadThroughPorts extends LoadingPorts {
  readonly centreState: Pick<CentreState, 'current'>;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly sealer: Sealer;
  /** 0 to below 1: jitters lifetimes. */
  readonly random: () => number;
}

const fillPollMs = 5;

export function isGranted(grants: readonly string[], { databaseClusters }: Target): boolean {
  return databaseClusters.every((cluster) => grants.includes(cluster));
}

export function answerOf({ entry, source }: Omit<Loaded, 'final'>, freshness: Freshness): ReadAnswer {
  return entry.found
    ? { kind: 'member', member: entry.found.member, source, ...freshness }
    : { kind: 'nobody', version: entry.version ?? 0, source, ...freshness };
}

export type ReadThrough = (
  readings: readonly FirstReading[],
  deadline: Deadline,
) => Promise<readonly ReadOutcome[]>;

export function makeReadThrough(ports: ReadThroughPorts): ReadThrough {
  const { centreState, sealer, ids, clock, random } = ports;
  const { load, fromWriter } = makeLoading(ports);
  const cacheShare = (deadline: Deadline): Deadline => within(clock, deadline, shareMs.cache);

  /** Asks for the leases of what was missed; whoever else is filling is waited for, apart. */
  const lease = async (
    missed: readonly FirstReading[],
    token: string,
    deadline: Deadline,
  ): Promise<{ readonly jobs: readonly Job[]; readonly waiting: readonly Waiting[] }> => {
    const jobs: Job[] = [];
    const waiting: Waiting[] = [];
    if (missed.length === 0) return { jobs, waiting };
    // Before the sources are chosen: they are of this epoch, or of a newer one. Of none: only a Redis of none would do.
    const { epoch } = (await orNull(centreState.current(deadline))) ?? { epoch: 0 };
    await eachCache(missed, async (cache, its) => {
      const keys = its.map(({ target }) => target.cacheKey);
      const leases = await orNull(cache.lease(keys, token, fillLeaseMs, epoch, cacheShare(deadline)));
      for (const [index, reading] of its.entries()) {
        const outcome = leases?.[index];
        const { target, grants } = reading;
        if (outcome === undefined || outcome.kind === 'not-ready')
          jobs.push({ kind: 'uncached', target, cache });
        else if (outcome.kind === 'filling') waiting.push({ ...reading, fenceVersion: outcome.fenceVersion });
        else
          jobs.push({
            kind: 'miss',
            target,
            cache,
            isGranted: isGranted(grants ?? [], target),
            holdsLease: true,
            fenceVersion: outcome.fenceVersion,
          });
      }
    });
    return { jobs, waiting };
  };

  const hit = (place: Place, entry: Entry, grants: readonly string[]): Job =>
    isGranted(grants, place.target)
      ? { ...place, kind: 'answered', answer: answerOf({ entry, source: 'cache' }, { freshness: 'fresh' }) }
      : { ...place, kind: 'lapsed', entry };

  /** Waits briefly for the fills of others; what does not come is read without a lease. */
  const awaitFills = async (waiting: readonly Waiting[], deadline: Deadline): Promise<readonly Job[]> => {
    const jobs: Job[] = [];
    let left = waiting;
    for (let waitedMs = 0; waitedMs < fillWaitMs && left.length > 0; waitedMs += fillPollMs) {
      await clock.sleep(fillPollMs);
      const still: Waiting[] = [];
      await eachCache(left, async (cache, its) => {
        const keys = its.map(({ target }) => target.cacheKey);
        const readings = await orNull(cache.readMany(keys, clustersOf(its), cacheShare(deadline)));
        for (const [index, one] of its.entries()) {
          const text = readings?.values[index] ?? null;
          const entry = text === null ? null : openEntry(text, one.target, sealer);
          if (entry) jobs.push(hit({ target: one.target, cache }, entry, readings?.grants ?? []));
          else if (readings === null) jobs.push(withoutLease(one));
          else still.push(one);
        }
      });
      left = still;
    }
    return [...jobs, ...left.map(withoutLease)];
  };

  /** How long ago the last missing grant was still there: everything acknowledged before that is in the answer. */
  const agesOf = async (
    places: readonly Place[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<Target, Freshness>> => {
    const found = new Map<Target, Freshness>();
    await eachCache(places, async (cache, its) => {
      const clusters = clustersOf(its);
      const ages = await orNull(cache.grantAgesMs(clusters, cacheShare(deadline)));
      for (const { target } of its) {
        const own = target.databaseClusters.map((cluster) => ages?.[clusters.indexOf(cluster)] ?? null);
        found.set(target, boundedBy(own));
      }
    });
    return found;
  };

  /** Fills, or gives the leases back. Whether that worked changes nothing for the answers. */
  const settleLeases = async (
    misses: readonly Miss[],
    loaded: ReadonlyMap<Target, Loaded | Failure>,
    token: string,
    deadline: Deadline,
  ): Promise<void> => {
    const held = misses.filter(({ holdsLease }) => holdsLease);
    await eachCache(held, async (cache, its) => {
      const fills: Fill[] = [];
      const others: Target[] = [];
      for (const { target, fenceVersion } of its) {
        const one = loaded.get(target);
        const entry = one && !(one instanceof Error) ? one.entry : null;
        const version = entry?.version ?? null;
        if (version === null || version < fenceVersion) {
          others.push(target);
          continue;
        }
        const stored = entry?.found?.stored ?? null;
        const lifetimeMs = Math.round((stored ? entryLifetimeMs : nobodyLifetimeMs) * (1 - random() / 4));
        fills.push({ key: target.cacheKey, version, value: entryOf(stored, version), lifetimeMs });
      }
      const keys = others.map(({ cacheKey }) => cacheKey);
      await Promise.all([
        fills.length > 0 && orNull(cache.fill(token, fills, cacheShare(deadline))),
        keys.length > 0 && reached(cache.release(keys, token, cacheShare(deadline))),
      ]);
    });
  };

  /** Loads and fills; answers by target. */
  const work = async (
    jobs: readonly Job[],
    token: string,
    deadline: Deadline,
  ): Promise<ReadonlyMap<Target, ReadOutcome>> => {
    const misses = jobs.filter((job) => job.kind === 'miss');
    const open = jobs.filter((job) => job.kind !== 'answered');
    const loaded = new Map<Target, Loaded | Failure>();
    let asOf: ReadonlyMap<Target, Freshness> = new Map();
    try {
      const ungranted = open.filter((job) => job.kind !== 'miss' || !job.isGranted);
      asOf = await agesOf(
        misses.filter((job) => !job.isGranted),
        deadline,
      );
      const first = await fromWriter(
        ungranted.map(({ target }) => target),
        deadline,
      );
      for (const [index, { target }] of ungranted.entries()) {
        const one = first[index];
        if (one) loaded.set(target, one);
      }
      const left = open.filter((job) => job.kind !== 'lapsed' && !loaded.has(job.target));
      const wanted = left.map((job) => ({
        target: job.target,
        minVersion: job.kind === 'miss' ? job.fenceVersion : 0,
      }));
      const rest = wanted.length > 0 ? await load(wanted, deadline) : [];
      for (const [index, { target }] of left.entries()) loaded.set(target, rest[index] as Loaded | Failure);
    } finally {
      await settleLeases(misses, loaded, token, deadline);
    }
    const lapsed = jobs.filter((job) => job.kind === 'lapsed' && !loaded.has(job.target));
    const ages = await agesOf(lapsed, deadline);
    return new Map(
      jobs.map((job): readonly [Target, ReadOutcome] => {
        const { target } = job;
        if (job.kind === 'answered') return [target, job.answer];
        const one = loaded.get(target);
        if (one === undefined && job.kind === 'lapsed') {
          const age = ages.get(target) ?? stale;
          // A grant that came back says nothing of a value that was read while it was gone.
          const isBack = age.freshness === 'bounded' && age.ageMs === 0;
          return [target, answerOf({ entry: job.entry, source: 'cache' }, isBack ? stale : age)];
        }
        if (one === undefined || one instanceof Error) return [target, one as Failure];
        if (one.final || (job.kind === 'miss' && job.isGranted))
          return [target, answerOf(one, { freshness: 'fresh' })];
        return [target, answerOf(one, (job.kind === 'miss' ? asOf.get(target) : undefined) ?? stale)];
      }),
    );
  };

  return async (readings, deadline) => {
    const token = ids.token();
    const known: Job[] = [];
    const missed: FirstReading[] = [];
    for (const reading of readings) {
      const { target, cache, grants, entry } = reading;
      if (grants === null) known.push({ kind: 'uncached', target, cache });
      else if (entry) known.push(hit({ target, cache }, entry, grants));
      else missed.push(reading);
    }
    const { jobs, waiting } = await lease(missed, token, deadline);
    // Apart from each other: two that each fill what the other waits for must not both wait in vain.
    const [now, later] = await Promise.all([
      work([...known, ...jobs], token, deadline),
      awaitFills(waiting, deadline).then((all) => work(all, token, deadline)),
    ]);
    return readings.map(({ target }) => (now.get(target) ?? later.get(target)) as ReadOutcome);
  };
}

const stale = { freshness: 'stale' } as const;

function boundedBy(ages: readonly (number | null)[]): Freshness {
  if (ages.includes(null)) return stale;
  return { freshness: 'bounded', ageMs: Math.max(...ages.map((age) => age ?? 0)) };
}

function withoutLease({ target, cache, grants, fenceVersion }: Waiting): Miss {
  return {
    kind: 'miss',
    target,
    cache,
    isGranted: isGranted(grants ?? [], target),
    holdsLease: false,
    fenceVersion,
  };
}

/** One call for each Redis that anything lives in, all at once. */
export async function eachCache<Item extends Place>(
  items: readonly Item[],
  call: (cache: CacheCluster, its: readonly Item[]) => Promise<void>,
): Promise<void> {
  const byCache = new Map<CacheCluster, Item[]>();
  for (const item of items) {
    const its = byCache.get(item.cache);
    if (its) its.push(item);
    else byCache.set(item.cache, [item]);
  }
  await Promise.all([...byCache].map(([cache, its]) => call(cache, its)));
}

export function clustersOf(places: readonly Place[]): readonly string[] {
  return [...new Set(places.flatMap(({ target }) => target.databaseClusters))];
}
