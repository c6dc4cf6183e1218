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
import type { HistoryEntry } from '../../scripts/judge/history.ts';
import { keyOf } from './cheap-crypto.ts';
import {
  answersInTime,
  bothEndsAgree,
  broken,
  conflictIsReal,
  noSilentStaleness,
  nothingUnexpected,
  type Read,
  sameReceipt,
  standing,
  type Violation,
} from './checks.ts';
import { survivesLossOfA } from './checks-of-the-journal.ts';
import type { Engines } from './engines.ts';
import type { Surroundings } from './process.ts';
import type { ApiProcess } from './processes.ts';
import { readEntry, writeEntry } from './recording.ts';
import { say } from './trace.ts';
import type { Committed, Truth } from './truth.ts';
import type { Wish } from './wishes.ts';

/** `lost`: the process crashed, took too long for its caller, or could not answer. */
export type Answer<T> = T | 'lost';

export interface Asking {
  /** @param caller who asks, by the name that the history gives it */
  write(wish: Wish, process: ApiProcess, caller: string): Promise<Answer<WriteOutcome>>;
  lookUp(
    identifier: Identifier,
    process: ApiProcess,
    caller: string,
    lane?: Lane,
  ): Promise<Answer<ReadAnswer>>;
  /** Several at once: each is judged by itself. */
  lookUpMany(
    identifiers: readonly Identifier[],
    process: ApiProcess,
    caller: string,
    lane?: Lane,
  ): Promise<Answer<readonly ReadOutcome[]>>;
  readMember(memberId: string, process: ApiProcess, caller: string, lane?: Lane): Promise<Answer<ReadAnswer>>;
  /** What was asked and answered so far. */
  history(): readonly HistoryEntry[];
  operations(): number;
  /** Everything that was acknowledged as in both centres. */
  inBothCentres(): readonly Committed[];
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
  const history: HistoryEntry[] = [];
  const inBoth = new Set<Committed>();

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

  const noteOf =
    (
      asked: { readonly caller: string; readonly process: ApiProcess },
      target: { readonly memberId: string } | { readonly identifier: Identifier },
    ) =>
    (answer: Answer<ReadAnswer>, startMs: number): void =>
      void history.push(readEntry({ ...asked, startMs, endMs: scheduler.nowMs() }, target, answer));

  const acknowledge = (wish: Wish, receipt: Receipt): void => {
    const { memberId, version } = receipt;
    const commit = truth.commitOf(memberId, version);
    const isBoth = receipt.durability === 'both-centres';
    if (truth.isLost(memberId, version)) {
      const what = `${memberId} at ${version} is acknowledged as in both centres, and was lost`;
      if (isBoth) report(broken('I3', 'nothingAcknowledgedLost', what, [memberId]));
      return;
    }
    if (wish.receipt && truth.isLost(wish.receipt.memberId, wish.receipt.version)) wish.receipt = null;
    report(sameReceipt(truth, wish.request, wish.receipt, receipt));
    if (commit && isBoth) {
      inBoth.add(commit);
      if (!engines.opened.isOpen) report(survivesLossOfA(engines, [commit]));
    }
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
    note: (answer: Answer<ReadAnswer>, startMs: number) => void,
    run: () => Promise<ReadAnswer>,
  ): Promise<Answer<ReadAnswer>> => {
    const answer = await call(`looks up ${asked.cacheKey.slice(2)}`, process, readDeadlineMs, run);
    note(answer, asked.startedAtMs);
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
    history: () => history,
    inBothCentres: () => [...inBoth],

    async write(wish, process, caller) {
      const { wanted, memberId } = wish;
      const lastState = (key: CacheKey): number => {
        const line = truth.timeline(key);
        return standing(line, line.states.length - 1);
      };
      const keys = wanted.map((identifier) => cacheKeyOfIdentifier(keyOf(identifier)));
      const from = new Map(keys.map((key) => [key, lastState(key)]));
      const memberFrom = memberId === null ? 0 : lastState(cacheKeyOfMember(memberId));
      const startMs = scheduler.nowMs();
      const outcome = await call(wish.what, process, writeDeadlineMs, () => wish.ask(process));
      history.push(writeEntry({ caller, process, startMs, endMs: scheduler.nowMs() }, wish, outcome));
      if (outcome === 'lost') return outcome;
      if (outcome.kind === 'done') acknowledge(wish, outcome.receipt);
      if (outcome.kind === 'identifier-bound') {
        const isOwn = memberId !== null && hadSomethingIn(outcome.fields, memberId, memberFrom);
        if (!isOwn) report(conflictIsReal(truth, keys, from));
      }
      return outcome;
    },

    lookUp: (identifier, process, caller, lane = 'critical') =>
      read(startedLookup(identifier), process, noteOf({ caller, process }, { identifier }), () =>
        readerOf(process, lane).lookUp(identifier, deadlineAfter(process.clock, readDeadlineMs)),
      ),

    async lookUpMany(identifiers, process, caller, lane = 'critical') {
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
        else {
          const identifier = identifiers[index] as Identifier;
          noteOf({ caller, process }, { identifier })(outcome, one.startedAtMs);
          judge(one, outcome);
        }
      }
      return outcomes;
    },

    readMember: (memberId, process, caller, lane = 'critical') =>
      read(
        started(cacheKeyOfMember(memberId), null),
        process,
        noteOf({ caller, process }, { memberId }),
        () => readerOf(process, lane).member(memberId, deadlineAfter(process.clock, readDeadlineMs)),
      ),
  };
}
