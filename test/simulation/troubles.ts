/** What befalls processes and engines in a run, each kind at its own random intervals, until the trouble is over. */
import {
  evict,
  failOver,
  type MemoryRedis,
  restartEmpty,
} from '../../functions/adapters/memory/memory-redis.ts';
import { loseMemorySearch } from '../../functions/adapters/memory/search-cluster.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { cacheNames, clusterNames, type Engines, searchCentres } from './engines.ts';
import type { Plan, TroubleKind } from './plan.ts';
import type { SimulatedProcess, Surroundings } from './process.ts';
import { homeOf, whileMs } from './weather.ts';

export interface Crowd {
  readonly api: readonly SimulatedProcess[];
  readonly relays: readonly SimulatedProcess[];
  readonly consumers: readonly SimulatedProcess[];
}

const caches = [...cacheNames.A, ...cacheNames.B];
const parts = [
  ...caches,
  ...Object.keys(searchCentres),
  ...clusterNames,
  'journal-A',
  'journal-B',
  'queue-A',
  'queue-B',
  'register-a',
  'register-b',
  'witness',
];
const bothCentres: readonly CentreName[] = ['A', 'B'];

export function startTroubles(
  { scheduler, random: seeded, weather, trace, choices }: Surroundings,
  plan: Plan,
  engines: Engines,
  crowd: () => Crowd,
  isOver: () => boolean,
): void {
  const occasions = seeded.fork();
  /** Each trouble draws from a source of its own: one that is left out moves no other. */
  let random = occasions.fork();
  /** B is half cut off: A cannot reach its Redis clusters, and to B the databases are slow. */
  const isCutOff = plan.theme === 'cut-off';
  const someCentres = (): readonly CentreName[] => random.pick([bothCentres, ['A'], ['B']]);
  const cutSome = (of: readonly string[], forMs: number): void => {
    const part = random.pick(of);
    cut(part, someCentres(), forMs, random.pick([undefined, undefined, 'request', 'answer']));
  };
  const laggard = random.pick(engines.replicaParts);
  const while_ = (): number => whileMs(random, plan.longShare);
  const one = (of: readonly SimulatedProcess[]): SimulatedProcess | null =>
    of.length > 0 ? random.pick(of) : null;

  const cut = (
    part: string,
    from: readonly CentreName[],
    forMs: number,
    only?: 'request' | 'answer',
  ): void => {
    const what = only === undefined ? '' : only === 'request' ? ', one way (to it),' : ', one way (from it),';
    if (trace.isOn)
      trace.note(`~ ${part} is cut off${what} from ${from.join(' and ')} for ${Math.round(forMs)} ms`);
    weather.cut(part, from, forMs, only);
  };
  const evictSome = (name: string, redis: MemoryRedis): void => {
    const kind = random.chance(0.8) ? 'values' : random.pick(['leases', 'grants'] as const);
    const keys = [...redis[kind].keys()];
    const [key] = keys.length > 0 ? [random.pick<string>(keys)] : [];
    if (key !== undefined && evict(redis, kind, key) && trace.isOn)
      trace.note(`~ ${name} evicts from its ${kind}: ${key}`);
  };

  /** Both at once: either suffices for a promise. */
  const slowRegisters = (): void => {
    const byMs = random.between(100, 350);
    if (trace.isOn) trace.note(`~ the registers of B and of the witness are slow by ${Math.round(byMs)} ms`);
    for (const part of ['register-b', 'witness']) weather.slow(part, bothCentres, byMs, while_());
  };

  const happenings: Readonly<Record<TroubleKind, () => void>> = {
    'crash-api': () => one(crowd().api)?.crash(),
    'freeze-api': () => one(crowd().api)?.freeze(while_()),
    'crash-relay': () => one(crowd().relays)?.crash(),
    'freeze-relay': () => one(crowd().relays)?.freeze(while_()),
    'crash-consumer': () => one(crowd().consumers)?.crash(),
    'freeze-consumer': () => one(crowd().consumers)?.freeze(while_()),
    'restart-redis': () => {
      const name = random.pick(caches);
      const redis = engines.redises[name];
      if (trace.isOn) trace.note(`~ ${name} restarts empty`);
      redis?.unreplicated?.splice(0);
      if (redis) restartEmpty(redis);
    },
    'fail-over-redis': () => {
      const name = random.pick(caches);
      const redis = engines.redises[name];
      const lost = random.below((redis?.unreplicated?.length ?? 0) + 1);
      if (trace.isOn) trace.note(`~ ${name} fails over, its replica lacks the last ${lost} changes`);
      if (redis) failOver(redis, lost);
    },
    evict: () => {
      const name = random.pick(caches);
      const redis = engines.redises[name];
      if (redis) evictSome(name, redis);
    },
    'cut-redis': () => {
      if (isCutOff) cut(random.pick(cacheNames.B), ['A'], random.between(500, 12_000));
      else cutSome(caches, while_());
    },
    'cut-search': () => cutSome(Object.keys(searchCentres), while_()),
    'lose-search': () => {
      const name = random.pick(Object.keys(searchCentres));
      const state = engines.search[name];
      if (trace.isOn) trace.note(`~ ${name} loses everything, and is made anew`);
      if (state) loseMemorySearch(state);
    },
    'switch-search': () => {
      const name = random.pick(Object.keys(searchCentres));
      const centre = random.pick(bothCentres);
      const at = engines.topologies[centre];
      const turn = (suspendedParts: readonly string[]): void => {
        at.topology = { ...at.topology, version: at.topology.version + 1, suspendedParts };
        if (trace.isOn)
          trace.note(
            `~ an operator of ${centre} has these switched off: ${suspendedParts.join(', ') || 'none'}`,
          );
      };
      turn([name]);
      scheduler.after(while_(), () => turn([]));
    },
    'cut-journal': () => cutSome(['journal-A', 'journal-B'], while_()),
    'cut-queue': () => cut(random.pick(['queue-A', 'queue-B']), bothCentres, while_()),
    'cut-database': () =>
      isCutOff
        ? cut(random.pick(clusterNames), ['B'], random.between(500, 7_000))
        : cutSome(clusterNames, random.between(50, 3_000)),
    'cut-registers': () => {
      const forMs = while_();
      if (random.chance(0.6)) cut('witness', bothCentres, forMs);
      if (random.chance(0.8)) cut('register-b', bothCentres, forMs * random.between(0.5, 1.5));
    },
    'cut-centre': () => {
      const [from, to] = random.pick([
        ['A', 'B'],
        ['B', 'A'],
      ] as const);
      const forMs = while_();
      const only = random.pick([undefined, 'request', 'answer'] as const);
      for (const part of [...parts, ...engines.replicaParts]) {
        if (homeOf(part) === to) cut(part, [from], forMs, only);
      }
    },
    'jump-clock': () =>
      one([...crowd().api, ...crowd().consumers])?.jumpClock(random.between(-3_600_000, 3_600_000)),
    'cut-topology': () => cut(random.pick(['topology-A', 'topology-B']), bothCentres, while_()),
    'slow-part': () => {
      if (plan.theme === 'closing' && random.chance(0.7)) return slowRegisters();
      const part = random.pick<string>(isCutOff ? clusterNames : parts);
      const byMs = random.between(20, isCutOff ? 400 : 800);
      const from: readonly CentreName[] = isCutOff ? ['B'] : someCentres();
      if (trace.isOn) trace.note(`~ ${part} is slow by ${Math.round(byMs)} ms from ${from.join(' and ')}`);
      weather.slow(part, from, byMs, while_());
    },
    'hold-replica': () => {
      const part = plan.theme === 'lagging' ? laggard : random.pick(engines.replicaParts);
      // Longer than a fence that has got its end.
      const forMs = plan.theme === 'lagging' ? random.between(5_000, 20_000) : while_();
      if (trace.isOn) trace.note(`~ replica ${part} stands still for ${Math.round(forMs)} ms`);
      engines.holdReplica(part, forMs);
    },
    'lag-replica': () => engines.setLag(random.pick(engines.replicaParts), random.between(0, 1_000)),
  };

  for (const [kind, everyMs] of Object.entries(plan.everyMs)) {
    if (everyMs === null) continue;
    const again = (): void =>
      scheduler.after(occasions.pause(everyMs), () => {
        if (isOver()) return;
        random = occasions.fork();
        if (choices.take()) happenings[kind as TroubleKind]();
        again();
      });
    again();
  }
}
