/** The run: registers everybody, warms the caches, drives the mix, and waits for what is still under way. */
import { atOnce } from '../at-once.ts';
import { makeApiClient } from './api-client.ts';
import { makeMix } from './mix.ts';
import { openLoop } from './open-loop.ts';
import type { LoadOptions } from './options.ts';
import { makePopulation, type Seat } from './population.ts';
import { type Occupied, registration } from './programs.ts';
import { seeded } from './random.ts';
import { makeRead } from './reads.ts';
import { makeRecord } from './record.ts';
import type { Targets } from './running-copy.ts';
import { makeStats, type Stats } from './stats.ts';
import { makeWriteSender } from './writes.ts';

/** Before the mix, when nobody measures. */
const registrationsAtOnce = 16;
const warmUpReadsAtOnce = 16;
/** Of the mix, at a rate: what would be more is counted as not sent. */
const inFlightMax = 512;

export interface Outcome {
  readonly stats: Stats;
  readonly registerSeconds: number;
  readonly warmUpSeconds: number;
  readonly mixSeconds: number;
}

type Drive = Pick<
  LoadOptions,
  'members' | 'seconds' | 'pace' | 'readShare' | 'zipf' | 'writeZipf' | 'seed' | 'warmUp'
>;

/** @throws Error when members cannot be registered */
export async function drive(
  options: Drive,
  targets: Targets,
  onProgress: (line: string) => void,
): Promise<Outcome> {
  const stats = makeStats();
  const random = seeded(options.seed);
  const record = makeRecord(() => performance.now());
  const client = makeApiClient({ key: targets.key, socketsMax: inFlightMax });
  const everywhere = [targets.frontDoor, ...targets.centres];
  const ports = { send: client.send, record, stats };
  const write = makeWriteSender({ ...ports, targets: everywhere, random });
  const read = makeRead(ports);

  const register = async (seat: Seat): Promise<Occupied> => {
    const result = await write(null, registration({ seat, generation: 0 }, seat.holdings));
    if (result.kind === 'lost')
      throw new Error('Members cannot be registered; was this seed used here before?');
    return { seat, log: result.log, former: [], generation: 0, taken: false };
  };

  try {
    const seats = makePopulation(options.seed, options.members);
    const [members, registerSeconds] = await timed(() => atOnce(registrationsAtOnce, seats, register));
    onProgress(`${members.length} members registered in ${registerSeconds.toFixed(1)} s`);

    const [, warmUpSeconds] = await timed(async () => {
      if (!options.warmUp) return;
      await atOnce(warmUpReadsAtOnce, members, async ({ seat, log }) => {
        await read('warm-up', targets.frontDoor, { by: 'id', log });
        const value = seat.holdings[seat.usualField] ?? '';
        await read('warm-up', targets.frontDoor, { by: 'identifier', field: seat.usualField, value });
      });
    });
    if (options.warmUp) onProgress(`each read twice in ${warmUpSeconds.toFixed(1)} s`);

    const mix = makeMix({ ...ports, write, read, targets, members, random, options });
    const [, mixSeconds] = await timed(() => runMix(options, mix, stats));
    return { stats, registerSeconds, warmUpSeconds, mixSeconds };
  } finally {
    client.close();
  }
}

/** Requests at their pace until the time is over; answers once the last of them is answered. */
async function runMix({ pace, seconds }: Drive, next: () => Promise<void>, stats: Stats): Promise<void> {
  if (pace.kind === 'callers') {
    const endMs = performance.now() + seconds * 1000;
    const caller = async () => {
      while (performance.now() < endMs) await next();
    };
    await Promise.all(Array.from({ length: pace.count }, caller));
    return;
  }
  await openLoop({
    perSecond: pace.perSecond,
    seconds,
    inFlightMax,
    next,
    notSent: () => stats.failed('not sent', 'too many unanswered'),
  });
}

async function timed<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const startMs = performance.now();
  const result = await work();
  return [result, (performance.now() - startMs) / 1000];
}
