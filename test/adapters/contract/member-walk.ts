import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { StoredMember } from '../../../functions/core/member/member.ts';
import type { MemberWalk } from '../../../functions/core/member/ports.ts';
import { freshMemberId, sampleCommit, sharding, type WriterSubject } from './writer-subject.ts';

export interface MemberWalkSubject extends WriterSubject {
  readonly walk: MemberWalk;
}

export function memberWalkContract(name: string, makeSubject: () => Promise<MemberWalkSubject>): void {
  describe(`member walk: ${name}`, () => {
    let subject: MemberWalkSubject;
    const soon = () => deadlineAfter(subject.clock, 10_000);

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());

    /** Every member of the slot, `limit` a page. */
    const walked = async (slot: number, limit: number): Promise<readonly StoredMember[]> => {
      const members: StoredMember[] = [];
      for (;;) {
        const page = await subject.walk.page(slot, members.at(-1)?.memberId ?? '', limit, soon());
        if (page.kind !== 'page') throw new Error(page.kind);
        expect(page.members.length).toBeLessThanOrEqual(limit);
        members.push(...page.members);
        if (page.members.length < limit) return members;
      }
    };

    test.each(['c0', 'c1'])('%s: shows every member of a slot once, in order, and no other', async (at) => {
      const first = freshMemberId(at);
      const slot = sharding.slotOf(first);
      const memberIds = [first];
      while (memberIds.length < 4) {
        const memberId = freshMemberId(at);
        if (sharding.slotOf(memberId) === slot) memberIds.push(memberId);
      }
      const before = await walked(slot, 3);
      const elsewhere = freshMemberId(at === 'c0' ? 'c1' : 'c0');
      for (const memberId of [...memberIds, elsewhere])
        await subject.members.commit(sampleCommit(memberId, 5), soon());
      const committed = memberIds.map((memberId) => sampleCommit(memberId, 5).event.member);
      const all = [...before, ...committed].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
      for (const limit of [1, 2, 3, 100]) expect(await walked(slot, limit)).toEqual(all);
    });

    test('a writer whose lease has ended, or whose slot has moved, shows no page', async () => {
      const memberId = freshMemberId();
      await subject.members.commit(sampleCommit(memberId, 5), soon());
      const page = () => subject.walk.page(sharding.slotOf(memberId), '', 10, soon());
      expect((await page()).kind).toBe('page');
      await subject.setLease('c0', 0);
      expect(await page()).toEqual({ kind: 'not-the-writer' });
      await subject.setLease('c0', 60_000);
      await subject.moveSlot(sharding.slotOf(memberId));
      expect(await page()).toEqual({ kind: 'not-the-writer' });
    });
  });
}
