import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import {
  freshMemberId,
  freshToken,
  sampleCommit,
  sharding,
  today,
  type WriterSubject,
} from './writer-subject.ts';

export function tokensContract(name: string, makeSubject: () => Promise<WriterSubject>): void {
  describe(`tokens: ${name}`, () => {
    let subject: WriterSubject;
    const soon = () => deadlineAfter(subject.clock, 10_000);
    const voidToken = (memberId: string, token: string) => subject.tokens.voidToken(memberId, token, soon());

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());

    test('voids a token once and for all', async () => {
      const [memberId, token] = [freshMemberId(), freshToken()];
      expect(await voidToken(memberId, token)).toEqual({ kind: 'void' });
      expect(await voidToken(memberId, token)).toEqual({ kind: 'void' });
    });

    test('a token that a commit has used stays used', async () => {
      const [memberId, token] = [freshMemberId(), freshToken()];
      await subject.members.commit(sampleCommit(memberId, 5, null, [token]), soon());
      expect(await voidToken(memberId, token)).toEqual({ kind: 'used' });
    });

    test('of void and used at once, exactly one wins', async () => {
      for (let round = 0; round < 20; round++) {
        const [memberId, token] = [freshMemberId(), freshToken()];
        const [committed, voided] = await Promise.all([
          subject.members.commit(sampleCommit(memberId, 5, null, [token]), soon()),
          voidToken(memberId, token),
        ]);
        expect([
          ['committed', 'used'],
          ['token-void', 'void'],
        ]).toContainEqual([committed.kind, voided.kind]);
      }
    });

    test('says nothing of a token from before the trimming mark', async () => {
      const [memberId, token] = [freshMemberId(), freshToken(today - 1)];
      await subject.members.commit(sampleCommit(memberId, 5, null, [token]), soon());
      await subject.setOldestTokenDay('c0', today);
      expect(await voidToken(memberId, token)).toEqual({ kind: 'trimmed' });
      expect(await voidToken(memberId, freshToken(today - 1))).toEqual({ kind: 'trimmed' });
      expect(await voidToken(memberId, freshToken(today))).toEqual({ kind: 'void' });
    });

    test('refuses once the lease to write has ended, or the slot has moved', async () => {
      const [memberId, token] = [freshMemberId(), freshToken()];
      await subject.setLease('c0', 0);
      expect(await voidToken(memberId, token)).toEqual({ kind: 'not-the-writer' });
      await subject.setLease('c0', 60_000);
      const commit = subject.members.commit(sampleCommit(memberId, 5, null, [token]), soon());
      expect(await commit).toMatchObject({ kind: 'committed' });
      await subject.moveSlot(sharding.slotOf(memberId));
      expect(await voidToken(memberId, freshToken())).toEqual({ kind: 'not-the-writer' });
    });
  });
}
