import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DirectoryChange, DirectoryRow } from '../../../functions/core/directory/directory.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { freshKey, freshMemberId, freshToken, sharding, type WriterSubject } from './writer-subject.ts';

const claimMs = 60_000;

export function directoryContract(name: string, makeSubject: () => Promise<WriterSubject>): void {
  describe(`directory: ${name}`, () => {
    let subject: WriterSubject;
    const soon = () => deadlineAfter(subject.clock, 10_000);
    const claimOf = (key: string) => ({ key, token: freshToken() });
    const claim = (memberId: string, ...claims: { key: string; token: string }[]) =>
      subject.directory.claim(memberId, claims, claimMs, soon());
    const settle = (change: { key: string; token: string }, to: 'bound' | 'free', version: number | null) =>
      subject.directory.settle([{ ...change, to }], version, soon());
    const rowOf = (key: string) => subject.writer.identifier(key, soon());
    const standing = async (key: string): Promise<DirectoryRow> => {
      const probe = await claim(freshMemberId(), claimOf(key));
      const row = probe.kind === 'rows' && probe.rows[0];
      if (!row) throw new Error('no row');
      return row;
    };

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());

    test('claims absent rows of several clusters, and tells them in the order of the claims', async () => {
      const memberId = freshMemberId();
      const claims = [freshKey('c1'), freshKey('c0'), freshKey('c1'), freshKey('c0')].map(claimOf);
      const row = { state: 'claimed', memberId, version: 1, claimExpired: false } as const;
      expect(await claim(memberId, ...claims)).toEqual({
        kind: 'rows',
        rows: claims.map((one) => ({ ...one, ...row })),
      });
    });

    test.each(['claimed', 'bound'] as const)('leaves a %s row alone', async (state) => {
      const [owner, other] = [freshMemberId(), freshMemberId()];
      const first = claimOf(freshKey());
      await claim(owner, first);
      if (state === 'bound') await settle(first, 'bound', 9);
      const version = state === 'bound' ? 9 : 1;
      const row = { ...first, state, memberId: owner, version, claimExpired: false };
      expect(await claim(other, claimOf(first.key))).toEqual({ kind: 'rows', rows: [row] });
      expect(await rowOf(first.key)).toEqual({ state, memberId: owner, token: first.token, version });
    });

    test('claims a free row with a version above its last', async () => {
      const first = claimOf(freshKey());
      await claim(freshMemberId(), first);
      await settle(first, 'free', 2 ** 40);
      const memberId = freshMemberId();
      const second = claimOf(first.key);
      expect(await claim(memberId, second)).toEqual({
        kind: 'rows',
        rows: [{ ...second, state: 'claimed', memberId, version: 2 ** 40 + 1, claimExpired: false }],
      });
    });

    test('does not go on to the clusters after one that refused a row', async () => {
      const taken = freshKey('c0');
      await claim(freshMemberId(), claimOf(taken));
      const memberId = freshMemberId();
      const [later, beside] = [claimOf(freshKey('c1')), claimOf(freshKey('c0'))];
      const outcome = await claim(memberId, later, claimOf(taken), beside);
      expect(outcome).toMatchObject({
        kind: 'rows',
        rows: [null, { key: taken }, { key: beside.key, token: beside.token, memberId }],
      });
      expect(await rowOf(later.key)).toBeNull();
    });

    test('claims for many members: whose row was refused is not asked for in the later clusters, others are', async () => {
      const [taken, free] = [freshKey('c0'), freshKey('c0')];
      const owner = freshMemberId();
      const [first] = [claimOf(taken)];
      await claim(owner, first);
      const before = claimOf(free);
      await claim(owner, before);
      await settle(before, 'free', 2 ** 40);
      const [one, two] = [freshMemberId(), freshMemberId()];
      const claims = [
        { ...claimOf(freshKey('c1')), memberId: one },
        { ...claimOf(taken), memberId: one },
        { ...claimOf(free), memberId: two },
        { ...claimOf(freshKey('c1')), memberId: two },
        { ...claimOf(freshKey('c0')), memberId: two },
      ];
      const outcome = await subject.directory.claimMany(claims, claimMs, soon());
      const [notAsked, refused, ...standing] = outcome.kind === 'rows' ? outcome.rows : [];
      expect(notAsked).toBeNull();
      expect(refused).toMatchObject({ key: taken, token: first.token, memberId: owner });
      const mine = { state: 'claimed', memberId: two, claimExpired: false };
      expect(standing).toEqual(
        claims.slice(2).map(({ key, token }) => ({
          ...mine,
          ...{ key, token },
          version: key === free ? 2 ** 40 + 1 : 1,
        })),
      );
      expect(await rowOf(claims[0]?.key ?? '')).toBeNull();
    });

    test('settles many rows, each towards its own end, by token', async () => {
      const memberId = freshMemberId();
      const claims = Array.from({ length: 60 }, (_, index) => claimOf(freshKey(index % 2 ? 'c0' : 'c1')));
      await claim(memberId, ...claims);
      const changes = claims.map(
        (one, index): DirectoryChange => ({ ...one, to: index % 3 ? 'bound' : 'free' }),
      );
      const strange = changes.map((one) => ({ ...one, token: freshToken() }));
      await subject.directory.settle(strange, 9, soon());
      expect(await rowOf(claims[1]?.key ?? '')).toMatchObject({ state: 'claimed', version: 1 });
      await subject.directory.settle(changes, 9, soon());
      for (const { key, token, to } of changes) {
        expect(await rowOf(key)).toEqual({ state: to, token, memberId, version: 9 });
      }
    });

    test('tells that a claim has expired', async () => {
      const first = claimOf(freshKey());
      await claim(freshMemberId(), first);
      expect(await standing(first.key)).toMatchObject({ claimExpired: false });
      await subject.expireClaim(first.key);
      expect(await standing(first.key)).toMatchObject({ token: first.token, claimExpired: true });
    });

    test('takes a row over only as it was seen, and starts a claim of its own', async () => {
      const first = claimOf(freshKey());
      await claim(freshMemberId(), first);
      await subject.expireClaim(first.key);
      const seen = await standing(first.key);
      const memberId = freshMemberId();
      const second = claimOf(first.key);
      const takeOver = (as: DirectoryRow, by = second) =>
        subject.directory.takeOver(as, memberId, by, seen.version + 10, claimMs, soon());
      expect(await takeOver({ ...seen, token: freshToken() })).toEqual({ kind: 'changed' });
      expect(await takeOver({ ...seen, state: 'bound' })).toEqual({ kind: 'changed' });
      expect(await takeOver({ ...seen, version: seen.version + 1 })).toEqual({ kind: 'changed' });
      expect(await takeOver(seen)).toEqual({ kind: 'taken' });
      expect(await takeOver(seen, claimOf(first.key))).toEqual({ kind: 'changed' });
      expect(await standing(first.key)).toEqual({
        ...second,
        state: 'claimed',
        memberId,
        version: seen.version + 10,
        claimExpired: false,
      });
    });

    test('settles by token and state, and never lowers a version', async () => {
      const first = claimOf(freshKey());
      await claim(freshMemberId(), first);
      await settle({ ...first, token: freshToken() }, 'bound', 9);
      expect(await rowOf(first.key)).toMatchObject({ state: 'claimed', version: 1 });
      await settle(first, 'bound', 9);
      expect(await rowOf(first.key)).toMatchObject({ state: 'bound', version: 9 });
      await settle(first, 'free', 7);
      expect(await rowOf(first.key)).toMatchObject({ state: 'free', version: 9 });
    });

    test('a late settling to bound does not raise a row that was freed since', async () => {
      const first = claimOf(freshKey());
      await claim(freshMemberId(), first);
      await settle(first, 'bound', 9);
      await settle(first, 'free', 11);
      await settle(first, 'bound', 9);
      expect(await rowOf(first.key)).toMatchObject({ state: 'free', version: 11 });
    });

    test('a late freeing does not touch a newer claim', async () => {
      const [first, memberId] = [claimOf(freshKey()), freshMemberId()];
      await claim(memberId, first);
      await settle(first, 'free', 9);
      const second = claimOf(first.key);
      await claim(memberId, second);
      await settle(first, 'free', 12);
      expect(await rowOf(first.key)).toMatchObject({ state: 'claimed', token: second.token, version: 10 });
    });

    test('a release frees claims and keeps their versions; repeating it changes nothing', async () => {
      const claims = [freshKey('c0'), freshKey('c1')].map(claimOf);
      await claim(freshMemberId(), ...claims);
      const changes = claims.map((one) => ({ ...one, to: 'free' as const }));
      for (let repetition = 0; repetition < 2; repetition++) {
        expect(await subject.directory.settle(changes, null, soon())).toEqual({ kind: 'settled' });
        for (const { key } of claims) expect(await rowOf(key)).toMatchObject({ state: 'free', version: 1 });
      }
    });

    test('refuses everything once the lease to write has ended, and changes nothing', async () => {
      const first = claimOf(freshKey());
      await claim(freshMemberId(), first);
      const seen = await standing(first.key);
      const untouched = claimOf(freshKey());
      await subject.setLease('c0', 0);
      const refused = { kind: 'not-the-writer' };
      expect(await claim(freshMemberId(), untouched)).toEqual(refused);
      expect(await settle(first, 'free', 9)).toEqual(refused);
      const takeover = subject.directory.takeOver(
        seen,
        freshMemberId(),
        claimOf(first.key),
        9,
        claimMs,
        soon(),
      );
      expect(await takeover).toEqual(refused);
      await expect(rowOf(first.key)).rejects.toMatchObject({ code: 'dependency-unavailable' });
      await subject.setLease('c0', 60_000);
      expect(await rowOf(first.key)).toMatchObject({ state: 'claimed', token: first.token, version: 1 });
      expect(await rowOf(untouched.key)).toBeNull();
    });

    test('refuses rows of a slot that has moved', async () => {
      const first = claimOf(freshKey());
      await subject.moveSlot(sharding.slotOf(first.key));
      expect(await claim(freshMemberId(), first, claimOf(freshKey()))).toEqual({ kind: 'not-the-writer' });
    });

    test('many claims of the same rows at once: each row has one owner', async () => {
      const keys = [freshKey('c0'), freshKey('c0'), freshKey('c0')];
      const claimers = Array.from({ length: 30 }, () => {
        const shuffled = keys.toSorted(() => Math.random() - 0.5);
        return { memberId: freshMemberId(), claims: shuffled.map(claimOf) };
      });
      const outcomes = await Promise.all(claimers.map((one) => claim(one.memberId, ...one.claims)));
      for (const key of keys) {
        const row = await rowOf(key);
        const winners = claimers.filter((one, index) => {
          const outcome = outcomes[index];
          const at = one.claims.findIndex((each) => each.key === key);
          return outcome?.kind === 'rows' && outcome.rows[at]?.token === one.claims[at]?.token;
        });
        expect(winners.map(({ memberId }) => memberId)).toEqual([row?.memberId]);
      }
    });
  });
}
