import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Deadline, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { SinkName } from '../../../functions/core/propagation/event.ts';
import type { Outbox } from '../../../functions/core/propagation/ports.ts';
import { sampleEvent } from '../sample-events.ts';
import type { ControlSubject } from './control-subject.ts';

const sinks: readonly SinkName[] = [
  'directory',
  'journal',
  'redis:redis-a-1',
  'redis:redis-a-10',
  'search:primary',
];

export function outboxContract(name: string, makeSubject: () => Promise<ControlSubject>): void {
  describe(`outbox: ${name}`, () => {
    let subject: ControlSubject;
    let outbox: Outbox;
    let cluster: string;
    let memberId: string;
    const soon = (): Deadline => deadlineAfter(subject.clock, 10_000);
    const commit = (version: number, pending = sinks) =>
      subject.commit(sampleEvent({ memberId, version }), pending);
    const pendingAt = async (version: number) =>
      (await outbox.find(cluster, memberId, version, soon()))?.pending;

    beforeEach(async () => {
      subject = await makeSubject();
      outbox = subject.outbox;
      cluster = subject.databaseCluster;
      memberId = randomUUID();
    });
    afterEach(() => subject.end());

    test('finds the row of a change, whole', async () => {
      const event = {
        ...sampleEvent({ memberId, version: 7 }),
        cacheKeys: [`m:${memberId}`, "i:'\\é名\u0000"] as const,
      };
      const sequence = await subject.commit(event, sinks);
      expect(await outbox.find(cluster, memberId, 7, soon())).toEqual({
        databaseCluster: cluster,
        sequence,
        event,
        pending: sinks,
        olderRows: 0,
      });
      expect(await outbox.find(cluster, memberId, 8, soon())).toBeNull();
      expect(await outbox.find(cluster, randomUUID(), 7, soon())).toBeNull();
    });

    test('tells the older rows of the member that a Redis lacks the fence of', async () => {
      const older = async (version: number) =>
        (await outbox.unfencedBefore(cluster, memberId, version, soon())).map(({ event }) => event.version);
      await subject.commit(sampleEvent({ memberId: randomUUID(), version: 1 }), sinks);
      await commit(1, ['journal', 'search:primary']);
      const sequence = await commit(2);
      await commit(3, ['redis:redis-a-10']);
      expect(await older(2)).toEqual([]);
      expect(await older(3)).toEqual([2]);
      expect(await older(9)).toEqual([2, 3]);
      await outbox.delivered(cluster, sequence, ['redis:redis-a-1'], soon());
      expect(await older(9)).toEqual([2, 3]);
      await outbox.delivered(cluster, sequence, ['redis:redis-a-10'], soon());
      expect(await older(9)).toEqual([3]);
    });

    test('tells whether the journal may lack any change of the member', async () => {
      const awaits = (who: string) => outbox.awaitsJournal(cluster, who, soon());
      expect(await awaits(memberId)).toBe(false);
      await commit(1, ['directory', 'search:primary']);
      expect(await awaits(memberId)).toBe(false);
      const sequence = await commit(2);
      await commit(3, ['redis:redis-a-1']);
      expect(await awaits(memberId)).toBe(true);
      expect(await awaits(randomUUID())).toBe(false);
      await outbox.delivered(cluster, sequence, ['journal'], soon());
      expect(await awaits(memberId)).toBe(false);
    });

    test('strikes off exactly the sinks that were named, in any order and as often as one likes', async () => {
      const sequence = await commit(1);
      await outbox.delivered(cluster, sequence, ['redis:redis-a-1'], soon());
      expect(await pendingAt(1)).toEqual(['directory', 'journal', 'redis:redis-a-10', 'search:primary']);
      await outbox.delivered(cluster, sequence, ['redis:redis-a-1', 'journal', 'directory'], soon());
      expect(await pendingAt(1)).toEqual(['redis:redis-a-10', 'search:primary']);
      await outbox.delivered(cluster, sequence, [], soon());
      await outbox.delivered(cluster, sequence, ['search:primary', 'redis:redis-a-10'], soon());
      expect(await pendingAt(1)).toEqual([]);
      await outbox.delivered(cluster, sequence + 1_000_000, ['journal'], soon());
    });

    test('strikes the same sinks off many rows, and tells how many rows there are', async () => {
      const before = await outbox.length(cluster, soon());
      const rows = [await commit(1), await commit(2), await commit(3)];
      expect(await outbox.length(cluster, soon())).toBe(before + 3);
      await outbox.deliveredMany(cluster, [], ['journal'], soon());
      await outbox.deliveredMany(cluster, rows, [], soon());
      await outbox.deliveredMany(cluster, rows.slice(0, 2), ['journal', 'redis:redis-a-1'], soon());
      expect(await pendingAt(1)).toEqual(['directory', 'redis:redis-a-10', 'search:primary']);
      expect(await pendingAt(2)).toEqual(['directory', 'redis:redis-a-10', 'search:primary']);
      expect(await pendingAt(3)).toEqual(sinks);
      await subject.setLease(-1);
      await outbox.deliveredMany(cluster, rows, ['directory'], soon());
      expect(await pendingAt(1)).toContain('directory');
    });

    test('strikes off what several processes deliver at once', async () => {
      const sequence = await commit(1);
      await Promise.all(sinks.map((sink) => outbox.delivered(cluster, sequence, [sink], soon())));
      expect(await pendingAt(1)).toEqual([]);
    });

    test('has rows due by their age or because no sink is pending, oldest first, in pages', async () => {
      const last = await subject.control.lastSequence(cluster, soon());
      const before = Math.max(last, (await commit(1, ['directory'])) - 1);
      const [old1, old2] = [before + 1, await commit(2)];
      await subject.pass(10_000);
      const [young, done] = [await commit(3), await commit(4, ['directory'])];
      await outbox.delivered(cluster, done, ['directory'], soon());
      const due = async (minAgeMs: number, after: number, limit: number) =>
        (await outbox.due(cluster, minAgeMs, after, limit, soon())).map((row) => row.sequence);
      expect(await due(10_000, before, 100)).toEqual([old1, old2, done]);
      expect(await due(0, before, 100)).toEqual([old1, old2, young, done]);
      expect(await due(3_600_000, before, 100)).toEqual([done]);
      expect(await due(10_000, before, 2)).toEqual([old1, old2]);
      expect(await due(10_000, old2, 2)).toEqual([done]);
      const [row] = await outbox.due(cluster, 10_000, before, 1, soon());
      expect(row).toMatchObject({ event: sampleEvent({ memberId, version: 1 }), pending: ['directory'] });
    });

    test('tells of each row how many older rows of the same member there are', async () => {
      const last = await subject.control.lastSequence(cluster, soon());
      const oldest = await commit(3);
      await subject.commit(sampleEvent({ memberId: randomUUID(), version: 1 }), sinks);
      await commit(4);
      await commit(9);
      const older = async () =>
        (await outbox.due(cluster, 0, Math.min(last, oldest - 1), 100, soon()))
          .filter(({ event }) => event.memberId === memberId)
          .map(({ event, olderRows }) => [event.version, olderRows]);
      expect(await older()).toEqual([
        [3, 0],
        [4, 1],
        [9, 2],
      ]);
      await outbox.delivered(cluster, oldest, sinks, soon());
      await outbox.remove(cluster, [oldest], soon());
      expect(await older()).toEqual([
        [4, 0],
        [9, 1],
      ]);
      expect((await outbox.find(cluster, memberId, 9, soon()))?.olderRows).toBe(1);
    });

    test('says what a replica shows: the commit, and the last step of the directory', async () => {
      const shown = (...sequences: number[]) => outbox.shownBy(cluster, subject.replica, sequences, soon());
      await subject.holdReplica();
      const [first, second] = [await commit(1), await commit(2)];
      await outbox.delivered(cluster, first, ['directory'], soon());
      expect(await shown(first, second)).toEqual([]);
      await subject.releaseReplica();
      expect(await shown(first, second)).toEqual([first]);
      expect(await shown()).toEqual([]);

      await subject.holdReplica();
      await outbox.delivered(cluster, second, ['directory'], soon());
      expect(await shown(first, second)).toEqual([first]);
      await subject.releaseReplica();
      expect([...(await shown(first, second))].sort((one, other) => one - other)).toEqual([first, second]);
    });

    test('removes the rows that are completed and no others', async () => {
      const [done, pending, kept] = [await commit(1), await commit(2), await commit(3)];
      for (const sequence of [done, kept]) await outbox.delivered(cluster, sequence, sinks, soon());
      await outbox.remove(cluster, [done, pending], soon());
      await outbox.remove(cluster, [done], soon());
      await outbox.remove(cluster, [], soon());
      const versions = [1, 2, 3].map((version) => ({ memberId, version }));
      const existing = await outbox.existing(cluster, versions, soon());
      expect([...existing].sort((one, other) => one.version - other.version)).toEqual([
        { memberId, version: 2 },
        { memberId, version: 3 },
      ]);
    });

    test('says how much waits, and how old the oldest is', async () => {
      const backlog = () => outbox.backlog(cluster, soon());
      const before = (await backlog()).waiting;
      const oldest = await commit(1);
      await subject.pass(3_600_000);
      await subject.setLease(60_000);
      await commit(2);
      const { waiting, oldestMs } = await backlog();
      expect(waiting - before).toBe(2);
      expect(oldestMs).toBeGreaterThanOrEqual(3_600_000);
      await outbox.delivered(cluster, oldest, sinks, soon());
      await outbox.remove(cluster, [oldest], soon());
      expect((await backlog()).waiting - before).toBe(1);
    });

    test('says which changes have a row', async () => {
      await commit(5);
      const others = [
        { memberId, version: 6 },
        { memberId: randomUUID(), version: 5 },
      ];
      const own = { memberId, version: 5 };
      expect(await outbox.existing(cluster, [...others, own], soon())).toEqual([own]);
      expect(await outbox.existing(cluster, others, soon())).toEqual([]);
      expect(await outbox.existing(cluster, [], soon())).toEqual([]);
    });

    test('changes nothing once the lease to write has ended', async () => {
      const [sequence, done] = [await commit(1), await commit(2)];
      await outbox.delivered(cluster, done, sinks, soon());
      await subject.setLease(-1);
      await outbox.delivered(cluster, sequence, ['journal'], soon());
      await outbox.remove(cluster, [done], soon());
      expect(await pendingAt(1)).toEqual(sinks);
      expect(await pendingAt(2)).toEqual([]);
    });
  });
}
