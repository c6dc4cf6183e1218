import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClusterControl } from '../../../functions/core/failover/ports.ts';
import { type Deadline, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { sampleEvent } from '../sample-events.ts';
import type { ControlSubject } from './control-subject.ts';

/** What a test may take, at most, between two readings of a real clock. */
const slackMs = 20_000;

export function clusterControlContract(name: string, makeSubject: () => Promise<ControlSubject>): void {
  describe(`cluster control: ${name}`, () => {
    let subject: ControlSubject;
    let control: ClusterControl;
    let cluster: string;
    let redis: string;
    const soon = (): Deadline => deadlineAfter(subject.clock, 10_000);
    const epoch = () => control.epoch(cluster, soon());
    const record = (lengthMs: number, unfencedAgeMs = 2_000) =>
      control.recordGrant(cluster, redis, lengthMs, unfencedAgeMs, soon());
    const suspend = () => control.suspend(cluster, redis, soon());
    const expectUpTo = (value: number, upTo: number) => {
      expect(value).toBeLessThanOrEqual(upTo);
      expect(value).toBeGreaterThan(upTo - slackMs);
    };
    const recorded = async (...args: Parameters<typeof record>) => {
      const outcome = await record(...args);
      if (outcome.kind !== 'recorded') throw new Error(`not recorded but ${outcome.kind}`);
      return outcome.lengthMs;
    };

    beforeEach(async () => {
      subject = await makeSubject();
      control = subject.control;
      cluster = subject.databaseCluster;
      redis = `redis-${randomUUID()}`;
    });
    afterEach(() => subject.end());

    describe('epoch and lease', () => {
      test('are read together', async () => {
        expect(await epoch()).toMatchObject({ epoch: 1, centre: 'A', readAt: expect.any(String) });
        expectUpTo((await epoch()).leaseRemainingMs, 60_000);
        await subject.setLease(-5_000);
        expect((await epoch()).leaseRemainingMs).toBe(0);
      });

      test('closing ends the lease, suspends every Redis and moves the outbox numbers on, once', async () => {
        const [other, next] = [`redis-${randomUUID()}`, { epoch: 7, centre: 'B' } as const];
        const first = await subject.commit(sampleEvent({ memberId: randomUUID(), version: 1 }), []);
        await record(1_000);
        expect(await control.close(cluster, next, [redis, other], soon())).toBe('closed');
        expect(await epoch()).toMatchObject({ ...next, leaseRemainingMs: 0 });
        expect(await control.suspended(cluster, soon())).toEqual(expect.arrayContaining([redis, other]));
        await subject.setLease(60_000);
        expect(await record(1_000)).toEqual({ kind: 'suspended', count: 1 });
        expect(await control.close(cluster, next, [redis, other], soon())).toBe('closed');
        expectUpTo((await epoch()).leaseRemainingMs, 60_000);
        expect(await record(1_000), 'not counted again').toEqual({ kind: 'suspended', count: 1 });
        const second = await subject.commit(sampleEvent({ memberId: randomUUID(), version: 2 }), []);
        expect(first).toBeLessThan(7 * 2 ** 32);
        expect(second).toBeGreaterThan(7 * 2 ** 32);
      });

      test.each([
        ['an older epoch', { epoch: 3, centre: 'B' }],
        ['the same epoch of another centre', { epoch: 4, centre: 'B' }],
      ] as const)('is not closed to %s', async (_, older) => {
        await subject.open({ epoch: 4, centre: 'A' });
        expect(await control.close(cluster, older, [redis], soon())).toBe('older-epoch');
        expect(await epoch()).toMatchObject({ epoch: 4, centre: 'A' });
        expectUpTo((await epoch()).leaseRemainingMs, 60_000);
        expect(await control.suspended(cluster, soon())).not.toContain(redis);
      });

      test('the lease is counted from the reading, not from the extending', async () => {
        const { readAt } = await epoch();
        await subject.setLease(-1);
        expect(await control.extendLease(cluster, { epoch: 1, centre: 'A' }, readAt, 100_000, soon())).toBe(
          'extended',
        );
        expectUpTo((await epoch()).leaseRemainingMs, 100_000);
        await subject.pass(40_000);
        expect(await control.extendLease(cluster, { epoch: 1, centre: 'A' }, readAt, 100_000, soon())).toBe(
          'extended',
        );
      });

      test('the lease never gets shorter', async () => {
        const { readAt } = await epoch();
        expect(await control.extendLease(cluster, { epoch: 1, centre: 'A' }, readAt, 5_000, soon())).toBe(
          'extended',
        );
        expectUpTo((await epoch()).leaseRemainingMs, 60_000);
      });

      test.each([
        ['an older epoch', { epoch: 0, centre: 'A' }],
        ['a newer epoch', { epoch: 2, centre: 'A' }],
        ['another centre', { epoch: 1, centre: 'B' }],
      ] as const)('the lease is not extended for %s', async (_, other) => {
        const { readAt } = await epoch();
        expect(await control.extendLease(cluster, other, readAt, 500_000, soon())).toBe('older-epoch');
        expectUpTo((await epoch()).leaseRemainingMs, 60_000);
      });

      test('the lease is not extended once another epoch was opened', async () => {
        const { readAt } = await epoch();
        await subject.open({ epoch: 2, centre: 'B' });
        expect(await control.extendLease(cluster, { epoch: 1, centre: 'A' }, readAt, 500_000, soon())).toBe(
          'older-epoch',
        );
        expect(await epoch()).toMatchObject({ epoch: 2, centre: 'B' });
      });
    });

    describe('heartbeat', () => {
      const lag = () => control.lagMs(cluster, subject.replica, soon());

      test('tells how far a replica is behind, at most', async () => {
        await control.beat(cluster, soon());
        await subject.releaseReplica();
        expect(await lag()).toBeLessThan(slackMs);
        await subject.pass(30_000);
        await subject.releaseReplica();
        await subject.holdReplica();
        await control.beat(cluster, soon());
        expect(await lag()).toBeGreaterThanOrEqual(30_000);
        await subject.releaseReplica();
        expect(await lag()).toBeLessThan(slackMs);
      });

      test('stands still once the lease to write has ended', async () => {
        await control.beat(cluster, soon());
        await subject.pass(60_000);
        await subject.setLease(-1);
        await control.beat(cluster, soon());
        await subject.releaseReplica();
        expect(await lag()).toBeGreaterThanOrEqual(60_000);
      });
    });

    describe('grants', () => {
      test('are recorded for their length', async () => {
        expectUpTo(await recorded(5_000), 5_000);
        expectUpTo(await suspend(), 5_000);
      });

      test('are cut to what is left of the lease', async () => {
        await subject.setLease(30_000);
        expectUpTo(await recorded(500_000), 30_000);
        expectUpTo(await suspend(), 30_000);
      });

      test('are not recorded without the lease', async () => {
        await subject.setLease(-1);
        expect(await record(5_000)).toEqual({ kind: 'not-the-writer' });
        await subject.setLease(60_000);
        expect(await suspend()).toBe(0);
      });

      test('a shorter one after a longer one does not shorten the recorded end', async () => {
        await recorded(50_000);
        expectUpTo(await recorded(1_000), 1_000);
        expect(await suspend()).toBeGreaterThan(50_000 - slackMs);
      });

      test('are not recorded while an old outbox row lacks its fence there', async () => {
        const event = (version: number) => sampleEvent({ memberId: randomUUID(), version });
        await subject.commit(event(1), ['directory', `redis:${redis}x`]);
        const sequence = await subject.commit(event(1), ['directory', `redis:${redis}`, 'journal']);
        await recorded(5_000, 60_000);
        await subject.pass(60_000);
        await subject.setLease(60_000);
        expect(await record(5_000, 60_000)).toEqual({ kind: 'unfenced' });
        await subject.outbox.delivered(cluster, sequence, [`redis:${redis}`], soon());
        await recorded(5_000, 60_000);
      });
    });

    describe('suspension', () => {
      test('of a Redis cluster that never had a grant waits for nothing', async () => {
        expect(await suspend()).toBe(0);
        expect(await record(5_000)).toEqual({ kind: 'suspended', count: 1 });
      });

      test('refuses every grant, counts who relies on it, and leaves the recorded end', async () => {
        await recorded(50_000);
        expect(await suspend()).toBeGreaterThan(50_000 - slackMs);
        expect(await record(500_000)).toEqual({ kind: 'suspended', count: 1 });
        expectUpTo(await suspend(), 50_000);
        expect(await record(500_000)).toEqual({ kind: 'suspended', count: 2 });
        await subject.pass(50_000);
        await subject.setLease(60_000);
        expect(await suspend()).toBe(0);
        expect(await record(500_000)).toEqual({ kind: 'suspended', count: 3 });
      });

      test('is told by name for as long as it lasts', async () => {
        const isSuspended = async () => (await control.suspended(cluster, soon())).includes(redis);
        await recorded(5_000);
        expect(await isSuspended()).toBe(false);
        await suspend();
        expect(await isSuspended()).toBe(true);
        await control.resume(cluster, redis, 1, soon());
        expect(await isSuspended()).toBe(false);
      });

      test('counts every one of those who rely on it at once', async () => {
        await Promise.all(Array.from({ length: 8 }, suspend));
        expect(await record(5_000)).toEqual({ kind: 'suspended', count: 8 });
      });

      test('that a grant races with covers it or refuses it', async () => {
        for (let round = 0; round < 10; round++) {
          redis = `redis-${randomUUID()}`;
          const [grant, endsInMs] = await Promise.all([record(50_000), suspend()]);
          if (grant.kind === 'recorded') expect(endsInMs).toBeGreaterThan(50_000 - slackMs);
          else expect(grant).toEqual({ kind: 'suspended', count: 1 });
        }
      });

      test('ends if nobody relied on it since, and can be ended again', async () => {
        await suspend();
        expect(await control.resume(cluster, redis, 1, soon())).toBe('resumed');
        expect(await control.resume(cluster, redis, 1, soon())).toBe('resumed');
        await recorded(5_000);
      });

      test('does not end when somebody relied on it since', async () => {
        await suspend();
        await suspend();
        expect(await control.resume(cluster, redis, 1, soon())).toBe('counted-since');
        expect(await record(5_000)).toEqual({ kind: 'suspended', count: 2 });
        expect(await control.resume(cluster, redis, 2, soon())).toBe('resumed');
        await suspend();
        expect(await control.resume(cluster, redis, 2, soon())).toBe('counted-since');
      });

      test('neither begins nor ends without the lease', async () => {
        await suspend();
        await subject.setLease(-1);
        await expect(suspend()).rejects.toBeInstanceOf(DependencyUnavailable);
        await expect(control.resume(cluster, redis, 1, soon())).rejects.toBeInstanceOf(DependencyUnavailable);
        await subject.setLease(60_000);
        expect(await record(5_000)).toEqual({ kind: 'suspended', count: 1 });
      });
    });

    test('knows the last sequence', async () => {
      const sequence = await subject.commit(sampleEvent({ memberId: randomUUID(), version: 1 }), [
        'directory',
      ]);
      expect(await control.lastSequence(cluster, soon())).toBe(sequence);
    });
  });
}
