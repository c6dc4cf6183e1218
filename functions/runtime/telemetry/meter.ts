/**
 * What a request asked of each dependency, and how long that took. One accumulator a process: an environment serves
 * one request (or batch) at a time, so that nothing has to be carried along with it, and no `await` gets dearer.
 *
 * Of calls that go at once (fences in several Redis clusters) `ms` counts the time during which at least one was under
 * way: how long the request could have waited for that dependency, never more than it took itself. `maxMs` is the
 * longest call.
 */
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';

export const dependencies = [
  /** The Redis clusters of the own centre. */
  'cache',
  /** Those of the other centre: a write fences them too. */
  'otherCache',
  'search',
  'replica',
  'writer',
  'journal',
  'queue',
  'parameters',
  'witness',
] as const;

export type Dependency = (typeof dependencies)[number];

/** What was asked of one dependency since the last reset. */
export interface Reading {
  /** Its place in {@link dependencies}. */
  readonly index: number;
  readonly calls: number;
  /** Calls that were not answered: by a fault, or not in time. */
  readonly failures: number;
  readonly ms: number;
  readonly maxMs: number;
}

export interface Meter {
  /** Forgets everything. Calls that are still under way count no more. */
  reset(): void;
  /** The same port; every call of its methods that answers with a promise is measured. */
  timed<Port extends object>(dependency: Dependency, port: Port): Port;
  /** Of each dependency that was asked. */
  readings(): readonly Reading[];
}

interface Tally {
  calls: number;
  failures: number;
  underWay: number;
  sinceMs: number;
  busyMs: number;
  maxMs: number;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** @param nowMs a clock that never goes back */
export function makeMeter(nowMs: () => number = () => performance.now()): Meter {
  const tallies: readonly Tally[] = dependencies.map(() => ({ ...empty }));
  let resets = 0;

  const begin = (tally: Tally, answer: Promise<unknown>, beganMs: number): void => {
    const begunIn = resets;
    tally.calls++;
    if (tally.underWay++ === 0) tally.sinceMs = beganMs;
    const end = (error?: unknown): void => {
      if (begunIn !== resets) return;
      const endedMs = nowMs();
      if (endedMs - beganMs > tally.maxMs) tally.maxMs = endedMs - beganMs;
      if (error instanceof DependencyUnavailable) tally.failures++;
      if (--tally.underWay === 0) tally.busyMs += endedMs - tally.sinceMs;
    };
    answer.then(() => end(), end);
  };

  return {
    reset() {
      resets++;
      for (const tally of tallies) if (tally.calls > 0) Object.assign(tally, empty);
    },

    timed(dependency, port) {
      const tally = tallies[dependencies.indexOf(dependency)] as Tally;
      const measured =
        (method: Method): Method =>
        (...args) => {
          const beganMs = nowMs();
          const answer = method.apply(port, args);
          if (answer instanceof Promise) begin(tally, answer, beganMs);
          return answer;
        };
      const members = Object.entries(port).map(([name, member]) => [
        name,
        typeof member === 'function' ? measured(member as Method) : member,
      ]);
      return Object.fromEntries(members);
    },

    readings() {
      const found: Reading[] = [];
      for (let index = 0; index < tallies.length; index++) {
        const tally = tallies[index] as Tally;
        if (tally.calls === 0) continue;
        const { calls, failures, underWay, sinceMs, busyMs, maxMs } = tally;
        const sofarMs = underWay > 0 ? nowMs() - sinceMs : 0;
        found.push({ index, calls, failures, ms: busyMs + sofarMs, maxMs: Math.max(maxMs, sofarMs) });
      }
      return found;
    },
  };
}

const empty: Tally = { calls: 0, failures: 0, underWay: 0, sinceMs: 0, busyMs: 0, maxMs: 0 };
