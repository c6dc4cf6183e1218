/**
 * Stops a process between its round trips: a crash (nothing of it ever continues), a pause, or a dependency that does
 * not answer. The round trips are those that the code itself makes: every call of a wrapped port is counted as it comes.
 */
import type { Statement } from '../../functions/adapters/mysql/database.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';

/** `before` its effect, or after its effect and `before` its answer. */
export type Side = 'before' | 'after';

export interface Pause {
  /** Resolves when the process stands there. */
  readonly reached: Promise<void>;
  resume(): void;
}

export interface Steps {
  /**
   * `port` with each of its calls seen here. A `round-trip` is counted, and is what a crash can come between; a `port`
   * is made of round trips, and only gives its name to pauses.
   */
  through<Port extends object>(name: string, port: Port, as?: 'round-trip' | 'port'): Port;
  /** The round trips so far, by name. */
  readonly made: readonly string[];
  /** Ends the process at its `number`th round trip. What it had sent by then arrives. */
  crashAt(number: number, side: Side): void;
  /** Resolves when it has crashed and everything that it sent has arrived. */
  readonly crashed: Promise<void>;
  /** Pauses the next call whose name matches, or the round trip of that number. */
  pause(at: RegExp | number, side: Side): Pause;
  /** Every call whose name matches fails from now on; answers with what ends that. */
  fail(name: RegExp, side: Side): () => void;
  /** How many calls, of ports too, had names that match. */
  count(name: RegExp): number;
}

interface Stop {
  readonly side: Side;
  matches(name: string, number: number): boolean;
  act(name: string): Promise<void>;
}

export function makeSteps(): Steps {
  const made: string[] = [];
  const called: string[] = [];
  const underWay = new Set<Promise<unknown>>();
  const stops = new Set<Stop>();
  let isDead = false;
  let tellCrashed = (): void => {};
  const crashed = new Promise<void>((resolve) => {
    tellCrashed = resolve;
  });
  const never = new Promise<never>(() => {});

  async function call(name: string, isRoundTrip: boolean, run: () => Promise<unknown>): Promise<unknown> {
    if (isDead) return never;
    called.push(name);
    const number = isRoundTrip ? made.push(name) : 0;
    const mine = [...stops].filter((stop) => stop.matches(name, number));
    for (const stop of mine) if (stop.side === 'before') await stop.act(name);
    if (isDead) return never;
    const effect = run();
    if (isRoundTrip) {
      underWay.add(effect);
      const arrived = (): boolean => underWay.delete(effect);
      effect.then(arrived, arrived);
    }
    const outcome = await effect.then(
      (answer) => () => answer,
      (error: unknown) => () => {
        throw error;
      },
    );
    for (const stop of mine) if (stop.side === 'after' && !isDead) await stop.act(name);
    return isDead ? never : outcome();
  }

  const once = (stop: Stop): void => {
    stops.add({
      ...stop,
      matches(name, number) {
        if (!stops.has(this) || !stop.matches(name, number)) return false;
        stops.delete(this);
        return true;
      },
    });
  };

  return {
    made,
    crashed,
    count: (name) => called.filter((one) => name.test(one)).length,
    crashAt(number, side) {
      once({
        side,
        matches: (_, at) => at === number,
        async act() {
          isDead = true;
          void Promise.allSettled(underWay).then(tellCrashed);
        },
      });
    },
    pause(at, side) {
      let reach = (): void => {};
      let resume = (): void => {};
      const reached = new Promise<void>((resolve) => {
        reach = resolve;
      });
      const resumed = new Promise<void>((resolve) => {
        resume = resolve;
      });
      once({
        side,
        matches: (called, number) => (typeof at === 'number' ? at === number : at.test(called)),
        act: () => {
          reach();
          return resumed;
        },
      });
      return { reached, resume: () => resume() };
    },
    fail(name, side) {
      const stop: Stop = {
        side,
        matches: (called) => name.test(called),
        async act(called) {
          throw new DependencyUnavailable(called, new Error('taken away by the test'));
        },
      };
      stops.add(stop);
      return () => void stops.delete(stop);
    },
    through<Port extends object>(name: string, port: Port, as: 'round-trip' | 'port' = 'round-trip'): Port {
      return new Proxy(port, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]): unknown =>
            call(
              nameOf(name, String(property), args),
              as === 'round-trip',
              async () => Reflect.apply(value, target, args) as unknown,
            );
        },
      });
    },
  };
}

/** `redis-a-0.fence`, or of a database what it changes or reads: `writer c0: insert directory`. */
function nameOf(port: string, method: string, [first]: readonly unknown[]): string {
  if (method !== 'run' || !Array.isArray(first)) return `${port}.${method}`;
  const found = (first as readonly Statement[]).map(({ sql }) =>
    /(INSERT INTO|UPDATE|DELETE FROM|FROM)\s+\w+\.(\w+)/.exec(sql),
  );
  const changes = found.filter((match) => match !== null && match[1] !== 'FROM');
  const told = (changes.length > 0 ? changes : found.slice(0, 1)).map((match) =>
    match ? `${match[1] === 'FROM' ? 'read' : match[1]?.split(' ')[0]?.toLowerCase()} ${match[2]}` : '',
  );
  return `${port}: ${[...new Set(told)].join(', ')}`;
}
