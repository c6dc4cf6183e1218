/** What befalls processes and engines in a run, each kind at its own random intervals, until the trouble is over. */
import { evict, type MemoryRedis, restartEmpty } from '../../functions/adapters/memory/memory-redis.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { cacheNames, clusterNames, type Engines, searchCentres } from './engines.ts';
import type { Plan, TroubleKind } from './plan.ts';
import type { SimulatedProcess, Surroundings } from './process.ts';

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
  { scheduler, random, weather, trace }: Surroundings,
  plan: Plan,
  engines: Engines,
  crowd: () => Crowd,
  isOver: () => boolean,
): void {
  /** B is half cut off: A cannot reach its Redis clusters, and to B the databases are slow. */
  const isCutOff = plan.theme === 'cut-off';
  const someCentres = (): readonly CentreName[] => random.pick([bothCentres, ['A'], ['B']]);
  const cutSome = (of: readonly string[], forMs: number): void => {
    const part = random.pick(of);
    cut(part, someCentres(), forMs);
  };
  const laggard = random.pick(engines.replicaParts);
  /** Mostly short, at times long enough to outlast claims, leases and fences. */
  const while_ = (): number =>
    random.chance(plan.longShare) ? random.between(2_000, 20_000) : random.between(50, 2_000);
  const one = (of: readonly SimulatedProcess[]): SimulatedProcess | null =>
    of.length > 0 ? random.pick(of) : null;

  const cut = (part: string, from: readonly CentreName[], forMs: number): void => {
    if (trace.isOn) trace.note(`~ ${part} is cut off from ${from.join(' and ')} for ${Math.round(forMs)} ms`);
    weather.cut(part, from, forMs);
  };
  const evictSome = (name: string, redis: MemoryRedis): void => {
    const kind = random.chance(0.8) ? 'values' : random.pick(['leases', 'grants'] as const);
    const keys = [...redis[kind].keys()];
    const [key] = keys.length > 0 ? [random.pick<string>(keys)] : [];
    if (key !== undefined && evict(redis, kind, key) && trace.isOn)
      trace.note(`~ ${name} evicts from its ${kind}: ${key}`);
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
      if (redis) restartEmpty(redis);
    },
    evict: () => {
      const name = random.pick(caches);
      const redis = engines.redises[name];
      if (redis) evictSome(name, redis);
    },
    'cut-redis': () => {
      if (isCutOff) cut(random.pick(cacheNames.B), ['A'], random.between(500, 7_000));
      else cutSome(caches, while_());
    },
    'cut-search': () => cutSome(Object.keys(searchCentres), while_()),
    'cut-journal': () => cutSome(['journal-A', 'journal-B'], while_()),
    'cut-queue': () => cut(random.pick(['queue-A', 'queue-B']), bothCentres, while_()),
    'cut-database': () => cutSome(clusterNames, random.between(50, 3_000)),
    'cut-registers': () => {
      const forMs = while_();
      if (random.chance(0.6)) cut('witness', bothCentres, forMs);
      if (random.chance(0.8)) cut('register-b', bothCentres, forMs * random.between(0.5, 1.5));
    },
    'cut-topology': () => cut(random.pick(['topology-A', 'topology-B']), bothCentres, while_()),
    'slow-part': () => {
      const part = random.pick<string>(isCutOff ? clusterNames : parts);
      const byMs = random.between(20, isCutOff ? 400 : 800);
      const from: readonly CentreName[] = isCutOff ? ['B'] : someCentres();
      if (trace.isOn) trace.note(`~ ${part} is slow by ${Math.round(byMs)} ms from ${from.join(' and ')}`);
      weather.slow(part, from, byMs, while_());
    },
    'hold-replica': () => {
      const part = plan.theme === 'lagging' ? laggard : random.pick(engines.replicaParts);
      const forMs = while_();
      if (trace.isOn) trace.note(`~ replica ${part} stands still for ${Math.round(forMs)} ms`);
      engines.holdReplica(part, forMs);
    },
    'lag-replica': () => engines.setLag(random.pick(engines.replicaParts), random.between(0, 1_000)),
  };

  for (const [kind, everyMs] of Object.entries(plan.everyMs)) {
    if (everyMs === null) continue;
    const again = (): void =>
      scheduler.after(random.pause(everyMs), () => {
        if (isOver()) return;
        happenings[kind as TroubleKind]();
        again();
      });
    again();
  }
}
