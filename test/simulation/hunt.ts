/** Runs seed after seed until one fails or the time is up, and makes a failing run as small as it easily gets. */
import { type Nuisance, nuisances } from './plan.ts';
import { type RunResult, simulate } from './simulate.ts';

export interface Hunted {
  readonly failed: RunResult | null;
  readonly runs: number;
  readonly operations: number;
  readonly commits: number;
  readonly virtualMs: number;
  readonly seconds: number;
}

export async function hunt(options: {
  readonly fromSeed: number;
  readonly seconds: number;
  /** @default as many as the time allows */
  readonly runsMax?: number;
  /** @default what each seed's plan says */
  readonly operationsMax?: number | undefined;
}): Promise<Hunted> {
  const { fromSeed, runsMax = Number.POSITIVE_INFINITY } = options;
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1000;
  let [runs, operations, commits, virtualMs] = [0, 0, 0, 0];
  let failed: RunResult | null = null;
  while (failed === null && runs < runsMax && seconds() < options.seconds) {
    const result = await simulate({ seed: fromSeed + runs, operationsMax: options.operationsMax });
    runs++;
    operations += result.operations;
    commits += result.commits;
    virtualMs += result.virtualMs;
    if (result.violation) failed = result;
    // A run holds on to the thread from its first step to its last.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { failed, runs, operations, commits, virtualMs, seconds: seconds() };
}

export interface Shrunk {
  readonly seed: number;
  readonly operationsMax: number;
  readonly without: readonly Nuisance[];
}

/**
 * The fewest operations, and the fewest kinds of faults, with which the seed still fails the same check. Fewer
 * operations are a true prefix of the run up to where it ends; without a kind of fault it is another run.
 */
export async function shrink(failed: RunResult): Promise<Shrunk> {
  const { seed, violation } = failed;
  const stillFails = async (operationsMax: number, without: readonly Nuisance[]): Promise<number | null> => {
    const result = await simulate({ seed, operationsMax, without });
    return result.violation?.check === violation?.check ? Math.min(operationsMax, result.operations) : null;
  };
  let operationsMax = failed.operations;
  let without: readonly Nuisance[] = [];
  for (const nuisance of nuisances) {
    const needed = await stillFails(operationsMax, [...without, nuisance]);
    if (needed === null) continue;
    operationsMax = needed;
    without = [...without, nuisance];
  }
  for (let cut = operationsMax >> 1; cut >= 1; ) {
    const needed = await stillFails(operationsMax - cut, without);
    if (needed === null) cut >>= 1;
    else operationsMax = needed;
    cut = Math.min(cut, operationsMax - 1);
  }
  return { seed, operationsMax, without };
}
