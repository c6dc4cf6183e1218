/**
 * A commit. Atomic: the member, the tokens of its claims as used, its history, the idempotency record and the outbox
 * row are written together or not at all, at a writer with this epoch and a lease to write, onto exactly the version
 * that the change was decided upon.
 *
 * Writing the member locks its row, and matches only the expected version; then one guard decides, after every wait for
 * a lock, whether that was so and whether this still is the writer. The tokens' unique key decides against a void.
 */
import { dayOfToken } from '../../../core/kernel/ids.ts';
import type { Commit } from '../../../core/member/ports.ts';
import type { Statement } from '../database.ts';
import { failUnless, lockWriter } from '../guard.ts';
import { controlSchema } from '../schema/names.ts';

export const oldestDayOf = ({ tokens }: Commit): number => Math.min(...tokens.map(dayOfToken), 99_991_231);

/** The member, written onto the expected version, by a writer that has epoch, lease and slot, with nothing trimmed. */
export function commitGuard(
  schema: string,
  databaseCluster: string,
  slot: number,
  commit: Commit,
): readonly Statement[] {
  const control = controlSchema(databaseCluster);
  return [
    lockWriter(databaseCluster, [slot]),
    writeMember(schema, commit),
    failUnless(
      `ROW_COUNT() = 1 AND EXISTS (
        SELECT 1 FROM ${control}.epoch AS e JOIN ${control}.write_lease AS l
          JOIN ${control}.token_mark AS m JOIN ${control}.slot AS s
        WHERE e.id = 1 AND e.epoch = ? AND l.id = 1 AND l.valid_until > UTC_TIMESTAMP(6)
          AND m.id = 1 AND m.oldest_day <= ? AND s.slot = ? AND s.state = 'here')`,
      [commit.event.epoch, oldestDayOf(commit), slot],
    ),
  ];
}

/** One row exactly, if the member has the expected version. */
function writeMember(schema: string, { event, expectedVersion }: Commit): Statement {
  const { status, sealed } = event.member;
  return expectedVersion === null
    ? {
        sql: `INSERT INTO ${schema}.member (member_id, version, status, sealed) VALUES (?, ?, ?, ?)`,
        values: [event.memberId, event.version, status, sealed],
      }
    : {
        sql: `UPDATE ${schema}.member SET version = ?, status = ?, sealed = ?
          WHERE member_id = ? AND version = ?`,
        values: [event.version, status, sealed, event.memberId, expectedVersion],
      };
}

/** What goes with the member. The outbox row comes last: its number is the result of the last statement. */
export function commitWrites(schema: string, databaseCluster: string, commit: Commit): readonly Statement[] {
  const { event, tokens, sinks } = commit;
  const { idempotency } = event;
  const used = tokens.map((token) => [token, 'used', dayOfToken(token)]);
  return [
    ...(used.length === 0
      ? []
      : [{ sql: `INSERT INTO ${schema}.token (token, outcome, day) VALUES ?`, values: [used] }]),
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

/**
 * After the COMMIT, in the same round trip: a row for each Redis cluster that is suspended, or one without any; no row
 * at all when there must be no receipt.
 */
export function readAfterCommit(databaseCluster: string): Statement {
  const control = controlSchema(databaseCluster);
  return {
    sql: `SELECT e.epoch, g.redis,
          CEIL(GREATEST(0, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), g.grant_ends)) / 1000) AS grant_ends_in_ms
        FROM ${control}.epoch AS e JOIN ${control}.write_lease AS l
          LEFT JOIN ${control}.redis_grant AS g ON g.suspended = 1
        WHERE e.id = 1 AND l.id = 1 AND l.valid_until > UTC_TIMESTAMP(6)
        ORDER BY g.redis`,
  };
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
