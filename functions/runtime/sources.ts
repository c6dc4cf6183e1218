/** What a lane reads when the cache does not know: see docs/lanes.md for who may read what, and why. */
import type { LoadingPorts, ReadSource } from '../core/cache/loading.ts';
import type { Lane } from '../core/caller/caller.ts';
import { makeShare, type Share } from '../core/caller/share.ts';
import type { CentreState } from '../core/failover/centre-state.ts';
import type { Clock } from '../core/kernel/clock.ts';
import type { MemberSource } from '../core/member/ports.ts';
import type { Breakers } from '../core/search/breakers.ts';
import type { LaneLimits } from './lanes.ts';

export function makeSources(ports: {
  readonly lane: Lane;
  readonly limits: Pick<LaneLimits, 'furtherSearch' | 'neverSearches' | 'readsDatabase'>;
  /** By name. */
  readonly search: Readonly<Record<string, MemberSource>>;
  /** Of the own centre, named by {@link replicaSource}. */
  readonly replicas: readonly MemberSource[];
  readonly writer: MemberSource;
  /** See `LoadingPorts`. */
  readonly writerIfWell?: MemberSource;
  readonly centreState: Pick<CentreState, 'current'>;
  readonly breakers: Pick<Breakers, 'mayRead' | 'watched'>;
  readonly clock: Clock;
  /** 0 to below 1. */
  readonly random: () => number;
}): Pick<LoadingPorts, 'sources' | 'writer' | 'writerIfWell'> {
  const { lane, limits, replicas, writer, writerIfWell, centreState, breakers, clock, random } = ports;
  const search = new Map(
    Object.entries(ports.search).map(([name, source]) => [name, breakers.watched(name, source)]),
  );
  const share = limits.furtherSearch && makeShare(limits.furtherSearch, clock);
  return {
    async sources(deadline) {
      const topology = await centreState.current(deadline);
      // The first of the lane's clusters is its own; all others are what it has a share of, also while that is out of use.
      const clusters = topology.search[lane].flatMap((name, index): readonly ReadSource[] => {
        const cluster = search.get(name);
        const isOut = topology.suspendedParts.includes(name) || limits.neverSearches.includes(name);
        if (!cluster || isOut || !breakers.mayRead(name)) return [];
        return [index === 0 || !share ? cluster : shared(cluster, share)];
      });
      if (!limits.readsDatabase) return clusters;
      // The writer itself comes last, and by its own name.
      const { suspendedParts, replicasOut = [], writers = {} } = topology;
      const left = new Set([...suspendedParts, ...replicasOut, ...Object.values(writers)].map(replicaSource));
      const inUse = replicas.filter(({ name }) => !left.has(name));
      // One replica is enough: what it does not know, the writer does.
      const replica = inUse[Math.floor(random() * inUse.length)];
      return replica ? [...clusters, replica] : clusters;
    },
    writer: limits.readsDatabase ? writer : null,
    ...(limits.readsDatabase && writerIfWell && { writerIfWell }),
  };
}

/** The name of a replica as a source. */
export const replicaSource = (replica: string): string => `replica:${replica}`;

const shared = (source: MemberSource, { take }: Share): ReadSource => ({ ...source, take });
