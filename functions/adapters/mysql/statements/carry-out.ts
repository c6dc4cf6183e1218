/**
 * An ended epoch's commit, carried out again. Atomic: member, tokens, records and outbox row come together, so that the
 * history's row alone tells whether all of it is there. By version: a member that is as new or newer stays.
 *
 * Assignments are carried out from left to right, each seeing those before it: the version must come last.
 */
import { dayOfToken } from '../../../core/kernel/ids.ts';
import type { MemberEvent, SinkName } from '../../../core/propagation/event.ts';
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export function carryOutCommit(
  schema: string,
  databaseCluster: string,
  event: MemberEvent,
  sinks: readonly SinkName[],
): readonly Statement[] {
  const { memberId, version, member, idempotency } = event;
  const used = event.directory
    .filter(({ to }) => to === 'bound')
    .map(({ token }) => [token, 'used', dayOfToken(token)]);
  return [
    {
      sql: `INSERT INTO ${schema}.member (member_id, version, status, sealed) VALUES (?, ?, ?, ?)
        ON DUPLICATE KEY UPDATE
          status = IF(VALUES(version) > version, VALUES(status), status),
          sealed = IF(VALUES(version) > version, VALUES(sealed), sealed),
          version = GREATEST(version, VALUES(version))`,
      values: [memberId, version, member.status, member.sealed],
    },
    ...(used.length === 0
      ? []
      : [
          {
            sql: `INSERT INTO ${schema}.token (token, outcome, day) VALUES ? ON DUPLICATE KEY UPDATE day = day`,
            values: [used],
          },
        ]),
    {
      sql: `INSERT INTO ${schema}.idempotency
          (caller, idempotency_key, member_id, request_hash, version, epoch, committed_at)
        VALUES (?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE caller = caller`,
      values: [
        idempotency.caller,
        idempotency.key,
        memberId,
        idempotency.requestHash,
        idempotency.receipt.version,
        idempotency.receipt.epoch,
      ],
    },
    {
      sql: `INSERT INTO ${schema}.history (member_id, version, entry) VALUES (?, ?, ?)
        ON DUPLICATE KEY UPDATE version = version`,
      values: [memberId, version, JSON.stringify(event.history)],
    },
    {
      sql: `INSERT INTO ${controlSchema(databaseCluster)}.outbox (member_id, version, pending, event, committed_at)
        VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE version = version`,
      values: [memberId, version, `,${sinks.join(',')},`, JSON.stringify(event)],
    },
  ];
}

/** Which commits are there: members' history entries, of several slots. A plain read. */
export const commitsThere = (
  slots: readonly { readonly schema: string; readonly events: readonly MemberEvent[] }[],
): Statement => ({
  sql: slots
    .map(({ schema }) => `SELECT member_id, version FROM ${schema}.history WHERE (member_id, version) IN (?)`)
    .join(' UNION ALL '),
  values: slots.map(({ events }) => events.map(({ memberId, version }) => [memberId, version])),
});
