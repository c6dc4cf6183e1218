/** The callers: they ask for changes and lookups of few members and identifiers, repeat what failed, and check answers. */
import type { ReadAnswer } from '../../functions/core/cache/answers.ts';
import { readDeadlineMs, writeDeadlineMs } from '../../functions/core/failover/durations.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { fieldOf, type Identifier } from '../../functions/core/member/identifiers.ts';
import type { Receipt } from '../../functions/core/member/member.ts';
import type { WriteOutcome, WriteRequest } from '../../functions/core/member/outcomes.ts';
import { type CacheKey, cacheKeyOfIdentifier, cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { identifierHasher } from './cheap-crypto.ts';
import {
  answersInTime, bothEndsAgree, conflictIsReal, inBothCentres, noSilentStaleness, nothingUnexpected, sameReceipt, type Violation,
} from './checks.ts';
import { type Engines, replicaNames } from './engines.ts';
import type { Plan } from './plan.ts';
import type { ApiProcess } from './processes.ts';
import type { Surroundings } from './process.ts';
import { say } from './trace.ts';
import type { Truth } from './truth.ts';

/** A write as its caller keeps it, to ask for it again. */
export interface Wish {
  readonly what: string;
  readonly request: WriteRequest;
  /** What it may be refused for: the identifiers it takes, and the member it is about. */
  readonly wanted: readonly Identifier[];
  readonly memberId: string | null;
  receipt: Receipt | null;
  ask(process: ApiProcess): Promise<WriteOutcome>;
}

export interface Callers {
  /** One operation, from its choice to its answer. */
  operate(thinkMs: number): Promise<void>;
  write(wish: Wish, process: ApiProcess): Promise<WriteOutcome | 'lost'>;
  lookUp(identifier: Identifier, process: ApiProcess): Promise<ReadAnswer | 'lost'>;
  readMember(memberId: string, process: ApiProcess): Promise<ReadAnswer | 'lost'>;
  registration(identifiers: readonly Identifier[]): Wish;
  readonly identifiers: readonly Identifier[];
  operations(): number;
}

/** A caller hangs up after this long. */
const patienceMs = 9_000;
const rememberedMax = 40;

export function makeCallers(
  surroundings: Surroundings, plan: Plan, engines: Engines, truth: Truth,
  processes: () => readonly ApiProcess[], report: (violation: Violation | null) => void,
): Callers {
  const { scheduler, random, trace } = surroundings;
  const identifiers: readonly Identifier[] = [
    ...Array.from({ length: plan.phones }, (_, index) => ({ kind: 'phone' as const, value: String(index + 1) })),
    ...Array.from({ length: plan.cards }, (_, index) => ({ kind: 'cardNo' as const, value: String(index + 1) })),
  ];
  const remembered: Wish[] = [];
  let operations = 0;
  let keys = 0;

  const pause = (ms: number): Promise<void> => new Promise((resolve) => scheduler.after(ms, resolve));

  /** The answer; `lost` when the process crashed or took too long for its caller, or could not answer. */
  const call = <T>(what: string, process: ApiProcess, deadlineMs: number, run: () => Promise<T>): Promise<T | 'lost'> =>
    new Promise((resolve) => {
      operations++;
      const startedAtMs = scheduler.nowMs();
      const freezes = process.freezes();
      if (trace.isOn) trace.note(`> ${process.name} ${what}`);
      const end = (answer: T | 'lost', said: unknown): void => {
        if (trace.isOn) trace.note(`< ${process.name} ${what}: ${say(said)}`);
        if (process.freezes() === freezes && !process.isDead()) report(answersInTime(what, scheduler.nowMs() - startedAtMs, deadlineMs));
        resolve(answer);
      };
      process.onCrash(() => resolve('lost'));
      scheduler.after(patienceMs, () => resolve('lost'));
      run().then(
        (answer) => end(answer, answer),
        (error: unknown) => {
          if (!(error instanceof DependencyUnavailable)) report(nothingUnexpected(what, error));
          end('lost', String(error));
        },
      );
    });

  const isShown = (replicas: readonly string[], { memberId, version }: Receipt): boolean => {
    const cluster = engines.clusters[truth.commitOf(memberId, version)?.databaseCluster ?? ''];
    return replicas.every((replica) => (cluster?.replicas[replica]?.tables.member.get(memberId)?.version ?? 0) >= version);
  };

  const write = async (wish: Wish, process: ApiProcess): Promise<WriteOutcome | 'lost'> => {
    const wantedKeys = wish.wanted.map((identifier) => cacheKeyOfIdentifier(identifierHasher.keyOf(identifier)));
    const from = new Map<CacheKey, number>(wantedKeys.map((key) => [key, truth.timeline(key).states.length - 1]));
    const heldBefore = wish.memberId === null ? 0 : truth.timeline(cacheKeyOfMember(wish.memberId)).states.length - 1;
    const outcome = await call(wish.what, process, writeDeadlineMs, () => wish.ask(process));
    if (outcome === 'lost') return outcome;
    if (outcome.kind === 'done') {
      const { receipt } = outcome;
      report(sameReceipt(truth, { caller: wish.request.caller, key: wish.request.idempotencyKey }, wish.receipt, receipt));
      const isJournaled = [...engines.journals.B.entries.values()].some(({ event }) => event.memberId === receipt.memberId && event.version === receipt.version);
      report(inBothCentres(receipt, isJournaled, isShown(replicaNames.B, receipt)));
      wish.receipt ??= receipt;
      truth.acknowledged(receipt);
    }
    if (outcome.kind === 'identifier-bound') {
      const own = wish.memberId === null ? [] : truth.timeline(cacheKeyOfMember(wish.memberId)).states.slice(heldBefore);
      const fieldIsTaken = own.some(({ memberId, version }) =>
        truth.commitOf(memberId ?? '', version)?.member.holdings.some((held) => outcome.fields.includes(fieldOf(held.identifier))));
      if (!fieldIsTaken) report(conflictIsReal(truth, wantedKeys, from));
    }
    return outcome;
  };

  const read = async (
    cacheKey: CacheKey, identifierKey: string | null, what: string, process: ApiProcess, run: () => Promise<ReadAnswer>,
  ): Promise<ReadAnswer | 'lost'> => {
    const started = { cacheKey, identifierKey, startedAtMs: scheduler.nowMs(), floor: truth.timeline(cacheKey).floor };
    const answer = await call(what, process, readDeadlineMs, run);
    if (answer === 'lost') return answer;
    report(bothEndsAgree(truth, started, answer));
    report(noSilentStaleness(truth, started, answer));
    return answer;
  };

  const lookUp = (identifier: Identifier, process: ApiProcess): Promise<ReadAnswer | 'lost'> => {
    const key = identifierHasher.keyOf(identifier);
    return read(cacheKeyOfIdentifier(key), key, `looks up ${key}`, process, () =>
      process.reader.lookUp(identifier, deadlineAfter(process.clock, readDeadlineMs)));
  };
  const readMember = (memberId: string, process: ApiProcess): Promise<ReadAnswer | 'lost'> =>
    read(cacheKeyOfMember(memberId), null, `reads ${memberId}`, process, () =>
      process.reader.member(memberId, deadlineAfter(process.clock, readDeadlineMs)));

  const wishOf = (
    what: string, memberId: string | null, wanted: readonly Identifier[],
    ask: (process: ApiProcess, request: WriteRequest) => Promise<WriteOutcome>,
  ): Wish => {
    const request = { caller: 'orders', idempotencyKey: `k${++keys}`, requestHash: what };
    return { what: `${what} (k${keys})`, memberId, wanted, request, receipt: null, ask: (process) => ask(process, request) };
  };
  const until = (process: ApiProcess) => deadlineAfter(process.clock, writeDeadlineMs);
  const registration = (wanted: readonly Identifier[]): Wish => {
    const name = `n${keys + 1}`;
    return wishOf(`registers ${wanted.map(identifierHasher.keyOf).join(' ')}`, null, wanted, (process, request) =>
      process.writer.register({ name, identifiers: wanted }, request, until(process)));
  };

  /** Mostly a member that is active, of the last few. */
  const someMember = (): string | null => {
    const all = [...truth.members.keys()].slice(-12);
    const active = all.filter((memberId) => truth.members.get(memberId)?.member.status === 'active');
    if (active.length > 0 && random.chance(0.9)) return random.pick(active);
    return all.length > 0 ? random.pick(all) : null;
  };
  const someIdentifiers = (): readonly Identifier[] => {
    const first = random.pick(identifiers);
    const second = random.pick(identifiers);
    return first.kind === second.kind || random.chance(0.5) ? [first] : [first, second];
  };

  const someWish = (): Wish => {
    const memberId = someMember();
    const drawn = random.fraction();
    if (memberId === null || drawn < 0.22) return registration(someIdentifiers());
    const identifier = random.pick(identifiers);
    if (drawn < 0.4) {
      return wishOf(`binds ${identifierHasher.keyOf(identifier)} to ${memberId}`, memberId, [identifier], (process, request) =>
        process.writer.bind(memberId, identifier, request, until(process)));
    }
    const holdings = truth.members.get(memberId)?.member.holdings ?? [];
    if (drawn < 0.65) {
      const field = fieldOf(holdings.length > 0 ? random.pick(holdings).identifier : identifier);
      return wishOf(`unbinds ${field} of ${memberId}`, memberId, [], (process, request) =>
        process.writer.unbind(memberId, field, request, until(process)));
    }
    if (drawn < 0.75) {
      return wishOf(`cancels ${memberId}`, memberId, [], (process, request) =>
        process.writer.cancel(memberId, request, until(process)));
    }
    const level = random.below(100);
    const ifMatch = random.chance(0.3) ? (truth.members.get(memberId)?.member.version ?? null) : null;
    return wishOf(`updates ${memberId}`, memberId, [], (process, request) =>
      process.writer.update(memberId, { level }, ifMatch, request, until(process)));
  };

  const someProcess = async (): Promise<ApiProcess> => {
    for (;;) {
      const running = processes().filter((process) => !process.isFrozen());
      if (running.length > 0) return random.pick(running);
      await pause(50);
    }
  };

  /** Whoever has an answer to a write looks at once whether it is so. */
  const readBack = async (wish: Wish): Promise<void> => {
    const memberId = wish.receipt?.memberId ?? '';
    const changed = truth.commitOf(memberId, wish.receipt?.version ?? 0)?.event.directory.map(({ key }) => key) ?? [];
    const identifier = identifiers.find((one) => changed.includes(identifierHasher.keyOf(one)));
    const process = await someProcess();
    await (identifier ? lookUp(identifier, process) : readMember(memberId, process));
  };

  /** Asks, and asks again after a failure, or at the same time elsewhere. */
  const insist = async (wish: Wish): Promise<void> => {
    for (let attempt = 0; attempt < 4; attempt++) {
      const asked = [write(wish, await someProcess())];
      if (random.chance(0.1)) {
        await pause(random.pause(5));
        asked.push(write(wish, await someProcess()));
      }
      const outcomes = await Promise.all(asked);
      const done = outcomes.find((outcome) => outcome !== 'lost' && outcome.kind === 'done');
      if (done && random.chance(0.3)) await readBack(wish);
      if (outcomes.some((outcome) => outcome !== 'lost' && outcome.kind !== 'unavailable')) return;
      if (random.chance(0.3)) return;
      await pause(random.pause(300));
    }
  };

  return {
    identifiers,
    registration,
    write,
    lookUp,
    readMember,
    operations: () => operations,
    async operate(thinkMs) {
      await pause(random.pause(thinkMs));
      if (random.chance(plan.readShare)) {
        const memberId = random.chance(0.3) ? someMember() : null;
        const process = await someProcess();
        await (memberId === null ? lookUp(random.pick(identifiers), process) : readMember(memberId, process));
        return;
      }
      const repeated = remembered.length > 0 && random.chance(0.12) ? random.pick(remembered) : null;
      const wish = repeated ?? someWish();
      if (!repeated) remembered.push(wish);
      if (remembered.length > rememberedMax) remembered.shift();
      await insist(wish);
    },
  };
}
