/**
 * A simulated process: the shipped code between its ports. It runs on its own clocks; every call of its ports passes
 * two points at which the scheduler decides: when the effect happens, and when the answer comes. Between any two it
 * may crash (nothing of it ever continues; what it has sent may still arrive) or be frozen for a while.
 */

import type { Turn } from '../../functions/adapters/memory/turn.ts';
import type { Clock, Deadline } from '../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { Choices } from './choices.ts';
import type { Randomness } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { startOfTimeMs } from './short-ages.ts';
import { isPolling, tellCall } from './telling.ts';
import { polling, say, sayError, type Trace } from './trace.ts';
import type { Weather } from './weather.ts';

export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly random: Randomness;
  readonly weather: Weather;
  readonly choices: Choices;
  readonly trace: Trace;
  /** A part is about to be asked: the moment for what it does by itself, such as replication. */
  readonly asked: (part: string) => void;
}

export interface SimulatedProcess {
  readonly name: string;
  readonly centre: CentreName;
  readonly clock: Clock;
  /** `port` with every call of it put through the scheduler; `name` is what the story calls it. */
  through<Port extends object>(name: string, port: Port): Port;
  /** The turn of an adapter's steps, against the part that the adapter names, or what `partOf` makes of that. */
  turn(partOf?: (named: string) => string): Turn;
  /** People set its wall clock. What durations are measured by does not move. */
  jumpClock(byMs: number): void;
  crash(): void;
  freeze(forMs: number): void;
  isDead(): boolean;
  isFrozen(): boolean;
  /** How often it has been frozen: while that grows, nothing can be said of its punctuality. */
  freezes(): number;
  /** Called once, when it crashes. */
  onCrash(tell: () => void): void;
}

interface Call {
  readonly deadlineMs: number;
  isArmed: boolean;
  readonly giveUp: () => void;
}

/** Longer than the calls of one port take in fair weather: below it, a deadline may come first. */
const narrowMs = 40;

/**
 * No two clocks run at quite the same speed: by up to 200 millionths more or less, several times what a disciplined one
 * is off by.
 */
export const clockSpeed = (random: Randomness): number => 1 + (random.fraction() - 0.5) * 0.0004;

