/** Runs seed after seed until one fails or the time is up. */
import type { Theme } from './plan.ts';
import { planFor, type RunResult, simulate } from './simulate.ts';

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
  /** Of one core, so that a busy machine finds as much as an idle one. */
  readonly seconds: number;
  /** @default as many as the time allows */
  readonly runsMax?: number;
  /** @default what each seed's plan says */
  readonly operationsMax?: number | undefined;
  /** Of the seeds, those whose runs are about this. @default all of them */
  readonly theme?: Theme | undefined;
}): Promise<Hunted> {
  const { fromSeed, runsMax = Number.POSITIVE_INFINITY } = options;
  const began = process.cpuUsage();
  const seconds = (): number => {
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1_000_000;
  };
  let [runs, operations, commits, virtualMs] = [0, 0, 0, 0];
  let failed: RunResult | null = null;
  for (let seed = fromSeed; failed === null && runs < runsMax && seconds() < options.seconds; seed++) {
    if (options.theme && planFor(seed).theme !== options.theme) continue;
    const result = await simulate({ seed, operationsMax: options.operationsMax });
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
