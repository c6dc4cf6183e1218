import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { digestsOf, partOf } from '../../../functions/core/propagation/digests.ts';
import type { MemberEvent } from '../../../functions/core/propagation/event.ts';
import { sampleEvent } from '../sample-events.ts';
import type { SearchClusterSubject } from './search-cluster.ts';
import { sharding } from './writer-subject.ts';

/** A search cluster from the inside. @param makeSubject an empty cluster, open for epoch 1 */
export function searchUpkeepContract(name: string, makeSubject: () => Promise<SearchClusterSubject>): void {
  describe(`search cluster, compared and mended: ${name}`, () => {
    let subject: SearchClusterSubject;
    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(() => subject.end());

    const soon = () => deadlineAfter(subject.clock, 20_000);
    const put = (...events: MemberEvent[]) => subject.cluster.put(events, 1, soon());
    const bind = (
      memberId: string,
      version: number,
      key: string,
      token: string,
      to: 'bound' | 'free' = 'bound',
    ) => sampleEvent({ memberId, version, directory: [{ key, token, to }] });
    const digestOf = async (kind: 'members' | 'identifiers', id: string) => {
      await subject.upkeep.refresh(soon());
      const [digests = []] = await subject.upkeep.digests(kind, [sharding.slotOf(id)], soon());
      return digests;
    };
    const listed = (kind: 'members' | 'identifiers', id: string) =>
      subject.upkeep.pairs(kind, [{ slot: sharding.slotOf(id), parts: [partOf(id)] }], soon());
    const member = (memberId: string, version: number, sealed = 'mended') => ({
      index: 'members' as const,
      id: memberId,
      document: { format: 1, memberId, version, status: 'active', sealed } as const,
    });

    test('digests and lists are of what was put last: members by version, bound identifiers by token', async () => {
      const [x, key, other] = [randomUUID(), `1.${randomUUID()}`, `1.${randomUUID()}`];
      await put(bind(x, 5, key, 't1'), bind(randomUUID(), 5, other, 't2'));
      expect(await digestOf('members', x)).toEqual(digestsOf(await all('members', x)));
      expect((await listed('members', x)).get(x)).toBe('5');
      expect(await digestOf('identifiers', key)).toEqual(digestsOf(await all('identifiers', key)));
      expect((await listed('identifiers', key)).get(key)).toBe('t1');
      await put(bind(x, 2 ** 33, key, 't1', 'free'));
      expect(await digestOf('members', x)).toEqual(digestsOf(await all('members', x)));
      expect((await listed('members', x)).get(x)).toBe(String(2 ** 33));
      expect(await digestOf('identifiers', key)).toEqual(digestsOf(await all('identifiers', key)));
      expect((await listed('identifiers', key)).has(key)).toBe(false);
    });

    async function all(kind: 'members' | 'identifiers', id: string) {
      const pages = await Promise.all(
        Array.from({ length: 64 }, (_, part) =>
          subject.upkeep.pairs(kind, [{ slot: sharding.slotOf(id), parts: [part] }], soon()),
        ),
      );
      return new Map(pages.flatMap((page) => [...page]));
    }

    test('tells of 64 slots at once, in order, and of those that have nothing', async () => {
      const slots = Array.from({ length: 64 }, (_, index) => 1023 - index);
      const digests = await subject.upkeep.digests('members', slots, soon());
      expect(digests.map((parts) => parts.length)).toEqual(slots.map(() => 64));
    });

    test('shows documents as they stand, and which are damaged', async () => {
      const [x, y, key, other] = [randomUUID(), randomUUID(), `1.${randomUUID()}`, `1.${randomUUID()}`];
      await put(bind(x, 5, key, 't1'), bind(y, 6, other, 't2'));
      await subject.damage('members', y, { format: 2 });
      await subject.damage('identifiers', other, { state: 'claimed' });
      const event = bind(x, 5, key, 't1');
      expect(await subject.upkeep.memberDocuments([y, 'nobody', x], soon())).toEqual([
        { state: 'damaged', version: 6 },
        null,
        { format: 1, ...event.member },
      ]);
      expect(await subject.upkeep.identifierDocuments([key, other, 'nobodys'], soon())).toEqual([
        { format: 1, state: 'bound', memberId: x, token: 't1', version: 5 },
        { state: 'damaged', version: 6 },
        null,
      ]);
      expect(await subject.upkeep.memberDocuments([], soon())).toEqual([]);
    });

    test('mends what is absent, older or damaged at the same version, and leaves what is newer', async () => {
      const [absent, older, damaged, newer] = Array.from({ length: 4 }, () => randomUUID()) as [
        string,
        string,
        string,
        string,
      ];
      await put(
        sampleEvent({ memberId: older, version: 4 }),
        sampleEvent({ memberId: damaged, version: 5 }),
        sampleEvent({ memberId: newer, version: 6 }),
      );
      await subject.damage('members', damaged, { sealed: 'damaged' });
      const mendings = [absent, older, damaged, newer].map((memberId) => member(memberId, 5));
      expect(await subject.upkeep.mend(mendings, 1, soon())).toBe('mended');
      const now = await subject.cluster.members([absent, older, damaged, newer], soon());
      expect(now.map((one) => one && 'sealed' in one && [one.version, one.sealed])).toEqual([
        [5, 'mended'],
        [5, 'mended'],
        [5, 'mended'],
        [6, `sealed ${newer} at 6`],
      ]);
      expect((await digestOf('members', absent))[partOf(absent)]?.count).toBeGreaterThan(0);
    });

    test('lets go what the database knows nothing of, unless something newer stands there', async () => {
      const [x, y] = [randomUUID(), randomUUID()];
      await put(sampleEvent({ memberId: x, version: 5 }), sampleEvent({ memberId: y, version: 6 }));
      const gone = (id: string) => ({ index: 'members' as const, id, gone: { version: 5 } });
      expect(await subject.upkeep.mend([gone(x), gone(y), gone(randomUUID())], 1, soon())).toBe('mended');
      const [first, second] = await subject.cluster.members([x, y], soon());
      expect([first, second]).toMatchObject([null, { version: 6 }]);
      expect(await subject.upkeep.mend([gone(x)], 1, soon())).toBe('mended');
      expect(await subject.upkeep.mend([], 1, soon())).toBe('mended');
    });

    test('closed to readers it answers none of them, and is written, compared and mended all the same', async () => {
      const [x, key] = [randomUUID(), `1.${randomUUID()}`];
      const before = await subject.upkeep.standing(soon());
      expect(before.isReadable).toBe(true);
      for (let turn = 0; turn < 2; turn++) await subject.upkeep.setReadable(false, soon());
      expect(await subject.upkeep.standing(soon())).toEqual({ ...before, isReadable: false });
      expect(await put(bind(x, 5, key, 't1'))).toBe('put');
      const unavailable = { code: 'dependency-unavailable' };
      await expect(subject.cluster.members([x], soon())).rejects.toMatchObject(unavailable);
      await expect(subject.cluster.identifiers([key], soon())).rejects.toMatchObject(unavailable);
      expect(await subject.upkeep.memberDocuments([x], soon())).toMatchObject([{ version: 5 }]);
      expect((await digestOf('members', x))[partOf(x)]?.count).toBeGreaterThan(0);
      expect(await subject.upkeep.mend([member(x, 6)], 1, soon())).toBe('mended');
      for (let turn = 0; turn < 2; turn++) await subject.upkeep.setReadable(true, soon());
      expect(await subject.cluster.members([x], soon())).toMatchObject([{ version: 6 }]);
      expect(await subject.upkeep.standing(soon())).toEqual(before);
    });

    test('takes no mending of an epoch that is not open', async () => {
      const x = randomUUID();
      expect(await subject.upkeep.mend([member(x, 5)], 2, soon())).toBe('stale-epoch');
      expect(await subject.upkeep.memberDocuments([x], soon())).toEqual([null]);
    });
  });
}
