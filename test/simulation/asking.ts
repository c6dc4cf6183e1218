/** Asking processes as their callers do, and checking each answer against the truth. */
import type { ReadAnswer } from '../../functions/core/cache/answers.ts';
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
  lookUp(identifier: Identifier, process: ApiProcess): Promise<Answer<ReadAnswer>>;
  readMember(memberId: string, process: ApiProcess): Promise<Answer<ReadAnswer>>;
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

  const read = async (
    cacheKey: CacheKey,
    identifierKey: string | null,
    process: ApiProcess,
    run: () => Promise<ReadAnswer>,
  ): Promise<Answer<ReadAnswer>> => {
    const { floor } = truth.timeline(cacheKey);
    const started = { cacheKey, identifierKey, startedAtMs: scheduler.nowMs(), floor };
    const answer = await call(`looks up ${cacheKey.slice(2)}`, process, readDeadlineMs, run);
    if (answer === 'lost') return answer;
    report(bothEndsAgree(truth, started, answer));
    report(noSilentStaleness(truth, started, answer));
    return answer;
  };

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

    lookUp(identifier, process) {
      const key = keyOf(identifier);
      return read(cacheKeyOfIdentifier(key), key, process, () =>
        process.reader.lookUp(identifier, deadlineAfter(process.clock, readDeadlineMs)),
      );
    },

    readMember: (memberId, process) =>
      read(cacheKeyOfMember(memberId), null, process, () =>
        process.reader.member(memberId, deadlineAfter(process.clock, readDeadlineMs)),
      ),
  };
}
