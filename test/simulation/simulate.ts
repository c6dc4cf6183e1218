/** One run: a storm of operations and faults from a seed, then calm until everything has drained, checked throughout. */
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { centreNames } from '../../functions/core/propagation/event.ts';
import type { HistoryEntry } from '../../scripts/judge/history.ts';
import { judge } from '../../scripts/judge/judge.ts';
import { makeAsking } from './asking.ts';
import { keyringsOf, makeCheapSealer, makeCountedIds } from './cheap-crypto.ts';
import { broken, commitsOnce, oneOwner, registeredOnce, type Violation, versionsGrow } from './checks.ts';
import {
  cacheEqualsDatabase,
  cachesServe,
  directorySettled,
  everythingDrained,
  noIdentifierTwice,
  rowsAreTheCommits,
  searchEqualsDatabase,
} from './checks-at-rest.ts';
import { oneProbe, searchServes } from './checks-of-search.ts';
import { journalHoldsCommits, journalOutlastsReplicas, survivesLossOfA } from './checks-of-the-journal.ts';
import { makeChoices } from './choices.ts';
import { makeOperate } from './clients.ts';
import { close } from './closing.ts';
import { makeEngines } from './engines.ts';
import { askLastQuestions } from './last-questions.ts';
import { observeCommits, observeJournal, tell } from './observe.ts';
import { type Nuisance, type Plan, planOf, quieter, type Theme } from './plan.ts';
import type { Surroundings } from './process.ts';
import { makeRelayProcess, type Shared } from './processes.ts';
import { type Promoting, startPromoting } from './promoting.ts';
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
  /** How many callers there are. @default what the seed's plan says */
  readonly clients?: number | undefined;
  /** The numbers of the forced choices that may happen. @default all */
  readonly only?: readonly number[] | undefined;
  /** Whether to keep the story. @default false */
  readonly isTold?: boolean;
  /** How many lines of it to keep. @default all */
  readonly linesMax?: number;
}

export interface RunResult {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly operations: number;
  /** How many of them its storm was to have. A promotion is followed by more. */
  readonly operationsMax: number;
  readonly commits: number;
  readonly steps: number;
  /** How many forced choices there were to take. */
  readonly choices: number;
  readonly virtualMs: number;
  /** What clients saw. */
  readonly history: readonly HistoryEntry[];
  readonly lines: readonly string[];
}

/** Longer than any message is late. */
const longestDelayMs = 31_000;
/** How long every Redis may take to serve again: what is frozen wakes up, and a relay that died is followed by the next. */
const recoveryMs = 45_000;
const warmUpMs = 3_000;
const promotedWithinMs = 60_000;
const operationsAfter = 150;
const drainTicksMax = 80;

