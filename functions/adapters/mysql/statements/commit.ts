/**
 * A commit. Atomic: the member, the tokens of its claims as used, its history, the idempotency record and the outbox
 * row are written together or not at all, at a writer with this epoch and a lease to write, onto exactly the version
 * that the change was decided upon.
 *
 * The member's row is locked before its version is compared; the tokens' unique key decides against a void.
 */
import { dayOfToken } from '../../../core/kernel/ids.ts';
import type { Commit } from '../../../core/member/ports.ts';
import type { Statement } from '../database.ts';
import { failUnless } from '../guard.ts';
import { controlSchema } from '../schema/tables.ts';

export const oldestDayOf = ({ tokens }: Commit): number => Math.min(...tokens.map(dayOfToken), 99_991_231);

/** After the writer's own guard: nothing trimmed, and the expected version, with the member's row locked. */
export function commitGuard(schema: string, databaseCluster: string, commit: Commit): readonly Statement[] {
  const { memberId } = commit.event;
  const stands = `(SELECT MAX(version) FROM ${schema}.member WHERE member_id = ?)`;
  const expected = commit.expectedVersion === null ? `${stands} IS NULL` : `${stands} = ?`;
  return [
    { sql: `SELECT version FROM ${schema}.member WHERE member_id = ? FOR UPDATE`, values: [memberId] },
    failUnless(
      `(SELECT oldest_day FROM ${controlSchema(databaseCluster)}.token_mark WHERE id = 1) <= ? AND ${expected}`,
      [oldestDayOf(commit), memberId, ...(commit.expectedVersion === null ? [] : [commit.expectedVersion])],
    ),
  ];
}

/** What a commit writes. The outbox row comes last: its number is the result of the last statement. */
export function commitWrites(schema: string, databaseCluster: string, commit: Commit): readonly Statement[] {
  const { event, expectedVersion, tokens, sinks } = commit;
  const { member, idempotency } = event;
  const used = tokens.map((token) => [token, 'used', dayOfToken(token)]);
  return [
    ...(used.length === 0
      ? []
      : [{ sql: `INSERT INTO ${schema}.token (token, outcome, day) VALUES ?`, values: [used] }]),
    expectedVersion === null
      ? {
          sql: `INSERT INTO ${schema}.member (member_id, version, status, sealed) VALUES (?, ?, ?, ?)`,
          values: [event.memberId, event.version, member.status, member.sealed],
        }
      : {
          sql: `UPDATE ${schema}.member SET version = ?, status = ?, sealed = ? WHERE member_id = ?`,
          values: [event.version, member.status, member.sealed, event.memberId],
        },
    {
      sql: `INSERT INTO ${schema}.idempotency
          (caller, idempotency_key, member_id, request_hash, version, epoch, committed_at)
        VALUES (?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6))`,
      values: [
        idempotency.caller,
        idempotency.key,
        event.memberId,
        idempotency.requestHash,
        idempotency.receipt.version,
        idempotency.receipt.epoch,
      ],
    },
    {
      sql: `INSERT INTO ${schema}.history (member_id, version, entry) VALUES (?, ?, ?)`,
      values: [event.memberId, event.version, JSON.stringify(event.history)],
    },
    {
      sql: `INSERT INTO ${controlSchema(databaseCluster)}.outbox
          (member_id, version, pending, event, committed_at)
        VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))`,
      values: [event.memberId, event.version, `,${sinks.join(',')},`, JSON.stringify(event)],
    },
  ];
}

/** After the COMMIT, in the same round trip: whether there may be a receipt, and which Redis clusters are suspended. */
export function readAfterCommit(databaseCluster: string): readonly Statement[] {
  const control = controlSchema(databaseCluster);
  return [
    {
      sql: `SELECT e.epoch FROM ${control}.epoch AS e JOIN ${control}.write_lease AS l
        WHERE e.id = 1 AND l.id = 1 AND l.valid_until > UTC_TIMESTAMP(6)`,
    },
    {
      sql: `SELECT redis,
          CEIL(GREATEST(0, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), grant_ends)) / 1000) AS grant_ends_in_ms
        FROM ${control}.redis_grant WHERE suspended = 1 ORDER BY redis`,
    },
  ];
}

/** After a refusal: what stands in the way of the commit, in one view. */
export function readRefusal(
  schema: string,
  databaseCluster: string,
  slot: number,
  commit: Commit,
): Statement {
  const control = controlSchema(databaseCluster);
  const { event, tokens } = commit;
  const tokensStanding =
    tokens.length === 0 ? '0' : `(SELECT COUNT(*) FROM ${schema}.token WHERE token IN (?))`;
  return {
    sql: `SELECT
          (SELECT COUNT(*) FROM ${control}.epoch AS e JOIN ${control}.write_lease AS l JOIN ${control}.slot AS s
            WHERE e.id = 1 AND e.epoch = ? AND l.id = 1 AND l.valid_until > UTC_TIMESTAMP(6)
              AND s.slot = ? AND s.state = 'here') AS may_write,
          (SELECT COUNT(*) FROM ${schema}.idempotency
            WHERE caller = ? AND idempotency_key = ? AND member_id = ?) AS repeats,
          ${tokensStanding} AS tokens_decided,
          (SELECT oldest_day FROM ${control}.token_mark WHERE id = 1) AS oldest_day,
          (SELECT MAX(version) FROM ${schema}.member WHERE member_id = ?) AS version`,
    values: [
      event.epoch,
      slot,
      event.idempotency.caller,
      event.idempotency.key,
      event.memberId,
      ...(tokens.length === 0 ? [] : [tokens]),
      event.memberId,
    ],
  };
}
