/**
 * Not waiting again and again for a part that hangs. Each call that hangs costs a request the part's whole share of its
 * time, and the environment that serves it is taken for as long: soon all of them wait, and answer nobody (I7). One guard a
 * part and process:
 *
 *   asked      --a call or two in a row hang--> left alone: a call fails at once, as if the part were away
 *   left alone --a pause is over-->             the next call is a probe; others go on failing
 *   probe      --answered, or refused-->        asked
 *   probe      --hangs-->                       left alone
 *
 * For what is only read, and has something else to be read from. A write must find out by itself: what it may believe of
 * a part that was not asked is nothing. A search cluster has a breaker, which all functions of a centre share.
 */
import { type Clock, type Deadline, remainingMs } from '../kernel/clock.ts';
import { DependencyUnavailable } from '../kernel/invariant.ts';

/** One may be an accident, unless it has already cost more than that is worth. */
const usualHangsMax = 2;
const pauseMs = 2_000;
/** Who gave a part less time than this learns nothing from its silence. */
const fairMs = 100;
/** A call may be given up a little before its deadline. */
const earlyMs = 10;

/** The same port, guarded: every method whose last argument is a deadline. */
export type HangGuard = <Port extends object>(name: string, port: Port, hangsMax?: number) => Port;

type Method = (...args: unknown[]) => unknown;

export function makeHangGuard({ clock }: { readonly clock: Clock }): HangGuard {
  return (name, port, hangsMax = usualHangsMax) => {
    let hangs = 0;
    let aloneUntilMs = 0;
    let isProbed = false;

    const guarded =
      (method: Method): Method =>
      (...args) => {
        const deadline = args.at(-1);
        if (!isDeadline(deadline)) return method.apply(port, args);
        const isProbe = hangs >= hangsMax;
        if (isProbe) {
          if (isProbed || clock.monotonicMs() < aloneUntilMs)
            return Promise.reject(new DependencyUnavailable(name, new Error('it hung a moment ago')));
          isProbed = true;
        }
        const isFair = remainingMs(clock, deadline) >= fairMs;
        const answer = method.apply(port, args) as Promise<unknown>;
        const answered = (error?: unknown): void => {
          if (isProbe) isProbed = false;
          if (!(error instanceof DependencyUnavailable) || remainingMs(clock, deadline) > earlyMs) hangs = 0;
          else if (isFair) {
            hangs += 1;
            aloneUntilMs = clock.monotonicMs() + pauseMs;
          }
        };
        answer.then(() => answered(), answered);
        return answer;
      };
    const members = Object.entries(port).map(([key, member]) => [
      key,
      typeof member === 'function' ? guarded(member as Method) : member,
    ]);
    return Object.fromEntries(members);
  };
}

function isDeadline(value: unknown): value is Deadline {
  return typeof value === 'object' && value !== null && 'atMonotonicMs' in value;
}
