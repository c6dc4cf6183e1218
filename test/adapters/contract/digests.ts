import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import {
  type DigestSource,
  differingIds,
  differingParts,
  digestsOf,
  partOf,
} from '../../../functions/core/propagation/digests.ts';
import {
  freshKey,
  freshMemberId,
  freshToken,
  sampleCommit,
  sharding,
  type WriterSubject,
} from './writer-subject.ts';

export interface DigestsSubject extends WriterSubject {
  readonly digests: DigestSource;
  readonly replicaDigests: DigestSource;
  /** The replica shows all that the writer has committed. */
  catchUp(): Promise<void>;
}

/** The database as it is compared. @param makeSubject with what earlier tests left behind */
export function digestsContract(name: string, makeSubject: () => Promise<DigestsSubject>): void {
  describe(`digests of the database: ${name}`, () => {
    let subject: DigestsSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());

    const soon = () => deadlineAfter(subject.clock, 20_000);
    /** Everything of a slot, listed part by part. */
    const listed = async (kind: 'members' | 'identifiers', slot: number, source = subject.digests) => {
      const parts = await Promise.all(
        Array.from({ length: 64 }, (_, part) => source.pairs(kind, [{ slot, parts: [part] }], soon())),
      );
      for (const [part, pairs] of parts.entries())
        for (const id of pairs.keys()) expect(partOf(id)).toBe(part);
      const all = new Map(parts.flatMap((pairs) => [...pairs]));
      const every = { slot, parts: Array.from({ length: 64 }, (_, part) => part) };
      expect([...(await source.pairs(kind, [every], soon()))].sort()).toEqual([...all].sort());
      return all;
    };
    const commit = async (memberId: string, version: number, before: number | null = null) =>
      expect((await subject.members.commit(sampleCommit(memberId, version, before), soon())).kind).toBe(
        'committed',
      );
    const bind = async (key: string, token: string) => {
      await subject.directory.claim('m', [{ key, token }], 60_000, soon());
      await subject.directory.settle([{ key, token, to: 'bound' }], 5, soon());
    };

    test('are those of the listed pairs, computed here: members by version, bound identifiers by token', async () => {
      const [one, other] = [freshMemberId('c0'), freshMemberId('c1')];
      const [bound, claimed, freed] = [freshKey('c0'), freshKey('c1'), freshKey('c1')];
      const token = freshToken();
      await commit(one, 2 ** 32 + 7);
      await commit(other, 2 ** 40);
      await bind(bound, token);
      await subject.directory.claim('m', [{ key: claimed, token: freshToken() }], 60_000, soon());
      const gone = freshToken();
      await bind(freed, gone);
      await subject.directory.settle([{ key: freed, token: gone, to: 'free' }], 6, soon());

      const memberSlots = [one, other].map(sharding.slotOf);
      const ofMembers = await subject.digests.digests('members', memberSlots, soon());
      for (const [index, slot] of memberSlots.entries()) {
        const pairs = await listed('members', slot);
        expect(pairs.get([one, other][index] ?? '')).toBe(String([2 ** 32 + 7, 2 ** 40][index]));
        expect(ofMembers[index]).toEqual(digestsOf(pairs));
      }
      const keySlots = [bound, claimed, freed].map(sharding.slotOf);
      const ofKeys = await subject.digests.digests('identifiers', keySlots, soon());
      for (const [index, slot] of keySlots.entries()) {
        const pairs = await listed('identifiers', slot);
        expect(pairs.get([bound, claimed, freed][index] ?? '')).toBe(index === 0 ? token : undefined);
        expect(ofKeys[index]).toEqual(digestsOf(pairs));
      }
    });

    test('tell of 64 slots at once, of both database clusters, in order', async () => {
      const slots = Array.from({ length: 64 }, (_, index) => (index * 37) % 1024);
      const all = await subject.digests.digests('members', slots, soon());
      expect(all).toHaveLength(64);
      for (const [index, slot] of slots.entries()) {
        expect(all[index]).toHaveLength(64);
        if (index % 16 === 0)
          expect(all[index]).toEqual((await subject.digests.digests('members', [slot], soon()))[0]);
      }
    });

    test('find the one member that another store has otherwise, and none once it follows', async () => {
      const memberId = freshMemberId();
      const slot = sharding.slotOf(memberId);
      await commit(memberId, 5);
      await subject.catchUp();
      const compare = () =>
        differingParts(subject.digests, subject.replicaDigests, 'members', [slot], soon());
      expect(await compare()).toEqual([]);
      const other: DigestSource = {
        name: 'other',
        digests: async () => [digestsOf([...(await listed('members', slot))].map(older(memberId)))],
        pairs: async (kind, parts) =>
          new Map([...(await subject.digests.pairs(kind, parts, soon()))].map(older(memberId))),
      };
      const [found, ...more] = await differingParts(subject.digests, other, 'members', [slot], soon());
      expect(found).toMatchObject({ slot, part: partOf(memberId) });
      expect(more).toEqual([]);
      expect(await differingIds(subject.digests, other, 'members', found ? [found] : [], soon())).toEqual([
        memberId,
      ]);
    });

    test('a writer whose lease has ended, or whose slot has moved, tells of nothing', async () => {
      const slot = sharding.slotOf(freshMemberId());
      const ask = () => subject.digests.digests('members', [slot], soon());
      const list = () => subject.digests.pairs('members', [{ slot, parts: [0] }], soon());
      await ask();
      await subject.setLease('c0', 0);
      for (const run of [ask, list])
        await expect(run()).rejects.toMatchObject({ code: 'dependency-unavailable' });
      await subject.setLease('c0', 60_000);
      await ask();
      await subject.moveSlot(slot);
      for (const run of [ask, list])
        await expect(run()).rejects.toMatchObject({ code: 'dependency-unavailable' });
      expect((await subject.replicaDigests.digests('members', [slot], soon()))[0]).toHaveLength(64);
    });
  });
}

const older =
  (memberId: string) =>
  ([id, stamp]: [string, string]): [string, string] => [id, id === memberId ? '4' : stamp];
