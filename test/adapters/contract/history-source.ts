import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { HistorySource } from '../../../functions/core/member/ports.ts';
import type { MemberSourceSubject } from './member-source.ts';
import { freshMemberId, sampleCommit, sharding } from './writer-subject.ts';

export interface HistorySubject extends MemberSourceSubject {
  readonly writerHistory: HistorySource;
  readonly replicaHistory: HistorySource;
}

export function historySourceContract(name: string, makeSubject: () => Promise<HistorySubject>): void {
  describe(`history: ${name}`, () => {
    let subject: HistorySubject;
    const soon = () => deadlineAfter(subject.clock, 10_000);
    const read = async (source: HistorySource, memberId: string, afterVersion = 0, limit = 100) =>
      (await source.rows(memberId, afterVersion, limit, soon())).map(({ version, entry }) => ({
        version,
        entry: JSON.parse(entry) as unknown,
      }));
    const lives = async (databaseCluster: string, versions: readonly number[]) => {
      const memberId = freshMemberId(databaseCluster);
      let last: number | null = null;
      for (const version of versions) {
        const outcome = await subject.members.commit(sampleCommit(memberId, version, last), soon());
        expect(outcome.kind).toBe('committed');
        last = version;
      }
      return memberId;
    };

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());

    test('tells every commit in order, in every database cluster, at the writer and at a replica', async () => {
      for (const databaseCluster of sharding.clusters) {
        const versions = [5, 6, 2 ** 52];
        const memberId = await lives(databaseCluster, versions);
        await subject.catchUp();
        const expected = versions.map((version) => ({
          version,
          entry: sampleCommit(memberId, version).event.history,
        }));
        expect(await read(subject.writerHistory, memberId)).toEqual(expected);
        expect(await read(subject.replicaHistory, memberId)).toEqual(expected);
      }
    });

    test('pages', async () => {
      const memberId = await lives('c0', [5, 6, 7, 8]);
      await subject.catchUp();
      for (const source of [subject.writerHistory, subject.replicaHistory]) {
        const versionsOf = async (afterVersion: number, limit: number) =>
          (await read(source, memberId, afterVersion, limit)).map(({ version }) => version);
        expect(await versionsOf(0, 2)).toEqual([5, 6]);
        expect(await versionsOf(6, 2)).toEqual([7, 8]);
        expect(await versionsOf(8, 2)).toEqual([]);
      }
    });

    test('has nothing of a member that was never registered', async () => {
      expect(await read(subject.writerHistory, freshMemberId())).toEqual([]);
      expect(await read(subject.replicaHistory, freshMemberId())).toEqual([]);
    });

    test('what is not the writer any more does not answer; a replica does', async () => {
      const memberId = await lives('c0', [5]);
      await subject.catchUp();
      await subject.setLease('c0', 0);
      await expect(read(subject.writerHistory, memberId)).rejects.toMatchObject({
        code: 'dependency-unavailable',
      });
      expect(await read(subject.replicaHistory, memberId)).toHaveLength(1);
    });
  });
}
