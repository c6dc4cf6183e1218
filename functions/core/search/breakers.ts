/**
 * The breakers of a centre's search clusters, as its functions share them. Positions ride along with the centre's state,
 * which every read of the cache brings; nobody asks for them. Calls are counted in the process, and ride along with a
 * later request that asks a search cluster: a hit of the cache costs nothing of this, and nothing runs between
 * invocations. What fails is told at once, since that is what a switch waits for.
 *
 * One Redis of the centre is a cluster's home: there calls are added up, and positions moved, by compare-and-set. The
 * others have copies. While the home does not answer, a process goes by what it counts itself.
 */
import { pick } from '../cache/rendezvous.ts';
import { type Clock, type Deadline, deadlineAfter, remainingMs, within } from '../kernel/clock.ts';
import { DependencyUnavailable, orNull } from '../kernel/invariant.ts';
import type { MemberSource } from '../member/ports.ts';
import { sourceOf } from '../member/source.ts';
import {
  afterCalls,
  type BreakerStrategy,
  type Calls,
  closed,
  isProbeDue,
  mayBeRead,
  type Next,
  noCalls,
  type Position,
  type Positions,
  sumOf,
  usualStrategy,
  windowMs,
} from './breaker.ts';
import type { BreakerCopies } from './ports.ts';

export interface BreakersPorts {
  /** The centre's own Redis clusters, by name. */
  readonly copies: Readonly<Record<string, BreakerCopies>>;
  /** As the centre's state showed them last. */
  readonly shared: () => Positions;
  readonly clock: Clock;
  /** @default usualStrategy */
  readonly strategy?: BreakerStrategy;
}

export interface Breakers {
  /** Whether this process may read the cluster, for all that it knows itself; what the centre's state says is in the topology. */
  mayRead(cluster: string): boolean;
  /** The source of a cluster, with its calls counted. */
  watched(cluster: string, source: MemberSource): MemberSource;
  /**
   * Where every cluster stands, read from all Redis clusters of the centre; each gets what it lacks. For the relay: others
   * go by what rides along.
   */
  sync(deadline: Deadline): Promise<Positions>;
  /** How long the cluster has stood in this position, as far as this process has seen. */
  standsForMs(cluster: string, position: Position): number;
  /**
   * Moves a cluster on from where `seen` says it stands.
   * @returns where it stands now; null when somebody else was first. @throws DependencyUnavailable without its home
   */
  move(cluster: string, seen: Position, next: Next, deadline: Deadline): Promise<Position | null>;
}

/** Calls are told of when there are so many, or the first of them is so old. */
const callsMax = 20;
const tellAfterMs = 400;
const tellMs = 150;
/** A call that was given less than this proves nothing by not being answered. */
const fairMs = 100;
/** No call counts for longer: a function may be frozen meanwhile. */
const callMsMax = 1_000;

/** What one process knows of a cluster. */
interface Knowledge {
  untold: Calls;
  untoldSinceMs: number;
  isTelling: boolean;
  /** Null while its home answers: then the centre's position alone counts. */
  alone: Alone | null;
  seenVersion: number;
  seenSinceMs: number;
}

/** A breaker of this process's own. */
interface Alone {
  position: Position;
  sinceMs: number;
  window: number;
  current: Calls;
  previous: Calls;
}

