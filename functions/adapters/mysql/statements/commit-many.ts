/**
 * The commits of many new members. Atomic: all that `commit.ts` writes for one is written for all of them or for none, at
 * a writer with their epoch and a lease to write. That none of them exists is for the unique key of their rows to say,
 * and that no token was voided for the tokens'.
 */
import { dayOfToken } from '../../../core/kernel/ids.ts';
import type { Commit } from '../../../core/member/ports.ts';
import type { Statement } from '../database.ts';
import { failUnless } from '../guard.ts';
import { controlSchema } from '../schema/names.ts';
import { oldestDayOf } from './commit.ts';

/** After the writer's own guard: none of the tokens is trimmed. */
export function commitManyGuard(databaseCluster: string, commits: readonly Commit[]): Statement {
  const oldestDay = Math.min(...commits.map(oldestDayOf));
  return failUnless(
    `(SELECT oldest_day FROM ${controlSchema(databaseCluster)}.token_mark WHERE id = 1) <= ?`,
    [oldestDay],
  );
}

/** What the commits write in one slot. */
export function commitManyInSlot(schema: string, commits: readonly Commit[]): readonly Statement[] {
  const used = commits.flatMap(({ tokens }) => tokens.map((token) => [token, 'used', dayOfToken(token)]));
  const idempotency = '(?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6))';
  return [
    ...(used.length === 0
      ? []
      : [{ sql: `INSERT INTO ${schema}.token (token, outcome, day) VALUES ?`, values: [used] }]),
    {
      sql: `INSERT INTO ${schema}.member (member_id, version, status, sealed) VALUES ?`,
      values: [
        commits.map(({ event: { memberId, version, member } }) => [
          memberId,
          version,
          member.status,
          member.sealed,
        ]),
      ],
    },
    {
      sql: `INSERT INTO ${schema}.idempotency
          (caller, idempotency_key, member_id, request_hash, version, epoch, committed_at)
        VALUES ${commits.map(() => idempotency).join(', ')}`,
      values: commits.flatMap(({ event: { memberId, idempotency: record } }) => [
        record.caller,
        record.key,
        memberId,
        record.requestHash,
        record.receipt.version,
        record.receipt.epoch,
      ]),
    },
    {
      sql: `INSERT INTO ${schema}.history (member_id, version, entry) VALUES ?`,
      values: [
        commits.map(({ event: { memberId, version, history } }) => [
          memberId,
          version,
          JSON.stringify(history),
        ]),
      ],
    },
  ];
}

/** The outbox rows, and then their numbers: the last statement. */
export function commitManyToOutbox(
  databaseCluster: string,
  commits: readonly Commit[],
): readonly Statement[] {
  const outbox = `${controlSchema(databaseCluster)}.outbox`;
  return [
    {
      sql: `INSERT INTO ${outbox} (member_id, version, pending, event, committed_at)
        VALUES ${commits.map(() => '(?, ?, ?, ?, UTC_TIMESTAMP(6))').join(', ')}`,
      values: commits.flatMap(({ event, sinks }) => [
        event.memberId,
        event.version,
        `,${sinks.join(',')},`,
        JSON.stringify(event),
      ]),
    },
    {
      // New members: each has this one row.
      sql: `SELECT sequence, member_id FROM ${outbox} WHERE member_id IN (?)`,
      values: [commits.map(({ event }) => event.memberId)],
    },
  ];
}
