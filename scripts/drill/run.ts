/** A drill from its start to its report. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { recordsOf } from '../../functions/runtime/routing.ts';
import { type HistoryEntry, lineOf } from '../judge/history.ts';
import { makePopulation } from '../load/population.ts';
import { seeded } from '../load/random.ts';
import { makeRecord } from '../load/record.ts';
import { logFileOf } from '../local/data.ts';
import { choose } from '../local/front-door.ts';
import { type CarriedOut, carryOut } from './carry-out.ts';
import { type Drilled, judgeDrill } from './judgement/judge-drill.ts';
import { linesOf, sumOfReports } from './judgement/observed.ts';
import { quietMs } from './judgement/scenario-figures.ts';
import type { DrillOptions } from './options.ts';
import type { Scenario } from './scenario.ts';
import { type DrillService, startService } from './service/service.ts';
import { makeIdentifierHash } from './traffic/entries.ts';
import { seedMembers } from './traffic/seeding.ts';
import type { Seen } from './traffic/seen.ts';
import { type LaneNames, startTraffic } from './traffic/traffic.ts';

export interface Place {
  readonly home: string;
  readonly basePort: number;
}

/** @throws Error when the service cannot be started or the members cannot be registered */
export async function drill(
  options: DrillOptions,
  place: Place,
  scenarios: readonly Scenario[],
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Drilled> {
  const startedMs = performance.now();
  const { home, basePort } = place;
  const service = await startService(home, basePort, options.ratePerSecond, (line) => say(`  ${line}`));
  const file = options.history === undefined ? null : createWriteStream(options.history);
  try {
    const history: HistoryEntry[] = [];
    const note = (entry: HistoryEntry): void => {
      history.push(entry);
      file?.write(lineOf(entry));
    };
    const seats = makePopulation(options.seed, options.members);
    const hash = makeIdentifierHash(randomBytes(32));
    const record = makeRecord(() => performance.now());
    say(`Registering ${options.members} members`);
    const seeding = { parts: service.parts, record, hash, history: note, onProgress: say, signal };
    const members = await seedMembers(seats, seeding);

    const seen: Seen = { attempts: [], requests: [] };
    const lanes = { critical: laneOf(service, 'critical'), marketing: laneOf(service, 'marketing') };
    const shared = { lanes, members, random: seeded(options.seed) };
    say('Warming up');
    const traffic = startTraffic(options.ratePerSecond, { ...shared, record, hash, history: note, seen });
    await Promise.race([traffic.risen, traffic.failed]);
    // Judged with the rest, but no part of any figure.
    for (const list of Object.values(seen)) list.length = 0;
    const beganMs = performance.now();
    say(`${options.ratePerSecond} requests/s from here on`);
    const done: (CarriedOut & { readonly scenario: Scenario })[] = [];
    const stage = { ...service, say };
    const carryAll = async (): Promise<void> => {
      await pause(quietMs, undefined, { signal });
      for (const scenario of scenarios) {
        signal.throwIfAborted();
        if (performance.now() - beganMs > options.durationSeconds * 1000) break;
        done.push({ scenario, ...(await carryOut(scenario, stage)) });
      }
    };
    await Promise.race([carryAll(), traffic.failed]);
    const trafficEndMs = performance.now();
    await traffic.stop();
    say('Judging');
    const logs = ['a', 'b'].map((centre) => logFileOf(home, `functions-${centre}`));
    return await judgeDrill({
      ...{ done, seen, history, seats, beganMs, startedMs, trafficEndMs, options, say },
      stats: traffic.stats,
      parts: service.parts,
      observed: await sumOfReports(linesOf(logs)),
    });
  } finally {
    file?.end();
    await service.stop();
  }
}

function laneOf({ services, nameOf }: DrillService, lane: 'critical' | 'marketing'): LaneNames {
  const caller = lane === 'critical' ? services.callers.orders : services.callers.campaigns;
  return {
    key: caller.key,
    names: { 'front-door': caller.url, A: nameOf('A', lane), B: nameOf('B', lane) },
    frontDoorAt: () => choose(recordsOf.critical, services.doors[lane].health(), 0),
  };
}
