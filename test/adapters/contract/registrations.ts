import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { freshMemberId, type WriterSubject } from './writer-subject.ts';

export function registrationsContract(name: string, makeSubject: () => Promise<WriterSubject>): void {
  describe(`registrations: ${name}`, () => {
    let subject: WriterSubject;
    const begin = (caller: string, key: string, memberId: string, requestHash = 'hash') =>
      subject.registrations.begin(
        { caller, key, memberId, requestHash },
        deadlineAfter(subject.clock, 10_000),
      );

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());

    test('a retry gets the member and the request that came first', async () => {
      const [key, memberId] = [randomUUID(), freshMemberId()];
      const first = { kind: 'registration', memberId, requestHash: 'hash', epoch: 1 };
      expect(await begin('orders', key, memberId)).toEqual(first);
      expect(await begin('orders', key, freshMemberId(), 'another')).toEqual(first);
    });

    test('the same key of another caller, or another key, is another registration', async () => {
      const [key, memberId, other] = [randomUUID(), freshMemberId(), freshMemberId()];
      await begin('orders', key, memberId);
      expect(await begin('campaigns', key, other)).toMatchObject({ memberId: other });
      expect(await begin('orders', randomUUID(), other)).toMatchObject({ memberId: other });
    });

    test('many at once agree on one member', async () => {
      const key = randomUUID();
      const begun = await Promise.all(
        Array.from({ length: 30 }, () => begin('orders', key, freshMemberId())),
      );
      const members = begun.map((one) => (one.kind === 'registration' ? one.memberId : one.kind));
      expect(new Set(members).size).toBe(1);
    });

    test('begins many at once as one after the other, in the order asked, in all clusters', async () => {
      const keys = Array.from({ length: 40 }, () => randomUUID());
      const [known, memberId] = [keys[7] ?? '', freshMemberId()];
      await begin('orders', known, memberId, 'known');
      const records = keys.map((key) => ({
        caller: 'orders',
        key,
        requestHash: `hash ${key}`,
        memberId: freshMemberId(),
      }));
      const many = () => subject.registrations.beginMany(records, deadlineAfter(subject.clock, 10_000));
      const begun = records.map((record) => {
        const isKnown = record.key === known;
        const stands = { memberId: record.memberId, requestHash: record.requestHash };
        return {
          kind: 'registration',
          epoch: 1,
          ...(isKnown ? { memberId, requestHash: 'known' } : stands),
        };
      });
      expect(await many()).toEqual({ kind: 'registrations', begun });
      expect(await many()).toEqual({ kind: 'registrations', begun });
      await subject.setLease('c1', 0);
      expect(await many()).toEqual({ kind: 'not-the-writer' });
    });

    test('refuses once the lease to write has ended', async () => {
      await subject.setLease('c0', 0);
      await subject.setLease('c1', 0);
      expect(await begin('orders', randomUUID(), freshMemberId())).toEqual({ kind: 'not-the-writer' });
    });
  });
}