export function makeBreakers(ports: BreakersPorts): Breakers {
  const { copies, shared, clock, strategy = usualStrategy } = ports;
  const names = Object.keys(copies);
  const known = new Map<string, Knowledge>();

  const of = (cluster: string): Knowledge => {
    const made = known.get(cluster) ?? {
      untold: noCalls,
      untoldSinceMs: 0,
      isTelling: false,
      alone: null,
      seenVersion: -1,
      seenSinceMs: 0,
    };
    known.set(cluster, made);
    return made;
  };
  const position = (cluster: string): Position => shared()[cluster] ?? closed;
  const homeOf = (cluster: string): BreakerCopies | undefined => copies[pick(names, `breaker:${cluster}`)];

  const move: Breakers['move'] = async (cluster, seen, next, deadline) => {
    const home = homeOf(cluster);
    if (!home) throw new DependencyUnavailable('breakers', new Error('there is no Redis to share them in'));
    const moved = { ...next, version: seen.version + 1 } as Position;
    const done = await home.moveBreaker(cluster, seen.version, moved, within(clock, deadline, tellMs));
    if (done !== 'moved') return null;
    const knows = of(cluster);
    knows.seenVersion = moved.version;
    knows.seenSinceMs = clock.monotonicMs();
    const others = Object.values(copies).filter((copy) => copy !== home);
    await Promise.all(others.map((copy) => put(copy, cluster, moved, deadline)));
    return moved;
  };

  const put = (
    copy: BreakerCopies,
    cluster: string,
    standing: Position,
    deadline: Deadline,
  ): Promise<unknown> =>
    orNull(copy.moveBreaker(cluster, standing.version - 1, standing, within(clock, deadline, tellMs)));

  /** Brings what was counted to its home, and moves the breaker if it is time. */
  const tell = async (cluster: string, knows: Knowledge): Promise<void> => {
    const calls = knows.untold;
    knows.untold = noCalls;
    knows.isTelling = true;
    try {
      const deadline = deadlineAfter(clock, 2 * tellMs);
      const home = homeOf(cluster);
      const windows =
        home && (await orNull(home.countCalls(cluster, calls, windowMs, within(clock, deadline, tellMs))));
      if (!windows) {
        goAlone(knows, calls);
        return;
      }
      knows.alone = null;
      const seen = position(cluster);
      const next = afterCalls(seen, windows, strategy);
      if (next) await orNull(move(cluster, seen, next, deadline));
    } finally {
      knows.isTelling = false;
    }
  };

  const goAlone = (knows: Knowledge, calls: Calls): void => {
    const nowMs = clock.monotonicMs();
    const window = Math.floor(nowMs / windowMs);
    const before = knows.alone ?? {
      position: closed,
      sinceMs: nowMs,
      window,
      current: noCalls,
      previous: noCalls,
    };
    const current = before.window === window ? sumOf(before.current, calls) : calls;
    const previous =
      before.window === window ? before.previous : before.window === window - 1 ? before.current : noCalls;
    const isTried = before.position.state === 'probing';
    const isWell = calls.calls > calls.failures;
    // Whoever is alone has nobody to be elected from, and no relay to compare anything: the next call is the probe.
    const next: Next | null = isTried
      ? isWell
        ? { state: 'closed' }
        : { state: 'open', times: 0 }
      : afterCalls(before.position, { number: window, current, previous }, strategy);
    knows.alone = next
      ? {
          position: { ...next, version: 0 } as Position,
          sinceMs: nowMs,
          window,
          current: noCalls,
          previous: noCalls,
        }
      : { ...before, window, current, previous };
  };

  const count = (cluster: string, calls: Calls): void => {
    const knows = of(cluster);
    const nowMs = clock.monotonicMs();
    if (knows.untold.calls === 0) knows.untoldSinceMs = nowMs;
    knows.untold = sumOf(knows.untold, calls);
    const isDue =
      calls.failures > 0 ||
      knows.alone !== null ||
      knows.untold.calls >= callsMax ||
      nowMs - knows.untoldSinceMs >= tellAfterMs;
    // Nobody waits for it: the request goes on to its next source, or to its answer.
    if (isDue && !knows.isTelling) void tell(cluster, knows);
  };

  return {
    move,

    mayRead(cluster) {
      const { alone } = of(cluster);
      if (!alone || mayBeRead(alone.position)) return true;
      if (!isProbeDue(alone.position, clock.monotonicMs() - alone.sinceMs)) return false;
      alone.position = { state: 'probing', times: 0, version: 0 };
      alone.sinceMs = clock.monotonicMs();
      return true;
    },

    watched(cluster, { name, members, identifiers }) {
      const counted =
        <Args extends readonly unknown[], T>(ask: (...args: readonly [...Args, Deadline]) => Promise<T>) =>
        async (...args: readonly [...Args, Deadline]): Promise<T> => {
          const beganMs = clock.monotonicMs();
          const givenMs = remainingMs(clock, args.at(-1) as Deadline);
          const took = (): number => Math.min(clock.monotonicMs() - beganMs, callMsMax);
          try {
            const told = await ask(...args);
            count(cluster, { calls: 1, failures: 0, ms: took() });
            return told;
          } catch (error) {
            const ms = took();
            const isFair = givenMs >= fairMs || ms < givenMs;
            if (error instanceof DependencyUnavailable && isFair)
              count(cluster, { calls: 1, failures: 1, ms });
            throw error;
          }
        };
      return sourceOf({ name, members: counted(members), identifiers: counted(identifiers) });
    },

    standsForMs(cluster, { version }) {
      const knows = of(cluster);
      const nowMs = clock.monotonicMs();
      if (knows.seenVersion !== version) {
        knows.seenVersion = version;
        knows.seenSinceMs = nowMs;
      }
      return nowMs - knows.seenSinceMs;
    },

    async sync(deadline) {
      const held = await Promise.all(
        Object.values(copies).map(async (copy) => {
          const positions = await orNull(copy.breakers(within(clock, deadline, tellMs)));
          return positions && ([copy, positions] as const);
        }),
      );
      const merged: Record<string, Position> = {};
      for (const [cluster, standing] of held.flatMap((one) => (one ? Object.entries(one[1]) : []))) {
        merged[cluster] = newer(merged[cluster] ?? standing, standing);
      }
      await Promise.all(
        held.flatMap((one) =>
          Object.entries(merged)
            .filter(([cluster, { version }]) => one && (one[1][cluster]?.version ?? 0) < version)
            .map(([cluster, standing]) => one && put(one[0], cluster, standing, deadline)),
        ),
      );
      return merged;
    },
  };
}

/**
 * Of two positions the newer. A home that came up empty lets somebody move on from nothing, so that two different ones may
 * have the same version: then the more careful one, as a newer one of both.
 */
function newer(one: Position, other: Position): Position {
  if (one.version !== other.version) return one.version > other.version ? one : other;
  if (JSON.stringify(one) === JSON.stringify(other)) return one;
  const { version, ...careful } = mayBeRead(one) ? other : one;
  return { ...careful, version: version + 1 } as Position;
}
