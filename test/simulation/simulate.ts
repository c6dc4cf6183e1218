/** One run: a storm of operations and faults from a seed, then calm until everything has drained, checked throughout. */
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { centreNames } from '../../functions/core/propagation/event.ts';
import { makeAsking } from './asking.ts';
import { keyringsOf, makeCheapSealer, makeCountedIds } from './cheap-crypto.ts';
import { commitsOnce, oneOwner, registeredOnce, type Violation, versionsGrow } from './checks.ts';
import {
  cacheEqualsDatabase,
  cachesServe,
  directorySettled,
  everythingDrained,
  noIdentifierTwice,
  rowsAreTheCommits,
  searchEqualsDatabase,
} from './checks-at-rest.ts';
import { makeOperate } from './clients.ts';
import { makeEngines } from './engines.ts';
import { observeCommits, tell } from './observe.ts';
import { type Nuisance, planOf, quieter } from './plan.ts';
import type { Surroundings } from './process.ts';
import { type ApiProcess, makeApiProcess, makeRelayProcess, type Shared } from './processes.ts';
import { makeRandomness } from './random.ts';
import { makeScheduler } from './scheduler.ts';
import { shortAges, startOfTimeMs } from './short-ages.ts';
import { employ } from './staff.ts';
import { makeTrace, noTrace } from './trace.ts';
import { startTroubles } from './troubles.ts';
import { makeTruth } from './truth.ts';
import { makeWeather } from './weather.ts';
import { makeWishes } from './wishes.ts';

export interface RunOptions {
  readonly seed: number;
  /** @default what the seed's plan says */
  readonly operationsMax?: number | undefined;
  /** Kinds of faults to leave out. @default none */
  readonly without?: readonly Nuisance[];
  /** Whether to keep the story. @default false */
  readonly isTold?: boolean;
  /** How many lines of it to keep. @default all */
  readonly linesMax?: number;
}

export interface RunResult {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly operations: number;
  readonly commits: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly lines: readonly string[];
}

/** Longer than any message is late. */
const longestDelayMs = 31_000;
/** How long every Redis may take to serve again: what is frozen wakes up, and a relay that died is followed by the next. */
const recoveryMs = 45_000;
const warmUpMs = 3_000;
const drainTicksMax = 80;

