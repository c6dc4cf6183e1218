/**
 * A promotion of B in the middle of a run, by the shipped code: whoever carries it out dies on the way at times, and
 * another begins again. At times A is lost to B meanwhile, and A's own processes go on in their epoch. When the first
 * database cluster opens, everything that had been acknowledged as in both centres must be there (I3), every identifier
 * of a member must be known to the directory (I1), and from then on no writer of the old epoch changes anything (I5).
 */
import type { MemoryTables } from '../../functions/adapters/memory/memory-cluster.ts';
import type { Sealer } from '../../functions/core/member/ports.ts';
import { broken, type Violation } from './checks.ts';
import { cacheNames, clusterNames, type Engines, sharding } from './engines.ts';
import { watch } from './observe.ts';
import { makePromoterProcess, type Shared } from './processes.ts';
import type { Randomness } from './random.ts';
import type { Committed, Truth } from './truth.ts';

export interface Promoting {
  isDone(): boolean;
}

const partsOfA = [
  ...clusterNames,
  ...clusterNames.map((name) => `${name} a-1`),
  ...cacheNames.A,
  'primary',
  'journal-A',
  'register-a',
  'queue-A',
  'topology-A',
];
const partsOfB = [
  ...clusterNames.map((name) => `${name}-b`),
  ...clusterNames.flatMap((name) => [`${name} b-1`, `${name} b-2`]),
  ...cacheNames.B,
  'backup',
  'marketing',
  'journal-B',
  'register-b',
  'queue-B',
  'topology-B',
];

export function startPromoting(
  shared: Shared,
  random: Randomness,
  truth: Truth,
  inBothCentres: () => readonly Committed[],
  report: (violation: Violation | null) => void,
): Promoting {
  const { engines, surroundings } = shared;
  const { scheduler, weather, trace } = surroundings;
  let isDone = false;
  let isOver = false;
  let names = 0;

  const loseA = (forMs: number): void => {
    trace.note(`~ A is lost to B for ${Math.round(forMs)} ms`);
    for (const part of partsOfA) weather.cut(part, ['B'], forMs);
    for (const part of partsOfB) weather.cut(part, ['A'], forMs);
    if (random.chance(0.5)) weather.cut('witness', ['A'], forMs);
    scheduler.after(forMs, () => {
      isOver = true;
    });
  };
  /** At times what A did last has reached one database cluster in B, and neither the other nor the journal. */
  const tearApart = (forMs: number): number => {
    if (random.chance(0.7)) return 0;
    const beforeMs = random.between(200, 2_000);
    const name = random.pick(clusterNames);
    trace.note(`~ the copies of ${name} in B stand still, and A does not reach B's journal`);
    for (const replica of ['b-1', 'b-2']) engines.holdReplica(`${name} ${replica}`, beforeMs + forMs);
    weather.cut('journal-B', ['A'], beforeMs);
    return beforeMs;
  };

  const first = (name: string): void => {
    const cluster = engines.second[name];
    if (!cluster) return;
    const { control } = cluster.writer;
    let endsMs = control.leaseEndsMs;
    // Closed as the old writer was, or on its own.
    let isTakenOver = endsMs === 0;
    Object.defineProperty(control, 'leaseEndsMs', {
      get: () => endsMs,
      set(ms: number) {
        endsMs = ms;
        if (ms === 0) isTakenOver = true;
        else if (isTakenOver && !engines.opened.isOpen) open(shared, truth, inBothCentres(), report);
      },
    });
  };
  engines.onElection(first);

  const attempt = (): void => {
    if (isDone) return;
    const process = makePromoterProcess(`promoter-${++names}`, shared);
    trace.note(`~ ${process.name} begins to promote B`);
    let isFollowed = false;
    /** One follows, whether this one dies or ends, or dies after its end. */
    const follow = (meanMs: number): void => {
      if (!isFollowed) scheduler.after(random.pause(meanMs), attempt);
      isFollowed = true;
    };
    if (random.chance(0.5)) scheduler.after(random.between(0, 6_000), () => process.crash());
    process.onCrash(() => follow(300));
    process.promote().then(
      (outcome) => {
        trace.note(`~ ${process.name}: ${JSON.stringify(outcome)}`);
        isDone = outcome.kind === 'promoted' || outcome.kind === 'standing';
        follow(1_000);
      },
      (error: unknown) => report(broken('I8', 'nothingUnexpected', `promoting threw ${String(error)}`, [])),
    );
  };
  if (random.chance(0.7)) {
    const forMs = random.between(5_000, 40_000);
    scheduler.after(tearApart(forMs), () => {
      loseA(forMs);
      attempt();
    });
  } else {
    isOver = true;
    attempt();
  }
  return { isDone: () => isDone && isOver };
}

/** The moment at which the first of the new writers opens. */
function open(
  { engines, sealer, surroundings }: Shared,
  truth: Truth,
  inBoth: readonly Committed[],
  report: (violation: Violation | null) => void,
): void {
  const { trace } = surroundings;
  trace.note('~ the new epoch opens');
  for (const name of clusterNames) {
    const old = engines.first[name];
    if (!old) continue;
    const isClosed =
      old.writer.control.epoch.epoch > 1 || old.writer.control.leaseEndsMs <= old.clock.nowMs();
    if (!isClosed) report(broken('I5', 'oneWriter', `${name} opens while its old writer may write`, [name]));
    watchOld(name, old.writer, report);
  }
  engines.opened.isOpen = true;
  const clusters = engines.clusters;
  const survives = ({ memberId, version }: { readonly memberId: string; readonly version: number }) =>
    clusters[sharding.clusterOf(memberId)]?.writer.history
      .get(memberId)
      ?.some((row) => row.version === version) ?? false;
  const lost = truth.lose(survives);
  for (const { event } of lost) trace.note(`~ lost: ${event.memberId} at ${event.version}`);
  const acknowledged = new Set(inBoth);
  for (const commit of lost) {
    const { memberId, version } = commit.event;
    if (acknowledged.has(commit))
      report(
        broken('I3', 'nothingAcknowledgedLost', `${memberId} at ${version} was acknowledged, and is lost`, [
          memberId,
        ]),
      );
  }
  report(directoryKnowsHolders(engines, sealer));
}

/** I1: what a member holds, nobody else may find free. */
function directoryKnowsHolders(engines: Engines, sealer: Sealer): Violation | null {
  for (const { writer } of Object.values(engines.clusters)) {
    for (const stored of writer?.member.values() ?? []) {
      for (const { key, token } of sealer.open(stored).holdings) {
        const row = engines.clusters[sharding.clusterOf(key)]?.writer.directory.get(key);
        if (row && row.state !== 'free' && row.token === token) continue;
        const said = row ? `${row.state} with ${row.token}` : 'absent';
        const message = `${stored.memberId} holds ${key} with ${token}; when the epoch opens, its row is ${said}`;
        return broken('I1', 'directoryKnowsHolders', message, [stored.memberId, key]);
      }
    }
  }
  return null;
}

function watchOld(name: string, tables: MemoryTables, report: (violation: Violation | null) => void): void {
  const late = (what: string, key: string): void =>
    report(
      broken('I5', 'oneWriter', `the old writer of ${name} took ${what} after the new one opened`, [key]),
    );
  watch(tables.member, (memberId) => late('a commit', memberId));
  watch(tables.directory, (key) => late('a directory row', key));
  watch(tables.token, (token) => late('a decided token', token));
  // Closing it late suspends every Redis, there.
  watch(tables.redisGrant, (redis, grant) => {
    if (!grant?.suspended) late('a grant', redis);
  });
}
