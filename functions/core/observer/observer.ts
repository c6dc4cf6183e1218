/**
 * The consistency observer: follows a sample of writes and reads each back as a client would, in both centres, some
 * time after it was acknowledged. It knows nothing of how reading works: what it finds is what callers get.
 *
 *   seen in the outbox --every Redis has the fence, or nobody may believe it any more--> acknowledged
 *   acknowledged --0, 1, 5, 60 s later--> read back in A and in B --the last--> forgotten
 */
import { grantMs, orphanedAfterMs } from '../failover/durations.ts';
import type { ClusterControl } from '../failover/ports.ts';
import { type Clock, type Deadline, deadlineAfter, remainingMs, within } from '../kernel/clock.ts';
import { orNull } from '../kernel/invariant.ts';
import type { MemberSource, Sealer } from '../member/ports.ts';
import { type CentreName, centreNames, type OutboxRow } from '../propagation/event.ts';
import type { Outbox } from '../propagation/ports.ts';
import { judge, type Question, questionsOf } from './judgement.ts';
import { makeTally, type Report } from './nines.ts';
import type { ReadBack, ReadBackAnswer } from './ports.ts';

export interface ObserverPorts {
  readonly databaseClusters: readonly string[];
  readonly control: Pick<ClusterControl, 'lastSequence'>;
  readonly outbox: Pick<Outbox, 'due' | 'find'>;
  /** Each centre, asked as its callers ask it. */
  readonly readBack: Readonly<Record<CentreName, ReadBack>>;
  readonly writer: MemberSource;
  /** What reads are answered from, for the trace of a miss. */
  readonly sources: readonly MemberSource[];
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** 0 to below 1: draws the sample. */
  readonly random: () => number;
}

export interface ObserverOptions {
  /** The share of writes that is followed, 0 to 1. */
  readonly share: number;
  /** When a write is read back, counted from its acknowledgement: ascending. */
  readonly delaysMs: readonly number[];
  /** Told of each answer that silently missed an acknowledged write. */
  readonly onMiss: (miss: Miss) => void;
  /** Told what was found since the last report. */
  readonly onReport: (report: Report) => void;
}

/** The trace of a race that a client would have seen. Without the member's id or anything personal. */
export interface Miss {
  readonly databaseCluster: string;
  readonly sequence: number;
  readonly epoch: number;
  readonly version: number;
  readonly operation: string;
  readonly centre: CentreName;
  readonly asked: Question['by'];
  readonly delayMs: number;
  /** Between seeing the write as acknowledged and asking. */
  readonly askedAfterMs: number;
  readonly answered: Omit<ReadBackAnswer, 'memberId'>;
  /** The sinks that the outbox row still lacked when it was first seen, and right after the answer; null: the row was gone. */
  readonly pendingAtFirst: readonly string[];
  readonly pendingNow: readonly string[] | null;
  /** The version that each source shows right after the answer; null: nobody; `away`: it did not answer. */
  readonly shown: Readonly<Record<string, number | null | 'away'>>;
}

const pollMs = 200;
const readMs = 1_500;
const pageMax = 100;
const followedMax = 200;
const askedAtOnceMax = 16;
const reportEveryMs = 60_000;
/** A write that could not fence a Redis was acknowledged once nobody could believe that Redis any more. */
const surelyAcknowledgedMs = orphanedAfterMs + grantMs;

interface Followed {
  readonly row: OutboxRow;
  readonly seenAtMs: number;
  acknowledgedAtMs: number | null;
  /** Index into the delays. */
  next: number;
}

export interface Observer {
  /** Follows new writes until the last delay before `endsAt`, so that what it follows is followed to its end. */
  run(endsAt: Deadline): Promise<void>;
}

