/**
 * Contenders measured beside each other: every round runs each of them for a moment, in an order that turns, so that
 * a machine whose speed drifts is unfair to none. Quote ratios, not single figures.
 */

export interface Contender {
  readonly name: string;
  /** One request. `caller` tells callers that go on at the same time apart. */
  request(caller: number): Promise<unknown>;
  /** Before each of its rounds, and not counted. */
  prepare?(): Promise<void>;
  /** It stops when this says so, before its time is up: whatever it needs fresh is used up. */
  isSpent?(): boolean;
}

export interface Round {
  readonly perSecond: number;
  /** Of this process, user and system time, a request. */
  readonly cpuMicros: number;
}

export interface Measured {
  readonly name: string;
  readonly callers: number;
  readonly rounds: readonly Round[];
  readonly perSecond: number;
  readonly cpuMicros: number;
}

export interface Pace {
  readonly rounds: number;
  readonly roundMs: number;
}

/** Runs all contenders with that many callers each. The first round warms up and is not counted. */
export async function measure(
  contenders: readonly Contender[],
  callers: number,
  { rounds, roundMs }: Pace,
): Promise<readonly Measured[]> {
  const done = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const at of contenders.keys()) {
      const contender = contenders[(at + round) % contenders.length];
      if (!contender) continue;
      await contender.prepare?.();
      const result = await run(contender, callers, roundMs);
      if (round > 0) done.get(contender.name)?.push(result);
    }
  }
  return contenders.map(({ name }) => {
    const all = done.get(name) ?? [];
    return {
      name,
      callers,
      rounds: all,
      perSecond: median(all.map(({ perSecond }) => perSecond)),
      cpuMicros: median(all.map(({ cpuMicros }) => cpuMicros)),
    };
  });
}

async function run({ request, isSpent }: Contender, callers: number, roundMs: number): Promise<Round> {
  let requests = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + roundMs;
  const work = async (caller: number): Promise<void> => {
    while (performance.now() < end && !isSpent?.()) {
      await request(caller);
      requests++;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => work(caller)));
  const tookMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (requests / tookMs) * 1000, cpuMicros: (user + system) / requests };
}

/** Round by round: what was measured at nearly the same time is compared. */
export function ratio(one: Measured, other: Measured): number {
  return median(
    one.rounds.map(({ perSecond }, at) => perSecond / (other.rounds[at]?.perSecond ?? Number.NaN)),
  );
}

/** How much more processor time a request costs, round by round. */
export function cpuBeyond(one: Measured, other: Measured): number {
  return median(
    one.rounds.map(({ cpuMicros }, at) => cpuMicros - (other.rounds[at]?.cpuMicros ?? Number.NaN)),
  );
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

export function named(all: readonly Measured[], name: string): Measured {
  const found = all.find((one) => one.name === name);
  if (!found) throw new Error(`nothing was measured of ${name}`);
  return found;
}