export async function simulate(options: RunOptions): Promise<RunResult> {
  const isTold = options.isTold ?? false;
  const stackTraceLimit = Error.stackTraceLimit;
  // Failures of dependencies are made by the thousand here; nobody looks at where.
  Error.stackTraceLimit = isTold ? stackTraceLimit : 0;
  try {
    return await run(options);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function run({
  seed,
  operationsMax,
  without = [],
  isTold = false,
  linesMax,
}: RunOptions): Promise<RunResult> {
  const random = makeRandomness(seed);
  const scheduler = makeScheduler();
  const plan = quieter(planOf(random), without);
  const trace = isTold ? makeTrace(scheduler.nowMs, linesMax) : noTrace;
  const weather = makeWeather(random, plan.rates, plan.betweenCentresMs, scheduler.nowMs);
  const engines = makeEngines(scheduler, random, plan.theme === 'lagging');
  const sealer = makeCheapSealer();
  const truth = makeTruth(sealer, scheduler.nowMs);
  const surroundings: Surroundings = { scheduler, random, weather, trace, asked: engines.replicateFor };
  const keyrings = keyringsOf(seed);
  const ages = shortAges(plan.tokenDayMs);
  const ids = makeCountedIds(() => ages.dayOf(startOfTimeMs + scheduler.nowMs()));
  const shared: Shared = { engines, sealer, ids, ages, surroundings, keyrings };

  let violation: Violation | null = null;
  const report = (found: Violation | null): void => {
    if (found && !violation) trace.note(`~ VIOLATION ${found.message}`);
    violation ??= found;
  };
  let commits = 0;
  observeCommits(engines, (databaseCluster, event) => {
    commits++;
    const before = truth.members.get(event.memberId);
    const { commit, earlierOwners } = truth.committed(databaseCluster, event);
    report(oneOwner(commit, earlierOwners));
    report(registeredOnce(truth, commit));
    report(commitsOnce(truth, commit));
    report(versionsGrow(before, commit));
  });
  if (trace.isOn) tell(engines, trace);

  let areFaultsOver = false;
  let isOver = false;
  const staff = employ(shared, plan.apiProcesses, () => isOver, report);
  const asking = makeAsking(surroundings, engines, truth, report);
  const wishes = makeWishes(random, plan, truth, keyrings !== 'one');
  const operate = makeOperate({ surroundings, truth, asking, wishes, processes: staff.api });
  const until = (isDone: () => boolean): Promise<void> =>
    scheduler.runUntil(() => violation !== null || isDone());
  const forMs = (ms: number): Promise<void> => {
    const endsAtMs = scheduler.nowMs() + ms;
    scheduler.after(ms, () => {});
    return until(() => scheduler.nowMs() >= endsAtMs);
  };
  /** Carries a flow on until it has come to its end. */
  const carry = async (flow: Promise<unknown>): Promise<void> => {
    let isDone = false;
    const settled = (): void => {
      isDone = true;
    };
    flow.then(settled, settled);
    await until(() => isDone);
  };

  const storm = async (): Promise<void> => {
    await forMs(warmUpMs);
    startTroubles(
      surroundings,
      plan,
      engines,
      () => ({ api: staff.api(), relays: staff.relays(), consumers: staff.consumers() }),
      () => areFaultsOver,
    );
    const client = async (): Promise<void> => {
      while (asking.operations() < (operationsMax ?? plan.operationsMax)) await operate(plan);
    };
    await carry(Promise.all(Array.from({ length: plan.clients }, client)));
  };

  /** The faults are over, the callers go on: every cache must serve again meanwhile. */
  const recoverUnderLoad = async (): Promise<void> => {
    weather.clearUp();
    engines.catchUp();
    trace.note('~ the faults are over, the operations go on');
    let isEnough = false;
    const client = async (): Promise<void> => {
      while (!isEnough) await operate({ thinkMs: 50, readShare: 0.2 });
    };
    const clients = Promise.all(Array.from({ length: plan.clients }, client));
    const endsAtMs = scheduler.nowMs() + recoveryMs;
    let serves = cachesServe(engines);
    while (serves !== null && violation === null && scheduler.nowMs() < endsAtMs) {
      await forMs(250);
      serves = cachesServe(engines);
    }
    report(serves);
    isEnough = true;
    await carry(clients);
  };

  /** Faults are over. What was still on its way arrives; then relays work until nothing is left. */
  const calm = async (): Promise<void> => {
    isOver = true;
    weather.clearUp();
    engines.catchUp();
    trace.note('~ the faults are over');
    await forMs(longestDelayMs);
    const relays = centreNames.map((centre) => makeRelayProcess(`last-relay-${centre}`, centre, shared));
    const tick = async (): Promise<void> => {
      await carry(
        Promise.all(relays.map((process) => process.relay.tick(deadlineAfter(process.clock, 5_000)))),
      );
      await forMs(500);
    };
    for (let ticks = 0; ticks < 5; ticks++) await tick();
    // Whatever lies in a journal for longer than this without an outbox row is swept.
    await forMs(61_000);
    for (let ticks = 0; ticks < 4; ticks++) await tick();
    for (
      let ticks = 0;
      ticks < drainTicksMax && violation === null && (everythingDrained(engines) ?? cachesServe(engines));
      ticks++
    )
      await tick();
  };

  const restChecks = (): void => {
    report(noIdentifierTwice(engines, sealer));
    report(rowsAreTheCommits(engines, truth));
    report(everythingDrained(engines));
    report(cachesServe(engines));
    report(directorySettled(engines, truth));
    report(searchEqualsDatabase(engines, truth));
    report(cacheEqualsDatabase(engines, truth));
  };

  /** Every identifier is looked up in both centres, and every free one can be registered. */
  const lastQuestions = async (): Promise<void> => {
    const processes: readonly ApiProcess[] = centreNames.map((centre) =>
      makeApiProcess(`last-api-${centre}`, centre, shared),
    );
    for (const process of processes) {
      for (const identifier of wishes.identifiers) {
        await carry(
          asking.lookUp(identifier, process).then((answer) => report(isFresh(answer, identifier.value))),
        );
      }
    }
    const [process] = processes;
    // Leases and grants must go on meanwhile.
    for (const centre of centreNames) {
      const { relay, clock } = makeRelayProcess(`last-relay-${centre}`, centre, shared);
      void relay.run(deadlineAfter(clock, 600_000));
    }
    for (const identifier of wishes.identifiers) {
      if (!process || truth.owners.has(`${identifier.kind}-${identifier.value}`)) continue;
      await carry(
        asking.write(wishes.registration([identifier]), process).then((outcome) => {
          const isDone = outcome !== 'lost' && outcome.kind === 'done';
          const key = `${identifier.kind}-${identifier.value}`;
          if (!isDone)
            report({
              invariant: 'I6',
              check: 'noIdentifierStuck',
              message: `${key} is free and cannot be registered`,
              keys: [key],
            });
        }),
      );
    }
  };

  await storm();
  areFaultsOver = true;
  if (violation === null && plan.isLoadedToTheEnd) await recoverUnderLoad();
  if (violation === null) await calm();
  if (violation === null) restChecks();
  if (violation === null) await lastQuestions();
  return {
    seed,
    violation,
    operations: asking.operations(),
    commits,
    steps: scheduler.steps(),
    virtualMs: scheduler.nowMs(),
    lines: trace.lines(),
  };
}

function isFresh(answer: { readonly freshness: string } | 'lost', value: string): Violation | null {
  const how = answer === 'lost' ? 'not at all' : answer.freshness;
  if (how === 'fresh') return null;
  return {
    invariant: 'I6',
    check: 'answersAreFreshAgain',
    message: `at rest, ${value} is answered ${how}`,
    keys: [value],
  };
}
