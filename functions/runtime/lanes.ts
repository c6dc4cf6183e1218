/**
 * What each lane may use: the one place that the functions, the gateway on a developer's machine and the infrastructure
 * read. Everything is said for one execution environment; a centre's bound is that times the environments that the lane
 * may have there (its reserved concurrency), so that nobody has to count together.
 */
import type { Lane } from '../core/caller/caller.ts';
import type { Rate } from '../core/caller/share.ts';
import type { Route } from './routes.ts';

/** What requests are counted as, before any function hears of them. */
export type RequestKind = Route['kind'];

export interface LaneLimits {
  /** Above these, requests of a kind are refused with 429. */
  readonly requests: Readonly<Record<RequestKind, Rate>>;
  /** To one database server. */
  readonly connectionsMax: number;
  /** Lookups that may go to search clusters after the lane's first; null: as many as are asked for. */
  readonly furtherSearch: Rate | null;
  /** Not even when a topology document says so by mistake. */
  readonly neverSearches: readonly string[];
  /** Whether a miss may go on to the replicas and the writer. */
  readonly readsDatabase: boolean;
}

/** The order path's are above what an environment can do: they stop a caller gone mad, not a busy day. */
export const laneLimits: Readonly<Record<Lane, LaneLimits>> = {
  critical: {
    requests: {
      read: { perSecond: 5_000, burst: 5_000 },
      batch: { perSecond: 500, burst: 500 },
      write: { perSecond: 1_000, burst: 1_000 },
      health: { perSecond: 50, burst: 50 },
      open: { perSecond: 5, burst: 20 },
    },
    connectionsMax: 2,
    furtherSearch: null,
    neverSearches: [],
    readsDatabase: true,
  },
  marketing: {
    requests: {
      read: { perSecond: 25, burst: 25 },
      batch: { perSecond: 2, burst: 2 },
      write: { perSecond: 5, burst: 5 },
      health: { perSecond: 5, burst: 10 },
      open: { perSecond: 1, burst: 5 },
    },
    connectionsMax: 1,
    furtherSearch: { perSecond: 10, burst: 20 },
    neverSearches: ['primary'],
    readsDatabase: false,
  },
};

/** A lane's rates in a centre where it may have so many environments. */
export function requestRates(lane: Lane, environmentsMax: number): Readonly<Record<RequestKind, Rate>> {
  const { read, batch, write, health, open } = laneLimits[lane].requests;
  const times = ({ perSecond, burst }: Rate): Rate => ({
    perSecond: perSecond * environmentsMax,
    burst: burst * environmentsMax,
  });
  return {
    read: times(read),
    batch: times(batch),
    write: times(write),
    health: times(health),
    open: times(open),
  };
}
