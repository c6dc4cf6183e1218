import type { Connection } from 'mysql2/promise';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { schemaOfSlot } from '../../../functions/core/sharding/sharding.ts';
import {
  freshKey,
  freshMemberId,
  freshToken,
  sampleCommit,
  sharding,
  today,
} from '../contract/writer-subject.ts';
import { connect, untilCarriedOut } from './interleaving.ts';
import { makeMysqlSubject } from './subject.ts';

/** What only a real engine can show: locks, and what a transaction leaves that ends in the middle. */
describe('transactions in MySQL', () => {
  let subject: Awaited<ReturnType<typeof makeMysqlSubject>>;
  let admin: Connection;
  let holder: Connection;
  const soon = (ms = 10_000) => deadlineAfter(subject.clock, ms);
  const slotSchema = (text: string) => schemaOfSlot(sharding.slotOf(text));
  const commit = (...of: Parameters<typeof sampleCommit>) =>
    subject.members.commit(sampleCommit(...of), soon());

  beforeEach(async () => {
    subject = await makeMysqlSubject();
    admin = await connect('mysql-a-admin');
    holder = await connect('mysql-a');
  });
  afterEach(async () => {
    holder.destroy();
    admin.destroy();
    await subject.end();
  });

  /** A registered member whose row is locked: a commit onto it stands still before it looks at the lease. */
  async function heldMember(): Promise<string> {
    const memberId = freshMemberId();
    await commit(memberId, 5);
    await holder.query('START TRANSACTION');
    await holder.query(`SELECT version FROM ${slotSchema(memberId)}.member WHERE member_id = ? FOR UPDATE`, [
      memberId,
    ]);
    return memberId;
  }

  test('a lease that ends while a commit waits for the member stops it', async () => {
    const memberId = await heldMember();
    const committing = commit(memberId, 6, 5);
    await untilCarriedOut(admin, memberId, '.member SET');
    await subject.setLease('c0', 0);
    await holder.query('COMMIT');
    expect(await committing).toEqual({ kind: 'not-the-writer' });
    expect(await subject.tracesOf(memberId)).toBe(3);
  });

  test('a lease that ends during a commit gives no receipt', async () => {
    const memberId = freshMemberId();
    await commit(memberId, 5);
    await holder.query('START TRANSACTION');
    // A commit onto it stands still after it has looked at the lease.
    await holder.query(
      `INSERT INTO ${slotSchema(memberId)}.idempotency VALUES ('orders', 'key-6', ?, 'hash', 6, 1, UTC_TIMESTAMP(6))`,
      [memberId],
    );
    const committing = commit(memberId, 6, 5);
    await untilCarriedOut(admin, memberId, '.idempotency');
    await subject.setLease('c0', 0);
    await holder.query('ROLLBACK');
    expect(await committing).toEqual({ kind: 'lease-ended' });
    expect(await subject.tracesOf(memberId)).toBe(6);
  });

  test('who closes the epoch waits for the commits in flight', async () => {
    const memberId = await heldMember();
    const committing = commit(memberId, 6, 5);
    await untilCarriedOut(admin, memberId, '.member SET');
    const closing = 'SELECT epoch FROM control_c0.epoch WHERE id = 1 FOR UPDATE NOWAIT';
    await expect(admin.query(closing)).rejects.toMatchObject({ errno: 1205 });
    await holder.query('COMMIT');
    expect(await committing).toMatchObject({ kind: 'committed' });
    await admin.query(closing);
  });

  test('a commit that waits for the closing of its epoch is refused', async () => {
    const memberId = freshMemberId();
    await holder.query('START TRANSACTION');
    await holder.query('UPDATE control_c0.epoch SET epoch = 2 WHERE id = 1');
    const committing = commit(memberId, 5);
    await untilCarriedOut(admin, 'control_c0.epoch', 'LOCK IN SHARE MODE');
    await holder.query('COMMIT');
    expect(await committing).toEqual({ kind: 'not-the-writer' });
    expect(await subject.tracesOf(memberId)).toBe(0);
  });

  test('who raises the trimming mark waits for the commits in flight, and later ones see it', async () => {
    const [memberId, token] = [await heldMember(), freshToken(today - 1)];
    const committing = commit(memberId, 6, 5, [token]);
    await untilCarriedOut(admin, memberId, '.member SET');
    const raising = subject.trimming.raiseTokenMark('c0', today, soon());
    await untilCarriedOut(admin, 'UPDATE control_c0.token_mark');
    const later = commit(freshMemberId(), 5, null, [freshToken(today - 1)]);
    await holder.query('COMMIT');
    expect(await committing).toMatchObject({ kind: 'committed' });
    expect(await raising).toEqual({ kind: 'raised' });
    expect(await later).toEqual({ kind: 'token-void' });
    expect(await subject.tokens.voidToken(memberId, token, soon())).toEqual({ kind: 'trimmed' });
  });

  test('trimming neither waits for commits in flight nor holds them up', async () => {
    const [memberId, old] = [await heldMember(), freshMemberId()];
    await commit(old, 5);
    await subject.ageRequest(old, 48 * 3_600_000);
    await subject.run(
      `INSERT INTO ${slotSchema(memberId)}.idempotency SELECT * FROM ${slotSchema(old)}.idempotency WHERE member_id = ?`,
      old,
    );
    await holder.query(
      `INSERT INTO ${slotSchema(memberId)}.idempotency VALUES ('orders', 'in flight', ?, 'hash', 6, 1, UTC_TIMESTAMP(6))`,
      [memberId],
    );
    const ages = { idempotencyMs: 24 * 3_600_000, registrationMs: 25 * 3_600_000 };
    const slot = sharding.slotOf(memberId);
    expect(await subject.trimming.trim('c0', [slot], ages, 100, soon(2_000))).toMatchObject({
      kind: 'trimmed',
    });
    const [left] = await subject.run(
      `SELECT COUNT(*) AS found FROM ${slotSchema(memberId)}.idempotency WHERE member_id = ?`,
      old,
    );
    expect(left).toEqual({ found: 0 });
    await holder.query('COMMIT');
  });

  test('a commit whose last statement fails leaves nothing, and its connection is used on', async () => {
    const [memberId, token] = [freshMemberId(), freshToken()];
    await subject.run(
      `INSERT INTO control_c0.outbox (member_id, version, pending, event, committed_at)
        VALUES (?, 5, ',', '{}', UTC_TIMESTAMP(6))`,
      memberId,
    );
    await expect(commit(memberId, 5, null, [token])).rejects.toMatchObject({
      code: 'dependency-unavailable',
    });
    expect(await subject.tracesOf(memberId)).toBe(1);
    expect(await subject.writer.member(memberId, soon())).toBeNull();
    expect(await subject.tokens.voidToken(memberId, token, soon())).toEqual({ kind: 'void' });
    await subject.run('DELETE FROM control_c0.outbox WHERE member_id = ?', memberId);
    expect(await commit(memberId, 5)).toMatchObject({ kind: 'committed' });
  });

  test('a commit whose connection is cut is of unknown outcome, and here has left nothing', async () => {
    const memberId = await heldMember();
    const token = freshToken();
    const committing = commit(memberId, 6, 5, [token]);
    const cut = await untilCarriedOut(admin, memberId, '.member SET');
    await Promise.all([
      expect(committing).rejects.toMatchObject({ code: 'dependency-unavailable' }),
      admin.query(`KILL ${cut}`),
    ]);
    await holder.query('ROLLBACK');
    expect(await subject.tokens.voidToken(memberId, token, soon())).toEqual({ kind: 'void' });
    expect(await commit(memberId, 6, 5)).toMatchObject({ kind: 'committed' });
  });

  test('a commit waits no longer than its deadline', async () => {
    const memberId = await heldMember();
    const late = subject.members.commit(sampleCommit(memberId, 6, 5), soon(300));
    await expect(late).rejects.toMatchObject({ code: 'dependency-unavailable' });
    await holder.query('COMMIT');
    expect(await subject.writer.member(memberId, soon())).toMatchObject({ memberId });
  });

  test('who voids a token waits for the commit that is using it', async () => {
    const [memberId, token] = [freshMemberId(), freshToken()];
    await holder.query('START TRANSACTION');
    // The commit writes its tokens before its idempotency record: this holds it up in between.
    await holder.query(
      `INSERT INTO ${slotSchema(memberId)}.idempotency VALUES ('orders', 'key-5', ?, 'hash', 5, 1, UTC_TIMESTAMP(6))`,
      [memberId],
    );
    const committing = commit(memberId, 5, null, [token]);
    await untilCarriedOut(admin, memberId, '.idempotency');
    const voiding = subject.tokens.voidToken(memberId, token, soon());
    await untilCarriedOut(admin, token, 'INSERT INTO');
    await holder.query('ROLLBACK');
    expect(await committing).toMatchObject({ kind: 'committed' });
    expect(await voiding).toEqual({ kind: 'used' });
  });

  test('a claim that is the victim of a deadlock is sent again', async () => {
    // In the order in which everybody locks: of slots, then of keys.
    const [first, second] = [freshKey(), freshKey()].toSorted((one, other) =>
      `${slotSchema(one)} ${one}` < `${slotSchema(other)} ${other}` ? -1 : 1,
    ) as [string, string];
    const lock = (key: string) =>
      `INSERT INTO ${slotSchema(key)}.directory VALUES ('${key}', 'free', '', '', 1, UTC_TIMESTAMP(6))`;
    await holder.query('START TRANSACTION');
    // The engine ends whichever transaction has written less.
    const rows = Array.from({ length: 200 }, () => [freshToken(), 'void', 1]);
    await holder.query(`INSERT INTO ${slotSchema(second)}.token VALUES ?`, [rows]);
    await holder.query(lock(second));
    const memberId = freshMemberId();
    const claims = [second, first].map((key) => ({ key, token: freshToken() }));
    const claiming = subject.directory.claim(memberId, claims, 60_000, soon());
    await untilCarriedOut(admin, second, 'ON DUPLICATE KEY');
    await holder.query(lock(first));
    await untilCarriedOut(admin, first, 'ON DUPLICATE KEY');
    await holder.query('ROLLBACK');
    expect(await claiming).toMatchObject({
      kind: 'rows',
      rows: claims.map(({ token }) => ({ token, memberId })),
    });
  });
});
