import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable, invariant } from '../../core/kernel/invariant.ts';
import type {
  Commit,
  CommitManyOutcome,
  CommitOutcome,
  MemberStore,
  Suspension,
} from '../../core/member/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { type Place, placeAll, placeOf } from './clusters.ts';
import type { DatabaseClusters, StatementResult } from './database.ts';
import { writerGuard } from './guard.ts';
import { storedMemberOf } from './member-rows.ts';
import { boundRows } from './plain-run.ts';
import { integer, resultAt, rowAt, text } from './rows.ts';
import { commitGuard, commitWrites, oldestDayOf, readAfterCommit, readRefusal } from './statements/commit.ts';
import { commitManyGuard, commitManyInSlot, commitManyToOutbox } from './statements/commit-many.ts';
import { countUnfencedBefore } from './statements/outbox-unfenced.ts';
import { readMemberAtWriter } from './statements/read-at-writer.ts';
import { transact } from './transaction.ts';

/** How often a commit is sent again when nothing stands in its way any more once the server has refused it. */
const attemptsMax = 3;

/** Members in MySQL, each in the slot of its id. */
export function makeMysqlMemberStore(options: {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}): MemberStore {
  const place = (memberId: string) => placeOf(options.clusters, options.sharding, memberId);
  return {
    async read(memberId, idempotency, deadline) {
      const at = place(memberId);
      const row = rowAt(await at.writer.run([readMemberAtWriter(at, memberId, idempotency)], deadline), 0);
      if (!row) return { kind: 'not-the-writer' };
      const repeat =
        idempotency === null || row.request_hash === null
          ? null
          : {
              ...idempotency,
              requestHash: text(row, 'request_hash'),
              receipt: {
                memberId,
                version: integer(row, 'repeat_version'),
                epoch: integer(row, 'repeat_epoch'),
              },
            };
      return { kind: 'member', stored: storedMemberOf(row), repeat, epoch: integer(row, 'epoch') };
    },

    async commit(commit, deadline) {
      const at = place(commit.event.memberId);
      for (let attempt = 1; attempt <= attemptsMax; attempt++) {
        const outcome = (await tryCommit(at, commit, deadline)) ?? (await reasonOf(at, commit, deadline));
        if (outcome) return outcome;
      }
      throw new DependencyUnavailable(at.writer.name, new Error('a commit was refused without a reason'));
    },

    commitMany: (commits, deadline) => commitAll(options, boundRows(commits), deadline),
  };
}

async function commitAll(
  { clusters, sharding }: Parameters<typeof makeMysqlMemberStore>[0],
  commits: readonly Commit[],
  deadline: Deadline,
): Promise<CommitManyOutcome> {
  const placed = placeAll(clusters, sharding, commits, ({ event }) => event.memberId);
  const [all] = placed;
  const epoch = commits[0]?.event.epoch;
  invariant(all && epoch !== undefined && placed.length === 1, 'commits of one database cluster');
  for (const { event, expectedVersion } of commits) {
    invariant(event.epoch === epoch && expectedVersion === null, 'commits of new members, of one epoch');
  }
  const { databaseCluster, writer, slots } = all;
  const outcome = await transact(
    writer,
    {
      guard: [
        ...writerGuard(databaseCluster, { epoch, slots: slots.map(({ slot }) => slot) }),
        commitManyGuard(databaseCluster, commits),
      ],
      body: [
        ...slots.flatMap(({ schema, items }) => commitManyInSlot(schema, items)),
        ...commitManyToOutbox(databaseCluster, commits),
      ],
      after: [readAfterCommit(databaseCluster)],
    },
    deadline,
  );
  if (outcome.kind === 'refused') {
    if (outcome.refusal === 'read-only') return { kind: 'not-the-writer' };
    const isWriter = suspendedAfter(await writer.run([readAfterCommit(databaseCluster)], deadline), epoch);
    return { kind: isWriter === null ? 'not-the-writer' : 'refused' };
  }
  const suspended = suspendedAfter(outcome.after, epoch);
  if (suspended === null) return { kind: 'lease-ended' };
  const numbered = resultAt(outcome.body, outcome.body.length - 1).rows;
  const sequences = new Map(numbered.map((row) => [text(row, 'member_id'), integer(row, 'sequence')]));
  return {
    kind: 'committed',
    databaseCluster,
    sequences: commits.map(({ event }) => sequences.get(event.memberId) ?? 0),
    suspended,
  };
}

/** What stands after a commit; null when there must be no receipt. */
function suspendedAfter(after: readonly StatementResult[], epoch: number): readonly Suspension[] | null {
  const lease = rowAt(after, 0);
  if (!lease || integer(lease, 'epoch') !== epoch) return null;
  return resultAt(after, 0)
    .rows.filter(({ redis }) => redis !== null)
    .map((row) => ({ redis: text(row, 'redis'), grantEndsInMs: integer(row, 'grant_ends_in_ms') }));
}

/** @returns null when the server refused it */
async function tryCommit(at: Place, commit: Commit, deadline: Deadline): Promise<CommitOutcome | null> {
  const { schema, slot, databaseCluster, writer } = at;
  const { memberId, version } = commit.event;
  const outcome = await transact(
    writer,
    {
      guard: commitGuard(schema, databaseCluster, slot, commit),
      body: commitWrites(schema, databaseCluster, commit),
      after: [readAfterCommit(databaseCluster), countUnfencedBefore(databaseCluster, memberId, version)],
    },
    deadline,
  );
  if (outcome.kind === 'refused') return outcome.refusal === 'read-only' ? { kind: 'not-the-writer' } : null;
  const suspended = suspendedAfter(outcome.after, commit.event.epoch);
  if (suspended === null) return { kind: 'lease-ended' };
  const unfenced = rowAt(outcome.after, 1);
  return {
    kind: 'committed',
    databaseCluster,
    sequence: resultAt(outcome.body, outcome.body.length - 1).insertId,
    olderUnfenced: unfenced ? integer(unfenced, 'unfenced') : 0,
    suspended,
  };
}

/** Why a commit was refused; null when what stood in its way has gone (a lease that was renewed meanwhile). */
async function reasonOf(at: Place, commit: Commit, deadline: Deadline): Promise<CommitOutcome | null> {
  const { schema, slot, databaseCluster, writer } = at;
  const row = rowAt(await writer.run([readRefusal(schema, databaseCluster, slot, commit)], deadline), 0);
  if (!row || integer(row, 'may_write') !== 1) return { kind: 'not-the-writer' };
  if (integer(row, 'repeats') > 0) return { kind: 'repeated' };
  if (integer(row, 'tokens_decided') > 0 || integer(row, 'oldest_day') > oldestDayOf(commit)) {
    return { kind: 'token-void' };
  }
  return row.version === commit.expectedVersion ? null : { kind: 'version-changed' };
}
