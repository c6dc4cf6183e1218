import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clock, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { MemberEvent } from '../../../functions/core/propagation/event.ts';
import type { SearchCluster, SearchUpkeep } from '../../../functions/core/search/ports.ts';
import { sampleEvent } from '../sample-events.ts';

export interface SearchClusterSubject {
  readonly cluster: SearchCluster;
  readonly upkeep: SearchUpkeep;
  readonly clock: Clock;
  openEpoch(epoch: number): Promise<'opened' | 'older-epoch'>;
  /** Overwrites a document as no code of the service would, at a version that stands. */
  damage(
    index: 'members' | 'identifiers',
    id: string,
    change: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** Puts everything back. */
  end(): Promise<void>;
}

/** @param makeSubject an empty cluster, open for epoch 1 */
export function searchClusterContract(name: string, makeSubject: () => Promise<SearchClusterSubject>): void {
  describe(`search cluster: ${name}`, () => {
    let subject: SearchClusterSubject;
    let epoch = 1;
    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(() => subject.end());

    const soon = () => deadlineAfter(subject.clock, 20_000);
    const put = (...events: MemberEvent[]) => subject.cluster.put(events, epoch, soon());
    const member = (memberId: string) => subject.cluster.member(memberId, soon());
    const identifier = (key: string) => subject.cluster.identifier(key, soon());
    const fresh = () => {
      const id = randomUUID();
      // Keys may hold what an address must escape.
      return { x: `x-${id}`, y: `y-${id}`, key: `1:${id}/+%?&=`, other: `1:other-${id}` };
    };

    test('says nobody of what was never put', async () => {
      const { x, key } = fresh();
      expect(await member(x)).toBeNull();
      expect(await identifier(key)).toBeNull();
    });

    test('shows what was put at once: the member, and the identifiers it bound', async () => {
      const { x, key, other } = fresh();
      const event = sampleEvent({
        memberId: x,
        version: 7,
        directory: [
          { key, token: '20260102.a', to: 'bound' },
          { key: other, token: '20260102.b', to: 'bound' },
        ],
      });
      expect(await put(event)).toBe('put');
      expect(await member(x)).toEqual(event.member);
      expect(await identifier(key)).toEqual({ state: 'bound', memberId: x, token: '20260102.a', version: 7 });
      expect(await identifier(other)).toEqual({
        state: 'bound',
        memberId: x,
        token: '20260102.b',
        version: 7,
      });
    });

    test('leaves a tombstone, which names nobody, for an identifier that was freed', async () => {
      const { x, key } = fresh();
      await put(sampleEvent({ memberId: x, version: 7, directory: [{ key, token: 't1', to: 'bound' }] }));
      const unbinding = sampleEvent({
        memberId: x,
        version: 8,
        directory: [{ key, token: 't1', to: 'free' }],
      });
      expect(await put(unbinding)).toBe('put');
      expect(await identifier(key)).toEqual({ state: 'free', memberId: '', token: '', version: 8 });
    });

    test('leaves a cancelled member as it was sealed', async () => {
      const { x } = fresh();
      const cancelling = sampleEvent({ memberId: x, version: 9, cancelled: true });
      await put(cancelling);
      expect(await member(x)).toEqual(cancelling.member);
    });

    test('changes nothing by what is older or as old, and counts it as put', async () => {
      const { x, key } = fresh();
      const newer = sampleEvent({ memberId: x, version: 8, directory: [{ key, token: 't2', to: 'bound' }] });
      const older = sampleEvent({ memberId: x, version: 7, directory: [{ key, token: 't1', to: 'free' }] });
      const asOld = sampleEvent({ memberId: x, version: 8, sealed: 'another', directory: [] });
      await put(newer);
      for (const event of [older, newer, asOld]) expect(await put(event)).toBe('put');
      expect(await member(x)).toEqual(newer.member);
      expect(await identifier(key)).toEqual({ state: 'bound', memberId: x, token: 't2', version: 8 });
    });

    test('puts what is newer of a batch in which some is old', async () => {
      const { x, y, key } = fresh();
      await put(sampleEvent({ memberId: x, version: 8 }));
      const newer = sampleEvent({ memberId: y, version: 3, directory: [{ key, token: 't1', to: 'bound' }] });
      expect(await put(sampleEvent({ memberId: x, version: 7 }), newer)).toBe('put');
      expect((await member(x))?.version).toBe(8);
      expect(await member(y)).toEqual(newer.member);
      expect((await identifier(key))?.memberId).toBe(y);
    });

    test('takes an empty batch', async () => {
      expect(await put()).toBe('put');
    });

    test('ends the same whatever the order, for an identifier that moves to another member and back', async () => {
      const orders = [
        [0, 1, 2, 3, 4],
        [4, 3, 2, 1, 0],
        [2, 0, 4, 1, 3],
        [3, 4, 0, 2, 1],
        [1, 3, 0, 4, 2],
      ];
      for (const order of orders) {
        const { x, y, key } = fresh();
        const events = [
          sampleEvent({ memberId: x, version: 5, directory: [{ key, token: 't1', to: 'bound' }] }),
          sampleEvent({ memberId: x, version: 6, directory: [{ key, token: 't1', to: 'free' }] }),
          sampleEvent({ memberId: y, version: 7, directory: [{ key, token: 't2', to: 'bound' }] }),
          sampleEvent({ memberId: y, version: 8, directory: [{ key, token: 't2', to: 'free' }] }),
          sampleEvent({ memberId: x, version: 9, directory: [{ key, token: 't3', to: 'bound' }] }),
        ];
        for (const at of order) await put(...events.slice(at, at + 1));
        expect(await identifier(key)).toEqual({ state: 'bound', memberId: x, token: 't3', version: 9 });
        expect([(await member(x))?.version, (await member(y))?.version]).toEqual([9, 8]);
      }
    });

    test('takes many members at once', async () => {
      const many = Array.from({ length: 300 }, (_, at) => ({ ...fresh(), at }));
      const events = many.map(({ x, key, at }) =>
        sampleEvent({ memberId: x, version: at + 1, directory: [{ key, token: 't', to: 'bound' }] }),
      );
      expect(await put(...events)).toBe('put');
      const last = many.at(-1);
      expect((await identifier(last?.key ?? ''))?.memberId).toBe(last?.x);
    });

    test.each([
      ['of another form', { format: 2 }],
      ['without its member', { memberId: null }],
      ['in no known state', { state: 'claimed' }],
    ])('does not take an identifier %s for nobody', async (_, change) => {
      const { x, key } = fresh();
      await put(sampleEvent({ memberId: x, version: 7, directory: [{ key, token: 't1', to: 'bound' }] }));
      await subject.damage('identifiers', key, change);
      await expect(identifier(key)).rejects.toMatchObject({ code: 'dependency-unavailable' });
    });

    test('tells of many in order, and a damaged one costs itself only', async () => {
      const { x, y, key, other } = fresh();
      const event = sampleEvent({ memberId: x, version: 7, directory: [{ key, token: 't1', to: 'bound' }] });
      const damaged = sampleEvent({
        memberId: y,
        version: 7,
        directory: [{ key: other, token: 't1', to: 'bound' }],
      });
      await put(event, damaged);
      await subject.damage('members', y, { format: 2 });
      await subject.damage('identifiers', other, { format: 2 });
      const unavailable = expect.objectContaining({ code: 'dependency-unavailable' });
      expect(await subject.cluster.members(['nobody', y, x], soon())).toEqual([
        null,
        unavailable,
        event.member,
      ]);
      expect(await subject.cluster.identifiers([other, key, 'nobodys'], soon())).toEqual([
        unavailable,
        { state: 'bound', memberId: x, token: 't1', version: 7 },
        null,
      ]);
      const hundred = Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? x : `nobody-${at}`));
      const told = await subject.cluster.members(hundred, soon());
      expect(told.map((one) => one !== null)).toEqual(hundred.map((id) => id === x));
    });

    test('does not show a member under the id of another', async () => {
      const { x, y } = fresh();
      await put(sampleEvent({ memberId: x, version: 7 }));
      await subject.damage('members', x, { memberId: y });
      await expect(member(x)).rejects.toMatchObject({ code: 'dependency-unavailable' });
    });

    test('takes nothing of an epoch that is not open: older ones are closed when one opens', async () => {
      const { x, key } = fresh();
      const standing = sampleEvent({
        memberId: x,
        version: 5,
        directory: [{ key, token: 't1', to: 'bound' }],
      });
      await put(standing);
      const next = sampleEvent({ memberId: x, version: 6, directory: [{ key, token: 't1', to: 'free' }] });
      expect(await subject.cluster.put([next], 2, soon())).toBe('stale-epoch');

      expect(await subject.openEpoch(2)).toBe('opened');
      expect(await subject.cluster.put([next], 1, soon())).toBe('stale-epoch');
      expect(await member(x)).toEqual(standing.member);
      expect((await identifier(key))?.state).toBe('bound');

      expect(await subject.openEpoch(2)).toBe('opened');
      expect(await subject.openEpoch(1)).toBe('older-epoch');
      expect(await subject.cluster.put([next], 1, soon())).toBe('stale-epoch');
      epoch = 2;
      expect(await put(next)).toBe('put');
      expect((await identifier(key))?.state).toBe('free');
    });
  });
}
