/**
 * The breaker of a search cluster: whether a centre reads it. One a centre and cluster, shared by the centre's functions.
 *
 *   closed     --a window too slow-->                        suspect
 *   suspect    --the next window with calls too slow-->      open
 *   suspect    --that window well-->                         closed
 *   closed, suspect --too many calls fail in a window-->     open
 *   open       --its pause is over, one function elected-->  probing
 *   probing    --the probe is answered in time-->            recovering
 *   probing    --it is not-->                                open, for longer
 *   probing    --no outcome in time: the elected one died--> probing, by another
 *   recovering --compared, mended, proven equal-->           closed
 *   recovering --it does not answer-->                       open
 *
 * Closed and suspect are read; nothing else is. Everything is written, always: a cluster's position tells nothing to
 * those who bring changes to it, but which one to put to directly. An operator's switch (the topology's
 * `suspendedParts`) wins: what it names is not read, in whatever position it is.
 *
 * Reading a cluster that is behind is no danger, since fences tell what an answer must know at least. What the breaker
 * is for is time (I7). That a cluster which has *lost* something is not read is the cluster's own mark: see `resync.ts`.
 */

/** Everything a move is decided by. `version` grows with each, so that of two that move at once one alone does. */
export type Position = { readonly version: number } & (
  | { readonly state: 'closed' }
  /** `window`: the number of the one that was too slow. */
  | { readonly state: 'suspect'; readonly window: number }
  /** `times`: how many probes in a row went badly. */
  | { readonly state: 'open' | 'probing'; readonly times: number }
  | Recovery
);

/** How far a resync has come: what is written down, so that whoever comes next goes on from there. */
export interface Recovery {
  readonly state: 'recovering';
  readonly version: number;
  /** The slots below it are compared in this pass. */
  readonly nextSlot: number;
  /** Whether nothing was found to differ in this pass so far. */
  readonly isClean: boolean;
  /** Which life of the cluster this pass is about; empty before the first slot. */
  readonly incarnation: string;
}

export type BreakerState = Position['state'];

/** By search cluster; one that is not named is closed. */
export type Positions = Readonly<Record<string, Position>>;

/** What was asked of a cluster in some time. */
export interface Calls {
  readonly calls: number;
  readonly failures: number;
  /** How long they took together. */
  readonly ms: number;
}

/** The calls of a centre's functions in the window that is now, and in the one before it. */
export interface Windows {
  /** The number of the current one; they are numbered by one clock. */
  readonly number: number;
  readonly current: Calls;
  readonly previous: Calls;
}

/** What is made of a window. `unknown`: there were too few calls to tell. */
export interface BreakerStrategy {
  judge(calls: Calls): 'well' | 'slow' | 'failing' | 'unknown';
}

export const noCalls: Calls = { calls: 0, failures: 0, ms: 0 };

export const sumOf = (one: Calls, other: Calls): Calls => ({
  calls: one.calls + other.calls,
  failures: one.failures + other.failures,
  ms: one.ms + other.ms,
});

export const closed: Position = { state: 'closed', version: 0 };

/** The beginning of a comparison of everything. */
export const beginning = { state: 'recovering', nextSlot: 0, isClean: true, incarnation: '' } as const;

export const mayBeRead = ({ state }: Position): boolean => state === 'closed' || state === 'suspect';

/** How long a cluster is left alone before it is probed: longer each time that it went badly. */
export const pauseMs = (times: number): number => 2_000 * 2 ** Math.min(times, 2);

/** A probe that has had no outcome by then is given up, and another elected. */
export const probeMs = 2_000;

/** How long a window is. */
export const windowMs = 1_000;

/** An average above `slowMs`, and failures of at least this share, both of some calls at least. */
function makeStrategy(limits: {
  readonly slowMs: number;
  readonly failureShare: number;
  readonly failuresMin: number;
  readonly callsMin: number;
}): BreakerStrategy {
  const { slowMs, failureShare, failuresMin, callsMin } = limits;
  return {
    judge({ calls, failures, ms }) {
      if (failures >= failuresMin && failures >= calls * failureShare) return 'failing';
      if (calls < callsMin) return 'unknown';
      return ms / calls > slowMs ? 'slow' : 'well';
    },
  };
}

/**
 * Slow is a third of what a request gives a search cluster (`shareMs.search`): well above the round trip between the
 * centres, since each reads across where it has to.
 */
export const usualStrategy = makeStrategy({ slowMs: 100, failureShare: 0.5, failuresMin: 4, callsMin: 5 });

/** A position without its version. */
export type Next = Position extends infer P ? (P extends Position ? Omit<P, 'version'> : never) : never;

/** Where what was asked leads to; null: it stays. */
export function afterCalls(position: Position, windows: Windows, { judge }: BreakerStrategy): Next | null {
  if (!mayBeRead(position)) return null;
  if (judge(windows.current) === 'failing' || judge(sumOf(windows.current, windows.previous)) === 'failing')
    return { state: 'open', times: 0 };
  const completed = windows.number - 1;
  const verdict = judge(windows.previous);
  if (position.state !== 'suspect')
    return verdict === 'slow' ? { state: 'suspect', window: completed } : null;
  // The same window does not count twice, nor one that was before it: the windows of a Redis that restarted go on.
  if (completed <= position.window) return null;
  if (verdict === 'slow') return { state: 'open', times: 0 };
  return verdict === 'well' ? { state: 'closed' } : null;
}

/** Whether somebody has to be elected to probe it, having stood like this for so long. */
export function isProbeDue(position: Position, forMs: number): boolean {
  if (position.state === 'open') return forMs >= pauseMs(position.times);
  return position.state === 'probing' && forMs >= probeMs;
}

/** Where the outcome of a probe leads to. */
export const afterProbe = (isWell: boolean, times: number): Next =>
  isWell ? beginning : { state: 'open', times: times + 1 };
