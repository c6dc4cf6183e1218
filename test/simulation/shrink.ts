/**
 * Makes a failing run as small as it gets: the schedule that is left is what somebody has to understand.
 *
 * Fewer kinds of faults, fewer callers, fewer operations, and then fewer forced choices: each attempt is another run of
 * the same seed, kept when the same check fails. Bounded by the steps of all attempts together, not by time, so that the
 * same failure shrinks to the same schedule on every machine.
 */
import { type Nuisance, nuisances } from './plan.ts';
import { type RunOptions, type RunResult, simulate } from './simulate.ts';

export interface Shrunk {
  readonly seed: number;
  readonly operationsMax: number;
  readonly without: readonly Nuisance[];
  readonly clients: number | undefined;
  /** The forced choices that are left, by their numbers. */
  readonly only: readonly number[];
  /** Whether every smaller one was tried that this way leads to. */
  readonly isExhausted: boolean;
}

const stepsMax = 8_000_000;
/** Of clients, what is tried in place of what the plan says. */
const fewerClients = [1, 2, 3, 4];

export async function shrink(
  failed: Pick<RunResult, 'seed' | 'violation' | 'operationsMax' | 'choices'>,
  run: (
    options: RunOptions,
  ) => Promise<Pick<RunResult, 'violation' | 'operations' | 'choices' | 'steps'>> = simulate,
): Promise<Shrunk> {
  const { seed, violation } = failed;
  let steps = 0;
  let best = { operationsMax: failed.operationsMax, without: [] as readonly Nuisance[] } as RunOptions &
    Shrunk;
  let choices = failed.choices;

  /** Keeps what still fails the same check. */
  const keepIf = async (change: Partial<Shrunk>): Promise<boolean> => {
    if (steps > stepsMax) return false;
    const tried = { ...best, ...change, seed };
    const result = await run(tried);
    steps += result.steps;
    if (result.violation?.check !== violation?.check) return false;
    best = { ...tried, operationsMax: Math.min(tried.operationsMax, result.operations) };
    choices = result.choices;
    return true;
  };

  for (const nuisance of nuisances) await keepIf({ without: [...best.without, nuisance] });
  for (const clients of fewerClients) if (await keepIf({ clients })) break;
  await fewerOperations();
  best = { ...best, only: Array.from({ length: choices }, (_, index) => index) };
  for (let size = Math.ceil(best.only.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.only.length; ) {
      const only = [...best.only.slice(0, from), ...best.only.slice(from + size)];
      if (!(await keepIf({ only }))) from += size;
    }
  }
  // Of those that are left, some are never come to any more.
  best = { ...best, only: best.only.filter((number) => number < choices) };
  await fewerOperations();
  const { operationsMax, without, clients, only } = best;
  return { seed, operationsMax, without, clients, only, isExhausted: steps <= stepsMax };

  async function fewerOperations(): Promise<void> {
    for (let cut = best.operationsMax >> 1; cut >= 1; ) {
      if (!(await keepIf({ operationsMax: best.operationsMax - cut }))) cut >>= 1;
      cut = Math.min(cut, best.operationsMax - 1);
    }
  }
}