/** What the run of a seed is like. */
export const planFor = (seed: number): Plan => planOf(makeRandomness(seed).fork());

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
  clients,
  only,
  isTold = false,
  linesMax,
}: RunOptions): Promise<RunResult> {
  const seeded = makeRandomness(seed);
  const scheduler = makeScheduler();
  const planned = quieter(planOf(seeded.fork()), without);
  const plan = { ...planned, clients: clients ?? planned.clients };
  const trace = isTold ? makeTrace(scheduler.nowMs, linesMax) : noTrace;
  const choices = makeChoices(only ? new Set(only) : null);
  const weather = makeWeather(
    seeded.fork(),
    plan.rates,
    plan.betweenCentresMs,
    scheduler.nowMs,
    choices,
    plan.veryLateFromMs,
  );
  const hasReplica = plan.everyMs['fail-over-redis'] !== null;
  const engines = makeEngines(scheduler, seeded.fork(), firstOf[plan.theme] ?? 'any', hasReplica);
  const sealer = makeCheapSealer();
  const truth = makeTruth(sealer, scheduler.nowMs);
  const around = { scheduler, weather, choices, trace, asked: engines.replicateFor };
  const surroundings: Surroundings = { ...around, random: seeded.fork() };
  const callers: Surroundings = { ...around, random: seeded.fork() };
  // Rotations of keys have runs of their own.
  const keyrings = plan.theme === 'promoting' ? 'one' : keyringsOf(seed, plan.theme === 'rotating');
  const ages = shortAges(plan.tokenDayMs);
  const ids = makeCountedIds(() => ages.dayOf(startOfTimeMs + scheduler.nowMs()));
  let violation: Violation | null = null;
  const report = (found: Violation | null): void => {
    if (found && !violation) trace.note(`~ VIOLATION ${found.message}`);
    violation ??= found;
  };
  const probed = oneProbe(scheduler.nowMs, engines, report);
  // What a message that comes late puts into a cluster that lost everything since, nothing else takes away.
  const isCompared = plan.everyMs['lose-search'] !== null;
  const shared: Shared = { engines, sealer, ids, ages, surroundings, keyrings, report, isCompared, probed };
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
  observeJournal(engines, (came, went) => {
    if (came) report(journalHoldsCommits(truth, came));
    if (went) report(journalOutlastsReplicas(engines, went));
  });
  if (trace.isOn) tell(engines, trace);

  let areFaultsOver = false;
  let isOver = false;
  const staff = employ(shared, plan.apiProcesses, () => isOver, report);
  const asking = makeAsking(surroundings, engines, truth, report);
  const wishes = makeWishes(callers.random, plan, truth, keyrings !== 'one');
  const operate = makeOperate({ surroundings: callers, truth, asking, wishes, processes: staff.api });
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

  let promoting: Promoting | null = null;

  const enough = operationsMax ?? plan.operationsMax;

  const storm = async (): Promise<void> => {
    await forMs(warmUpMs);
    startTroubles(
      { ...around, random: seeded.fork() },
      plan,
      engines,
      () => ({ api: staff.api(), relays: staff.relays(), consumers: staff.consumers() }),
      () => areFaultsOver,
    );
    let isClosing = plan.theme !== 'closing' && plan.theme !== 'promoting';
    const client = async (caller: string): Promise<void> => {
      while (asking.operations() < enough) {
        await operate(caller, plan);
        if (isClosing || asking.operations() < enough / 2) continue;
        isClosing = true;
        if (plan.theme === 'closing') close({ ...around, random: seeded.fork() }, engines, report);
        else promoting = startPromoting(shared, seeded.fork(), truth, asking.inBothCentres, report);
      }
    };
    await carry(Promise.all(callersOf(plan).map(client)));
    if (promoting) await finishPromotion();
  };

  /** Every caller asks one thing after the other until it is enough. */
  const goOnUntil = (isEnough: () => boolean, mix: Pick<Plan, 'thinkMs' | 'readShare'>): Promise<unknown> =>
    Promise.all(
      callersOf(plan).map(async (caller) => {
        while (!isEnough()) await operate(caller, mix);
      }),
    );

  /**
   * The callers go on until the new epoch stands; then for a while in it. In every second run they hardly write any more: what
   * a lost change left behind is not written over.
   */
  const finishPromotion = async (): Promise<void> => {
    const mix = seed % 2 === 0 ? plan : { ...plan, readShare: 0.95 };
    const untilMs = scheduler.nowMs() + promotedWithinMs;
    await carry(goOnUntil(() => (promoting?.isDone() ?? false) || scheduler.nowMs() >= untilMs, mix));
    const count = asking.operations() + operationsAfter;
    await carry(goOnUntil(() => asking.operations() >= count, mix));
  };

  /** The faults are over, the callers go on: every cache must serve again meanwhile. */
  const recoverUnderLoad = async (): Promise<void> => {
    weather.clearUp();
    engines.catchUp();
    trace.note('~ the faults are over, the operations go on');
    let isEnough = false;
    const all = goOnUntil(() => isEnough, { thinkMs: 50, readShare: 0.2 });
    const endsAtMs = scheduler.nowMs() + recoveryMs;
    let serves = cachesServe(engines);
    while (serves !== null && violation === null && scheduler.nowMs() < endsAtMs) {
      await forMs(250);
      serves = cachesServe(engines);
    }
    report(serves);
    isEnough = true;
    await carry(all);
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
    // Whoever promotes may be frozen still.
    const promotedByMs = scheduler.nowMs() + promotedWithinMs;
    while (promoting && !promoting.isDone() && scheduler.nowMs() < promotedByMs) await tick();
    if (promoting && !promoting.isDone())
      report(broken('I6', 'promotionEnds', 'at rest, B is still not promoted', []));
    // Whatever lies in a journal for longer than this without an outbox row is swept.
    await forMs(61_000);
    for (let ticks = 0; ticks < 4; ticks++) await tick();
    for (
      let ticks = 0;
      ticks < drainTicksMax &&
      violation === null &&
      (everythingDrained(engines) ?? cachesServe(engines) ?? searchServes(engines));
      ticks++
    )
      await tick();
  };

  /** After A's writers were closed nothing can drain any more. Nothing may be lost with A. */
  const end = async (): Promise<void> => {
    weather.clearUp();
    trace.note('~ the faults are over');
    await forMs(longestDelayMs);
    report(survivesLossOfA(engines, asking.inBothCentres()));
  };

  const restChecks = (): void => {
    report(noIdentifierTwice(engines, sealer));
    report(rowsAreTheCommits(engines, truth));
    report(everythingDrained(engines));
    report(cachesServe(engines));
    report(searchServes(engines));
    report(directorySettled(engines, truth));
    report(searchEqualsDatabase(engines, truth));
    report(cacheEqualsDatabase(engines, truth));
  };

  /** Every identifier is looked up in both centres, and every free one can be registered. */
  const lastQuestions = (): Promise<void> =>
    askLastQuestions({ shared, truth, asking, wishes, carry, report });

  await storm();
  areFaultsOver = true;
  if (violation === null && plan.isLoadedToTheEnd) await recoverUnderLoad();
  if (violation === null && plan.theme === 'closing') await end();
  else {
    if (violation === null) await calm();
    if (violation === null) restChecks();
    if (violation === null) await lastQuestions();
  }
  // What was acknowledged in one centre alone may be lost: the callers' own history cannot know.
  if (violation === null && !promoting) report(clientsSaw(asking.history()));
  return {
    seed,
    violation,
    operations: asking.operations(),
    operationsMax: enough,
    commits,
    steps: scheduler.steps(),
    choices: choices.count(),
    virtualMs: scheduler.nowMs(),
    history: asking.history(),
    lines: trace.lines(),
  };
}

/** What the centres read first, where a theme is about it. */
const firstOf: Readonly<Partial<Record<Theme, 'replicas' | 'search'>>> = {
  lagging: 'replicas',
  searching: 'search',
};

const callersOf = ({ clients }: Plan): readonly string[] =>
  Array.from({ length: clients }, (_, index) => `caller-${index + 1}`);

/** By nothing but what clients saw, once more: writes are linearizable, reads are no staler than they say. */
function clientsSaw(history: readonly HistoryEntry[]): Violation | null {
  const [fault] = judge(history, { isFromEmpty: true }).faults;
  if (!fault) return null;
  const { invariant, check, message, entries } = fault;
  const keys = entries.flatMap(({ memberId, identifier }) => [memberId ?? [], identifier?.hash ?? []].flat());
  return broken(invariant, check, message, keys);
}
