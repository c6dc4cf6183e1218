/** Asking processes as their callers do, and checking each answer against the truth. */
import type { ReadAnswer, ReadOutcome } from '../../functions/core/cache/answers.ts';
import type { MemberReader } from '../../functions/core/cache/reader.ts';
import type { Lane } from '../../functions/core/caller/caller.ts';
import { readDeadlineMs, writeDeadlineMs } from '../../functions/core/failover/durations.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { fieldOf, type Identifier } from '../../functions/core/member/identifiers.ts';
import type { Receipt } from '../../functions/core/member/member.ts';
import type { WriteOutcome } from '../../functions/core/member/outcomes.ts';
import {
  type CacheKey,
  cacheKeyOfIdentifier,
  cacheKeyOfMember,
} from '../../functions/core/propagation/event.ts';
import { keyOf } from './cheap-crypto.ts';
import {
  answersInTime,
  bothEndsAgree,
  conflictIsReal,
  inBothCentres,
  noSilentStaleness,
  nothingUnexpected,
  type Read,
  sameReceipt,
  type Violation,
} from './checks.ts';
import { type Engines, replicaNames } from './engines.ts';
import type { Surroundings } from './process.ts';
import type { ApiProcess } from './processes.ts';
import { say } from './trace.ts';
import type { Truth } from './truth.ts';
import type { Wish } from './wishes.ts';

/** `lost`: the process crashed, took too long for its caller, or could not answer. */
export type Answer<T> = T | 'lost';

export interface Asking {
  write(wish: Wish, process: ApiProcess): Promise<Answer<WriteOutcome>>;
  lookUp(identifier: Identifier, process: ApiProcess, lane?: Lane): Promise<Answer<ReadAnswer>>;
  /** Several at once: each is judged by itself. */
  lookUpMany(
    identifiers: readonly Identifier[],
    process: ApiProcess,
    lane?: Lane,
  ): Promise<Answer<readonly ReadOutcome[]>>;
  readMember(memberId: string, process: ApiProcess, lane?: Lane): Promise<Answer<ReadAnswer>>;
  operations(): number;
}

/** A caller hangs up after this long. */
const patienceMs = 9_000;

export function makeAsking(
  { scheduler, trace }: Surroundings,
  engines: Engines,
  truth: Truth,
  report: (violation: Violation | null) => void,
): Asking {
  let operations = 0;

  const call = <T>(
    what: string,
    process: ApiProcess,
    deadlineMs: number,
    run: () => Promise<T>,
  ): Promise<Answer<T>> =>
    new Promise((resolve) => {
      operations++;
      const startedAtMs = scheduler.nowMs();
      const freezes = process.freezes();
      if (trace.isOn) trace.note(`> ${process.name} ${what}`);
      const end = (answer: Answer<T>, said: unknown): void => {
        if (trace.isOn) trace.note(`< ${process.name} ${what}: ${say(said)}`);
        const tookMs = scheduler.nowMs() - startedAtMs;
        if (process.freezes() === freezes) report(answersInTime(what, tookMs, deadlineMs));
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

  const acknowledge = (wish: Wish, receipt: Receipt): void => {
    const { memberId, version } = receipt;
    report(sameReceipt(truth, wish.request, wish.receipt, receipt));
    const isJournaled = [...engines.journals.B.entries.values()].some(
      ({ event }) => event.memberId === memberId && event.version === version,
    );
    const cluster = engines.clusters[truth.commitOf(memberId, version)?.databaseCluster ?? ''];
    const isShown = replicaNames.B.every((replica) => {
      const shown = cluster?.replicas[replica]?.tables.member.get(memberId)?.version ?? 0;
      return shown >= version;
    });
    report(inBothCentres(receipt, isJournaled, isShown));
    wish.receipt ??= receipt;
    truth.acknowledged(receipt);
  };

  /** Whether the member had something in one of `fields` since a state of it: then a binding is refused for that. */
  const hadSomethingIn = (fields: readonly string[], memberId: string, fromState: number): boolean =>
    truth
      .timeline(cacheKeyOfMember(memberId))
      .states.slice(fromState)
      .flatMap(({ version }) => truth.commitOf(memberId, version)?.member.holdings ?? [])
      .some(({ identifier }) => fields.includes(fieldOf(identifier)));

  const started = (cacheKey: CacheKey, identifierKey: string | null): Read => {
    const { floor } = truth.timeline(cacheKey);
    return { cacheKey, identifierKey, startedAtMs: scheduler.nowMs(), floor };
  };
  const judge = (read: Read, answer: ReadAnswer): void => {
    report(bothEndsAgree(truth, read, answer));
    report(noSilentStaleness(truth, read, answer));
  };
  const read = async (
    asked: Read,
    process: ApiProcess,
    run: () => Promise<ReadAnswer>,
  ): Promise<Answer<ReadAnswer>> => {
    const answer = await call(`looks up ${asked.cacheKey.slice(2)}`, process, readDeadlineMs, run);
    if (answer !== 'lost') judge(asked, answer);
    return answer;
  };
  const startedLookup = (identifier: Identifier): Read => {
    const key = keyOf(identifier);
    return started(cacheKeyOfIdentifier(key), key);
  };
  const readerOf = (process: ApiProcess, lane: Lane): MemberReader =>
    lane === 'critical' ? process.reader : process.marketingReader;

  return {
    operations: () => operations,

    async write(wish, process) {
      const { wanted, memberId } = wish;
      const lastState = (key: CacheKey): number => truth.timeline(key).states.length - 1;
      const keys = wanted.map((identifier) => cacheKeyOfIdentifier(keyOf(identifier)));
      const from = new Map(keys.map((key) => [key, lastState(key)]));
      const memberFrom = memberId === null ? 0 : lastState(cacheKeyOfMember(memberId));
      const outcome = await call(wish.what, process, writeDeadlineMs, () => wish.ask(process));
      if (outcome === 'lost') return outcome;
      if (outcome.kind === 'done') acknowledge(wish, outcome.receipt);
      if (outcome.kind === 'identifier-bound') {
        const isOwn = memberId !== null && hadSomethingIn(outcome.fields, memberId, memberFrom);
        if (!isOwn) report(conflictIsReal(truth, keys, from));
      }
      return outcome;
    },

    lookUp: (identifier, process, lane = 'critical') =>
      read(startedLookup(identifier), process, () =>
        readerOf(process, lane).lookUp(identifier, deadlineAfter(process.clock, readDeadlineMs)),
      ),

    async lookUpMany(identifiers, process, lane = 'critical') {
      const asked = identifiers.map(startedLookup);
      const what = `looks up ${asked.map(({ cacheKey }) => cacheKey.slice(2)).join(', ')}`;
      const outcomes = await call(what, process, readDeadlineMs, () =>
        readerOf(process, lane).lookUpMany(identifiers, deadlineAfter(process.clock, readDeadlineMs)),
      );
      if (outcomes === 'lost') return outcomes;
      for (const [index, one] of asked.entries()) {
        const outcome = outcomes[index];
        if (outcome instanceof DependencyUnavailable) continue;
        if (outcome === undefined || outcome instanceof Error) report(nothingUnexpected(what, outcome));
        else judge(one, outcome);
      }
      return outcomes;
    },

    readMember: (memberId, process, lane = 'critical') =>
      read(started(cacheKeyOfMember(memberId), null), process, () =>
        readerOf(process, lane).member(memberId, deadlineAfter(process.clock, readDeadlineMs)),
      ),
  };
}
