import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import type { CacheClusterSubject } from './cache-cluster.ts';

/** What a Redis keeps of callers. @param makeSubject a blank Redis */
export function callerCopiesContract(name: string, makeSubject: () => Promise<CacheClusterSubject>): void {
  describe(`copies of callers: ${name}`, () => {
    let subject: CacheClusterSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());
    const soon = () => deadlineAfter(subject.clock, 10_000);
    const topology = (version: number) => JSON.stringify({ version, revokedKeyHashes: [], words: '旅行' });
    const state = async () => {
      const { state: text } = await subject.other.read('m:1', [], soon());
      return text === null ? null : JSON.parse(text);
    };

    test('without revoked keys the state is the topology, to the letter', async () => {
      await subject.cluster.putState(topology(1), soon());
      expect((await subject.other.read('m:1', [], soon())).state).toBe(topology(1));
    });

    test('a revoked key is in the state at once, and stays there whatever topology comes', async () => {
      await subject.cluster.putState(topology(2), soon());
      await subject.other.revoke(['k2', 'k1'], soon());
      expect(await state()).toEqual({ version: 2, revokedKeyHashes: ['k1', 'k2'], words: '旅行' });
      await subject.cluster.putState(topology(1), soon());
      expect(await state()).toMatchObject({ version: 1, revokedKeyHashes: ['k1', 'k2'] });
      await subject.cluster.revoke(['k3'], soon());
      expect(await state()).toMatchObject({ revokedKeyHashes: ['k1', 'k2', 'k3'] });
      expect([...(await subject.cluster.revoked(soon()))].sort()).toEqual(['k1', 'k2', 'k3']);
    });

    test('one that was revoked before any topology came is in the first state', async () => {
      await subject.cluster.revoke(['k1'], soon());
      expect(await state()).toBeNull();
      await subject.cluster.putState(topology(1), soon());
      expect(await state()).toMatchObject({ revokedKeyHashes: ['k1'] });
    });

    test('what is forgotten goes, and nothing else', async () => {
      await subject.cluster.putState(topology(1), soon());
      await subject.cluster.revoke(['k1', 'k2'], soon());
      await subject.other.forgetRevoked(['k1', 'unknown'], soon());
      expect(await state()).toMatchObject({ revokedKeyHashes: ['k2'] });
      await subject.other.forgetRevoked(['k2'], soon());
      expect(await state()).toMatchObject({ revokedKeyHashes: [] });
      await subject.other.forgetRevoked([], soon());
      await subject.other.revoke([], soon());
    });

    test('there is a limit: what would pass it fails as a whole, and what stood stays', async () => {
      const many = Array.from({ length: 500 }, (_, index) => `k${index}`);
      await subject.cluster.revoke(many, soon());
      await expect(subject.cluster.revoke(['k0', 'more'], soon())).rejects.toThrow(DependencyUnavailable);
      expect((await subject.cluster.revoked(soon())).length).toBe(500);
      await subject.cluster.revoke(['k0', 'k499'], soon());
    });

    test('keeps a copy of the registry, and how old it is', async () => {
      expect(await subject.cluster.registry(soon())).toBeNull();
      await subject.cluster.putRegistry('{"of": "旅行 社"}', soon());
      const copy = await subject.other.registry(soon());
      expect(copy?.text).toBe('{"of": "旅行 社"}');
      expect(copy?.ageMs).toBeLessThan(5_000);
    });

    test('emptied, it has nothing of all that', async () => {
      await subject.cluster.putState(topology(1), soon());
      await subject.cluster.revoke(['k1'], soon());
      await subject.cluster.putRegistry('text', soon());
      await subject.restartEmpty();
      expect(await subject.cluster.revoked(soon())).toEqual([]);
      expect(await subject.cluster.registry(soon())).toBeNull();
      expect(await state()).toBeNull();
    });
  });
}
