import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { Commit } from '../../../functions/core/member/ports.ts';
import {
  freshMemberId,
  freshToken,
  sampleCommit,
  sharding,
  today,
  type WriterSubject,
} from './writer-subject.ts';

export function memberStoreContract(name: string, makeSubject: () => Promise<WriterSubject>): void {
  describe(`member store: ${name}`, () => {
    let subject: WriterSubject;
    const soon = () => deadlineAfter(subject.clock, 10_000);
    const commit = (it: Commit) => subject.members.commit(it, soon());
    const read = (memberId: string, key: string | null = null) =>
      subject.members.read(memberId, key === null ? null : { caller: 'orders', key }, soon());

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());

    test('knows nothing of a member that was never registered', async () => {
      expect(await read(freshMemberId(), 'key-1')).toEqual({
        kind: 'member',
        stored: null,
        repeat: null,
        epoch: 1,
      });
    });

    test('shows what it committed, with the record of the request', async () => {
      const memberId = freshMemberId('c1');
      const version = 2 ** 52 + 1;
      const it = sampleCommit(memberId, version, null, [freshToken()]);
      const outcome = await commit(it);
      expect(outcome).toMatchObject({ kind: 'committed', databaseCluster: 'c1', suspended: [] });
      const { event } = it;
      expect(await read(memberId, event.idempotency.key)).toEqual({
        kind: 'member',
        stored: event.member,
        repeat: event.idempotency,
        epoch: 1,
      });
      expect(await read(memberId, 'another key')).toMatchObject({ stored: event.member, repeat: null });
      expect(await read(memberId)).toMatchObject({ stored: event.member, repeat: null });
    });

    test('numbers outbox rows upwards', async () => {
      const [memberId, other] = [freshMemberId(), freshMemberId()];
      const first = await commit(sampleCommit(memberId, 5));
      const second = await commit(sampleCommit(other, 5));
      const third = await commit(sampleCommit(memberId, 6, 5));
      const sequences = [first, second, third].map((it) => (it.kind === 'committed' ? it.sequence : -1));
      expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
      expect(new Set(sequences).size).toBe(3);
      expect(sequences[0]).toBeGreaterThan(0);
    });

    test('tells how many older changes of the member lack a fence somewhere', async () => {
      const [memberId, other] = [freshMemberId(), freshMemberId()];
      const olderUnfenced = async (
        of: string,
        version: number,
        expected: number | null,
        sinks: Commit['sinks'],
      ) => {
        const outcome = await commit({ ...sampleCommit(of, version, expected), sinks });
        return outcome.kind === 'committed' ? outcome.olderUnfenced : outcome.kind;
      };
      const sinks = ['journal', 'redis:redis-a-0'] as const;
      expect(await olderUnfenced(other, 4, null, sinks)).toBe(0);
      expect(await olderUnfenced(memberId, 5, null, ['journal'])).toBe(0);
      expect(await olderUnfenced(memberId, 6, 5, sinks)).toBe(0);
      expect(await olderUnfenced(memberId, 7, 6, sinks)).toBe(1);
      expect(await olderUnfenced(memberId, 8, 7, sinks)).toBe(2);
    });

    test('changes a member only from the version it was decided upon', async () => {
      const memberId = freshMemberId();
      expect(await commit(sampleCommit(memberId, 6, 5))).toEqual({ kind: 'version-changed' });
      await commit(sampleCommit(memberId, 5));
      expect(await commit(sampleCommit(memberId, 7, 4))).toEqual({ kind: 'version-changed' });
      expect(await commit(sampleCommit(memberId, 7))).toEqual({ kind: 'version-changed' });
      expect(await commit(sampleCommit(memberId, 7, 5))).toMatchObject({ kind: 'committed' });
      expect(await read(memberId)).toMatchObject({ stored: { version: 7 } });
    });

    test('a refused commit leaves nothing: no token, no trace', async () => {
      const memberId = freshMemberId();
      const token = freshToken();
      await commit(sampleCommit(memberId, 5));
      const traces = await subject.tracesOf(memberId);
      expect(await commit(sampleCommit(memberId, 7, 6, [token]))).toEqual({ kind: 'version-changed' });
      expect(await subject.tracesOf(memberId)).toBe(traces);
      expect(await subject.tokens.voidToken(memberId, token, soon())).toEqual({ kind: 'void' });
    });

    test('refuses a token that was voided', async () => {
      const memberId = freshMemberId();
      const [token, other] = [freshToken(), freshToken()];
      await subject.tokens.voidToken(memberId, token, soon());
      expect(await commit(sampleCommit(memberId, 5, null, [other, token]))).toEqual({ kind: 'token-void' });
      expect(await subject.tracesOf(memberId)).toBe(0);
      expect(await subject.tokens.voidToken(memberId, other, soon())).toEqual({ kind: 'void' });
    });

    test('refuses a token from before the trimming mark, and takes one of its day', async () => {
      const memberId = freshMemberId();
      await subject.setOldestTokenDay('c0', today);
      expect(await commit(sampleCommit(memberId, 5, null, [freshToken(today - 1)]))).toEqual({
        kind: 'token-void',
      });
      expect(await commit(sampleCommit(memberId, 5, null, [freshToken(today)]))).toMatchObject({
        kind: 'committed',
      });
    });

    test('refuses a second commit of one request', async () => {
      const memberId = freshMemberId();
      const first = sampleCommit(memberId, 5, null, [freshToken()]);
      await commit(first);
      expect(await commit(first)).toEqual({ kind: 'repeated' });
      const second = sampleCommit(memberId, 6, 5);
      const again = { ...second, event: { ...second.event, idempotency: first.event.idempotency } };
      expect(await commit(again)).toEqual({ kind: 'repeated' });
    });

    test('many commits onto one version: one is made', async () => {
      const memberId = freshMemberId();
      await commit(sampleCommit(memberId, 5));
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) => commit(sampleCommit(memberId, 6 + index, 5))),
      );
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'version-changed')).toHaveLength(19);
    });

    test('is not the writer once its lease to write has ended', async () => {
      const memberId = freshMemberId();
      await commit(sampleCommit(memberId, 5));
      await subject.setLease('c0', 0);
      expect(await commit(sampleCommit(memberId, 6, 5))).toEqual({ kind: 'not-the-writer' });
      expect(await read(memberId)).toEqual({ kind: 'not-the-writer' });
      expect(await subject.tracesOf(memberId)).toBe(3);
      expect(await commit(sampleCommit(freshMemberId('c1'), 5))).toMatchObject({ kind: 'committed' });
    });

    test('is not the writer of another epoch', async () => {
      await subject.setEpoch('c0', 2);
      expect(await commit(sampleCommit(freshMemberId(), 5))).toEqual({ kind: 'not-the-writer' });
      expect(await read(freshMemberId())).toMatchObject({ kind: 'member', epoch: 2 });
    });

    test('is not the writer of a slot that has moved', async () => {
      const memberId = freshMemberId();
      await subject.moveSlot(sharding.slotOf(memberId));
      expect(await commit(sampleCommit(memberId, 5))).toEqual({ kind: 'not-the-writer' });
      expect(await read(memberId)).toEqual({ kind: 'not-the-writer' });
    });

    describe('many at once', () => {
      const many = (commits: readonly Commit[]) =>
        subject.members.commitMany(commits, deadlineAfter(subject.clock, 10_000));
      const some = (count = 5) =>
        Array.from({ length: count }, () =>
          sampleCommit(freshMemberId(), 5, null, [freshToken(), freshToken()]),
        );

      test('writes all of them, each as one commit does', async () => {
        const commits = some(40);
        const outcome = await many(commits);
        const sequences = outcome.kind === 'committed' ? outcome.sequences : [];
        expect(outcome).toMatchObject({ kind: 'committed', databaseCluster: 'c0', suspended: [] });
        expect(new Set(sequences).size).toBe(40);
        expect(Math.min(...sequences)).toBeGreaterThan(0);
        for (const { event, tokens } of commits) {
          expect(await read(event.memberId)).toMatchObject({ kind: 'member', stored: event.member });
          expect(await subject.tracesOf(event.memberId)).toBe(3);
          for (const token of tokens) {
            const decided = subject.tokens.voidToken(
              event.memberId,
              token,
              deadlineAfter(subject.clock, 10_000),
            );
            expect(await decided).toEqual({ kind: 'used' });
          }
        }
      });

      test.each<[string, (one: Commit) => Promise<unknown>]>([
        ['a member stands', ({ event }) => commit(sampleCommit(event.memberId, 4))],
        [
          'a token is void',
          ({ event, tokens }) =>
            subject.tokens.voidToken(event.memberId, tokens[0] ?? '', deadlineAfter(subject.clock, 10_000)),
        ],
        ['a token is trimmed', () => subject.setOldestTokenDay('c0', today + 1)],
        ['a slot has moved', ({ event }) => subject.moveSlot(sharding.slotOf(event.memberId))],
      ])('none of them when %s', async (_, spoil) => {
        const commits = some();
        await spoil(commits[2] as Commit);
        expect(await many(commits)).toEqual({ kind: 'refused' });
        expect(await subject.tracesOf(commits[0]?.event.memberId ?? '')).toBe(0);
        expect(await subject.tracesOf(commits[4]?.event.memberId ?? '')).toBe(0);
      });

      test('is not the writer without its lease, or of another epoch', async () => {
        const commits = some();
        await subject.setLease('c0', 0);
        expect(await many(commits)).toEqual({ kind: 'not-the-writer' });
        await subject.setLease('c0', 60_000);
        await subject.setEpoch('c0', 2);
        expect(await many(commits)).toEqual({ kind: 'not-the-writer' });
        expect(await subject.tracesOf(commits[0]?.event.memberId ?? '')).toBe(0);
      });

      test('tells which Redis clusters are suspended', async () => {
        await subject.suspend('c0', 'redis-x-1', 60_000);
        expect(await many(some())).toMatchObject({ suspended: [{ redis: 'redis-x-1' }] });
      });
    });

    test('tells which Redis clusters are suspended, and what their grants have left', async () => {
      await subject.suspend('c0', 'redis-x-1', 60_000);
      await subject.suspend('c0', 'redis-x-0', -5_000);
      const outcome = await commit(sampleCommit(freshMemberId(), 5));
      const suspended = outcome.kind === 'committed' ? outcome.suspended : [];
      expect(suspended.map(({ redis }) => redis)).toEqual(['redis-x-0', 'redis-x-1']);
      expect(suspended[0]?.grantEndsInMs).toBe(0);
      expect(suspended[1]?.grantEndsInMs).toBeGreaterThan(40_000);
      expect(suspended[1]?.grantEndsInMs).toBeLessThanOrEqual(60_000);
      expect(await commit(sampleCommit(freshMemberId('c1'), 5))).toMatchObject({ suspended: [] });
    });
  });
}