/** @param isFragile whether it may be hit around any of its calls */
export function makeProcess(
  name: string,
  centre: CentreName,
  at: Surroundings,
  isFragile = false,
): SimulatedProcess {
  const { scheduler, weather, trace } = at;
  const random = at.random.fork();
  const calls = new Set<Call>();
  const crashed: (() => void)[] = [];
  let deferred: (() => void)[] = [];
  let state: 'running' | 'frozen' | 'dead' = 'running';
  let thawsAtMs = 0;
  let freezes = 0;
  // Clocks of different machines are set differently.
  const monotonicOffsetMs = random.below(1_000_000);
  let wallOffsetMs = startOfTimeMs + random.below(2_000) - 1_000;
  const speed = clockSpeed(random);
  const monotonicMs = (): number => scheduler.nowMs() * speed + monotonicOffsetMs;

  /** Runs in the process: never once it is dead, and only when it is not frozen. */
  const inside = (run: () => void) => (): void => {
    if (state === 'dead') return;
    if (state === 'frozen') deferred.push(run);
    else run();
  };

  const arm = (call: Call): void => {
    if (call.isArmed) return;
    call.isArmed = true;
    scheduler.after((call.deadlineMs - monotonicMs()) / speed, inside(call.giveUp));
  };
  /** Something is so late that deadlines may come first. */
  const armAll = (): void => {
    for (const call of calls) arm(call);
  };

  const travel = (
    part: string,
    direction: 'request' | 'answer',
    arrive: () => void,
    fail: (why: Error) => void,
  ): void => {
    const passage = weather.passage(part, centre, direction);
    if (trace.isOn && (passage.kind !== 'pass' || passage.delayMs > 1_000)) {
      const how =
        passage.kind === 'pass' ? `comes ${Math.round(passage.delayMs)} ms late` : `is ${passage.kind}`;
      const between = direction === 'request' ? `${name} to ${part}` : `${part} to ${name}`;
      trace.note(`${name.startsWith('relay') ? polling : '~ '}the ${direction} from ${between} ${how}`);
    }
    if (passage.kind === 'lost' || passage.delayMs > narrowMs / 4) armAll();
    if (passage.kind === 'lost') return;
    if (passage.kind === 'refused') {
      scheduler.after(
        passage.delayMs,
        inside(() => fail(new DependencyUnavailable(part, `${direction} failed`))),
      );
    } else if (direction === 'answer') {
      scheduler.after(passage.delayMs, inside(arrive));
    } else {
      scheduler.after(passage.delayMs, () => {
        // What a process had sent when it died may be on its way, or not.
        if (state === 'dead' && random.chance(0.5)) return;
        at.asked(part);
        arrive();
      });
    }
  };

  const call = (
    port: string,
    method: string,
    run: () => Promise<unknown>,
    args: readonly unknown[],
  ): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (state === 'dead') return;
      const mishap = isFragile ? weather.mishap() : null;
      if (mishap)
        scheduler.after(mishap.inMs, () => (mishap.kind === 'crash' ? crash() : freeze(mishap.forMs)));
      const deadline = args.at(-1) as Deadline;
      const mark = trace.isOn && isPolling(name, port, method) ? polling : '';
      const told = trace.isOn ? `${mark}${name} ${tellCall(port, method)}` : '';
      if (trace.isOn) trace.note(`${told}: ${args.slice(0, -1).map(say).join(' ')}`);
      const end = (finish: () => void): void => {
        if (!calls.delete(mine)) return;
        finish();
      };
      const refuse = (error: unknown): void => {
        if (trace.isOn) trace.note(`${told} -- gets no answer: ${sayError(error)}`);
        reject(error);
      };
      const mine: Call = {
        deadlineMs: deadline.atMonotonicMs,
        isArmed: false,
        giveUp: () => end(() => refuse(new DependencyUnavailable(port, 'the deadline has passed'))),
      };
      calls.add(mine);
      const leftMs = mine.deadlineMs - monotonicMs();
      if (leftMs < narrowMs) arm(mine);
      if (leftMs <= 0) return;
      run().then(
        (answer) =>
          end(() => {
            if (trace.isOn) trace.note(`${told} -- is answered ${say(answer)}`);
            resolve(answer);
          }),
        (error: unknown) => end(() => refuse(error)),
      );
    });

  function crash(): void {
    if (state === 'dead') return;
    state = 'dead';
    calls.clear();
    deferred = [];
    if (trace.isOn) trace.note(`~ ${name} crashes`);
    for (const tell of crashed) tell();
  }

  function freeze(forMs: number): void {
    if (state === 'dead') return;
    if (trace.isOn) trace.note(`~ ${name} is frozen for ${Math.round(forMs)} ms`);
    state = 'frozen';
    freezes++;
    armAll();
    thawsAtMs = Math.max(thawsAtMs, scheduler.nowMs() + forMs);
    scheduler.after(forMs, () => {
      if (state !== 'frozen' || scheduler.nowMs() < thawsAtMs) return;
      state = 'running';
      if (trace.isOn) trace.note(`~ ${name} continues`);
      const waiting = deferred;
      deferred = [];
      // Timers and answers that came meanwhile are seen in any order.
      for (const run of waiting) scheduler.after(random.fraction(), inside(run));
    });
  }

  return {
    name,
    centre,
    clock: {
      nowMs: () => scheduler.nowMs() * speed + wallOffsetMs,
      monotonicMs,
      sleep: (ms) =>
        new Promise((resolve) => scheduler.after(ms / speed + random.fraction(), inside(resolve))),
    },
    through<Port extends object>(portName: string, port: Port): Port {
      const wrapped = new Map<PropertyKey, unknown>();
      return new Proxy(port, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property);
          if (typeof value !== 'function') return value;
          const known = wrapped.get(property);
          if (known) return known;
          const through = (...args: unknown[]): unknown =>
            call(portName, String(property), async () => Reflect.apply(value, target, args), args);
          wrapped.set(property, through);
          return through;
        },
      });
    },
    turn:
      (partOf = (named) => named) =>
      (moment, named) =>
        new Promise((resolve, reject) => {
          // Between a commit and what is read after it, the engine alone can be slow.
          if (moment === 'between') {
            const stallMs = weather.stallMs();
            if (stallMs > narrowMs / 4) armAll();
            scheduler.after(stallMs, resolve);
          } else travel(partOf(named), moment === 'after' ? 'answer' : 'request', resolve, reject);
        }),
    jumpClock(byMs) {
      wallOffsetMs += byMs;
    },
    crash,
    freeze,
    isDead: () => state === 'dead',
    isFrozen: () => state === 'frozen',
    freezes: () => freezes,
    onCrash: (tell) => void crashed.push(tell),
  };
}
