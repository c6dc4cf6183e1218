/** A member's history, oldest first. Plain reads in the order of the primary key. */
import type { Statement } from '../database.ts';
import { type AtWriter, atWriter } from './read-at-writer.ts';

/** Rows of (epoch, version, entry); one with nulls when there are none, and no row when this is not the writer. */
export const readHistoryAtWriter = (
  at: AtWriter,
  memberId: string,
  afterVersion: number,
  limit: number,
): Statement =>
  atWriter(
    at,
    'h.version, h.entry',
    {
      sql: `LEFT JOIN ${at.schema}.history AS h ON h.member_id = ? AND h.version > ?`,
      values: [memberId, afterVersion],
    },
    { sql: 'ORDER BY h.version LIMIT ?', values: [limit] },
  );

export const readHistoryAtReplica = (
  schema: string,
  memberId: string,
  afterVersion: number,
  limit: number,
): Statement => ({
  sql: `SELECT version, entry FROM ${schema}.history WHERE member_id = ? AND version > ? ORDER BY version LIMIT ?`,
  values: [memberId, afterVersion, limit],
});