export function makeObserver(ports: ObserverPorts, options: ObserverOptions): Observer {
  const { databaseClusters, control, outbox, readBack, writer, sources, sealer, clock, random } = ports;
  const { share, delaysMs, onMiss, onReport } = options;
  const lastDelayMs = Math.max(...delaysMs);

  const ask = async (followed: Followed, delayMs: number, centre: CentreName, question: Question) => {
    const { row, acknowledgedAtMs } = followed;
    const askedAfterMs = Math.round(clock.monotonicMs() - (acknowledgedAtMs ?? 0));
    const deadline = deadlineAfter(clock, readMs);
    const answer = await orNull(
      question.by === 'member'
        ? readBack[centre].member(row.event.memberId, deadline)
        : readBack[centre].lookUp(question.holding.identifier, deadline),
    );
    const after = deadlineAfter(clock, readMs);
    const verdict = await judge(row.event, question, answer, writer, sealer, after);
    if (verdict === 'missed' && answer) {
      const { memberId: _, ...answered } = answer;
      const { databaseCluster, sequence, event, pending: pendingAtFirst } = row;
      const now = await orNull(outbox.find(databaseCluster, event.memberId, event.version, after));
      onMiss({
        databaseCluster,
        sequence,
        epoch: event.epoch,
        version: event.version,
        operation: event.history.operation,
        centre,
        asked: question.by,
        delayMs,
        askedAfterMs,
        answered,
        pendingAtFirst,
        pendingNow: now?.pending ?? null,
        shown: await shownOf(event.memberId, after),
      });
    }
    return verdict;
  };

  const shownOf = async (memberId: string, deadline: Deadline): Promise<Miss['shown']> => {
    const asked = [writer, ...sources].map(async (source) => {
      const found = await orNull(source.member(memberId, deadline).then((stored) => ({ stored })));
      return [source.name, found === null ? 'away' : (found.stored?.version ?? null)] as const;
    });
    return Object.fromEntries(await Promise.all(asked));
  };

  /** Whether the write has its receipt, or never will and is finished all the same: then every answer must know it. */
  const isAcknowledged = async ({ row, seenAtMs }: Followed, deadline: Deadline): Promise<boolean> => {
    if (clock.monotonicMs() - seenAtMs >= surelyAcknowledgedMs) return true;
    const { databaseCluster, event } = row;
    const now = await outbox.find(databaseCluster, event.memberId, event.version, deadline);
    return now === null || !now.pending.some((sink) => sink === 'directory' || sink.startsWith('redis:'));
  };

  return {
    async run(endsAt) {
      const tally = makeTally(delaysMs, centreNames);
      let followed: Followed[] = [];
      const lastSequence = new Map<string, number>();
      let reportAtMs = clock.monotonicMs() + reportEveryMs;

      const draw = async (cluster: string): Promise<void> => {
        const deadline = within(clock, endsAt, readMs);
        const last = lastSequence.get(cluster);
        if (last === undefined) {
          lastSequence.set(cluster, await control.lastSequence(cluster, deadline));
          return;
        }
        const rows = await outbox.due(cluster, 0, last, pageMax, deadline);
        lastSequence.set(cluster, rows.at(-1)?.sequence ?? last);
        const seenAtMs = clock.monotonicMs();
        for (const row of rows) {
          if (followed.length >= followedMax) return;
          if (random() < share) followed.push({ row, seenAtMs, acknowledgedAtMs: null, next: 0 });
        }
      };

      const follow = async (one: Followed): Promise<void> => {
        if (one.acknowledgedAtMs === null) {
          if (!(await orNull(isAcknowledged(one, within(clock, endsAt, readMs))))) return;
          one.acknowledgedAtMs = clock.monotonicMs();
        }
        const delayMs = delaysMs[one.next];
        if (delayMs === undefined || clock.monotonicMs() < one.acknowledgedAtMs + delayMs) return;
        one.next += 1;
        const questions = questionsOf(one.row.event, sealer);
        await Promise.all(
          centreNames.flatMap((centre) =>
            questions.map(async (question) =>
              tally.count(delayMs, centre, await ask(one, delayMs, centre, question)),
            ),
          ),
        );
      };

      while (remainingMs(clock, endsAt) > 0) {
        const isDrawing = remainingMs(clock, endsAt) > lastDelayMs + readMs;
        if (isDrawing) await Promise.all(databaseClusters.map((cluster) => orNull(draw(cluster))));
        else if (followed.length === 0) break;
        for (let from = 0; from < followed.length; from += askedAtOnceMax) {
          await Promise.all(followed.slice(from, from + askedAtOnceMax).map(follow));
        }
        followed = followed.filter((one) => one.next < delaysMs.length);
        if (clock.monotonicMs() >= reportAtMs) {
          onReport(tally.take());
          reportAtMs += reportEveryMs;
        }
        await clock.sleep(Math.min(pollMs, remainingMs(clock, endsAt)));
      }
      onReport(tally.take());
    },
  };
}
