import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { controlSchema } from '../../../functions/adapters/mysql/schema/names.ts';
import { lockGrant, recordGrant } from '../../../functions/adapters/mysql/statements/grant-record.ts';
import { suspendGrant } from '../../../functions/adapters/mysql/statements/grant-suspend.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { clusterControlContract } from '../contract/cluster-control.ts';
import type { ControlSubject } from '../contract/control-subject.ts';
import { sampleEvent } from '../sample-events.ts';
import { wallClock } from '../wall-clock.ts';
import { type Hand, openHand } from './connections.ts';
import { makeMysqlControlSubject } from './control-subject.ts';

clusterControlContract('MySQL', makeMysqlControlSubject);

describe('control rows of a database cluster, on two connections', () => {
  let subject: ControlSubject;
  let hand: Hand;
  let redis: string;
  const cluster = 'c0';
  const soon = () => deadlineAfter(wallClock, 10_000);

  beforeEach(async () => {
    subject = await makeMysqlControlSubject();
    hand = await openHand('mysql-a');
    redis = `redis-${randomUUID()}`;
  });
  afterEach(async () => {
    await hand.end();
    await subject.end();
  });

  for (const known of [true, false]) {
    describe(known ? 'a Redis cluster that had a grant' : 'a Redis cluster that never had one', () => {
      beforeEach(async () => {
        if (known) await subject.control.recordGrant(cluster, redis, 1, 1_000, soon());
      });

      test('a suspension waits for a grant that is being recorded, and reads its end', async () => {
        await hand.run({ sql: 'START TRANSACTION' }, lockGrant(cluster, redis));
        let suspended = false;
        const suspending = subject.control.suspend(cluster, redis, soon()).finally(() => {
          suspended = true;
        });
        await hand.untilRunning(`INSERT INTO ${controlSchema(cluster)}.redis_grant`);
        expect(suspended).toBe(false);
        await hand.run(recordGrant(cluster, redis, 50_000, 1_000), { sql: 'COMMIT' });
        expect(await suspending).toBeGreaterThan(30_000);
      });

      test('a grant waits for a suspension that is under way, and is refused', async () => {
        await hand.run({ sql: 'START TRANSACTION' }, suspendGrant(cluster, redis));
        const recording = subject.control.recordGrant(cluster, redis, 50_000, 1_000, soon());
        await hand.untilRunning(`INSERT INTO ${controlSchema(cluster)}.redis_grant`);
        await hand.run({ sql: 'COMMIT' });
        expect(await recording).toEqual({ kind: 'suspended', count: 1 });
        expect(await subject.control.suspend(cluster, redis, soon())).toBe(0);
      });

      test('a grant that waited until the lease had ended is not recorded', async () => {
        await hand.run({ sql: 'START TRANSACTION' }, lockGrant(cluster, redis));
        const recording = subject.control.recordGrant(cluster, redis, 50_000, 1_000, soon());
        await hand.untilRunning(`INSERT INTO ${controlSchema(cluster)}.redis_grant`);
        await subject.setLease(-1);
        await hand.run({ sql: 'COMMIT' });
        expect(await recording).toEqual({ kind: 'not-the-writer' });
      });
    });
  }

  test('a grant neither waits for a commit that is under way nor misses the row once it was there', async () => {
    const { memberId, version, ...rest } = sampleEvent({ memberId: randomUUID(), version: 1 });
    await hand.run(
      { sql: 'START TRANSACTION' },
      {
        sql: `INSERT INTO ${controlSchema(cluster)}.outbox (member_id, version, pending, event, committed_at)
          VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6) - INTERVAL 1 HOUR)`,
        values: [memberId, version, `,redis:${redis},`, JSON.stringify(rest)],
      },
    );
    const record = () => subject.control.recordGrant(cluster, redis, 5_000, 1_000, soon());
    expect(await record()).toMatchObject({ kind: 'recorded' });
    await hand.run({ sql: 'COMMIT' });
    expect(await record()).toEqual({ kind: 'unfenced' });
    await hand.sql(`DELETE FROM ${controlSchema(cluster)}.outbox WHERE member_id = ?`, memberId);
  });

  test('the lease is not extended past a closing of its epoch that was under way', async () => {
    const { readAt } = await subject.control.epoch(cluster, soon());
    await hand.run(
      { sql: 'START TRANSACTION' },
      { sql: `UPDATE ${controlSchema(cluster)}.epoch SET epoch = 2, centre = 'B' WHERE id = 1` },
    );
    const extending = subject.control.extendLease(
      cluster,
      { epoch: 1, centre: 'A' },
      readAt,
      500_000,
      soon(),
    );
    await hand.untilRunning(`SELECT id FROM ${controlSchema(cluster)}.epoch`);
    await hand.run({ sql: 'COMMIT' });
    expect(await extending).toBe('older-epoch');
    expect((await subject.control.epoch(cluster, soon())).leaseRemainingMs).toBeLessThanOrEqual(60_000);
  });
});
