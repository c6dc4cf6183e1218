import { randomUUID } from 'node:crypto';
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

const hourMs = 3_600_000;
const ages = { idempotencyMs: 24 * hourMs, registrationMs: 25 * hourMs };

export function trimmingContract(name: string, makeSubject: () => Promise<WriterSubject>): void {
  describe(`trimming: ${name}`, () => {
    let subject: WriterSubject;
    const soon = () => deadlineAfter(subject.clock, 10_000);
    const trim = (slots: readonly number[], rowsMax = 100, databaseCluster = 'c0') =>
      subject.trimming.trim(databaseCluster, slots, ages, rowsMax, soon());
    const raise = (day: number) => subject.trimming.raiseTokenMark('c0', day, soon());
    const repeatOf = async (memberId: string, version: number) => {
      const key = `key-${version}`;
      const read = await subject.members.read(memberId, { caller: 'orders', key }, soon());
      return read.kind === 'member' ? read.repeat : read.kind;
    };
    const registeredAs = async (key: string) => {
      const record = { caller: 'orders', key, requestHash: 'hash', memberId: freshMemberId() };
      const begun = await subject.registrations.begin(record, soon());
      return begun.kind === 'registration' ? begun.memberId : begun.kind;
    };

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());

    test('the record of a request goes with its age, and nothing else of its member', async () => {
      const memberId = freshMemberId();
      const slot = sharding.slotOf(memberId);
      await subject.members.commit(sampleCommit(memberId, 5), soon());
      await subject.ageRequest(memberId, 23 * hourMs);
      expect(await trim([slot])).toEqual({ kind: 'trimmed', unfinished: [] });
      expect(await repeatOf(memberId, 5)).toMatchObject({ key: 'key-5' });
      await subject.members.commit(sampleCommit(memberId, 6, 5), soon());
      await subject.ageRequest(memberId, 1.5 * hourMs, 5);
      await trim([slot]);
      expect(await repeatOf(memberId, 5)).toBeNull();
      expect(await repeatOf(memberId, 6)).toMatchObject({ key: 'key-6' });
      // An outbox row and a history entry of each, and one record.
      expect(await subject.tracesOf(memberId)).toBe(5);
      const again = sampleCommit(memberId, 7, 6);
      const sameKey = { ...again.event.idempotency, key: 'key-5' };
      const commit = { ...again, event: { ...again.event, idempotency: sameKey } };
      expect(await subject.members.commit(commit, soon())).toMatchObject({ kind: 'committed' });
    });

    test('a registration’s key counts from the last request that came with it', async () => {
      const key = randomUUID();
      const slot = sharding.slotOf(`orders\u0000${key}`);
      const cluster = sharding.clusterOfSlot(slot);
      const memberId = await registeredAs(key);
      await subject.ageRegistration('orders', key, 24 * hourMs);
      expect(await registeredAs(key)).toBe(memberId);
      await subject.ageRegistration('orders', key, 24 * hourMs);
      await trim([slot], 100, cluster);
      expect(await registeredAs(key)).toBe(memberId);
      await subject.ageRegistration('orders', key, 26 * hourMs);
      await trim([slot], 100, cluster);
      expect(await registeredAs(key)).not.toBe(memberId);
    });

    test('decided tokens go once the mark is above their day, and never before', async () => {
      const memberId = freshMemberId();
      const slot = sharding.slotOf(memberId);
      const [used, voided, younger] = [freshToken(today - 1), freshToken(today - 1), freshToken(today)];
      await subject.members.commit(sampleCommit(memberId, 5, null, [used, younger]), soon());
      await subject.tokens.voidToken(memberId, voided, soon());
      await subject.setOldestTokenDay('c0', today - 1);
      await trim([slot]);
      expect(await subject.decided(memberId, [used, voided, younger])).toBe(3);

      expect(await raise(today)).toEqual({ kind: 'raised' });
      expect(await subject.members.commit(sampleCommit(memberId, 6, 5, [voided]), soon())).toEqual({
        kind: 'token-void',
      });
      await trim([slot]);
      expect(await subject.decided(memberId, [used, voided, younger])).toBe(1);
      expect(await subject.members.commit(sampleCommit(memberId, 6, 5, [voided]), soon())).toEqual({
        kind: 'token-void',
      });
      for (const token of [used, voided])
        expect(await subject.tokens.voidToken(memberId, token, soon())).toEqual({ kind: 'trimmed' });
      expect(await subject.tokens.voidToken(memberId, younger, soon())).toEqual({ kind: 'used' });
    });

    test('the mark never goes back', async () => {
      const memberId = freshMemberId();
      await raise(today);
      expect(await raise(today - 7)).toEqual({ kind: 'raised' });
      const old = sampleCommit(memberId, 5, null, [freshToken(today - 1)]);
      expect(await subject.members.commit(old, soon())).toEqual({ kind: 'token-void' });
    });

    test('a clock far ahead does not raise the mark beyond the database’s own day', async () => {
      await raise(99_991_231);
      const { databaseDay } = subject;
      const committed = (day: number) =>
        subject.members.commit(sampleCommit(freshMemberId(), 5, null, [freshToken(day)]), soon());
      expect(await committed(databaseDay() - 1)).toEqual({ kind: 'token-void' });
      expect(await committed(databaseDay())).toMatchObject({ kind: 'committed' });
    });

    test('takes a batch at a time, and says where there is more', async () => {
      const memberId = freshMemberId();
      const slot = sharding.slotOf(memberId);
      for (let version = 5; version < 10; version++)
        await subject.members.commit(
          sampleCommit(memberId, version, version === 5 ? null : version - 1),
          soon(),
        );
      await subject.ageRequest(memberId, 30 * hourMs);
      expect(await trim([slot], 2)).toEqual({ kind: 'trimmed', unfinished: [slot] });
      expect(await subject.tracesOf(memberId)).toBe(13);
      expect(await trim([slot], 2)).toEqual({ kind: 'trimmed', unfinished: [slot] });
      expect(await trim([slot], 2)).toEqual({ kind: 'trimmed', unfinished: [] });
      expect(await subject.tracesOf(memberId)).toBe(10);
    });

    test('looks into the slots it is given, and no others', async () => {
      const [memberId, other] = [freshMemberId(), freshMemberId()];
      for (const each of [memberId, other]) {
        await subject.members.commit(sampleCommit(each, 5), soon());
        await subject.ageRequest(each, 30 * hourMs);
      }
      await trim([sharding.slotOf(memberId)]);
      expect([await subject.tracesOf(memberId), await subject.tracesOf(other)]).toEqual([2, 3]);
      await trim([sharding.slotOf(memberId), sharding.slotOf(other)]);
      expect(await subject.tracesOf(other)).toBe(2);
    });

    test('who is not the writer any more trims nothing', async () => {
      const memberId = freshMemberId();
      await subject.members.commit(sampleCommit(memberId, 5), soon());
      await subject.ageRequest(memberId, 30 * hourMs);
      await subject.setLease('c0', 0);
      expect(await trim([sharding.slotOf(memberId)])).toEqual({ kind: 'not-the-writer' });
      expect(await raise(today)).toEqual({ kind: 'not-the-writer' });
      expect(await subject.tracesOf(memberId)).toBe(3);
      await subject.setLease('c0', 60_000);
      const old = sampleCommit(memberId, 6, 5, [freshToken(today - 1)]);
      expect(await subject.members.commit(old, soon())).toMatchObject({ kind: 'committed' });
    });
  });
}
