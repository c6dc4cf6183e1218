import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { MemberSource } from '../../../functions/core/member/ports.ts';
import {
  freshKey,
  freshMemberId,
  freshToken,
  sampleCommit,
  sharding,
  type WriterSubject,
} from './writer-subject.ts';

export interface MemberSourceSubject extends WriterSubject {
  readonly replica: MemberSource;
  /** The name of a replica that every database cluster has. */
  readonly replicaName: string;
  /** Lets the replicas show all that is committed now. */
  catchUp(): Promise<void>;
}

export function memberSourceContract(name: string, makeSubject: () => Promise<MemberSourceSubject>): void {
  describe(`member source: ${name}`, () => {
    let subject: MemberSourceSubject;
    const soon = () => deadlineAfter(subject.clock, 10_000);

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());

    test.each(['writer', 'replica'] as const)(
      '%s: shows members and rows of every cluster',
      async (which) => {
        for (const databaseCluster of sharding.clusters) {
          const [memberId, key, token] = [
            freshMemberId(databaseCluster),
            freshKey(databaseCluster),
            freshToken(),
          ];
          expect(await subject[which].member(memberId, soon())).toBeNull();
          expect(await subject[which].identifier(key, soon())).toBeNull();
          const commit = sampleCommit(memberId, 2 ** 33, null, [token]);
          await subject.directory.claim(memberId, [{ key, token }], 60_000, soon());
          await subject.members.commit(commit, soon());
          await subject.catchUp();
          expect(await subject[which].member(memberId, soon())).toEqual(commit.event.member);
          expect(await subject[which].identifier(key, soon())).toEqual({
            state: 'claimed',
            memberId,
            token,
            version: 1,
          });
        }
      },
    );

    test('a writer whose lease has ended says nothing; a replica goes on', async () => {
      const memberId = freshMemberId();
      const commit = sampleCommit(memberId, 5);
      await subject.members.commit(commit, soon());
      await subject.catchUp();
      await subject.setLease('c0', 0);
      const refused = { code: 'dependency-unavailable' };
      await expect(subject.writer.member(memberId, soon())).rejects.toMatchObject(refused);
      await expect(subject.writer.identifier(freshKey(), soon())).rejects.toMatchObject(refused);
      expect(await subject.replica.member(memberId, soon())).toEqual(commit.event.member);
    });

    test.each(['writer', 'replica'] as const)(
      '%s: tells of many in order, across clusters',
      async (which) => {
        const members = sharding.clusters.map((cluster) => {
          const [memberId, key, token] = [freshMemberId(cluster), freshKey(cluster), freshToken()];
          return { memberId, key, token, commit: sampleCommit(memberId, 2 ** 33, null, [token]) };
        });
        for (const { memberId, key, token, commit } of members) {
          await subject.directory.claim(memberId, [{ key, token }], 60_000, soon());
          await subject.members.commit(commit, soon());
        }
        await subject.catchUp();
        const nobody = [freshMemberId('c1'), freshMemberId('c0')];
        const ids = [...nobody, ...members.map(({ memberId }) => memberId)];
        expect(await subject[which].members(ids, soon())).toEqual([
          null,
          null,
          ...members.map(({ commit }) => commit.event.member),
        ]);
        const keys = [...members.map(({ key }) => key), freshKey('c0')];
        expect(await subject[which].identifiers(keys, soon())).toEqual([
          ...members.map(({ memberId, token }) => ({ state: 'claimed', memberId, token, version: 1 })),
          null,
        ]);
      },
    );

    test('a writer whose lease has ended costs its own only', async () => {
      const ids = sharding.clusters.map((cluster) => freshMemberId(cluster));
      await subject.setLease('c0', 0);
      const refused = expect.objectContaining({ code: 'dependency-unavailable' });
      expect(await subject.writer.members(ids, soon())).toEqual([refused, null]);
      const keys = sharding.clusters.map((cluster) => freshKey(cluster));
      expect(await subject.writer.identifiers(keys, soon())).toEqual([refused, null]);
    });

    test('a replica shows the end of a directory row only once it was settled there', async () => {
      const memberId = freshMemberId();
      const claims = ['c0', 'c1'].map((cluster) => ({ key: freshKey(cluster), token: freshToken() }));
      const ends = claims.map(({ key }) => ({ key, version: 7 }));
      const shown = () => subject.directory.shownBy(subject.replicaName, ends, soon());
      await subject.directory.claim(memberId, claims, 60_000, soon());
      await subject.catchUp();
      expect(await shown()).toEqual([]);
      const [inC0] = claims;
      if (inC0) await subject.directory.settle([{ ...inC0, to: 'bound' }], 7, soon());
      await subject.catchUp();
      expect(await shown()).toEqual(ends.slice(0, 1));
      await subject.directory.settle(
        claims.map((claim) => ({ ...claim, to: 'bound' })),
        9,
        soon(),
      );
      await subject.catchUp();
      expect(await shown()).toEqual(ends);
    });

    test('a writer says nothing of a slot that has moved', async () => {
      const memberId = freshMemberId();
      await subject.moveSlot(sharding.slotOf(memberId));
      await expect(subject.writer.member(memberId, soon())).rejects.toMatchObject({
        code: 'dependency-unavailable',
      });
    });
  });
}
