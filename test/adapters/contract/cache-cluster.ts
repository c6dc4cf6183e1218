import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CacheCluster, Fence } from '../../../functions/core/cache/ports.ts';
import { type Clock, type Deadline, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import type { CacheKey } from '../../../functions/core/propagation/event.ts';

export type CacheItem = 'value' | 'fence' | 'lease' | 'grant';

export interface CacheClusterSubject {
  /** A blank Redis, and two processes that use it. */
  readonly cluster: CacheCluster;
  readonly other: CacheCluster;
  readonly clock: Clock;
  /** How long something still stands; null when it has no end, 0 when it is not there. `name` of a grant: its cluster's. */
  remainingMs(item: CacheItem, name: string): Promise<number | null>;
  /** Lets the lifetime of something pass. */
  outlive(item: CacheItem, name: string): Promise<void>;
  /** It crashes, and comes up again with nothing. */
  restartEmpty(): Promise<void>;
  end(): Promise<void>;
}

const minuteMs = 60_000;

export function cacheClusterContract(name: string, makeSubject: () => Promise<CacheClusterSubject>): void {
  describe(`cache cluster: ${name}`, () => {
    let subject: CacheClusterSubject;
    let cluster: CacheCluster;
    let other: CacheCluster;
    let key: CacheKey;
    const soon = (): Deadline => deadlineAfter(subject.clock, 10_000);
    const fenceAt = (version: number, of: CacheKey = key): Fence => ({
      key: of,
      version,
      databaseCluster: 'c0',
      memberId: 'm-1',
    });
    const fence = (version: number) => cluster.fence([fenceAt(version)], soon());
    const leaseOf = async (of: CacheKey, token: string, by = cluster) =>
      (await by.lease([of], token, minuteMs, 1, soon()))[0];
    const lease = (token: string, by = cluster) => leaseOf(key, token, by);
    const fill = async (token: string, version: number, value: string, by = cluster) =>
      (await by.fill(token, [{ key, version, value, lifetimeMs: minuteMs }], soon()))[0];
    const cached = async () => (await cluster.read(key, [], soon())).value;
    const makeReady = async () => {
      await cluster.prepare('nonce-0', soon());
      await cluster.markReady('nonce-0', 1, soon());
    };

    beforeEach(async () => {
      subject = await makeSubject();
      ({ cluster, other } = subject);
      key = `m:${randomUUID()}`;
    });
    afterEach(() => subject.end());

    test('what is cached is listed, page by page, and fences are not', async () => {
      await makeReady();
      const keys = Array.from({ length: 9 }, () => `i:${randomUUID()}` as const);
      for (const of of keys) {
        await leaseOf(of, 't');
        await cluster.fill('t', [{ key: of, version: 1, value: `v-${of}`, lifetimeMs: minuteMs }], soon());
      }
      await fence(3);
      const listed = new Map<string, string>();
      let cursor = '0';
      do {
        const page = await other.values(cursor, soon());
        cursor = page.cursor;
        for (const one of page.values) listed.set(one.key, one.value);
      } while (cursor !== '0');
      expect([...listed].sort()).toEqual(keys.map((of) => [of, `v-${of}`]).sort());
    });

    describe('lease and fill', () => {
      beforeEach(makeReady);

      test('what a holder fills is read by everybody', async () => {
        expect(await lease('t1')).toEqual({ kind: 'granted', fenceVersion: 0 });
        expect(await fill('t1', 7, 'seven')).toBe('filled');
        expect((await other.read(key, [], soon())).value).toBe('seven');
      });

      test('values, and leases, have the lifetime they were given', async () => {
        await lease('t1');
        const leaseMs = await subject.remainingMs('lease', key);
        expect(leaseMs).toBeGreaterThan(minuteMs - 10_000);
        expect(leaseMs).toBeLessThanOrEqual(minuteMs);
        await fill('t1', 7, 'seven');
        const valueMs = await subject.remainingMs('value', key);
        expect(valueMs).toBeGreaterThan(minuteMs - 10_000);
        expect(valueMs).toBeLessThanOrEqual(minuteMs);
        await subject.outlive('value', key);
        expect(await cached()).toBeNull();
      });

      test('one filler a key across processes', async () => {
        expect(await lease('t1')).toEqual({ kind: 'granted', fenceVersion: 0 });
        expect(await lease('t2', other)).toEqual({ kind: 'filling', fenceVersion: 0 });
        expect(await fill('t2', 7, 'seven', other)).toBe('refused');
        expect(await cached()).toBeNull();
      });

      test('asked again by its holder, the lease is granted again', async () => {
        await lease('t1');
        expect(await lease('t1')).toEqual({ kind: 'granted', fenceVersion: 0 });
        expect(await lease('t2')).toEqual({ kind: 'filling', fenceVersion: 0 });
      });

      test('a fill ends the lease: the next reader need not wait, and the same token fills no second time', async () => {
        await lease('t1');
        await fill('t1', 7, 'seven');
        expect(await fill('t1', 8, 'eight')).toBe('refused');
        expect(await lease('t2')).toEqual({ kind: 'granted', fenceVersion: 0 });
      });

      test('a lease given back is free; giving back what another holds changes nothing', async () => {
        await lease('t1');
        await other.release([key], 't2', soon());
        expect((await lease('t2'))?.kind).toBe('filling');
        await other.release([key], 't1', soon());
        expect((await lease('t2'))?.kind).toBe('granted');
      });

      test('lease hand-over: who paused beyond its lease cannot fill over its successor', async () => {
        await lease('paused');
        await subject.outlive('lease', key);
        expect(await lease('successor', other)).toEqual({ kind: 'granted', fenceVersion: 0 });
        expect(await fill('paused', 7, 'by the paused')).toBe('refused');
        expect(await fill('successor', 8, 'by the successor', other)).toBe('filled');
        expect(await fill('paused', 9, 'by the paused')).toBe('refused');
        expect(await cached()).toBe('by the successor');
      });
    });

    describe('several keys at once', () => {
      const keysOf = (count: number): CacheKey[] =>
        Array.from({ length: count }, (): CacheKey => `i:1.${randomUUID()}`);
      const fillOf = (of: CacheKey, version: number) => ({
        key: of,
        version,
        value: `${of} at ${version}`,
        lifetimeMs: minuteMs,
      });

      test('each has its own lease, fence, fill and value, in order', async () => {
        await makeReady();
        const [free, fenced, held] = keysOf(3) as [CacheKey, CacheKey, CacheKey];
        await cluster.fence([fenceAt(8, fenced)], soon());
        await leaseOf(held, 'other', other);
        const all = [held, free, fenced];
        expect(await cluster.lease(all, 't1', minuteMs, 1, soon())).toEqual([
          { kind: 'filling', fenceVersion: 0 },
          { kind: 'granted', fenceVersion: 0 },
          { kind: 'granted', fenceVersion: 8 },
        ]);
        const fills = [fillOf(held, 1), fillOf(free, 1), fillOf(fenced, 7)];
        expect(await cluster.fill('t1', fills, soon())).toEqual(['refused', 'filled', 'refused']);
        expect(await cluster.fill('t1', [fillOf(fenced, 8)], soon())).toEqual(['filled']);
        const { values } = await other.readMany(all, [], soon());
        expect(values).toEqual([null, `${free} at 1`, `${fenced} at 8`]);
      });

      test('those given back are free, and only those that the token holds', async () => {
        await makeReady();
        const [mine, others] = keysOf(2) as [CacheKey, CacheKey];
        await leaseOf(others, 'other', other);
        await leaseOf(mine, 't1');
        await cluster.release([others, mine], 't1', soon());
        const outcomes = await cluster.lease([mine, others], 't2', minuteMs, 1, soon());
        expect(outcomes.map(({ kind }) => kind)).toEqual(['granted', 'filling']);
      });

      test('none gets a lease in one that is not ready', async () => {
        expect(await cluster.lease(keysOf(2), 't1', minuteMs, 1, soon())).toEqual([
          { kind: 'not-ready' },
          { kind: 'not-ready' },
        ]);
      });

      test('a hundred are read together, with grants and state', async () => {
        await makeReady();
        const keys = keysOf(100);
        await cluster.lease(keys, 't1', minuteMs, 1, soon());
        const filled = await cluster.fill(
          't1',
          keys.slice(1).map((of) => fillOf(of, 1)),
          soon(),
        );
        expect(new Set(filled)).toEqual(new Set(['filled']));
        await cluster.putState('the state', soon());
        await cluster.publishGrant('c1', (await cluster.clockMs(soon())) + minuteMs, soon());
        expect(await other.readMany(keys, ['c0', 'c1'], soon())).toEqual({
          grants: ['c1'],
          state: 'the state',
          values: [null, ...keys.slice(1).map((of) => `${of} at 1`)],
        });
      });
    });

    describe('fences', () => {
      beforeEach(makeReady);

      test('fill after fence: a reader that read the old value before the change cannot cache it after', async () => {
        await lease('reader');
        const oldValue = 'read from a source, before the change';
        await other.fence([fenceAt(8)], soon());
        expect(await fill('reader', 7, oldValue)).toBe('refused');
        expect(await cached()).toBeNull();
      });

      test('a fence voids the lease even of who would fill what the fence asks for', async () => {
        await lease('reader');
        await fence(8);
        expect(await fill('reader', 8, 'eight')).toBe('refused');
      });

      test('after a fence the next reader gets a lease of its own, and is told the version', async () => {
        await lease('before');
        await fence(8);
        expect(await lease('after')).toEqual({ kind: 'granted', fenceVersion: 8 });
        expect(await fill('before', 9, 'nine')).toBe('refused');
        expect(await lease('third')).toEqual({ kind: 'filling', fenceVersion: 8 });
      });

      test('what is older than the fence is refused, even from the holder of a fresh lease', async () => {
        await fence(8);
        await lease('reader');
        expect(await fill('reader', 7, 'seven')).toBe('refused');
        expect(await cached()).toBeNull();
        expect(await fill('reader', 8, 'eight')).toBe('filled');
        expect(await cached()).toBe('eight');
      });

      test('versions are numbers of up to 53 bits, compared as such', async () => {
        await fence(2 ** 53 - 2);
        expect(await lease('reader')).toEqual({ kind: 'granted', fenceVersion: 2 ** 53 - 2 });
        expect(await fill('reader', 2 ** 53 - 3, 'older')).toBe('refused');
        expect(await fill('reader', 2 ** 53 - 1, 'newer')).toBe('filled');
      });

      test('ten is newer than nine, though as a text it sorts before', async () => {
        await fence(10);
        await fence(9);
        expect(await lease('reader')).toEqual({ kind: 'granted', fenceVersion: 10 });
        expect(await fill('reader', 9, 'nine')).toBe('refused');
      });

      test('the value is gone when the fence comes, whichever is newer', async () => {
        await lease('t1');
        await fill('t1', 9, 'nine');
        await fence(8);
        expect(await cached()).toBeNull();
      });

      test('a late, older fence deletes the value and voids the lease, but never lowers the version', async () => {
        await fence(9);
        await lease('t1');
        await fill('t1', 9, 'nine');
        await fence(8);
        expect(await cached()).toBeNull();
        expect(await lease('t2')).toEqual({ kind: 'granted', fenceVersion: 9 });
        await fence(7);
        expect(await fill('t2', 9, 'nine')).toBe('refused');
      });

      test('one call fences many keys, and each stands alone', async () => {
        const second: CacheKey = `i:1.${randomUUID()}`;
        await lease('t1');
        await fill('t1', 1, 'one');
        await cluster.fence([fenceAt(8), fenceAt(3, second)], soon());
        expect(await cached()).toBeNull();
        expect(await lease('t2')).toEqual({ kind: 'granted', fenceVersion: 8 });
        expect(await leaseOf(second, 't3')).toEqual({
          kind: 'granted',
          fenceVersion: 3,
        });
      });

      test('fencing nothing is nothing', async () => {
        await cluster.fence([], soon());
        await cluster.endFences([], minuteMs, soon());
        expect((await cluster.openFences('0', soon())).fences).toEqual([]);
      });
    });

    describe('the end of a fence', () => {
      const endMs = 5_000;
      const end = (version: number) => cluster.endFences([{ key, version }], endMs, soon());
      beforeEach(makeReady);

      test('a fence has none, until it is given one', async () => {
        await fence(8);
        expect(await subject.remainingMs('fence', key)).toBeNull();
        await end(8);
        const leftMs = await subject.remainingMs('fence', key);
        expect(leftMs).toBeGreaterThan(0);
        expect(leftMs).toBeLessThanOrEqual(endMs);
        expect(await lease('t1')).toEqual({ kind: 'granted', fenceVersion: 8 });
        await subject.outlive('fence', key);
        expect(await lease('t1')).toEqual({ kind: 'granted', fenceVersion: 0 });
      });

      test('is not given to a newer fence', async () => {
        await fence(8);
        await fence(9);
        await end(8);
        expect(await subject.remainingMs('fence', key)).toBeNull();
      });

      test('of an older fence is removed by a newer one', async () => {
        await fence(8);
        await end(8);
        await fence(9);
        expect(await subject.remainingMs('fence', key)).toBeNull();
        expect(await lease('t1')).toEqual({ kind: 'granted', fenceVersion: 9 });
      });

      test('is removed by the same fence again', async () => {
        await fence(8);
        await end(8);
        await fence(8);
        expect(await subject.remainingMs('fence', key)).toBeNull();
      });

      test('of a newer fence stays when an older one comes late', async () => {
        await fence(9);
        await end(9);
        await fence(8);
        expect(await subject.remainingMs('fence', key)).toBeGreaterThan(0);
        expect(await lease('t1')).toEqual({ kind: 'granted', fenceVersion: 9 });
      });

      test('given again does not move', async () => {
        await fence(8);
        await end(8);
        await cluster.endFences([{ key, version: 8 }], 100 * minuteMs, soon());
        expect(await subject.remainingMs('fence', key)).toBeLessThanOrEqual(endMs);
      });

      test('is given to each of several fences by its own version', async () => {
        const second: CacheKey = `i:1.${randomUUID()}`;
        await cluster.fence([fenceAt(8), fenceAt(3, second)], soon());
        await cluster.endFences(
          [
            { key, version: 7 },
            { key: second, version: 3 },
          ],
          endMs,
          soon(),
        );
        expect(await subject.remainingMs('fence', key)).toBeNull();
        expect(await subject.remainingMs('fence', second)).toBeGreaterThan(0);
      });

      test('no fence comes into being by ending one that is not there', async () => {
        await end(8);
        expect(await lease('t1')).toEqual({ kind: 'granted', fenceVersion: 0 });
      });
    });

    test('a walk finds every fence without an end, with what it notes, and nothing else', async () => {
      await makeReady();
      const walk = async () => {
        const found: Fence[] = [];
        let cursor = '0';
        do {
          const page = await other.openFences(cursor, soon());
          found.push(...page.fences);
          cursor = page.cursor;
        } while (cursor !== '0');
        return found.sort((a, b) => a.version - b.version);
      };
      const fences = Array.from(
        { length: 1_200 },
        (_, i): Fence => ({
          key: `i:1.${i}`,
          version: 4_294_967_296 + i,
          databaseCluster: `c${i % 2}`,
          memberId: randomUUID(),
        }),
      );
      await cluster.fence(fences, soon());
      await leaseOf('m:x', 't');
      await cluster.publishGrant('c0', (await cluster.clockMs(soon())) + minuteMs, soon());
      expect(await walk()).toEqual(fences);
      await cluster.endFences(fences.slice(0, 700), minuteMs, soon());
      expect(await walk()).toEqual(fences.slice(700));
    });

    describe('grants', () => {
      const databaseClusters = ['c0', 'c1', 'c2'];
      const grants = async () => (await other.read(key, databaseClusters, soon())).grants;
      const publish = async (databaseCluster: string, lengthMs: number) =>
        cluster.publishGrant(databaseCluster, (await cluster.clockMs(soon())) + lengthMs, soon());

      test('a reading tells which of the database clusters asked about have one', async () => {
        expect(await grants()).toEqual([]);
        await publish('c2', minuteMs);
        await publish('c0', minuteMs);
        expect(await grants()).toEqual(['c0', 'c2']);
        expect((await cluster.read(key, ['c1'], soon())).grants).toEqual([]);
      });

      test('one ends when the clock of this Redis says so', async () => {
        await publish('c0', minuteMs);
        const leftMs = await subject.remainingMs('grant', 'c0');
        expect(leftMs).toBeGreaterThan(minuteMs - 10_000);
        expect(leftMs).toBeLessThanOrEqual(minuteMs);
        await subject.outlive('grant', 'c0');
        expect(await grants()).toEqual([]);
      });

      test('one published after its end never counts', async () => {
        await publish('c0', -1);
        expect(await grants()).toEqual([]);
      });

      test('a publication that was overtaken by a later one changes nothing', async () => {
        await publish('c0', 2 * minuteMs);
        await publish('c0', minuteMs);
        expect(await subject.remainingMs('grant', 'c0')).toBeGreaterThan(minuteMs);
      });

      test('their ages: since the last end, nothing while they stand, null where there was none', async () => {
        await publish('c0', minuteMs);
        await publish('c1', -5_000);
        const [c0, c1, c2] = await other.grantAgesMs(databaseClusters, soon());
        expect(c0).toBe(0);
        expect(c1).toBeGreaterThanOrEqual(5_000);
        expect(c1).toBeLessThan(15_000);
        expect(c2).toBeNull();
        expect(await cluster.grantAgesMs([], soon())).toEqual([]);
      });

      test('they are gone after a restart, their last ends too', async () => {
        await publish('c0', minuteMs);
        await subject.restartEmpty();
        expect(await grants()).toEqual([]);
        expect(await cluster.grantAgesMs(['c0'], soon())).toEqual([null]);
      });
    });

    describe('readiness', () => {
      test('a blank one grants no lease until it is prepared and marked under the same nonce', async () => {
        expect(await cluster.readiness(soon())).toEqual({ kind: 'blank' });
        expect(await lease('t1')).toEqual({ kind: 'not-ready' });
        await cluster.prepare('n1', soon());
        expect(await cluster.readiness(soon())).toEqual({ kind: 'preparing', nonce: 'n1' });
        expect(await lease('t1')).toEqual({ kind: 'not-ready' });
        expect(await other.markReady('n1', 1, soon())).toBe('ready');
        expect(await cluster.readiness(soon())).toEqual({ kind: 'ready', epoch: 1 });
        expect(await lease('t1')).toEqual({ kind: 'granted', fenceVersion: 0 });
      });

      test('a blank one takes fences, and they hold once it is ready', async () => {
        await fence(8);
        await makeReady();
        expect(await lease('t1')).toEqual({ kind: 'granted', fenceVersion: 8 });
      });

      test('preparing leaves a nonce that stands, and a marker', async () => {
        await cluster.prepare('n1', soon());
        await other.prepare('n2', soon());
        expect(await cluster.readiness(soon())).toEqual({ kind: 'preparing', nonce: 'n1' });
        expect(await cluster.markReady('n2', 1, soon())).toBe('nonce-gone');
        await cluster.markReady('n1', 1, soon());
        await cluster.prepare('n3', soon());
        expect(await cluster.markReady('n3', 1, soon())).toBe('nonce-gone');
        expect(await cluster.readiness(soon())).toEqual({ kind: 'ready', epoch: 1 });
      });

      test('marking again under the same nonce says the same', async () => {
        await makeReady();
        expect(await cluster.markReady('nonce-0', 1, soon())).toBe('ready');
      });

      test('one that is ready since a newer epoch grants no lease to who goes by an older one', async () => {
        await cluster.prepare('n1', soon());
        expect(await cluster.markReady('n1', 3, soon())).toBe('ready');
        const leaseIn = async (epoch: number) =>
          (await cluster.lease([key], 't1', minuteMs, epoch, soon()))[0];
        expect(await leaseIn(2)).toEqual({ kind: 'not-ready' });
        expect(await leaseIn(4)).toEqual({ kind: 'granted', fenceVersion: 0 });
        expect(await leaseIn(3)).toEqual({ kind: 'granted', fenceVersion: 0 });
        expect(await leaseIn(2)).toEqual({ kind: 'not-ready' });
        expect(await other.markReady('n1', 2, soon())).toBe('ready');
        expect(await cluster.readiness(soon())).toEqual({ kind: 'ready', epoch: 3 });
        expect(await other.markReady('n1', 4, soon())).toBe('ready');
        expect(await cluster.readiness(soon())).toEqual({ kind: 'ready', epoch: 4 });
      });

      test('after a restart it has lost everything, and is not ready until it is made so again', async () => {
        await makeReady();
        await fence(8);
        await lease('t1');
        await cluster.putState('state', soon());
        await subject.restartEmpty();
        expect(await cluster.readiness(soon())).toEqual({ kind: 'blank' });
        expect(await lease('t2')).toEqual({ kind: 'not-ready' });
        expect(await fill('t1', 7, 'seven')).toBe('refused');
        expect(await cluster.read(key, [], soon())).toEqual({ value: null, grants: [], state: null });
        await cluster.prepare('n2', soon());
        expect(await cluster.markReady('n2', 1, soon())).toBe('ready');
        expect(await lease('t2')).toEqual({ kind: 'granted', fenceVersion: 0 });
      });

      test('a nonce put before a restart cannot mark after it', async () => {
        await cluster.prepare('before', soon());
        await subject.restartEmpty();
        expect(await cluster.markReady('before', 1, soon())).toBe('nonce-gone');
        await other.prepare('after', soon());
        expect(await cluster.markReady('before', 1, soon())).toBe('nonce-gone');
        expect(await lease('t1')).toEqual({ kind: 'not-ready' });
      });

      test('emptying is a restart: everything goes', async () => {
        await makeReady();
        await lease('t1');
        await fill('t1', 7, 'seven');
        await fence(8);
        await cluster.putState('state', soon());
        await cluster.publishGrant('c0', (await cluster.clockMs(soon())) + minuteMs, soon());
        await other.empty(soon());
        expect(await cluster.read(key, ['c0'], soon())).toEqual({ value: null, grants: [], state: null });
        expect(await cluster.readiness(soon())).toEqual({ kind: 'blank' });
        expect(await cluster.markReady('nonce-0', 1, soon())).toBe('nonce-gone');
        expect((await cluster.openFences('0', soon())).fences).toEqual([]);
      });
    });

    test('one reading brings value, grants and state, whatever script the texts are in', async () => {
      await makeReady();
      await cluster.putState('{"état":"旅行"}', soon());
      await lease('t1');
      await fill('t1', 7, '会员 🧳');
      await cluster.publishGrant('c0', (await cluster.clockMs(soon())) + minuteMs, soon());
      expect(await other.read(key, ['c0'], soon())).toEqual({
        value: '会员 🧳',
        grants: ['c0'],
        state: '{"état":"旅行"}',
      });
    });

    test('past the deadline nothing is asked, and nothing is done', async () => {
      const past: Deadline = { atMonotonicMs: subject.clock.monotonicMs() - 1 };
      await expect(cluster.putState('late', past)).rejects.toThrow(DependencyUnavailable);
      expect((await cluster.read(key, [], soon())).state).toBeNull();
    });
  });
}
